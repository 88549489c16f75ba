"""Whose a case is: kept under a key of the requester, and gone when that is destroyed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text, update

from bdv_process.errors import Conflict, InputRefused, IntegrityBroken, NotFound, StorageUnavailable
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.pseudonym import pseudonym, pseudonymised
from bdv_process.execution import storage
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Absence
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.subject import Keyring, subjects
from execution.conftest import dump, reopen
from stories import WORKER

TOLD = "mijn paspoort ligt in de sloot"


@pytest.fixture
def served(register: CaseRegister) -> CaseRegister:
    """A closed W4 of anna with its child, who told a secret twice; and a closed case of guus."""
    register.start("W4", by="anna", data={"subject": TOLD}, key="k1")
    register.complete("Z1.2", by="ben", outcome="incomplete")
    register.answer("Z1", by="anna", data={"answer": TOLD})
    while work := register.worklist():
        register.complete(work[0].id, by=WORKER[str(work[0].role)], data={"note": TOLD})
    register.start("W5", by="guus", data={"subject": "guus' zaak"})
    register.withdraw("Z3", by="guus")
    return register


def raw(url: str) -> str:
    return repr(dump(url))


def touch(url: str, *statements: Any) -> None:
    """Change the database as somebody would who has it in their hands."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for each in statements:
            connection.execute(each)
    engine.dispose()


def asked(url: str, query: Any) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(query))
    engine.dispose()
    return found


def test_events_name_no_requester_and_hold_nothing_of_what_was_filled_in(
    served: CaseRegister, url: str
) -> None:
    events = repr(dump(url)["event"])
    assert "anna" not in events
    assert TOLD not in events
    assert TOLD not in raw(url)
    assert "carla" in events


def test_who_is_shown_a_case_sees_all_of_it(served: CaseRegister) -> None:
    happened = list(served.events("Z1"))
    assert {event.requester for event in happened} == {"anna"}
    assert happened[0].data["call"] == {"subject": TOLD}
    assert happened[0].resource == "anna"
    (answer,) = [event for event in happened if event.data.get("answer")]
    assert (answer.data, answer.resource) == ({"answer": TOLD}, "anna")
    assert served.subjects(["Z1"]) == {"Z1": TOLD}


def test_a_person_is_one_subject_however_often_they_ask(served: CaseRegister, url: str) -> None:
    served.start("W5", by="anna")
    assert len(dump(url)["subject_key"]) == 2


def test_erasing_leaves_cases_that_tell_nothing_of_who_asked(
    served: CaseRegister, url: str
) -> None:
    found = served.erase("anna", by="os:admin", reason="verzoek")
    assert found.cases == ("Z1", "Z2")
    left = raw(url)
    assert "anna" not in left
    assert "guus" in left
    assert {case.requester for case in served.cases()} == {"erased-Z1", "guus"}
    happened = list(served.events("Z1"))
    assert {event.requester for event in happened} == {"erased-Z1"}
    assert happened[0].resource == "erased-Z1"
    assert "call" not in happened[0].data
    assert served.subjects(["Z1", "Z3"]) == {"Z3": "guus' zaak"}
    assert served.live("Z1").outcome == "completed"


def test_after_erasing_the_register_verifies_and_is_rebuilt_the_same(
    served: CaseRegister, url: str
) -> None:
    head = served.seal()
    log = EventLog.of(served.events()).frame
    served.erase("anna", by="os:admin", reason="verzoek")
    assert served.verify(since=head).broken == []
    before = dump(url)
    served.rebuild()
    assert dump(url) == before
    left = EventLog.of(served.events()).frame
    assert set(left["case:bdv:requester"]) == {"erased-Z1", "guus"}
    same = [name for name in log if name not in ("case:bdv:requester", "org:resource")]
    assert left[same].equals(log[same])


def test_of_somebody_who_comes_back_nothing_is_known(served: CaseRegister) -> None:
    served.erase("anna", by="os:admin", reason="verzoek")
    assert served.start("W5", by="anna") == "Z4"
    assert [case.id for case in served.calls("anna")] == ["Z4"]
    with pytest.raises(Conflict):  # the key was used, whatever for
        served.start("W5", by="anna", key="k1")


