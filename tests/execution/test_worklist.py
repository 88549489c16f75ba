"""Three piles of work, first due first: sieved, in pages, and moving with the term of the chain."""

from datetime import date, timedelta

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.worklist import Pile, Sieve


def ids(found: list) -> list[str]:  # type: ignore[type-arg]
    return [work.id for work in found]


def started(register: CaseRegister, *templates: str, by: str = "anna") -> list[str]:
    """Start cases; return their intake items."""
    return [register.items(register.start(each, by=by))[0].id for each in templates]


def test_work_lies_on_the_pile_of_who_can_move_it(register: CaseRegister) -> None:
    free, taken = started(register, "W5", "W5")
    register.claim(taken, by="carla")
    assert ids(register.pile(Pile.FREE, "ben")) == [free]
    assert ids(register.pile(Pile.MINE, "carla")) == [taken]
    assert ids(register.pile(Pile.WAITING, "anna")) == [free, taken]
    assert register.pile(Pile.FREE, "dirk") == register.pile(Pile.WAITING, "ben") == []


def test_piles_come_first_due_first_and_in_pages(register: CaseRegister) -> None:
    slow, _, quick = started(register, "W1", "W5", "W4")
    everything = register.pile(Pile.FREE, "ben")
    assert (everything[0].id, len(everything)) == (quick, 3)
    assert slow in ids(everything[1:])
    assert register.pile(Pile.FREE, "ben", first=1, most=1) == everything[1:2]
    assert register.pile(Pile.FREE, "ben", first=3) == []
    assert register.amount(Pile.FREE, "ben") == 3
    assert register.amount(Pile.FREE, "ben", most=3) == 3
    assert register.amount(Pile.FREE, "ben", most=1) == 2  # more than one


def test_a_pile_is_sieved_by_workflow_step_person_and_deadline(
    register: CaseRegister, clock: VirtualClock
) -> None:
    incident, request = started(register, "W4", "W5")
    (own,) = started(register, "W5", by="dirk")
    found = {
        "workflow": Sieve(template="W4"),
        "step": Sieve(activity="operate_accept"),
        "requester": Sieve(who="dirk"),
        "nobody": Sieve(who="eva"),
    }
    left = {name: {*ids(register.pile(Pile.FREE, "ben", each))} for name, each in found.items()}
    assert left == {
        "workflow": {incident}, "step": {request, own}, "requester": {own}, "nobody": set(),
    }  # fmt: skip
    clock.pass_time(timedelta(days=20))
    late = Sieve(due_before=clock())
    assert ids(register.pile(Pile.FREE, "ben", late)) == [incident]
    assert register.amount(Pile.FREE, "ben", late) == 1
    register.claim(request, by="ben")
    assert ids(register.pile(Pile.WAITING, "anna", Sieve(who="ben"))) == [request]


def test_work_in_a_chain_is_due_when_its_first_case_is(register: CaseRegister) -> None:
    (intake,) = started(register, "W5")
    case = register.item(intake).case
    before = register.item(intake).due
    register.extend(case, by="carla", until=date(2026, 6, 22))
    assert register.item(intake).due == register.case(case).due
    assert register.item(intake).due != before
    register.rebuild()
    assert register.item(intake).due == register.case(case).due


def test_a_case_that_waits_for_an_answer_stands_with_its_requester(
    register: CaseRegister, clock: VirtualClock
) -> None:
    asked, other = started(register, "W5", "W5")
    register.complete(asked, by="ben", outcome="incomplete")
    case = register.case(asked.partition(".")[0])
    assert case.due is None
    assert [each.id for each in register.questions("anna")] == [case.id]
    assert register.questions("ben") == []
    clock.pass_time(timedelta(days=1))
    assert ids(register.pile(Pile.FREE, "ben")) == [other]
    register.answer(case.id, by="anna")
    assert register.questions("anna") == []


def test_a_register_without_a_database_has_empty_piles(register: CaseRegister) -> None:
    assert register.pile(Pile.FREE, "ben") == []
    assert register.amount(Pile.MINE, "ben") == 0
