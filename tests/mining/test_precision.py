"""How much of what a template allows ever happens."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.mining.pm4 import state_machine, to_pm4py_net
from bdv_process.mining.precision import Precision, precision
from bdv_process.template.automaton import automaton
from bdv_process.template.model import Template
from mining.conftest import Did

Logs = Callable[..., EventLog]
Happy = Callable[[Template], list[Did]]


def measured(log: EventLog, template: Template) -> Precision:
    return precision(conformance(log, [template], None), [template])


def test_precision_is_what_was_taken_of_what_was_allowed(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    # accept | classify | plan | execute | verify | close: accept may also ask or reject, verify may
    # also send back to execute, and before each of the six steps a withdrawal is possible.
    found = measured(log(templates["W5"], happy(templates["W5"])), templates["W5"])
    (row,) = found.templates.to_dict("records")
    assert (row["cases"], row["steps"], row["states"]) == (1, 6, 6)
    assert row["planned"] == pytest.approx(6 / 9)
    assert row["precision"] == pytest.approx(6 / 15)


def test_a_withdrawal_that_never_comes_is_one_row_for_all_places(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    found = measured(log(templates["W5"], happy(templates["W5"])), templates["W5"])
    stops = found.escaping[found.escaping["interrupting"]]
    assert stops[["after", "activity", "reached"]].values.tolist() == [
        [(), "operate_withdrawal", 6]
    ]


def test_what_is_never_taken_stands_after_the_step_that_made_it_possible(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    cases = [happy(templates["W5"])] * 3
    found = measured(log(templates["W5"], *cases), templates["W5"]).escaping
    planned = found[~found["interrupting"]]
    assert {(row.after, row.activity, row.reached) for row in planned.itertuples()} == {
        (("operate_accept",), "operate_question", 3),
        (("operate_accept",), "operate_rejected", 3),
        (("operate_verify",), "operate_execute", 3),
    }


def test_one_case_that_takes_the_other_way_makes_a_template_preciser(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    w5 = templates["W5"]
    rejected = [Did("operate_call"), Did("operate_accept", "rejected"), Did("operate_rejected")]
    before = measured(log(w5, happy(w5)), w5)
    after = measured(log(w5, happy(w5), rejected), w5)
    assert after.templates["planned"][0] > before.templates["planned"][0]
    assert "operate_rejected" not in set(after.escaping["activity"])


def test_what_no_template_allows_does_not_count_as_taken(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    w5 = templates["W5"]
    strange = [*happy(w5)[:-1], Did("operate_classify"), happy(w5)[-1]]
    assert measured(log(w5, strange), w5).templates.equals(
        measured(log(w5, happy(w5)), w5).templates
    )


def test_a_case_that_still_runs_counts_for_the_steps_it_took(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    w5 = templates["W5"]
    (row,) = measured(log(w5, happy(w5), happy(w5)[:3]), w5).templates.to_dict("records")
    assert (row["cases"], row["steps"]) == (2, len(w5.activities) + 2)


def test_a_result_says_itself_on_one_line_and_as_plain_values(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    found = measured(log(templates["W5"], happy(templates["W5"])), templates["W5"])
    assert repr(found) == "<Precision: W5 0.667; 3 planned steps never taken>"
    assert found.to_dict()["escaping"][0]["after"] == []
    assert found.frame is found.escaping


def of_pm4py(log: EventLog, template: Template, monkeypatch: pytest.MonkeyPatch) -> float:
    """What pm4py's alignment-based ETC says; it goes by prefix of the log, not by state."""
    monkeypatch.setenv("PM4PY_SHOW_PROGRESS_BAR", "False")
    pm4py = pytest.importorskip("pm4py")
    frame = log.to_pm4py()
    frame = frame[frame["bdv:activity"].isin(template.visible)]
    frame = frame.assign(**{"concept:name": frame["bdv:activity"]})
    net = to_pm4py_net(state_machine(automaton(template)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(pm4py.precision_alignments(frame, *net))


def test_of_one_way_precision_is_that_of_pm4py(
    templates: dict[str, Template],
    log: Logs,
    happy: Happy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = log(templates["W5"], happy(templates["W5"]))
    ours = measured(given, templates["W5"]).templates["precision"][0]
    assert ours == pytest.approx(of_pm4py(given, templates["W5"], monkeypatch))


@pytest.mark.parametrize("key", ["W1", "W2", "W5"])
def test_precision_by_state_is_never_below_precision_by_prefix(
    root: Path, templates: dict[str, Template], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    given = shipped.where(templates=[key])
    ours = measured(given, templates[key]).templates["precision"][0]
    theirs = of_pm4py(given, templates[key], monkeypatch)
    assert theirs <= ours < theirs + 0.1


def test_of_cases_that_took_no_step_nothing_is_known(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    w5 = templates["W5"]
    begun = log(w5, happy(w5)[:1])
    found = precision(conformance(begun, [w5], None, running=["z1"]), [w5])
    assert found.templates[["precision", "planned"]].isna().all(axis=None)
    assert found.to_dict()["templates"][0]["planned"] is None
    assert repr(found) == "<Precision: W5 -; 0 planned steps never taken>"
