"""Whatever is changed, removed, cut off or made up again behind the register's back is named."""

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update

from bdv_process.errors import InputRefused, NotFound
from bdv_process.execution import storage
from bdv_process.execution.audit import Act, audits
from bdv_process.execution.chain import fields_of, stored_in
from bdv_process.execution.keys import Purpose, Signer, make_key, signer
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.seal import Head, heads, leaves
from bdv_process.execution.storage import raw
from chaining import rechained
from execution.conftest import reopen

EVENT = storage.events.c
Tamper = Callable[[Any], None]


@pytest.fixture
def busy(register: CaseRegister) -> CaseRegister:
    """Four cases: closed, at work, with a child, just begun; somebody read and was denied."""
    for workflow in ("W5", "W5", "W4", "W5"):
        register.start(workflow, by="anna", data={"subject": "lantaarn"})
    register.withdraw("Z1", by="anna")
    register.complete("Z2.2", by="ben")
    register.note("ben", Act.READ, "Z2")
    register.note("dirk", Act.READ, "Z2")
    return register


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signer:
    file, _ = make_key(Purpose.SIGNING, tmp_path / "sign.pem")
    monkeypatch.setenv("BDV_SIGNING_KEY", str(file))
    found = signer()
    assert found
    return found


@pytest.fixture
def behind(url: str) -> Callable[[Tamper], None]:
    """Changes the database as somebody would who has it in their hands."""

    def change(tamper: Tamper) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            tamper(connection)
        engine.dispose()

    return change


def broken(register: CaseRegister, **how: Any) -> list[tuple[str, str | None, int | None]]:
    return [(each.problem, each.case, each.seq) for each in register.verify(**how).broken]


def run(*statements: Any) -> Tamper:
    return lambda connection: [connection.execute(each) for each in statements]


def of(case: str, seq: int) -> Any:
    return (EVENT.case == case) & (EVENT.seq == seq)


def cut(case: str, seq: int) -> list[Any]:
    """Take the events of a case from one on, and set the list to what is left."""
    listed = update(storage.cases).where(storage.cases.c.id == case)
    return [
        delete(storage.events).where(EVENT.case == case, EVENT.seq >= seq),
        listed.values(seq=seq - 1),
    ]


def test_what_nobody_touched_is_whole(busy: CaseRegister) -> None:
    found = busy.verify()
    assert (found.broken, found.cases, found.audits) == ([], 4, 2)
    assert found.events == sum(case.seq for case in busy.cases())
    assert busy.rebuild() == 4
    assert busy.verify().broken == []


def test_a_register_that_is_not_there_has_nothing_broken(register: CaseRegister) -> None:
    assert register.verify().events == 0


def test_a_kept_template_that_was_changed_is_named(
    busy: CaseRegister, behind: Callable[[Tamper], None]
) -> None:
    kept = storage.templates.c
    behind(run(update(storage.templates).where(kept.key == "W4").values(source=b"<x/>")))
    ((problem, name, _),) = broken(busy)
    assert (problem, str(name).split()[0]) == ("template", "W4")


def test_a_value_that_was_changed_is_named(
    busy: CaseRegister, behind: Callable[[Tamper], None]
) -> None:
    for column in fields_of(storage.events)[2:]:  # those of the key come below
        was: list[Any] = []

        def put(connection: Any, column: str = column, was: list[Any] = was) -> None:
            old = connection.execute(select(raw(EVENT[column])).where(of("Z2", 3))).scalar_one()
            other = (not old) if column in ("touchpoint", "motivated") else f"{old}x"
            to = text(f'UPDATE event SET "{column}" = :to WHERE "case" = \'Z2\' AND seq = 3')
            connection.execute(to, {"to": was[0] if was else other})
            was.append(old)

        behind(put)
        assert broken(busy) == [("hash", "Z2", 3)], column
        behind(put)
    assert broken(busy) == []


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (run(delete(storage.events).where(of("Z2", 2))), ("gap", "Z2", 2)),
        (run(delete(storage.events).where(of("Z2", 1))), ("gap", "Z2", 1)),
        (run(update(storage.events).where(of("Z2", 2)).values(hash=None)), ("no_hash", "Z2", 2)),
        (run(update(storage.events).where(of("Z1", 2)).values(seq=99)), ("gap", "Z1", 2)),
        (run(delete(storage.cases).where(storage.cases.c.id == "Z2")), ("unlisted", "Z2", None)),
        (run(delete(storage.events).where(EVENT.case == "Z2")), ("no_events", "Z2", None)),
        (run(update(storage.cases).where(storage.cases.c.id == "Z2").values(seq=2)),
         ("listed", "Z2", 2)),
        (run(update(audits).where(audits.c.seq == 1).values(actor="nobody")),
         ("audit_hash", "audit 1", None)),
        (run(delete(audits).where(audits.c.seq == 1)), ("audit_gap", "audit 1", None)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    busy: CaseRegister, behind: Callable[[Tamper], None], tamper: Tamper,
    found: tuple[str, str, int | None],
) -> None:  # fmt: skip
    behind(tamper)
    assert broken(busy)[0] == found


