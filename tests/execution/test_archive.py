"""A backup is whole or it is refused, and either database takes back what the other gave."""

import errno
import gzip
import json
import random
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, Conflict, InputRefused, IntegrityBroken, NotFound
from bdv_process.execution import schema
from bdv_process.execution.archive import back_up, look
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump, new_database, reopen
from stories import REQUESTER, WORKER


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database to restore into, of either kind."""
    return new_database(request, tmp_path / "empty.db")


@pytest.fixture
def backup(register: CaseRegister, url: str, tmp_path: Path) -> Path:
    """Of a register with a case that has a child, and one that was withdrawn."""
    case = register.start("W4", by=REQUESTER, data={"vraag": "Eén lamp ☼"}, key="once")
    while all(item.case == case for item in register.worklist()):
        item = register.worklist()[0]
        register.complete(item.id, by=WORKER[str(item.role)])
    register.withdraw(register.start("W1", by=REQUESTER), by=REQUESTER)
    path = tmp_path / "backup.gz"
    back_up(url, path)
    return path


def test_a_backup_of_either_database_is_taken_back_by_either(
    backup: Path, url: str, empty: str, clock: VirtualClock, tmp_path: Path
) -> None:
    register = reopen(empty, clock)
    assert register.restore(backup) == 3
    assert dump(empty) == dump(url)
    back_up(empty, tmp_path / "again.gz")
    assert (tmp_path / "again.gz").read_bytes() == backup.read_bytes()
    assert register.start("W4", by=REQUESTER, data={"vraag": "Eén lamp ☼"}, key="once") == "Z1"
    while work := register.worklist():
        register.complete(work[0].id, by=WORKER[str(work[0].role)])
    assert [case.outcome for case in register.cases()] == ["completed", "completed", "withdrawn"]
    assert register.start("W5", by=REQUESTER) == "Z4"
    register.close()


def test_a_register_of_an_earlier_program_is_backed_up_and_restored_as_ours(
    unstamped: str, empty: str, tmp_path: Path, clock: VirtualClock
) -> None:
    before = dump(unstamped)
    assert back_up(unstamped, tmp_path / "old.gz").schema == 5
    assert dump(unstamped) == before
    register = reopen(empty, clock)
    assert register.restore(tmp_path / "old.gz") == 3
    assert register.start("W5", by=REQUESTER, key="first") == "Z1"
    assert not register.check().differences
    assert schema.upgrade(empty) == schema.SCHEMA
    register.close()


def test_a_backup_that_is_made_while_others_write_is_whole(url: str, tmp_path: Path) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()

    def write() -> None:
        register = reopen(url)
        while not enough.is_set():
            case = register.start("W5", by=REQUESTER)
            register.complete(register.items(case)[0].id, by="ben")
            acknowledged.append(case)
        register.close()

    writer = threading.Thread(target=write)
    writer.start()
    promised = []
    try:
        for number in range(4):
            before = len(acknowledged)
            while len(acknowledged) < before + 2:
                enough.wait(0.01)
            promised.append(list(acknowledged))
            back_up(url, tmp_path / f"{number}.gz")
    finally:
        enough.set()
        writer.join()
    for number, cases in enumerate(promised):
        restored = reopen(f"sqlite:///{tmp_path / f'{number}.db'}")
        restored.restore(tmp_path / f"{number}.gz")
        assert set(cases) <= {case.id for case in restored.cases()}
        assert {case.seq for case in restored.cases() if case.id in cases} == {5}
        restored.close()


def test_a_damaged_or_shortened_backup_is_refused_and_makes_nothing(
    backup: Path, tmp_path: Path
) -> None:
    whole, chance = backup.read_bytes(), random.Random(7)
    plain = gzip.decompress(whole)
    lines = plain.splitlines(keepends=True)
    damaged = [whole[:size] for size in (0, 1, 100, len(whole) - 9)]
    damaged += [gzip.compress(plain[: len(plain) - size]) for size in (1, 70, 2000)]
    damaged += [gzip.compress(b"".join(lines[:at] + lines[at + 1 :])) for at in range(len(lines))]
    damaged += [gzip.compress(b"[]"), gzip.compress(b"[" * 100_000), b"PK\x03\x04", plain]
    for _ in range(100):
        flipped = bytearray(plain)
        flipped[chance.randrange(len(plain))] ^= 1 << chance.randrange(8)
        damaged.append(gzip.compress(bytes(flipped), compresslevel=1))
    bad, target = tmp_path / "bad.gz", tmp_path / "empty.db"
    register = reopen(f"sqlite:///{target}")
    for number, content in enumerate(damaged):
        bad.write_bytes(content)
        with pytest.raises(BdvError, match=r"BDV-38[23]|BDV-333") as refused:
            register.restore(bad)
        assert refused.value.exit_code in (3, 8), number
    assert not target.exists()
    register.close()


def test_what_is_refused_half_way_leaves_the_register_empty(
    backup: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty)
    before = dump(empty)
    archive = look(backup)
    bad = backup.with_name("bad.gz")
    bad.write_bytes(backup.read_bytes()[:-20])
    monkeypatch.setattr("bdv_process.execution.archive.look", lambda _: archive)
    register = reopen(empty)
    with pytest.raises(IntegrityBroken, match="BDV-383"):
        register.restore(bad)
    assert dump(empty) == before
    register.close()


def test_only_an_empty_register_takes_a_backup(
    backup: Path, register: CaseRegister, url: str
) -> None:
    before = dump(url)
    with pytest.raises(Conflict, match="BDV-384"):
        register.restore(backup)
    assert dump(url) == before


def test_a_backup_replaces_nothing_and_needs_a_register(
    backup: Path, url: str, tmp_path: Path
) -> None:
    before = backup.read_bytes()
    with pytest.raises(Conflict, match="BDV-385"):
        back_up(url, backup)
    assert backup.read_bytes() == before
    with pytest.raises(NotFound, match="BDV-381"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "new.gz")
    assert sorted(path.suffix for path in tmp_path.iterdir()) in ([".gz"], [".db", ".gz"])


def no_links(_source: Path, _target: Path) -> None:
    """What some file systems say, of other machines mostly."""
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_appears_while_a_backup_is_made_is_not_replaced(
    register: CaseRegister, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    register.start("W5", by=REQUESTER)
    path = tmp_path / "backup.gz"
    monkeypatch.setattr("os.fsync", lambda _: path.write_text("of somebody else"))
    if not links:
        monkeypatch.setattr("os.link", no_links)
    with pytest.raises(Conflict, match="BDV-385"):
        back_up(url, path)
    assert path.read_text() == "of somebody else"
    assert list(tmp_path.glob(".*")) == []


def test_where_no_file_can_be_linked_a_backup_is_made_all_the_same(
    register: CaseRegister, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.start("W5", by=REQUESTER)
    monkeypatch.setattr("os.link", no_links)
    back_up(url, tmp_path / "backup.gz")
    assert look(tmp_path / "backup.gz").rows["event"] == 2
    assert (tmp_path / "backup.gz").stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".*")) == []


def test_only_its_owner_can_read_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0


def test_a_backup_of_a_newer_program_is_refused(
    backup: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA - 1)
    register = reopen(empty)
    with pytest.raises(IntegrityBroken, match="BDV-333"):
        register.restore(backup)
    register.close()


@pytest.mark.parametrize("found", [0, 3, 6])
def test_a_backup_in_a_schema_that_no_step_made_is_refused_and_makes_nothing(
    backup: Path, tmp_path: Path, found: int
) -> None:
    plain = gzip.decompress(backup.read_bytes())
    told, rest = plain.split(b"\n", 1)
    rows, last = rest[: rest.rindex(b"\n{") + 1], json.loads(rest[rest.rindex(b"\n{") :])
    plain = json.dumps(json.loads(told) | {"schema": found}).encode() + b"\n" + rows
    end = json.dumps(last | {"sha256": sha256(plain).hexdigest()}).encode() + b"\n"
    backup.write_bytes(gzip.compress(plain + end))
    register = reopen(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(IntegrityBroken, match=f"BDV-333.* {found}.* 5, 7, 8"):
        register.restore(backup)
    assert not (tmp_path / "empty.db").exists()
    register.close()


@pytest.mark.parametrize("found", [None, "8", 8.0, True, float("inf")])
def test_a_backup_that_does_not_say_in_which_schema_it_is_is_none(
    tmp_path: Path, found: object
) -> None:
    told = json.dumps({"bdv-backup": 1} | ({"schema": found} if found else {}))
    (tmp_path / "bad.gz").write_bytes(gzip.compress(told.encode()))
    with pytest.raises(InputRefused, match="BDV-382"):
        look(tmp_path / "bad.gz")


def test_a_backup_in_another_form_is_refused(tmp_path: Path) -> None:
    told = json.dumps({"bdv-backup": 2, "schema": schema.SCHEMA})
    (tmp_path / "later.gz").write_bytes(gzip.compress(told.encode()))
    with pytest.raises(IntegrityBroken, match="BDV-333"):
        look(tmp_path / "later.gz")
