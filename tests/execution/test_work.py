"""A work item from offer to completion: suspended, handed on, and done by a stand-in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bdv_process.errors import Conflict, NotAllowed
from bdv_process.eventlog.event import BEHALF, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.duty import Action, Denial, Permit
from bdv_process.execution.organisation import Absence, Person
from bdv_process.execution.register import CaseRegister
from bdv_process.mining.work import compact, of_steps, pieces
from bdv_process.template.library import shipped
from execution.conftest import dump, reopen
from stories import REQUESTER

Told = tuple[str, str | None, str | None, str | None]


@pytest.fixture
def item(register: CaseRegister) -> str:
    """The intake of a new service request."""
    return register.items(register.start("W5", by=REQUESTER))[0].id


def told(register: CaseRegister, item: str) -> list[Told]:
    """What happened to an item after it was offered: what, who, for or from whom, as what."""
    happened = [e for e in register.events(item.partition(".")[0]) if e.item == item]
    return [(e.lifecycle.value, e.resource, e.behalf, e.role) for e in happened[1:]]


def away(register: CaseRegister, person: str, stand_in: str) -> None:
    absence = Absence(
        person=person, stand_in=stand_in, first=date(2026, 3, 2), last=date(2026, 3, 6)
    )
    absences = (*register.organisation.absences, absence)
    register.organisation = replace(register.organisation, absences=absences)


def join(register: CaseRegister, person: str, *roles: str) -> None:
    people = register.organisation.people | {person: Person(id=person, name=person, roles=roles)}
    register.organisation = replace(register.organisation, people=people)


def test_an_item_goes_from_offer_to_completion_and_each_moment_is_an_event(
    register: CaseRegister, item: str
) -> None:
    register.claim(item, by="ben")
    register.begin(item, by="ben")
    register.suspend(item, by="ben")
    register.resume(item, by="ben")
    register.complete(item, by="ben")
    stages = ("assign", "start", "suspend", "resume", "complete")
    assert told(register, item) == [(stage, "ben", None, "kcc") for stage in stages]
    assert all(e.recorded is not None for e in register.events())


def test_the_time_in_which_work_was_suspended_is_no_processing_time(
    register: CaseRegister, item: str, clock: VirtualClock
) -> None:
    for command, minutes in (
        (register.begin, 20), (register.suspend, 600), (register.resume, 5),
        (register.complete, 0),
    ):  # fmt: skip
        command(item, by="ben")
        clock.pass_time(timedelta(minutes=minutes))
    log = EventLog.of(register.events())
    worked = pieces(of_steps(compact(log), shipped()))
    assert (worked["end"] - worked["start"]).tolist() == [
        timedelta(minutes=20), timedelta(minutes=5)
    ]  # fmt: skip


def test_suspended_work_that_is_completed_was_taken_up_again_first(
    register: CaseRegister, item: str
) -> None:
    register.begin(item, by="ben")
    register.suspend(item, by="ben")
    register.complete(item, by="ben")
    assert [what for what, *_ in told(register, item)][-3:] == ["suspend", "resume", "complete"]


@pytest.mark.parametrize("twice", ["begin", "suspend", "resume"])
def test_what_is_so_already_stays_so(register: CaseRegister, item: str, twice: str) -> None:
    register.begin(item, by="ben")
    if twice != "begin":
        register.suspend(item, by="ben")
    getattr(register, twice)(item, by="ben")
    once = told(register, item)
    getattr(register, twice)(item, by="ben")
    assert told(register, item) == once


def test_only_begun_work_is_suspended_and_only_suspended_work_goes_on(
    register: CaseRegister, item: str, url: str
) -> None:
    register.claim(item, by="ben")
    before = dump(url)
    for command in (register.suspend, register.resume):
        with pytest.raises(Conflict, match="BDV-347"):
            command(item, by="ben")
    assert dump(url) == before
    register.begin(item, by="ben")
    register.suspend(item, by="ben")
    with pytest.raises(Conflict, match="BDV-346"):
        register.begin(item, by="ben")


def test_a_refused_suspension_claims_nothing_in_a_batch_either(
    register: CaseRegister, item: str
) -> None:
    with register.batch(), pytest.raises(Conflict, match="BDV-347"):
        register.suspend(item, by="ben")
    assert register.item(item).claimed_by is None


def test_work_that_was_given_back_begins_anew(register: CaseRegister, item: str) -> None:
    register.begin(item, by="ben")
    register.suspend(item, by="ben")
    register.release(item, by="ben")
    register.begin(item, by="carla")
    assert told(register, item)[-3:] == [
        ("schedule", "ben", None, "kcc"), ("assign", "carla", None, "coordinator"),
        ("start", "carla", None, "coordinator"),
    ]  # fmt: skip


def test_who_has_work_hands_it_on_and_both_names_stand_in_the_log(
    register: CaseRegister, item: str
) -> None:
    register.claim(item, by="ben")
    register.delegate(item, by="ben", to="carla")
    register.complete(item, by="carla")
    assert told(register, item)[1:] == [
        ("assign", "carla", "ben", "coordinator"), ("complete", "carla", None, "coordinator")
    ]  # fmt: skip
    log = EventLog.of(register.events())
    assert log.frame[BEHALF].dropna().tolist() == ["ben"]


def test_who_is_accountable_hands_out_work_of_nobody_and_of_another(
    register: CaseRegister, item: str
) -> None:
    register.delegate(item, by="carla", to="ben")
    register.delegate(item, by="carla", to="carla")
    assert told(register, item) == [
        ("assign", "ben", "carla", "kcc"), ("assign", "carla", "carla", "coordinator")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "to", "code", "refusal"),
    [
        ("dirk", "carla", "BDV-320", Conflict),  # neither has it nor answers for it
        ("ben", "ben", "BDV-305", Conflict),  # has it already
        ("ben", "dirk", "BDV-306", NotAllowed),  # an operator takes in no calls
    ],
)
def test_work_is_handed_on_by_who_has_it_to_who_may_do_it(
    register: CaseRegister, item: str, url: str, by: str, to: str, code: str,
    refusal: type[Exception],
) -> None:  # fmt: skip
    register.claim(item, by="ben")
    before = dump(url)
    with pytest.raises(refusal, match=code):
        register.delegate(item, by=by, to=to)
    assert dump(url) == before


def test_a_requester_who_is_accountable_does_not_choose_who_handles_the_case(
    register: CaseRegister,
) -> None:
    item = register.items(register.start("W5", by="carla"))[0].id
    with pytest.raises(NotAllowed, match="BDV-308"):
        register.delegate(item, by="carla", to="ben")


def test_a_stand_in_works_in_the_role_of_an_absent_colleague_and_both_names_are_kept(
    register: CaseRegister, item: str, clock: VirtualClock
) -> None:
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.begin(item, by="dirk")
    away(register, "ben", "dirk")
    assert [work.id for work in register.worklist(person="dirk")] == [item]
    register.begin(item, by="dirk")
    register.complete(item, by="dirk")
    assert told(register, item) == [
        (what, "dirk", "ben", "kcc") for what in ("assign", "start", "complete")
    ]
    following = register.items(item.partition(".")[0])[0].id
    clock.pass_time(timedelta(days=5))  # the day after the last
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.begin(following, by="dirk")


def test_a_stand_in_takes_over_what_the_colleague_had_begun_and_suspended(
    register: CaseRegister, item: str
) -> None:
    register.begin(item, by="ben")
    register.suspend(item, by="ben")
    with pytest.raises(Conflict, match="BDV-305"):
        register.resume(item, by="carla")  # may do it, but ben has it
    away(register, "ben", "carla")
    register.resume(item, by="carla")
    register.complete(item, by="carla")
    assert told(register, item)[3:] == [
        (what, "carla", "ben", "kcc") for what in ("assign", "resume", "complete")
    ]


def test_a_stand_in_hands_on_what_was_taken_over_and_nobody_is_left_out(
    register: CaseRegister, item: str
) -> None:
    register.claim(item, by="ben")
    away(register, "ben", "dirk")
    register.delegate(item, by="dirk", to="carla")
    register.complete(item, by="carla")
    assert told(register, item) == [
        ("assign", "ben", None, "kcc"), ("assign", "dirk", "ben", "kcc"),
        ("assign", "carla", "dirk", "coordinator"), ("complete", "carla", None, "coordinator"),
    ]  # fmt: skip


def test_what_a_stand_in_did_is_a_deed_of_both(register: CaseRegister, item: str) -> None:
    case = item.partition(".")[0]
    for name in ("jo", "bo"):
        join(register, name, "uitvoerder", "toetser")
    for by in ("ben", "ben", "carla"):
        register.complete(register.items(case)[0].id, by=by)
    away(register, "dirk", "jo")
    execute = register.items(case)[0].id
    register.claim(execute, by="dirk")
    register.complete(execute, by="jo")
    join(register, "dirk", "uitvoerder", "toetser")
    verify = register.items(case)[0].id
    for person in ("jo", "dirk"):
        with pytest.raises(NotAllowed, match=f"BDV-307.*{person} deed eerder"):
            register.claim(verify, by=person)
        assert isinstance(register.may(person, Action.CLAIM, verify), Denial)
    register.claim(verify, by="bo")


def test_a_stand_in_of_the_requester_or_of_who_did_the_work_is_bound_as_they_are(
    register: CaseRegister,
) -> None:
    asked = register.items(register.start("W5", by="ben"))[0].id
    away(register, "ben", "dirk")
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.claim(asked, by="dirk")  # not in his own name; and ben's is the requester's
    denied = register.may("dirk", Action.CLAIM, asked)
    assert isinstance(denied, Denial)


def test_a_stand_in_of_a_stand_in_is_none(register: CaseRegister, item: str) -> None:
    away(register, "ben", "dirk")
    away(register, "dirk", "guus")
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.claim(item, by="guus")


def test_asking_whether_one_may_gives_what_the_command_then_does(
    register: CaseRegister, item: str, url: str
) -> None:
    before = dump(url)
    case = item.partition(".")[0]
    assert register.may("ben", Action.CLAIM, item) == Permit(rule="raci", role="kcc")
    assert register.may("anna", Action.READ, case) == Permit(rule="requester")
    assert register.may("guus", Action.START, "W8") == Permit(rule="inside")
    for person, action, about, rule in (
        ("dirk", Action.CLAIM, item, "raci"), ("anna", Action.START, "W8", "inside"),
        ("dirk", Action.WITHDRAW, case, "withdraw"),
    ):  # fmt: skip
        denied = register.may(person, action, about)
        assert isinstance(denied, Denial)
        assert denied.rule == rule
    assert dump(url) == before


def test_what_was_suspended_taken_over_and_handed_on_is_replayed_from_events_alone(
    register: CaseRegister, item: str, url: str, clock: VirtualClock
) -> None:
    away(register, "ben", "carla")
    register.begin(item, by="carla")
    register.suspend(item, by="carla")
    before = dump(url)
    again = reopen(url, clock)
    assert again.rebuild() == 1
    assert dump(url) == before
    (found,) = again.worklist()
    assert (found.state, found.claimed_by) == (Lifecycle.SUSPEND, "carla")
    again.close()