def test_two_events_that_changed_places_are_named(
    busy: CaseRegister, behind: Callable[[Tamper], None]
) -> None:
    at = update(storage.events)
    behind(run(at.where(of("Z1", 3)).values(seq=99), at.where(of("Z1", 2)).values(seq=3),
               at.where(of("Z1", 99)).values(seq=2)))  # fmt: skip
    assert broken(busy) == [("hash", "Z1", 2)]


def test_a_tail_that_was_cut_off_shows_by_a_head_only(
    busy: CaseRegister, behind: Callable[[Tamper], None]
) -> None:
    head = busy.seal()
    behind(run(*cut("Z2", 3), delete(leaves), delete(heads)))
    assert broken(busy) == []
    assert [each[:2] for each in broken(busy, since=head)] == [
        ("head_gone", "head 1"), ("root", "head 1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (run(*cut("Z2", 3)), ("cut_off", "Z2", 3)),
        (run(*cut("Z2", 1), delete(storage.cases).where(storage.cases.c.id == "Z2")),
         ("gone", "Z2", 1)),
        (lambda c: (run(update(storage.events).where(of("Z2", 2)).values(role="toetser"))(c),
                    rechained(c, "Z2")), ("rewritten", "Z2", None)),
        (run(delete(audits)), ("audit_cut_off", "audit 1", None)),
    ],
    ids=["cut off", "removed", "rewritten", "audit log"],
)  # fmt: skip
@pytest.mark.parametrize("later", [False, True], ids=["last head", "earlier head"])
def test_what_was_sealed_has_to_be_there(
    busy: CaseRegister, behind: Callable[[Tamper], None], keys: Signer, tamper: Tamper,
    found: tuple[str, str, int | None], later: bool,
) -> None:  # fmt: skip
    head = busy.seal(keys)
    assert broken(busy, since=head, trusted=keys.trusted) == []
    if later:
        busy.start("W5", by="anna")
        busy.seal(keys)
    behind(tamper)
    (problem, case, seq), *_ = broken(busy, since=head, trusted=keys.trusted)
    assert (problem, case) == found[:2]
    assert found[2] in (None, seq)


def test_who_makes_a_new_head_over_a_tail_that_was_cut_off_is_seen(
    busy: CaseRegister, behind: Callable[[Tamper], None], keys: Signer
) -> None:
    kept = busy.seal(keys)

    def tamper(connection: Any) -> None:
        run(*cut("Z2", 3))(connection)
        (hash_,) = connection.execute(select(EVENT.hash).where(of("Z2", 2))).one()
        connection.execute(insert(leaves).values(case="Z2", head=2, seq=2, hash=hash_))

    behind(tamper)
    busy.seal()
    assert ("cut_off", "Z2", 3) in broken(busy, since=kept, trusted=keys.trusted)


def test_a_head_travels_as_a_file_and_is_signed(
    busy: CaseRegister, keys: Signer, tmp_path: Path
) -> None:
    head, file = busy.seal(keys), tmp_path / "head.json"
    head.write(file)
    assert Head.read(file) == head
    assert file.stat().st_size < 1_000
    assert head.signed(None)
    assert head.signed(keys.trusted)
    assert not head.signed(b"\0" * 32)
    told = json.loads(file.read_text())
    for name, other in {"cases": 3, "root": "0" * 64, "at": "2020", "audit": 1}.items():
        file.write_text(json.dumps({**told, name: other}))
        assert not Head.read(file).signed(None)
        assert ("signature", "head 1", None) in broken(busy, since=Head.read(file))


def test_a_head_without_a_signature_is_no_head_to_who_has_the_key(
    busy: CaseRegister, keys: Signer
) -> None:
    head = busy.seal()
    assert head.key is None
    assert broken(busy, since=head) == []
    assert broken(busy, since=head, trusted=keys.trusted) == [
        ("unsigned", "head 1", None), ("signature", "head 1", None),
    ]  # fmt: skip


def test_heads_from_before_there_was_a_key_are_unsigned_and_no_later_ones(
    busy: CaseRegister, keys: Signer
) -> None:
    for who in (None, None, keys):
        busy.seal(who)
    assert broken(busy, trusted=keys.trusted) == []
    busy.seal()
    assert broken(busy, trusted=keys.trusted) == [("unsigned", "head 4", None)]
    busy.seal(keys)
    assert broken(busy, trusted=keys.trusted) == [("unsigned", "head 4", None)]
    assert broken(busy) == []


