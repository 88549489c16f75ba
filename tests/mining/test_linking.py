"""Links: by reference, by likelihood, and what becomes of wrong ones when the truth is known."""

from datetime import timedelta

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import (
    CASE,
    CONFIDENCE,
    LINK,
    PARENT,
    REQUESTER,
    ROOT,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.likely_parent import LEAST
from bdv_process.mining.linking import SURE, link, without_inferred
from bdv_process.mining.value_stream import value_streams
from mining.links import SERVICE, called, held_against, without
from mining.streams import Worked, log_of


def change(case: str, call: float, back: float | None, **extra: str) -> Worked:
    """A change that called a service at `call`, and heard from it at `back`."""
    fork = [("change_deploy", "robot", call, back)] if back is not None else []
    moments = [("change_call", call - 1), ("change_completed", (back or call) + 1)]
    return Worked(case=case, template="W2", steps=fork, moments=moments, extra=extra)


def service(case: str, begun: float, done: float, **extra: str) -> Worked:
    moments = [("operate_call", begun), ("operate_completed", done)]
    return Worked(case=case, template="W5", moments=moments, extra=extra)


def linked(log: EventLog) -> dict[str, tuple[str, str]]:
    """By case with a parent: which, and how that is known."""
    cases = log.frame.drop_duplicates(CASE).dropna(subset=[PARENT]).set_index(CASE)
    return {case: (row[PARENT], row[LINK]) for case, row in cases.iterrows()}


def note(log: EventLog, key: str) -> dict[str, object]:
    return dict(dict(log.provenance.notes)[key])


def test_a_column_that_holds_an_id_links_and_says_so() -> None:
    """k names p; x names what is not there; y names itself, which is nobody else."""
    found = link(
        log_of(
            Worked(case="p", moments=[("a", 0)], extra={"from": ""}),
            Worked(case="k", moments=[("b", 1)], extra={"from": "p"}),
            Worked(case="x", moments=[("b", 1)], extra={"from": "q"}),
            Worked(case="y", moments=[("b", 1)], extra={"from": "y"}),
        ),
        by=["from"],
    )
    assert linked(found) == {"k": ("p", "reference")}
    assert note(found, "linked.reference") == {"column": "from", "linked": 1, "loose": 1}
    assert found.frame.drop_duplicates(CASE)[ROOT].tolist() == ["p", "p", "x", "y"]
    assert found.frame[CONFIDENCE].isna().all()


def test_a_column_may_name_the_number_that_another_column_holds() -> None:
    found = link(
        log_of(
            Worked(case="p", moments=[("a", 0)], extra={"number": "INC7", "request": ""}),
            Worked(case="k", moments=[("b", 1)], extra={"number": "INC8", "request": "INC7"}),
        ),
        by={"request": "number"},
    )
    assert linked(found) == {"k": ("p", "reference")}


def test_two_that_carry_the_number_are_not_chosen_between() -> None:
    twins = [Worked(case=c, moments=[("a", 0)], extra={"number": "7", "of": ""}) for c in "pq"]
    child = Worked(case="k", moments=[("b", 1)], extra={"number": "8", "of": "7"})
    found = link(log_of(*twins, child), by={"of": "number"})
    assert linked(found) == {}
    assert note(found, "linked.reference")["loose"] == 1


def test_what_was_recorded_outweighs_a_reference_and_the_first_column_the_second() -> None:
    def child(case: str, parent: str | None) -> Worked:
        extra = {"one": "q", "two": "r"}
        return Worked(case=case, parent=parent, moments=[("b", 1)], extra=extra)

    tops = [Worked(case=c, moments=[("a", 0)], extra={"one": "", "two": ""}) for c in "pqr"]
    found = link(log_of(*tops, child("k", "p"), child("l", None)), by=["one", "two"])
    assert linked(found) == {"k": ("p", "recorded"), "l": ("q", "reference")}


def test_cases_that_name_each_other_are_refused() -> None:
    rounds = [
        Worked(case="a", moments=[("x", 0)], extra={"via": "b"}),
        Worked(case="b", moments=[("x", 0)], extra={"via": "a"}),
    ]
    with pytest.raises(InputRefused) as refused:
        link(log_of(*rounds), by=["via"])
    assert refused.value.code == "BDV-295"


def test_a_case_is_given_to_the_one_call_that_it_falls_inside() -> None:
    """p waits from 1 to 5, q from 10 to 15: s (2-4) is of p; t (6-8) of nobody, u (12-16) neither.

    u ends after the call came back.
    """
    log = log_of(
        change("p", 1, 5), change("q", 10, 15),
        service("s", 2, 4), service("t", 6, 8), service("u", 12, 16),
    )  # fmt: skip
    found = link(log, infer=True)
    assert linked(found) == {"s": ("p", "inferred")}
    assert note(found, "linked.inferred") == {"linked": 1, "of": 3, "sure": 1, "left": 0}
    assert "linked.assumed" in dict(found.provenance.notes)
    sure = found.frame.groupby(CASE)[CONFIDENCE].first()
    assert SURE < sure["s"] < 1
    assert sure.drop("s").isna().all()


def test_of_two_cases_that_fit_one_call_as_well_none_is_taken() -> None:
    """Each has at most half of the weight: no likelier than not."""
    found = link(log_of(change("p", 1, 5), service("s", 2, 4), service("t", 2, 4)), infer=True)
    assert linked(found) == {}
    assert note(found, "linked.inferred") == {"linked": 0, "of": 2, "sure": 0, "left": 1}


@pytest.mark.parametrize("column", [REQUESTER, SERVICE])
def test_requester_and_service_have_to_be_equal_where_both_are_known(column: str) -> None:
    """p is of ann and q of ben, at one time: s of ben is of q; t of carla is of neither."""
    log = log_of(
        change("p", 1, 5, **{column: "ann"}), change("q", 1, 5, **{column: "ben"}),
        service("s", 2, 4, **{column: "ben"}), service("t", 2, 4, **{column: "carla"}),
    )  # fmt: skip
    found = link(log, infer=True, service=column if column == SERVICE else None)
    assert linked(found) == {"s": ("q", "inferred")}


def test_a_call_that_has_its_case_takes_no_other() -> None:
    known = service("k", 2, 3)
    known = Worked(case="k", template="W5", parent="p", moments=known.moments)
    found = link(log_of(change("p", 1, 5), known, service("s", 2, 4)), infer=True)
    assert linked(found) == {"k": ("p", "recorded")}


def test_a_window_cuts_off_what_began_later() -> None:
    log = log_of(change("p", 1, 9), service("s", 4, 8))
    assert linked(link(log, infer=True, window=timedelta(hours=3))) == {"s": ("p", "inferred")}
    assert linked(link(log, infer=True, window=timedelta(hours=2))) == {}


def test_a_case_whose_root_is_known_is_not_guessed_at() -> None:
    child = service("s", 2, 4)
    child = Worked(case="s", template="W5", root="elsewhere", moments=child.moments)
    found = link(log_of(change("p", 1, 5), child), infer=True)
    assert linked(found) == {}
    assert dict(found.provenance.notes) == {"linked.nothing": {}}


def test_measures_are_told_with_inferred_links_and_without() -> None:
    """With the link one stream of six hours (0 to 6), without it one of six and one of two."""
    log = link(log_of(change("p", 1, 5), service("s", 2, 4)), infer=True)
    found = value_streams(log)
    assert (len(found.streams), found.inferred) == (1, 1)
    assert "1 links inferred" in repr(found)
    assert found.cases["link"].tolist()[1] == "inferred"
    alone = value_streams(log, inferred=False)
    assert alone.inferred == 0
    hours = alone.streams["throughput"] / pd.Timedelta(hours=1)
    assert hours.tolist() == [6, 2]


def test_the_log_without_what_was_inferred_is_the_log_before() -> None:
    """A grandchild that was recorded stays below the child, whose own stream it is again."""
    below = Worked(case="g", parent="s", root="s", moments=[("x", 3)])
    before = log_of(change("p", 1, 5), service("s", 2, 4), below)
    after = without_inferred(link(before, infer=True))
    names = [CASE, PARENT, ROOT]
    assert after.frame[names].equals(before.frame[names])
    assert linked(after) == {"g": ("s", "recorded")}
    assert without_inferred(before) is before


def test_linking_twice_keeps_what_is_known_and_guesses_no_more() -> None:
    log = link(without(called(changes=200)), infer=True, service=SERVICE)
    again = link(log, infer=True, service=SERVICE)
    assert again.frame.equals(log.frame)
    assert note(log, "linked.inferred")["linked"] > 0


def test_links_without_a_confidence_are_as_good_when_the_column_was_not_kept() -> None:
    """As XES and OCEL do with a column that has no value."""
    parent = Worked(case="p", moments=[("a", 0)], extra={"from": ""})
    child = Worked(case="k", moments=[("b", 1)], extra={"from": "p"})
    kept = EventLog(frame=link(log_of(parent, child), by=["from"]).frame.drop(columns=CONFIDENCE))
    assert linked(link(kept, infer=True)) == {"k": ("p", "reference")}
    assert len(value_streams(kept, inferred=False).streams) == 1


def test_the_order_of_rows_changes_no_link() -> None:
    log = without(called(changes=300, load=5, requesters=None))
    rows = log.frame.sample(frac=1, random_state=3)
    there, here = (link(each, infer=True) for each in (EventLog(frame=rows), log))
    assert linked(there) == linked(here)


def test_inference_needs_a_time_for_every_event() -> None:
    log = log_of(change("p", 1, 5))
    timeless = EventLog(frame=log.frame.assign(**{TIMESTAMP: pd.NaT}))
    with pytest.raises(InputRefused) as refused:
        link(timeless, infer=True)
    assert refused.value.code == "BDV-443"


@pytest.mark.parametrize(
    ("load", "unit", "requesters", "returns", "precision", "recall"),
    [
        (0.7, "s", 400, True, 0.99, 0.99),
        (0.7, "s", None, True, 0.99, 0.98),
        (0.7, "s", None, False, 0.98, 0.97),
        (5, "s", None, True, 0.97, 0.94),
        (5, "D", 400, True, 0.99, 0.98),
        (0.7, "D", None, True, 0.96, 0.78),
        (5, "D", None, True, 0.88, 0.2),
    ],
)
def test_links_that_were_lost_are_found_again(
    load: float, unit: str, requesters: int | None, returns: bool, precision: float, recall: float
) -> None:
    """Three in ten of 4000 links lost, among 2000 services that nobody called.

    What is inferred is right; how much can be found depends on the clock and the requester.
    """
    truth = called(load=load, unit=unit, requesters=requesters, returns=returns)
    right, found, _ = held_against(truth, link(without(truth), infer=True, service=SERVICE))
    assert right >= precision
    assert found >= recall


def test_a_confidence_is_no_boast() -> None:
    """Of links with some confidence at least that share is right."""
    told = []
    for load, unit, requesters in [(0.7, "s", None), (5, "s", None), (0.7, "D", None)]:
        truth = called(load=load, unit=unit, requesters=requesters)
        told.append(held_against(truth, link(without(truth), infer=True, service=SERVICE))[2])
    each = pd.concat(told)
    assert each["confidence"].between(LEAST, 1).all()
    classes = each.groupby(pd.cut(each["confidence"], [0.5, 0.7, 0.9, 0.99, 1]), observed=True)
    assert len(classes) == 4
    assert (classes["right"].mean() >= classes["confidence"].mean() - 0.02).all()
