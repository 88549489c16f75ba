"""Each way to leave a template is found, as exactly that one deviation."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, TEMPLATE
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.language import catalogue
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.pm4 import pm4py_costs
from bdv_process.template.model import Template
from bdv_process.template.net import compile_net
from bdv_process.template.procedure import Procedure

Case = list[Any]
KEYS = [f"W{n}" for n in range(1, 9)]


@pytest.fixture(params=KEYS)
def template(request: pytest.FixtureRequest, templates: dict[str, Template]) -> Template:
    return templates[request.param]


@pytest.fixture
def check(log: Callable[..., EventLog], procedure: Procedure) -> Callable[..., ConformanceReport]:
    def of(template: Template, *cases: Case, **how: Any) -> ConformanceReport:
        return conformance(log(template, *cases), [template], procedure, **how)

    return of


def found(report: ConformanceReport) -> list[tuple[str, str, int]]:
    return counts(report.frame)


def of_the_path(report: ConformanceReport) -> pd.DataFrame:
    """What is not a rule: to skip the last contact, say, breaks the rule on feedback too."""
    return report.frame[report.frame["kind"] != "rule"]


def counts(frame: pd.DataFrame) -> list[tuple[str, str, int]]:
    return list(zip(frame["kind"], frame["activity"], frame["count"], strict=True))


def without(case: Case, activity: str) -> Case:
    return [step for step in case if step.activity != activity]


def swapped(case: Case, at: int) -> Case:
    return [*case[:at], case[at + 1], case[at], *case[at + 2 :]]


def steps(case: Case) -> range:
    """The positions of the activities; before them stands the call, after them the end."""
    return range(1, len(case) - 1)


def test_a_case_as_the_template_says_has_no_deviation(
    template: Template, happy: Any, check: Any
) -> None:
    report = check(template, happy(template))
    assert report.fitness == 1
    assert report.frame.empty
    assert report.cases.loc[0, ["events", "cost", "fits", "open"]].tolist() == [
        len(template.activities), 0, True, False,
    ]  # fmt: skip


def test_a_skipped_step_is_one_skip_of_that_step(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    report = check(template, *(without(case, step.id) for step in template.activities))
    expected = sorted(("skipped", step.id, 1) for step in template.activities)
    assert counts(of_the_path(report)) == expected


def test_a_step_done_again_is_one_repetition_of_that_step(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    agreed_again = {"change_plan", "recover_analyse"}  # the template itself lets these repeat
    extra = [at for at in steps(case) if case[at].activity not in agreed_again]
    report = check(template, *([*case[: at + 1], *case[at:]] for at in extra))
    assert found(report) == sorted(("repeated", case[at].activity, 1) for at in extra)


def test_a_step_out_of_nowhere_is_one_addition_of_that_step(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    gone = replace(case[1], activity=f"{template.process}_answer", outcome=None)
    report = check(template, [*case[:-1], gone, case[-1]])
    assert found(report) == [("added", f"{template.process}_answer", 1)]


def test_two_steps_that_changed_places_are_one_move(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    pairs = steps(case)[:-1]
    deviations = of_the_path(check(template, *(swapped(case, at) for at in pairs)))
    assert set(deviations["kind"]) == {"moved"}
    assert deviations["count"].sum() == len(pairs)
    for row in deviations.itertuples():
        for example in row.examples:
            at = pairs[int(example[1:]) - 1]
            assert row.activity in {case[at].activity, case[at + 1].activity}


def test_a_step_the_template_does_not_know_is_unknown(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    report = check(template, [*case[:2], replace(case[1], activity="lunch"), *case[2:]])
    assert found(report) == [("unknown", "lunch", 1)]
    assert report.frame.loc[0, "label"] == "lunch"


def test_a_case_that_stops_is_unfinished_at_the_first_step_that_lacks(
    template: Template, happy: Any, check: Any
) -> None:
    """In a log that shows no ends; in one that does, the same case skipped steps of its last ones.

    Never a withdrawal or a rejection: the log says that the case was completed.
    """
    case = happy(template)
    for done in list(steps(case))[:-1]:
        begun = case[1 : done + 1]
        report = check(template, begun)
        assert counts(of_the_path(report)) == [("unfinished", case[done + 1].activity, 1)]
        closed = check(template, [case[0], *begun, case[-1]])
        lacking = [step.activity for step in case[done + 1 : -1]]
        assert {("skipped", activity, 1) for activity in lacking} >= {*counts(of_the_path(closed))}
        assert closed.frame["activity"].iloc[-1] in lacking


def test_what_a_stopped_case_did_out_of_turn_is_told_apart_from_its_end(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    accept, classify, plan, execute, *_ = happy(templates["W5"])[1:]
    report = check(templates["W5"], [accept, plan, classify, execute])
    assert counts(of_the_path(report)) == [
        ("moved", "operate_classify", 1),
        ("unfinished", "operate_verify", 1),
    ]
    assert report.cases.loc[0, "cost"] == 2 + 1


def test_another_role_is_that_deviation_and_nothing_else(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    case[-2] = replace(case[-2], role="toetser")
    report = check(template, case)
    assert found(report) == [("rule", template.activities[-1].id, 1)]
    assert report.frame.loc[0, "rule"] == "responsible"


def test_one_person_for_two_duties_is_that_deviation_and_nothing_else(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = [
        replace(step, resource="dirk") if step.activity == "operate_verify" else step
        for step in happy(templates["W5"])
    ]
    report = check(templates["W5"], case)
    assert found(report) == [("rule", "operate_verify", 1)]
    assert report.frame.loc[0, "rule"] == "work_apart_from_check"
    assert report.cases["fits"].all()


def test_a_separation_holds_between_a_case_and_its_child(
    templates: dict[str, Template], procedure: Procedure, happy: Any, events: Any
) -> None:
    parent = [
        replace(step, resource="dirk") if step.activity == "change_verify" else step
        for step in happy(templates["W2"])
    ]
    parent = [
        replace(step, resource="guus") if step.activity == "change_prepare" else step
        for step in parent
    ]
    child = events("child", "W5", happy(templates["W5"]), parent="top", after=5)
    report = conformance(
        EventLog.of([*events("top", "W2", parent, after=10), *child]),
        templates.values(),
        procedure,
    )
    assert found(report) == [("rule", "change_verify", 1)]
    assert report.frame.loc[0, "examples"] == ("top",)


def test_the_requester_may_not_handle_the_own_case(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = [
        replace(step, resource="anna") if step.activity == "operate_plan" else step
        for step in happy(templates["W5"])
    ]
    report = check(templates["W5"], case)
    assert found(report) == [("rule", "operate_plan", 1)]
    assert report.frame.loc[0, "rule"] == "requester"


def test_deviations_are_counted_over_cases_with_examples(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = happy(templates["W5"])
    skipped = without(case, "operate_plan")
    unknown = [*skipped[:2], replace(case[1], activity="lunch"), *skipped[2:]]
    report = check(templates["W5"], case, case, unknown, *[skipped] * 6)
    assert found(report) == [("skipped", "operate_plan", 7), ("unknown", "lunch", 1)]
    row = report.frame.iloc[0]
    assert row["label"] == "Werk plannen"
    assert row["cases"] == 7
    assert row["share"] == 7 / 9
    assert row["low"] < 7 / 9 < row["high"]
    assert row["finding"] == "W5.skipped.operate_plan"
    assert row["examples"] == ("z3", "z4", "z5", "z6", "z7")
    totals = report.templates.iloc[0]
    assert totals[["cases", "fitting", "variants", "events"]].tolist() == [
        9, 2, 3, 9 * 6 - 7 + 1,
    ]  # fmt: skip
    assert report.fitness == pytest.approx(report.cases["fitness"].mean())


def test_a_broken_rule_has_one_share_of_the_cases_it_looked_at(
    templates: dict[str, Template], happy: Any, log: Any, procedure: Procedure
) -> None:
    case = happy(templates["W5"])
    handled = [replace(s, resource="anna") if s.activity == "operate_plan" else s for s in case]
    unnamed = [replace(step, resource=None) for step in case]
    given = log(templates["W5"], *[handled] * 5, *[unnamed] * 45)
    report = conformance(given, [templates["W5"]], procedure)
    rule = report.rules.set_index("rule").loc["requester"]
    row = report.deviations.iloc[0]
    assert row["finding"] == "W5.requester.operate_plan"
    assert (row["cases"], row["of"], row["share"]) == (5, rule["checked"], rule["share"])
    assert (rule["checked"], rule["share"], row["low"]) == (5, 1.0, rule["low"])


def test_a_running_case_is_held_to_what_it_has_done_so_far(
    template: Template, happy: Any, check: Any
) -> None:
    case = happy(template)
    report = check(template, case, *(case[:done] for done in steps(case)))
    assert report.cases["open"].tolist() == [False, *[True] * len(steps(case))]
    assert report.frame.empty


def test_a_log_without_ends_says_nothing_about_running_unless_told(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    begun = happy(templates["W5"])[1:3]
    assert not check(templates["W5"], begun).cases["open"].any()
    assert check(templates["W5"], begun, running=["z1"]).frame.empty


def test_what_a_system_cannot_record_is_neither_missed_nor_judged(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    hidden = ["operate_plan", "operate_verify"]
    case = happy(templates["W5"])
    unseen = without(without(case, "operate_plan"), "operate_verify")
    report = check(templates["W5"], case, unseen, not_observable=hidden)
    assert report.frame.empty
    assert report.unobservable == {"W5": ("operate_plan", "operate_verify")}
    rules = report.rules.set_index("rule")
    assert rules.loc["work_apart_from_check", "reason"] == "unchecked.not_observable"


def test_what_is_said_to_be_unseen_must_be_a_step_of_a_template(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    with pytest.raises(InputRefused) as refusal:
        check(templates["W4"], happy(templates["W4"]), not_observable=["recover_verfy"])
    assert refusal.value.code == "BDV-262"
    assert "recover_verify" in refusal.value.hint("en")


@pytest.mark.parametrize(
    "detour",
    [
        ["operate_accept:rejected", "operate_rejected"],
        ["operate_accept:incomplete", "operate_question", "operate_unanswered"],
        ["operate_accept:incomplete", "operate_question", "operate_withdrawal"],
        ["operate_accept:accepted", "operate_classify", "operate_withdrawal"],
    ],
)
def test_a_detour_of_the_template_is_no_deviation(
    detour: Sequence[str], templates: dict[str, Template], happy: Any, check: Any
) -> None:
    first = happy(templates["W5"])[1]
    case = [
        replace(first, activity=step.split(":")[0], outcome=step.partition(":")[2] or None)
        for step in detour
    ]
    assert check(templates["W5"], case).fitness == 1


def test_what_comes_after_a_withdrawal_is_added(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = happy(templates["W5"])
    gone = replace(case[1], activity="operate_withdrawal", outcome=None)
    report = check(templates["W5"], [*case[:3], gone, case[-2]])
    assert found(report) == [("added", "operate_close", 1)]


def test_cases_of_other_templates_are_counted_in_a_note(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    log = EventLog.of(
        [*events("a", "W5", happy(templates["W5"])), *events("b", "W1", happy(templates["W1"]))]
    )
    report = conformance(log, [templates["W5"]], None)
    assert report.cases["case"].tolist() == ["a"]
    assert report.notes == (("conformance.left_out", {"cases": 1, "templates": "W1"}),)


def test_a_log_of_other_templates_only_is_refused(
    templates: dict[str, Template], happy: Any, log: Any
) -> None:
    with pytest.raises(InputRefused) as refusal:
        conformance(log(templates["W1"], happy(templates["W1"])), [templates["W5"]])
    assert refusal.value.code == "BDV-401"
    assert "W5" in refusal.value.what()


def test_a_log_without_people_says_what_could_not_be_checked(
    templates: dict[str, Template], procedure: Procedure
) -> None:
    activities = [step.id for step in templates["W5"].activities]
    frame = pd.DataFrame({CASE: "z1", ACTIVITY: activities, TEMPLATE: "W5"})
    report = conformance(EventLog(frame=frame), [templates["W5"]], procedure)
    assert report.fitness == 1
    states = report.rules.set_index("rule")["state"]
    assert set(states) == {"unchecked", "not_applicable", "clean"}
    assert set(states.index[states == "clean"]) == {"feedback", "classified"}
    unchecked = report.rules[report.rules["state"] == "unchecked"]
    reasons = dict(zip(unchecked["rule"], unchecked["reason"], strict=True))
    assert reasons["work_apart_from_check"] == "unchecked.resource"
    assert reasons["term"] == "unchecked.times"
    assert set(reasons.values()) <= catalogue().keys()
    assert report.notes == (("conformance.unlinked", {}),)


def test_the_report_is_plain_values_and_one_line(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    report = check(templates["W5"], without(happy(templates["W5"]), "operate_plan"))
    told = json.loads(json.dumps(report.to_dict()))
    assert told["format"] == 1
    assert told["deviations"][0]["kind"] == "skipped"
    assert told["cases"][0]["fits"] is False
    assert told["cases"][0]["started"] == "2026-03-02T09:00:00+00:00"
    assert repr(report) == "<ConformanceReport: 1 cases, 0 fit, fitness 0.909, 1 deviations>"


def test_every_kind_of_deviation_has_words() -> None:
    assert {f"deviation.{kind}" for kind in DeviationKind} <= catalogue().keys()


def test_a_real_log_costs_what_pm4py_says(root: Path, templates: dict[str, Template]) -> None:
    known = {node.id for template in templates.values() for node in template.nodes}
    mapping = Mapping.read(root / "eventlogs" / "servicenow-incidents.toml", known=known)
    log = EventLog.read(root / "eventlogs" / "servicenow-incidents.csv.gz", mapping=mapping)
    report = conformance(log, templates.values(), None)
    assert len(report.cases) == 24_918
    for key, cases in report.cases.groupby("template"):
        hidden = report.unobservable[str(key)]
        seen = log.frame[~log.frame[ACTIVITY].isin(hidden)].groupby(CASE)[ACTIVITY].agg(tuple)
        variants = seen.reindex(cases["case"]).drop_duplicates()
        costs = cases.set_index("case")["cost"].reindex(variants.index)
        net = compile_net(templates[str(key)], hidden)
        assert costs.tolist() == pm4py_costs(net, variants.tolist())
