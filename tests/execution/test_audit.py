"""The audit log: who was denied what, read what and took what out; it only grows."""

from datetime import date, timedelta

import pytest

from bdv_process.errors import NotAllowed, StorageUnavailable
from bdv_process.execution import custody
from bdv_process.execution.audit import ORIGIN, Act
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump


def told(register: CaseRegister, **which: object) -> list[tuple[str, str, str | None, str]]:
    found = register.audit(**which)  # type: ignore[arg-type]
    return [(entry.actor, entry.action, entry.object, entry.result) for entry in found]


def test_a_command_that_is_denied_is_written_down_and_nothing_else(
    register: CaseRegister, url: str
) -> None:
    register.start("W5", by="anna")
    before = dump(url)
    with pytest.raises(NotAllowed):
        register.claim("Z1.2", by="dirk")
    assert dump(url) == before
    assert told(register) == [("dirk", "claim", "Z1.2", "denied BDV-306")]


def test_who_may_read_a_case_is_written_down_and_who_may_not_too(register: CaseRegister) -> None:
    register.start("W5", by="guus")
    register.admit("ben", "Z1")
    with pytest.raises(NotAllowed):
        register.admit("anna", "Z1")
    register.admit("ben", "Z1", reads=False)
    assert [entry[1:] for entry in told(register)] == [
        ("read", "Z1", "done"), ("read", "Z1", "denied BDV-343"),
    ]  # fmt: skip


def test_every_entry_says_who_what_with_what_how_from_where_and_when(
    register: CaseRegister, clock: VirtualClock
) -> None:
    here = ORIGIN.set("web 10.0.0.7")
    register.note("ben", Act.EXPORT_CLEAR, "log.csv", reason="onderzoek")
    ORIGIN.reset(here)
    (entry,) = register.audit()
    assert vars(entry) == {
        "at": clock(), "actor": "ben", "action": "export-clear", "object": "log.csv",
        "result": "done", "origin": "web 10.0.0.7", "reason": "onderzoek",
    }  # fmt: skip


def test_where_a_citizen_came_from_is_not_kept_but_the_face_that_they_used(
    register: CaseRegister, url: str
) -> None:
    register.start("W5", by="anna")
    here = ORIGIN.set("api 203.0.113.77")
    register.admit("anna", "Z1")
    register.admit("ben", "Z1")
    ORIGIN.reset(here)
    assert [entry.origin for entry in register.audit()] == ["api", "api 203.0.113.77"]


def test_the_log_of_the_program_names_no_citizen(
    register: CaseRegister, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise StorageUnavailable("BDV-316", where="there", problem="disk full")

    register.start("W5", by="anna")
    monkeypatch.setattr(custody, "append", full)
    register.admit("anna", "Z1")
    register.admit("ben", "Z1")
    citizen, worker = (record.getMessage() for record in caplog.records)
    assert citizen.startswith("- read Z1: BDV-316")
    assert worker.startswith("ben read Z1: BDV-316")


def test_a_denial_in_a_batch_stays_whether_the_batch_does_or_not(register: CaseRegister) -> None:
    register.start("W5", by="anna")
    with register.batch():
        register.claim("Z1.2", by="ben")
        with pytest.raises(NotAllowed):
            register.extend("Z1", by="dirk", until=date(2026, 6, 1))

    def batch_that_fails() -> None:
        with register.batch():
            register.release("Z1.2", by="ben")
            register.claim("Z1.2", by="dirk")

    with pytest.raises(NotAllowed):
        batch_that_fails()
    assert [entry[1] for entry in told(register)] == ["extend", "claim"]
    assert register.item("Z1.2").claimed_by == "ben"


def test_a_citizen_is_written_down_by_an_id_that_dies_with_them(
    register: CaseRegister, url: str
) -> None:
    register.start("W5", by="anna")
    register.withdraw("Z1", by="anna")
    register.note("anna", Act.LOGIN)
    register.admit("anna", "Z1")
    assert [entry[0] for entry in told(register, person="anna")] == ["anna", "anna"]
    register.erase("anna", by="os:admin", reason="verzoek")
    assert told(register, person="anna") == []
    first, *_, last = told(register)
    assert first[0] == f"erased-{last[2]}"
    assert last[:2] == ("os:admin", "erase")
    assert register.verify().broken == []


def test_one_asks_of_a_moment_a_person_or_a_case(
    register: CaseRegister, clock: VirtualClock
) -> None:
    register.note("ben", Act.READ, "Z1")
    clock.pass_time(timedelta(days=1))
    register.note("carla", Act.READ, "Z1")
    register.note("ben", "claim", "Z1.2", result="denied BDV-306")
    register.note("ben", Act.READ, "Z12")
    assert len(told(register, since=clock())) == 3
    assert len(told(register, person="ben")) == 3
    assert len(told(register, case="Z1")) == 3
    assert told(register, case="Z1", person="carla", since=clock()) == [
        ("carla", "read", "Z1", "done")
    ]
