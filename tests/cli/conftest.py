"""The shell as a user meets it: commands in an empty folder, with a register of their own."""

import json
import os
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bdv_process.cli import main

DATABASE = "bdv.db"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-gold", action="store_true", default=False, help="Write tests/cli/refusals again."
    )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Shell = Callable[..., Answer]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Run `bdv` as typed, in an empty folder; a traceback fails the test.

    Files are read in this process: one of its own for each would take a second, and says the same
    (`tests/reading`, and all of this room with BDV_SANDBOX=on).
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BDV_SANDBOX", os.environ.get("BDV_SANDBOX", "off"))
    keys = [f"BDV_{each}_KEY" for each in ("SIGNING", "MASTER", "PSEUDONYM")]
    for name in ("BDV_DATABASE", "BDV_ORGANISATION", "BDV_PROCEDURE", *keys):
        monkeypatch.delenv(name, raising=False)

    def run(typed: str, *, code: int = 0, lang: str = "nl", **env: object) -> Answer:
        # --lang changes the variable for the rest of the process, which lives on here.
        monkeypatch.setenv("BDV_LANG", lang)
        given = {name: str(value) for name, value in env.items()}
        result = CliRunner().invoke(main, shlex.split(typed), env=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        answer = Answer(code=result.exit_code, out=result.stdout, err=result.stderr)
        assert answer.code == code, answer
        return answer

    return run


@pytest.fixture
def dump(tmp_path: Path) -> Callable[[], list[str]]:
    """Read everything in the register, as statements."""

    def read() -> list[str]:
        with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
            return list(connection.iterdump())

    return read