def test_who_rewrites_history_and_seals_it_anew_without_the_key_is_seen_by_who_has_it(
    busy: CaseRegister, behind: Callable[[Tamper], None], keys: Signer
) -> None:
    busy.seal(keys)

    def tamper(connection: Any) -> None:
        run(update(storage.events).where(of("Z1", 3)).values(resource="nobody"))(connection)
        rechained(connection, "Z1")
        run(delete(heads), delete(leaves))(connection)

    behind(tamper)
    busy.seal()
    assert broken(busy) == []
    assert broken(busy, trusted=keys.trusted) == [("unsigned", "head 1", None)]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "bdv-head-1"}', "\x00" * 10])
def test_what_is_no_head_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "head.json").write_text(content)
    with pytest.raises(InputRefused, match="BDV-527"):
        Head.read(tmp_path / "head.json")
    with pytest.raises(NotFound):
        Head.read(tmp_path / "none.json")


def test_heads_follow_each_other(
    busy: CaseRegister, behind: Callable[[Tamper], None], keys: Signer
) -> None:
    first, second = busy.seal(keys), busy.seal(keys)
    assert second.previous == first.hash
    assert broken(busy) == []
    behind(run(delete(heads).where(heads.c.number == 1)))
    assert ("head_chain", "head 2", None) in broken(busy)


def test_only_what_moved_is_sealed_again(busy: CaseRegister, url: str) -> None:
    busy.seal()
    busy.start("W5", by="anna")
    busy.complete("Z3.2", by="ben")
    assert busy.seal().cases == 5
    engine = create_engine(url)
    with engine.connect() as connection:
        moved = select(leaves.c.case).where(leaves.c.head == 2).order_by(leaves.c.case)
        assert connection.execute(moved).scalars().all() == ["Z3", "Z5"]
    engine.dispose()


def test_blocks_leave_nothing_out(
    busy: CaseRegister, monkeypatch: pytest.MonkeyPatch, behind: Callable[[Tamper], None]
) -> None:
    busy.seal()
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(storage.blocks, "__defaults__", (size,))
        assert busy.verify().events == sum(case.seq for case in busy.cases())
    behind(run(*cut("Z3", 2)))
    assert broken(busy) == [("cut_off", "Z3", 2)]


def test_no_bit_of_an_event_can_be_flipped(tmp_path: Path) -> None:
    """On the file of SQLite itself: what the database cannot read is named as well."""
    file = tmp_path / "flipped.db"
    register = reopen(f"sqlite:///{file}")
    register.start("W5", by="anna", data={"subject": "de lantaarn voor nummer 12 is stuk"})
    register.close()
    whole, chance = file.read_bytes(), random.Random(2026)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        rows = storage.rows_of(connection, stored_in(storage.events, numbers=True))
    engine.dispose()
    row = max(rows, key=lambda row: len(str(row)))
    for value in row:
        if isinstance(value, str) and len(value) > 3 and whole.count(value.encode()) == 1:
            start = whole.index(value.encode())
            flipped = bytearray(whole)
            flipped[start + chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            file.write_bytes(flipped)
            again = reopen(f"sqlite:///{file}")
            assert [each[1:] for each in broken(again)] == [("Z1", row[1])], value
            again.close()


def test_damage_that_no_row_shows_is_found_in_the_file(tmp_path: Path) -> None:
    """By an index a deadline may be looked for in vain, while every row is as it was."""
    file = tmp_path / "damaged.db"
    register = reopen(f"sqlite:///{file}")
    register.start("W5", by="anna", data={"subject": "lantaarn"})
    register.close()
    with closing(sqlite3.connect(file)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        at = "SELECT rootpage FROM sqlite_master WHERE name = 'timer_order'"
        (page,) = connection.execute(at).fetchone()
    whole = bytearray(file.read_bytes())
    whole[whole.index(b"Z1", (page - 1) * size, page * size)] ^= 1
    file.write_bytes(whole)
    again = reopen(f"sqlite:///{file}")
    found = broken(again)
    assert {problem for problem, *_ in found} == {"file"}
    assert "timer_order" in str(found)
    again.close()


@pytest.mark.parametrize("lost", ["outbox", "command"])
def test_a_table_that_nobody_looked_at_is_missed(
    register: CaseRegister, url: str, lost: str
) -> None:
    register.start("W5", by="anna")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {lost} RENAME TO {lost[::-1]}"))
    engine.dispose()
    assert broken(register) == [("table", lost, None)]
