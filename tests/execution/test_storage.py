"""The database: what it refuses is said with the right exit code, and then nothing was written."""

import os
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from bdv_process.errors import StorageUnavailable
from bdv_process.execution import storage
from bdv_process.execution.archive import back_up
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump, reopen
from stories import REQUESTER


def read_only(url: str) -> str:
    parts = make_url(url)
    if parts.drivername == "sqlite":
        return f"sqlite:///file:{parts.database}?mode=ro&uri=true"
    options = f"{parts.query['options']} -cdefault_transaction_read_only=on"
    return parts.update_query_dict({"options": options}).render_as_string(hide_password=False)


def test_a_read_only_database_can_be_read_and_refuses_the_rest(
    register: CaseRegister, url: str
) -> None:
    case = register.start("W5", by=REQUESTER)
    before = dump(url)
    reader = reopen(read_only(url))
    assert [found.id for found in reader.cases()] == [case]
    with pytest.raises(StorageUnavailable, match="BDV-316") as refused:
        reader.complete(reader.items(case)[0].id, by="ben")
    assert refused.value.exit_code == 7
    assert dump(url) == before
    reader.close()


def test_a_new_file_is_for_its_owner_only_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    before = os.umask(0o022)
    try:
        for name, there in (("new.db", False), ("old.db", True)):
            file = tmp_path / name
            if there:
                file.touch(0o644)
            with closing(reopen(f"sqlite:///{file}")) as register:
                register.start("W5", by="anna")
            assert stat.S_IMODE(file.stat().st_mode) == (0o644 if there else 0o600)
    finally:
        os.umask(before)


def test_a_locked_database_is_waited_for_and_then_refused(
    register: CaseRegister, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = register.start("W5", by=REQUESTER)
    item, before = register.items(case)[0].id, dump(url)
    holder = storage.open_engine(url)
    monkeypatch.setattr(storage, "PATIENCE", 100)
    hasty = reopen(url)
    with holder.begin() as connection:
        connection.execute(select(storage.cases).with_for_update())
        with pytest.raises(StorageUnavailable, match="BDV-316") as refused:
            hasty.complete(item, by="ben")
    assert refused.value.exit_code == 7
    assert dump(url) == before
    assert hasty.complete(item, by="ben") == case
    holder.dispose()
    hasty.close()


def test_a_rebuild_waits_for_a_case_that_is_being_started(
    register: CaseRegister, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "PATIENCE", 100)
    hasty = reopen(url)
    hasty.start("W5", by=REQUESTER)
    with register.batch():
        register.start("W5", by=REQUESTER)
        assert len(register.cases()) == 2
        with pytest.raises(StorageUnavailable, match="BDV-316"):
            hasty.rebuild()
    assert hasty.rebuild() == len(hasty.cases()) == 2
    hasty.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dit is geen database. " * 100)
    before = letter.read_bytes()
    register = reopen(f"sqlite:///{letter}")
    for command in (register.cases, lambda: register.start("W5", by=REQUESTER)):
        with pytest.raises(StorageUnavailable, match="BDV-316"):
            command()
    assert letter.read_bytes() == before
    assert list(tmp_path.iterdir()) == [letter]
    register.close()


@pytest.mark.parametrize("bit", [b"CREATE TABLE even", b"tableeven"])
def test_a_file_that_is_damaged_where_it_says_what_it_holds_is_refused(
    bit: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "register.db"
    register = reopen(f"sqlite:///{file}")
    register.start("W5", by=REQUESTER)
    register.close()
    spoiled = bytearray(file.read_bytes())
    # After the second, what SQLite has to say about it is no UTF-8 either.
    spoiled[spoiled.index(bit) + len(bit) - 1] ^= 0x80
    file.write_bytes(spoiled)
    for command in (
        register.cases, lambda: register.start("W5", by=REQUESTER), register.check,
        register.rebuild, lambda: back_up(f"sqlite:///{file}", tmp_path / "backup.bdv"),
    ):  # fmt: skip
        with pytest.raises(StorageUnavailable, match="BDV-316"):
            command()
    register.close()


def test_a_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    register = reopen(f"postgresql+psycopg://nobody:secret@/none?host={tmp_path}")
    with pytest.raises(StorageUnavailable, match="BDV-316") as refused:
        register.cases()
    assert "secret" not in str(refused.value)
    register.close()


def test_text_of_any_length_is_kept_by_either_database(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    key = "k" * 500
    case = register.start("W5", by=REQUESTER, key=key)
    again = reopen(url, clock)
    assert again.start("W5", by=REQUESTER, key=key) == case
    again.close()