def test_nobody_is_erased_while_a_case_is_open(served: CaseRegister, url: str) -> None:
    served.start("W5", by="anna")
    before = dump(url)
    with pytest.raises(Conflict, match=r"BDV-529.*Z4"):
        served.erase("anna", by="os:admin", reason="verzoek")
    with pytest.raises(NotFound, match="BDV-528"):
        served.erase("carla", by="os:admin", reason="verzoek")
    with pytest.raises(InputRefused, match="BDV-530"):
        served.erase("guus", by="os:admin", reason="  ")
    assert dump(url) == before


@pytest.fixture
def stood_in(register: CaseRegister) -> CaseRegister:
    """Anna, who works nowhere, does for guus what he asked and for ben what he works on."""
    absences = tuple(
        Absence(person=who, stand_in="anna", first=date(2026, 3, 2), last=date(2026, 3, 6))
        for who in ("guus", "ben")
    )
    register.organisation = replace(register.organisation, absences=absences)
    register.start("W4", by="guus", data={"subject": "guus' zaak"})
    register.complete("Z1.2", by="anna", outcome="incomplete")
    register.answer("Z1", by="anna", data={"answer": TOLD}, key="k1")
    register.withdraw("Z1", by="anna", reason=TOLD)
    register.start("W5", by="guus")
    register.claim("Z2.2", by="anna")
    register.delegate("Z2.2", by="anna", to="ben")
    return register


def test_who_works_nowhere_stands_in_events_under_an_id_whatever_they_do(
    stood_in: CaseRegister, url: str
) -> None:
    assert "anna" not in repr(dump(url)["event"])
    did = [e for e in stood_in.events() if e.resource == "anna"]
    assert {(e.case, e.behalf) for e in did} == {("Z1", "ben"), ("Z1", "guus"), ("Z2", "ben")}
    (given,) = [e for e in stood_in.events("Z2") if "giver" in e.data]
    assert (given.resource, given.behalf, given.data["giver"]) == ("ben", "anna", "anna")
    assert "Z1" in {case.id for case in stood_in.readable("anna")}
    with pytest.raises(Conflict, match=r"BDV-303.*anna"):
        stood_in.complete("Z1.2", by="ben")
    before = dump(url)
    assert stood_in.rebuild() == 2
    assert dump(url) == before


def test_erasing_who_stood_in_takes_them_out_of_the_cases_of_others(
    stood_in: CaseRegister, url: str
) -> None:
    head = stood_in.seal()
    clear = EventLog.of(stood_in.events())
    assert stood_in.erase("anna", by="os:admin", reason="verzoek").cases == ()
    assert "anna" not in raw(url)
    ((id_,),) = asked(url, select(subjects.c.id).where(subjects.c.person.is_(None)))
    mark = f"erased-{id_}"
    assert {e.requester for e in stood_in.events()} == {"guus"}
    assert {e.resource for e in stood_in.events() if e.behalf == "guus"} == {mark}
    (given,) = [e for e in stood_in.events("Z2") if "giver" in e.data]
    assert (given.behalf, given.data["giver"]) == (mark, mark)
    assert stood_in.verify(since=head).broken == []
    before = dump(url)
    stood_in.rebuild()
    assert dump(url) == before
    assert next(iter(stood_in.events("Z1"))).data["call"] == {"subject": "guus' zaak"}
    left, key = EventLog.of(stood_in.events()), b"p" * 32
    was, now = (pseudonymised(log, key).frame["org:resource"] for log in (clear, left))
    assert set(now) == set(was) - {pseudonym("anna", key)} | {mark}


def test_who_holds_work_of_somebody_else_is_not_erased(stood_in: CaseRegister) -> None:
    stood_in.release("Z2.2", by="ben")
    stood_in.claim("Z2.2", by="anna")
    with pytest.raises(Conflict, match=r"BDV-534.*Z2\.2"):
        stood_in.erase("anna", by="os:admin", reason="verzoek")


