"""Each measure of the three starting points, on logs whose answer can be counted by hand."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bdv_process.eventlog.event import Event
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.mining.principles import LOG, Principle, Principles, principles
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # when the cases of this room begin
MEASURES = (
    "linked", "told", "sent_back", "contact", "silence", "rounds", "separated", "in_time",
    "motivated",
)  # fmt: skip


@pytest.fixture
def measured(events: Callable[..., list[Event]], procedure: Procedure) -> Callable[..., Principles]:
    """The measures of cases of one template; contact is where the template says so."""

    def of(
        template: Template,
        *cases: list[Any],
        running: Collection[str] = (),
        **evidence: dict[str, object],
    ) -> Principles:
        happened = [
            replace(
                event,
                **{"touchpoint": template.by_id[event.activity].touchpoint}
                | evidence.get(event.activity, {}),
            )
            for number, did in enumerate(cases, 1)
            for event in events(f"z{number}", template.key, did)
        ]
        log = EventLog.of(happened)
        report = conformance(log, [template], procedure, running=running)
        return principles(log, report, [template], procedure)

    return of


def value(found: Principles, measure: str, template: str = LOG) -> float:
    rows = found.frame.set_index(["measure", "template"])
    return float(rows.loc[(measure, template), "value"])


def reason(found: Principles, measure: str) -> str:
    return str(found.frame.set_index("measure").loc[[measure], "reason"].iloc[0])


def n(found: Principles, measure: str) -> int:
    return int(found.frame.set_index(["measure", "template"]).loc[(measure, LOG), "n"])


def without(case: list[Any], activity: str) -> list[Any]:
    return [step for step in case if step.activity != activity]


def ending(case: list[Any], activity: str, outcome: str | None) -> list[Any]:
    return [replace(s, outcome=outcome) if s.activity == activity else s for s in case]


def test_every_measure_says_something_or_why_it_cannot(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    frame = measured(templates["W2"], happy(templates["W2"])).frame
    whole = frame[frame["template"] == LOG]
    assert tuple(whole["measure"]) == MEASURES
    assert ((whole["reason"] == "") == whole["value"].notna()).all()
    assert set(whole["principle"]) == set(Principle)
    assert (whole["n"] > 0).equals(whole["reason"] == "")


def test_a_skipped_feedback_is_a_contact_that_did_not_take_place(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    assert value(measured(template, case), "contact") == 1
    assert value(measured(template, case, without(case, "operate_verify")), "contact") == 3 / 4


def test_a_step_that_should_be_contact_and_was_none_counts_as_missed(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    silent = {"operate_verify": {"touchpoint": False}}
    assert value(measured(template, happy(template), **silent), "contact") == 1 / 2


def test_the_longest_silence_runs_between_the_call_and_the_contacts_after_it(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]  # call, accept (contact), classify, plan, execute, verify (contact)
    found = measured(template, happy(template))
    assert value(found, "silence") == pytest.approx(4 / 24)
    assert value(found, "silence", "W5") == pytest.approx(4 / 24)


def test_without_contact_after_intake_silence_cannot_be_measured(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    found = measured(template, without(happy(template), "operate_verify"))
    assert reason(found, "silence") == "unchecked.touchpoint"
    assert np.isnan(value(found, "silence"))


def test_a_case_that_verification_sends_back_counts_once(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    work = [s for s in case if s.activity in ("operate_execute", "operate_verify")]
    failed = ending(work, "operate_verify", "not_as_agreed")
    at = case.index(work[0])
    again = [*case[:at], *failed, *failed, *case[at:]]
    assert value(measured(template, case, again), "sent_back") == 1 / 2


def test_cases_that_were_negotiated_more_than_once_are_counted_among_those_with_a_negotiation(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W1"]
    case = happy(template)
    talk = [s for s in case if s.activity in ("agree_offer", "agree_negotiate")]
    at = case.index(talk[0])
    thrice = [*case[:at], *2 * ending(talk, "agree_negotiate", "adjust"), *case[at:]]
    assert value(measured(template, case, thrice), "rounds") == 1 / 2
    assert reason(measured(templates["W5"], happy(templates["W5"])), "rounds") == (
        "unchecked.absent"
    )


def test_a_refusal_is_motivated_when_the_log_says_so(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    refused = [case[0], replace(case[1], outcome="rejected")]
    told = replace(case[-1], activity="operate_rejected", outcome="rejected", resource=None)

    def with_reason(*, given: bool | None) -> Principles:
        return measured(
            template, [*refused, told], operate_accept={"motivated": given, "item": "z1.2"}
        )

    assert value(with_reason(given=True), "motivated") == 1
    assert value(with_reason(given=False), "motivated") == 0
    assert reason(with_reason(given=None), "motivated") == "unchecked.motivated"


def test_duties_that_one_person_mixed_lower_the_share_that_stayed_apart(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    alone = [replace(s, resource="eva") if s.resource else s for s in case]
    assert value(measured(template, case), "separated") == 1
    assert value(measured(template, case, case, alone), "separated") == pytest.approx(2 / 3)


def test_separated_looks_at_each_case_that_one_of_its_rules_looks_at(
    events: Any, happy: Any, templates: dict[str, Template], procedure: Procedure
) -> None:
    template = templates["W5"]
    case = happy(template)
    own = [replace(s, resource="anna" if s.activity == "operate_accept" else None) for s in case]
    alone = [replace(s, resource="eva") if s.resource else s for s in case]
    unnamed = [replace(s, resource=None) for s in case]
    log = EventLog.of([
        *events("own", "W5", own),
        *events("alone", "W5", alone, requester=None),
        *events("fine", "W5", case, requester=None),
        *events("unnamed", "W5", unnamed),
    ])  # fmt: skip
    report = conformance(log, [template], procedure)
    checked = report.rules.set_index("rule")["checked"]
    assert (checked["requester"], checked["work_apart_from_check"]) == (1, 2)
    found = principles(log, report, [template], procedure)
    assert (value(found, "separated"), n(found, "separated")) == (pytest.approx(1 / 3), 3)


def test_running_cases_are_not_decided_in_time(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    found = measured(template, case, case[:3], case[:3])
    assert (value(found, "in_time"), n(found, "in_time")) == (1, 1)
    overdue = {"operate_classify": {"due": MONDAY - timedelta(weeks=1)}}
    found = measured(template, case[:3], without(case, "operate_classify"), **overdue)
    assert (value(found, "in_time"), n(found, "in_time")) == (1 / 2, 2)


def test_only_closed_cases_are_measured_by_their_rules(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    found = measured(template, case, case[:-1], operate_accept={"linked": "none"})
    assert {n(found, measure) for measure in ("linked", "told", "separated")} == {1}


def test_a_log_without_closed_cases_says_so(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    found = measured(templates["W1"], happy(templates["W1"])[:3], running=["z1"])
    for measure in ("sent_back", "contact", "silence", "rounds", "motivated"):
        assert reason(found, measure) == "unchecked.absent", measure


def test_a_log_that_is_mute_about_contact_or_outcomes_measures_neither(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    mute = {step.id: {"touchpoint": False, "outcome": None} for step in template.activities}
    found = measured(template, happy(template), **mute)
    assert reason(found, "contact") == "unchecked.touchpoint"
    assert reason(found, "sent_back") == "unchecked.outcome"


def test_a_verification_that_is_recorded_only_when_it_fails_tells_no_share(
    events: Any, happy: Any, templates: dict[str, Template], procedure: Procedure
) -> None:
    template = templates["W5"]
    failed = ending(happy(template), "operate_verify", "not_as_agreed")
    log = EventLog.of([
        *events("z1", "W5", failed), *events("z2", "W5", without(failed, "operate_verify")),
    ])  # fmt: skip
    report = conformance(log, [template], procedure, not_observable=["operate_verify"])
    found = principles(log, report, [template], procedure)
    assert reason(found, "sent_back") == "unchecked.not_observable"


def test_only_cases_of_which_a_verification_says_its_outcome_can_be_sent_back(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    silent = ending(case, "operate_verify", None)
    found = measured(template, case, silent, without(case, "operate_verify"))
    assert (value(found, "sent_back"), n(found, "sent_back")) == (0, 1)


def test_measures_of_a_tiny_log_are_valid_json(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    found = measured(templates["W1"], happy(templates["W1"]))
    assert n(found, "rounds") == 1
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()


def test_open_cases_are_not_measured(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    template = templates["W5"]
    case = happy(template)
    assert value(measured(template, case, case[:2]), "contact") == 1


def test_the_measures_say_on_one_line_how_many_there_are(
    measured: Any, happy: Any, templates: dict[str, Template]
) -> None:
    found = measured(templates["W5"], happy(templates["W5"]))
    carried = int((found.frame[found.frame["template"] == LOG]["reason"] == "").sum())
    assert repr(found) == f"<Principles: {carried} of {len(MEASURES)} measures>"
    rows = found.to_dict()["measures"]
    assert {row["measure"] for row in rows} == set(MEASURES)
    assert all(row["value"] is None or row["value"] >= 0 for row in rows)
