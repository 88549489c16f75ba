"""What a screen asks before anybody gives a command."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bdv_process.errors import NotAllowed, NotFound
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.duty import ON_ITEMS, Action
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.work import timely
from execution.conftest import dump


def test_cases_are_counted_per_workflow_open_and_closed(register: CaseRegister) -> None:
    assert register.counts() == {}
    for template in ("W5", "W5", "W1"):
        register.start(template, by="anna")
    register.withdraw("Z1", by="anna")
    assert register.counts() == {"W1": (1, 0), "W5": (1, 1)}


def test_looking_at_a_case_shows_what_it_waits_for_and_changes_nothing(
    url: str, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben", outcome="incomplete")
    before = dump(url)
    case = register.live("Z1")
    assert case.question
    assert case.question.id == "operate_answer"
    assert dump(url) == before
    with pytest.raises(NotFound):
        register.live("Z9")


def test_in_a_batch_one_looks_at_what_was_just_done(register: CaseRegister) -> None:
    with register.batch():
        register.start("W5", by="anna")
        assert list(register.live("Z1").items) == ["Z1.2"]


def test_a_chain_is_found_by_the_case_that_began_it(register: CaseRegister) -> None:
    register.start("W4", by="anna")
    register.start("W5", by="anna")
    assert [case.id for case in register.cases(root="Z1")] == ["Z1"]


def test_the_calls_that_were_closed_last_are_found_and_what_happened_in_their_chains(
    register: CaseRegister, clock: VirtualClock
) -> None:
    assert register.closings() == (0, None)
    assert register.closed_calls(since=clock(), most=9) == []
    for _ in range(3):
        register.start("W5", by="anna")
    for case in ("Z2", "Z1"):
        clock.pass_time(timedelta(days=1))
        register.withdraw(case, by="anna")
    assert register.closings() == (2, clock())
    yesterday = clock() - timedelta(days=1)
    assert [each.id for each in register.closed_calls(since=yesterday, most=9)] == ["Z1", "Z2"]
    assert [each.id for each in register.closed_calls(since=yesterday, most=1)] == ["Z1"]
    assert [each.id for each in register.closed_calls(since=clock(), most=9)] == ["Z1"]
    assert {each.case for each in register.events(roots=["Z1", "Z3"])} == {"Z1", "Z3"}
    assert list(register.events(roots=[])) == []


def test_a_denial_comes_as_the_refusal_that_the_command_would_raise(
    register: CaseRegister,
) -> None:
    register.start("W5", by="anna")
    assert register.refusal("ben", Action.CLAIM, "Z1.2") is None
    told = register.refusal("dirk", Action.CLAIM, "Z1.2")
    with pytest.raises(NotAllowed) as refused:
        register.claim("Z1.2", by="dirk")
    assert told
    assert told.render() == refused.value.render()


def test_what_decides_is_read_once_however_much_is_asked(register: CaseRegister) -> None:
    cases = [register.start(template, by="anna") for template in ("W5", "W4", "W1") * 3]
    for by in ("ben", "ben", "dirk", "dirk"):
        register.complete(register.items("Z2")[0].id, by=by)
    cases += [case.id for case in register.cases(root="Z2") if case.parent]
    (work,) = register.items(cases[-1])
    register.claim(work.id, by="ben")
    asked = [(action, work.id) for action in ON_ITEMS]
    asked += [(action, case) for action in (Action.READ, Action.WITHDRAW) for case in cases]
    asked.append((Action.START, "W8"))
    statements: list[str] = []

    def counted(*said: Any) -> None:
        statements.append(said[2])

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        for who in ("dirk", "carla", "anna", "ben"):
            del statements[:]
            register.refusal(who, Action.CLAIM, work.id)
            for_one = len(statements)
            found = register.refusals(who, asked)
            assert len(statements) == 2 * for_one
            assert list(map(str, found)) == [str(register.refusal(who, *each)) for each in asked]
    finally:
        event.remove(Engine, "before_cursor_execute", counted)
    assert register.refusals("ben", []) == []
    for missing, code in (("Z1.9", "BDV-302"), ("Z99", "BDV-301")):
        with pytest.raises(NotFound, match=code):
            register.refusals("ben", [(Action.READ, "Z1"), (Action.READ, missing)])


def test_work_is_offered_to_whom_it_can_really_be_handed(register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="ben")
    assert [person.id for person in register.takers("Z1.2")] == ["carla"]
    with pytest.raises(NotFound):
        register.takers("Z1.9")


def test_what_can_be_done_with_work_follows_from_how_it_stands(
    register: CaseRegister,
) -> None:
    register.start("W5", by="anna")

    def now() -> set[Action]:
        always = {Action.CLAIM, Action.COMPLETE, Action.DELEGATE}
        return set(timely(register.item("Z1.2"))) - always

    assert now() == {Action.BEGIN}
    register.claim("Z1.2", by="ben")
    assert now() == {Action.BEGIN, Action.RELEASE}
    register.begin("Z1.2", by="ben")
    assert now() == {Action.SUSPEND, Action.RELEASE}
    register.suspend("Z1.2", by="ben")
    assert now() == {Action.RESUME, Action.RELEASE}