def test_a_dry_run_changes_nothing(served: CaseRegister, url: str) -> None:
    before = dump(url)
    assert served.erase("anna", by="os:admin", reason="?", dry_run=True).cases == ("Z1", "Z2")
    assert dump(url) == before
    assert served.audit() == []


@pytest.mark.parametrize("ahead", [False, True], ids=["rollback", "write-ahead"])
def test_nothing_of_who_was_erased_stays_in_the_files_of_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: bool
) -> None:
    def connect(*given: Any, **how: Any) -> sqlite3.Connection:
        made = sqlite3.connect(*given, **how)
        made.execute("PRAGMA secure_delete=OFF")  # as it is unless a build says otherwise
        return made

    monkeypatch.setattr("sqlite3.dbapi2.connect", connect)
    monkeypatch.setattr(storage, "_WAL_IS_SAFE", ahead)
    file = tmp_path / "register.db"
    register = reopen(f"sqlite:///{file}")
    for who in ("anna", "eva", "guus", "anna", "fatima"):
        case = register.start("W5", by=who, data={"subject": TOLD})
        register.withdraw(case, by=who, reason=TOLD)
    with closing(sqlite3.connect(file)) as connection:
        (key,) = connection.execute("SELECT key FROM subject_key WHERE person = 'anna'").fetchone()

    def left() -> bytes:
        return b"".join(each.read_bytes() for each in tmp_path.iterdir())

    assert (tmp_path / "register.db-wal").exists() == ahead
    assert key.encode() in left()
    assert not register.erase("anna", by="os:admin", reason="verzoek").lingers
    for gone in (b"anna", TOLD.encode(), key.encode()):
        assert gone not in left()
    register.close()


@pytest.fixture
def busy(url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[CaseRegister]:
    """A register in which anna and guus have a closed case, that waits for nobody long."""
    monkeypatch.setattr(storage, "PATIENCE", 300)
    monkeypatch.setattr(storage, "_WAL_IS_SAFE", True)  # where a reader keeps no writer waiting
    with closing(reopen(url, clock)) as register:
        for who, case in (("anna", "Z1"), ("guus", "Z2")):
            register.start("W5", by=who)
            register.withdraw(case, by=who)
        yield register


def test_what_somebody_reads_lingers_until_the_next_time(busy: CaseRegister, url: str) -> None:
    engine = create_engine(url)
    apart = {} if url.startswith("sqlite") else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**apart) as backup:
        backup.exec_driver_sql("BEGIN" if not apart else "SELECT 1")
        assert len(list(backup.execute(select(subjects)))) == 2
        assert busy.erase("anna", by="os:admin", reason="verzoek").lingers
    engine.dispose()
    assert "anna" not in raw(url)
    assert not busy.erase("guus", by="os:admin", reason="verzoek").lingers


