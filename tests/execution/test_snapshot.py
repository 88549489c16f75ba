"""A register that stands still: a copy that others cannot change, and nobody can find."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bdv_process.errors import NotFound
from bdv_process.execution import snapshot, storage
from execution.conftest import reopen


@pytest.mark.parametrize("ahead", [False, True], ids=["rollback", "write-ahead"])
def test_the_copy_of_a_file_has_no_name_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: bool
) -> None:
    monkeypatch.setattr(storage, "_WAL_IS_SAFE", ahead)
    url, beside = f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "beside"
    beside.mkdir()
    with closing(reopen(url)) as register:
        register.start("W5", by="anna")
        engine = storage.open_engine(url)
        with snapshot.still(engine, beside=beside) as connection:
            register.start("W5", by="anna")
            count = select(func.count()).select_from(storage.cases)
            assert connection.execute(count).scalar() == 1
            assert list(beside.iterdir()) == []
        engine.dispose()


def test_a_file_in_which_nothing_was_made_yet_holds_no_register(tmp_path: Path) -> None:
    (tmp_path / "register.db").touch()
    with (
        closing(reopen(f"sqlite:///{tmp_path / 'register.db'}")) as register,
        pytest.raises(NotFound, match="BDV-381"),
    ):
        register.check()
