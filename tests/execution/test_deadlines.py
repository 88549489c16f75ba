"""The legal term in a running case: when it warns, stands still, moves, lapses and costs money."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bdv_process.errors import BdvError, Conflict, InputRefused, NotAllowed
from bdv_process.eventlog.event import DUE, TERM, Lifecycle, Term
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.terms import Penalty
from bdv_process.mining.conformance import conformance
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.term import end_of
from execution.conftest import dump, reopen
from stories import REQUESTER

LAST = date(2026, 4, 28)  # eight weeks after Monday 2 March is King's Day
WARNED = date(2026, 4, 14)


@pytest.fixture
def case(register: CaseRegister) -> str:
    return register.start("W5", by=REQUESTER)


def watched(register: CaseRegister) -> dict[str, datetime]:
    return {timer.element: timer.due for timer in register.timers()}


def do(register: CaseRegister, case: str, by: str, outcome: str | None = None) -> None:
    register.complete(register.items(case)[0].id, by=by, outcome=outcome)


def at(clock: VirtualClock, day: str) -> None:
    clock.move_to(datetime.fromisoformat(f"{day}T10:00+00:00"))


def last(register: CaseRegister, case: str) -> date | None:
    clock = register.term(case)
    assert clock is not None
    return clock.last


def escalations(register: CaseRegister, case: str) -> list[str | None]:
    return [e.role for e in register.events(case) if e.activity == "operate_escalated"]


def test_the_timers_that_watch_a_term_go_by_its_legal_last_day(
    register: CaseRegister, case: str
) -> None:
    assert watched(register) == {"operate_warning": end_of(WARNED)}
    assert (last(register, case), register.case(case).due) == (LAST, end_of(LAST))


def test_while_the_requester_is_asked_the_clock_stands_still_and_then_the_term_moves(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    at(clock, "2026-03-09")
    do(register, case, "ben", "incomplete")
    assert "operate_warning" not in watched(register)
    assert (last(register, case), register.case(case).due) == (None, None)
    at(clock, "2026-03-13")
    register.answer(case, by=REQUESTER)
    assert last(register, case) == date(2026, 4, 30)  # 10, 11 and 12 March, after 27 April
    assert watched(register) == {"operate_warning": end_of(date(2026, 4, 16))}


def test_a_lapsed_term_escalates_once_to_who_is_accountable_also_after_a_crash(
    register: CaseRegister, clock: VirtualClock, case: str, url: str
) -> None:
    at(clock, "2026-04-28")
    assert [fired.timer.element for fired in register.fire_due()] == ["operate_warning"]
    assert escalations(register, case) == []
    at(clock, "2026-04-29")
    assert [fired.timer.element for fired in register.fire_due()] == ["operate_due"]
    assert escalations(register, case) == ["coordinator"]
    again = reopen(url, clock, hot=0)
    again.rebuild()
    at(clock, "2026-12-01")
    assert (again.fire_due(), register.fire_due()) == ([], [])
    assert escalations(again, case) == ["coordinator"]
    again.close()


def test_an_escalation_while_only_the_requester_can_do_something_goes_to_who_asked_last(
    register: CaseRegister, clock: VirtualClock
) -> None:
    incident = register.start("W4", by=REQUESTER)  # no law gives it a term: nothing stands still
    do(register, incident, "ben", "incomplete")
    clock.pass_time(timedelta(days=6))
    register.fire_due()
    told = [e.role for e in register.events(incident) if e.activity == "recover_escalated"]
    assert told == ["coordinator"]


def test_a_term_that_was_put_off_warns_and_lapses_later(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    register.extend(case, by="carla", until=date(2026, 6, 13), reason="advies", key="a")
    register.extend(case, by="carla", until=date(2026, 6, 13), reason="advies", key="a")
    (told,) = [e for e in register.events(case) if e.term]
    assert (told.term, told.touchpoint, told.role) == (Term.EXTENDED, True, "coordinator")
    assert told.due == end_of(date(2026, 6, 15))  # the 13th is a Saturday
    assert watched(register) == {"operate_warning": end_of(date(2026, 6, 1))}
    at(clock, "2026-05-20")
    assert register.fire_due() == []
    assert register.case(case).due == told.due


@pytest.mark.parametrize(
    ("by", "until", "code", "refusal"),
    [
        ("ben", date(2026, 6, 13), "BDV-348", NotAllowed),
        (REQUESTER, date(2026, 6, 13), "BDV-348", NotAllowed),
        ("carla", LAST, "BDV-352", InputRefused),
        ("carla", date(2026, 6, 24), "BDV-391.*2026-06-23", InputRefused),
        ("carla", date.max, "BDV-391.*2026-06-23", InputRefused),
    ],
)
def test_who_is_accountable_puts_off_and_only_to_a_later_day(
    register: CaseRegister, case: str, url: str, by: str, until: date, code: str,
    refusal: type[BdvError],
) -> None:  # fmt: skip
    before = dump(url)
    with pytest.raises(refusal, match=code):
        register.extend(case, by=by, until=until)
    assert dump(url) == before


def test_a_term_that_stands_still_is_put_off_from_where_it_would_run_on(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    do(register, case, "ben", "incomplete")
    at(clock, "2026-03-13")  # ten days stood still: it would end on 7 May
    with pytest.raises(InputRefused, match=r"BDV-391.*2026-07-02"):
        register.extend(case, by="carla", until=date(2026, 7, 3))
    register.extend(case, by="carla", until=date(2026, 7, 2))
    register.answer(case, by=REQUESTER)
    assert last(register, case) == date(2026, 7, 13)


def test_a_term_is_put_off_once_in_time_and_when_there_is_one(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    late, risk = register.start("W5", by=REQUESTER), register.start("W8", by="guus")
    register.extend(case, by="carla", until=date(2026, 6, 10))
    with pytest.raises(Conflict, match="BDV-350"):
        register.extend(case, by="carla", until=date(2026, 7, 10))
    for command in (
        lambda: register.extend(risk, by="carla", until=date(2026, 6, 10)),
        lambda: register.notice(risk, by="guus"),
    ):
        with pytest.raises(Conflict, match="BDV-349"):
            command()
    at(clock, "2026-04-29")
    with pytest.raises(Conflict, match=r"BDV-351.*2026-04-28"):
        register.extend(late, by="carla", until=date(2026, 6, 10))


def test_a_notice_of_default_counts_when_the_term_is_over_and_starts_the_penalty(
    register: CaseRegister, clock: VirtualClock, case: str, url: str
) -> None:
    at(clock, "2026-04-28")
    with pytest.raises(Conflict, match="BDV-353"):
        register.notice(case, by=REQUESTER)
    at(clock, "2026-05-04")
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.notice(case, by="dirk")
    register.notice(case, by="ben")  # by letter: the front office writes it down
    with pytest.raises(Conflict, match="BDV-354"):
        register.notice(case, by=REQUESTER)
    found = register.term(case)
    assert found is not None
    assert found.penalty(date(2026, 6, 3)) == Penalty(first=date(2026, 5, 19), days=15, amount=357)
    before = dump(url)
    assert register.rebuild() == 1
    assert dump(url) == before


def test_a_decision_stops_the_clock_and_what_was_due_stays_due(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    at(clock, "2026-05-04")
    register.notice(case, by=REQUESTER)
    at(clock, "2026-05-20")
    for by in ("ben", "ben", "carla", "dirk", "eva", "carla"):
        do(register, case, by)
    found = register.term(case)
    assert found is not None
    assert found.decided == date(2026, 5, 20)
    assert found.lapsed(date(2030, 1, 1))
    assert found.penalty(date(2030, 1, 1)) == Penalty(first=date(2026, 5, 19), days=1, amount=23)
    assert register.case(case).due is None


def test_a_child_case_has_the_deadline_of_the_case_that_asked(
    register: CaseRegister, clock: VirtualClock
) -> None:
    incident = register.start("W4", by=REQUESTER)
    for by in ("ben", "ben", "dirk", "dirk"):
        do(register, incident, by)
    (work,) = [work for work in register.worklist() if work.case != incident]
    assert work.due == clock.now + timedelta(days=5)  # no law: as long as the template says
    assert register.term(work.case) is None


def test_the_work_list_begins_with_what_is_due_first(
    register: CaseRegister, clock: VirtualClock
) -> None:
    slow, asked = register.start("W5", by=REQUESTER), register.start("W5", by=REQUESTER)
    register.extend(slow, by="carla", until=date(2026, 6, 23))
    clock.pass_time(timedelta(days=1))
    incident = register.start("W4", by=REQUESTER)
    assert [work.case for work in register.worklist(role="kcc")] == [incident, asked, slow]


def test_the_log_tells_of_the_term_and_still_follows_the_template(
    register: CaseRegister, clock: VirtualClock, case: str
) -> None:
    register.extend(case, by="carla", until=date(2026, 5, 6))
    at(clock, "2026-05-07")
    register.notice(case, by=REQUESTER)
    for by in ("ben", "ben", "carla", "dirk", "eva", "carla"):
        do(register, case, by)
    log = EventLog.of(register.events())
    assert log.frame[TERM].dropna().tolist() == ["extended", "notice"]
    assert log.frame[DUE].dropna().tolist() == [end_of(date(2026, 5, 6)).astimezone(UTC)]
    report = conformance(log, shipped(), shipped_procedure())
    assert report.templates["fitness"].tolist() == [1.0]
    broken = report.frame[report.frame["kind"] == "rule"]
    assert "term" in set(broken["rule"])  # it was late, and mining counts the same days
    assert "extension" not in set(broken["rule"])
    assert {e.lifecycle for e in register.events() if e.term} == {Lifecycle.COMPLETE}