def test_who_cannot_be_cleaned_up_after_is_erased_all_the_same(
    busy: CaseRegister, url: str
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("who locks a table of SQLite locks all of it")
    engine = create_engine(url)
    with engine.connect() as other:
        other.execute(text("LOCK TABLE subject_key IN SHARE UPDATE EXCLUSIVE MODE"))
        assert busy.erase("anna", by="os:admin", reason="verzoek").lingers
    engine.dispose()
    assert "anna" not in raw(url)


def test_nothing_of_who_was_erased_stays_in_the_statistics_of_postgresql(
    busy: CaseRegister, url: str
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite keeps no values beside its tables")
    ((key,),) = asked(url, select(subjects.c.key).where(subjects.c.person == "anna"))

    def known() -> str:
        values = "most_common_vals::text, histogram_bounds::text"
        here = text(f"SELECT {values} FROM pg_stats WHERE schemaname = current_schema()")
        return repr(asked(url, here))

    touch(url, text("ANALYZE"))
    assert "anna" in known()
    assert key in known()
    assert not busy.erase("anna", by="os:admin", reason="verzoek").lingers
    assert "anna" not in known()
    assert key not in known()


def test_with_a_master_key_a_copy_of_the_database_is_not_enough(
    url: str, clock: VirtualClock
) -> None:
    ours, theirs = Keyring(master=b"1" * 32), Keyring(master=b"2" * 32)
    register = reopen(url, clock, keyring=ours)
    register.start("W5", by="anna", data={"subject": TOLD})
    assert next(iter(register.events("Z1"))).data["call"] == {"subject": TOLD}
    register.close()
    for ring in (Keyring(), theirs):
        copy = reopen(url, clock, keyring=ring)
        with pytest.raises(StorageUnavailable, match=f"BDV-523.*{ours.name}"):
            list(copy.events("Z1"))
        copy.close()


def test_bare_keys_are_still_read_when_a_master_key_comes(url: str, clock: VirtualClock) -> None:
    register = reopen(url, clock)
    register.start("W5", by="anna", data={"subject": TOLD})
    register.close()
    later = reopen(url, clock, keyring=Keyring(master=b"1" * 32))
    assert later.subjects(["Z1"]) == {"Z1": TOLD}
    later.start("W5", by="guus")
    kept = dict(asked(url, select(subjects.c.person, subjects.c.key)))
    assert kept["anna"].startswith(":")
    assert kept["guus"].startswith(f"{Keyring(master=b'1' * 32).name}:")
    later.close()


def test_keys_are_wrapped_in_the_master_key_that_comes_later_and_in_the_next(
    served: CaseRegister, url: str, clock: VirtualClock
) -> None:
    first, second = Keyring(master=b"1" * 32), Keyring(master=b"2" * 32)
    for now, before in ((first, None), (second, first.master)):
        with closing(reopen(url, clock, keyring=now)) as later:
            assert later.wrap(by="os:admin", before=before)[0] == 2
            assert later.wrap(by="os:admin", before=before)[0] == 0
            assert all(f"'{now.name}:" in row for row in dump(url)["subject_key"])
            assert later.subjects(["Z1"]) == {"Z1": TOLD}
            assert not later.verify().broken
            assert later.audit(person="os:admin")[-1].action == "wrap"
    with (
        closing(reopen(url, clock, keyring=first)) as stale,
        pytest.raises(StorageUnavailable, match="BDV-523"),
    ):
        stale.subjects(["Z1"])


def test_keys_are_wrapped_all_or_none(served: CaseRegister, url: str, clock: VirtualClock) -> None:
    with pytest.raises(InputRefused, match="BDV-532"):
        served.wrap(by="os:admin")
    with closing(reopen(url, clock, keyring=Keyring(master=b"1" * 32))) as later:
        later.start("W5", by="eva")
    before = raw(url)
    with (
        closing(reopen(url, clock, keyring=Keyring(master=b"2" * 32))) as other,
        pytest.raises(StorageUnavailable, match="BDV-523"),
    ):
        other.wrap(by="os:admin", before=b"3" * 32)
    assert raw(url) == before


def test_without_its_master_key_a_register_shows_nothing_personal_and_does_all_else(
    url: str, clock: VirtualClock
) -> None:
    with closing(reopen(url, clock, keyring=Keyring(master=b"1" * 32))) as register:
        register.start("W4", by="anna", data={"subject": TOLD})
        register.start("W5", by="anna")
    with closing(reopen(url, clock)) as left:
        assert left.live("Z1").requester == "anna"
        assert len(list(left.events("Z1", shown=False))) == 2
        assert left.term("Z2") is not None
        assert left.check().broken == []
        assert left.verify().broken == []
        assert left.rebuild() == 2
        left.complete("Z1.2", by="ben", outcome="incomplete")
        clock.pass_time(timedelta(days=400))
        assert {fired.refusal for fired in left.fire_due()} == {None}
        for ask in (
            lambda: left.subjects(["Z1"]),
            lambda: list(left.events("Z1")),
            lambda: left.complete("Z2.2", by="ben", data={"note": TOLD}),
        ):
            with pytest.raises(StorageUnavailable, match="BDV-523"):
                ask()


@pytest.mark.parametrize("master", [b"1" * 32, None])
def test_a_key_that_came_to_stand_beside_somebody_else_is_named(
    url: str, clock: VirtualClock, master: bytes | None
) -> None:
    with closing(reopen(url, clock, keyring=Keyring(master=master))) as register:
        register.start("W5", by="anna", data={"subject": TOLD})
        register.start("W5", by="guus", data={"subject": "een lantaarn"})
        assert register.verify().broken == []
        swap = {"anna": "x", "guus": "anna", "x": "guus"}
        for who, other in swap.items():
            touch(url, update(subjects).where(subjects.c.person == who).values(person=other))
        named = [(each.problem, each.case) for each in register.verify().broken]
        ids = sorted(row[0] for row in asked(url, select(subjects.c.id)))
        assert named == [("subject", id_) for id_ in ids]
        with pytest.raises(IntegrityBroken, match=f"BDV-526.*({'|'.join(ids)})"):
            list(register.events("Z1"))
    with closing(reopen(url, clock)) as stranger:  # who has no master key cannot try wrapped ones
        assert len(stranger.verify().broken) == (0 if master else 2)


@pytest.mark.parametrize("now", [None, b"2" * 32])
def test_nobody_begins_with_another_master_key_beside_the_one_that_is_used(
    url: str, clock: VirtualClock, now: bytes | None
) -> None:
    with closing(reopen(url, clock, keyring=Keyring(master=b"1" * 32))) as register:
        register.start("W5", by="anna")
    with (
        closing(reopen(url, clock, keyring=Keyring(master=now))) as other,
        pytest.raises(StorageUnavailable, match="BDV-523"),
    ):
        other.start("W5", by="guus")
    with closing(reopen(url, clock, keyring=Keyring(master=b"1" * 32))) as register:
        assert [case.requester for case in register.cases()] == ["anna"]


@pytest.mark.parametrize("kept", [":", ":Zg==", ":geen sleutel", "deadbeef:Zg==", None], ids=repr)
def test_what_is_no_key_is_named(served: CaseRegister, url: str, kept: str | None) -> None:
    touch(url, update(subjects).where(subjects.c.person == "anna").values(key=kept))
    ((id_,),) = asked(url, select(subjects.c.id).where(subjects.c.person == "anna"))
    with closing(reopen(url, keyring=Keyring(master=b"1" * 32))) as later:
        named = [(each.problem, each.case) for each in later.verify().broken]
    assert named == [("subject", id_)]


def test_what_is_sealed_belongs_to_its_event(served: CaseRegister, url: str) -> None:
    event = storage.events.c
    ((told,),) = asked(url, select(event.personal).where(event.case == "Z1", event.seq == 1))
    other = update(storage.events).where(event.case == "Z3", event.seq == 1)
    touch(url, other.values(personal=told))
    with pytest.raises(IntegrityBroken, match=r"BDV-526.*Z3 #1"):
        list(served.events("Z3"))


def test_a_replay_opens_nothing(
    url: str, clock: VirtualClock, served: CaseRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Callable[..., bytes]:
        raise AssertionError

    monkeypatch.setattr("bdv_process.execution.subject.opened", refuse)
    assert served.rebuild() == 3
    assert len(EventLog.of(served.events(shown=False))) > 10


def test_which_components_changed_outlives_who_asked(register: CaseRegister) -> None:
    register.start("W2", by="anna", data={"subject": TOLD})
    while work := register.worklist():
        item = work[0]
        form = {"component": "zaaksysteem", "retired": "container-12", "note": TOLD}
        data = form if item.activity == "change_register" else {"component": "none"}
        register.complete(item.id, by=WORKER[str(item.role)], data=data)
    before = register.infrastructure
    register.erase("anna", by="os:admin", reason="verzoek")
    assert register.infrastructure == before
    (touch,) = register.history("container-12")
    assert touch.how == "retired"
    told = [e.data for e in register.events("Z1") if e.activity == "change_register" and e.data]
    assert told == [{"component": "zaaksysteem", "retired": "container-12"}]
