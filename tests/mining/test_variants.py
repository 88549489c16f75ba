"""Which cases still run: what a log must show before a case counts as open."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bdv_process.eventlog.event import Event
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.variants import cases_of, with_ends
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.model import Template


def of(*cases: list[Event]) -> ConformanceReport:
    return conformance(EventLog.of(row for case in cases for row in case), shipped(), None)


def kinds(report: ConformanceReport) -> list[tuple[str, int]]:
    return list(zip(report.deviations["finding"], report.deviations["cases"], strict=True))


@pytest.mark.parametrize("shown", [slice(0, 2), slice(0, None)], ids=["its call", "its end"])
def test_what_another_template_shows_opens_no_case(
    shown: slice, templates: dict[str, Template], happy: Any, events: Any
) -> None:
    stopped = [events(f"w{n}", "W4", happy(templates["W4"])[1:4]) for n in range(5)]
    other = events("x", "W5", happy(templates["W5"])[shown])
    report = of(*stopped, other)
    assert not report.cases.loc[report.cases["template"] == "W4", "open"].any()
    assert ("W4.unfinished.recover_prepare", 5) in kinds(report)


def test_a_start_that_is_shown_is_no_proof_that_ends_are(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    case = happy(templates["W5"])
    report = of(events("done", "W5", case[:-1]), events("stopped", "W5", case[:4]))
    assert not report.cases["open"].any()
    assert kinds(report) == [("W5.unfinished.operate_execute", 1)]


def test_where_a_case_shows_its_end_one_of_the_same_template_without_is_open(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    case = happy(templates["W5"])
    report = of(events("done", "W5", case), events("running", "W5", case[:4]))
    assert report.cases["open"].tolist() == [False, True]
    assert report.deviations.empty


def test_a_register_in_which_every_case_still_runs_has_no_unfinished_one() -> None:
    register = CaseRegister(
        "sqlite://",
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)),
    )
    with register.batch():
        offered, asked, claimed = (register.start(key, by="anna") for key in ("W5", "W5", "W1"))
        register.complete(f"{asked}.2", by="ben", outcome="incomplete")  # it waits for an answer
        register.claim(f"{claimed}.2", by="ben")
    report = conformance(EventLog.of(register.events()), shipped(), shipped_procedure())
    assert report.cases["open"].all()
    assert report.deviations.empty
    assert {offered, asked, claimed} == {*report.cases["case"]}


def test_work_that_was_given_up_is_not_waited_for(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    def report(last: str) -> ConformanceReport:
        begun = events("z1", "W5", happy(templates["W5"])[1:3])
        offered = replace(begun[-2], seq=9, activity="operate_plan", item="z1.9")
        return of([*begun, offered, replace(offered, seq=10, lifecycle=last)])

    assert report("start").cases["open"].all()
    assert kinds(report("withdraw")) == [("W5.unfinished.operate_plan", 1)]


def test_more_ends_than_fit_in_a_byte_are_told_apart(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    """Seventy templates of somebody's own, each with two ends."""
    *steps, last = happy(templates["W5"])
    end = templates["W5"].by_id[last.activity]
    known = {}
    for n in range(70):
        nodes = tuple(
            replace(node, id=f"{node.id}_{n}") if node.kind is end.kind else node
            for node in templates["W5"].nodes
        )
        known[f"V{n}"] = replace(templates["W5"], key=f"V{n}", nodes=nodes)
    log = EventLog.of(
        row
        for n in (0, 69)
        for row in events(f"z{n}", f"V{n}", [*steps, replace(last, activity=f"{end.id}_{n}")])
    ).coded
    ended = with_ends(log, cases_of(log), known, ())
    assert ended["end"].tolist() == [f"{end.id}_0", f"{end.id}_69"]
