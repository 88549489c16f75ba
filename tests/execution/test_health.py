"""A check finds whatever a list says that the events do not, and disturbs nobody."""

from typing import Any

import pytest
from sqlalchemy import create_engine, delete, insert, update

from bdv_process.errors import NotFound
from bdv_process.execution import storage
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump, reopen
from stories import REQUESTER, WORKER


@pytest.fixture
def used(register: CaseRegister) -> CaseRegister:
    """A register with a case and its child, and a case of its own."""
    case = register.start("W4", by=REQUESTER)
    while all(item.case == case for item in register.worklist()):
        item = register.worklist()[0]
        register.complete(item.id, by=WORKER[str(item.role)])
    register.start("W1", by=REQUESTER)
    return register


def change(url: str, *statements: Any) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


def test_a_register_that_was_only_written_by_us_agrees_with_itself(
    used: CaseRegister, url: str
) -> None:
    before, shares = dump(url), list[float]()
    health = used.check(shares.append)
    assert (health.differences, health.broken) == ([], [])
    assert health.engine.startswith(url.split(":")[0].split("+")[0])
    assert (health.numbers["case_file"], health.numbers["open"]) == (3, 3)
    assert shares == [1 / 3, 2 / 3, 1]
    assert dump(url) == before


def test_each_list_that_was_altered_is_found_and_made_right_by_a_rebuild(
    used: CaseRegister, url: str
) -> None:
    case, item, timer = storage.cases, storage.items, storage.timers
    change(
        url,
        update(case).where(case.c.id == "Z3").values(outcome="completed"),
        update(item).where(item.c.case == "Z2").values(due=None, role="kcc-lead"),
        delete(timer).where(timer.c.case == "Z3"),
        insert(timer).values(case="Z9", element="x", due=used.clock()),
    )
    found = {(d.table, d.key): (d.found, d.expected) for d in used.check().differences}
    assert set(found) == {
        ("case_file", ("Z3",)), ("work_item", (used.items("Z2")[0].id,)),
        ("timer", ("Z3", "agree_warning")), ("timer", ("Z9", "x")),
    }  # fmt: skip
    assert found["case_file", ("Z3",)] == ({"outcome": "completed"}, {"outcome": None})
    assert found["timer", ("Z3", "agree_warning")][0] is None
    assert found["timer", ("Z9", "x")][1] is None
    used.rebuild()
    assert used.check().differences == []


def test_a_history_that_does_not_follow_is_named(used: CaseRegister, url: str) -> None:
    event = storage.events.c
    change(url, delete(storage.events).where(event.case == "Z1", event.seq == 3))
    assert [(e.code, e.where) for e in used.check().broken] == [("BDV-328", "Z1 #4")]


def test_a_check_waits_for_nobody_and_sees_nothing_half(
    used: CaseRegister, url: str, clock: VirtualClock
) -> None:
    other = reopen(url, clock)
    with used.batch():
        used.start("W5", by=REQUESTER)
        assert len(used.cases()) == 4
        health = other.check()
    assert (health.numbers["case_file"], health.differences) == (3, [])
    other.close()


def test_where_there_is_no_register_nothing_is_made(url: str) -> None:
    register = reopen(url)
    with pytest.raises(NotFound, match="BDV-381"):
        register.check()
    assert register.cases() == []
    register.close()
