"""What the tests of this room share: files made on the spot, and a close look at a refusal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping

KNOWN = frozenset(
    f"recover_{name}"
    for name in "accept classify analyse prepare recover verify close question answer".split()  # noqa: SIM905
)


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., BdvError]:
    """Read a file that must be refused; nothing may be written, and both languages must speak."""

    def read(path: Path, **options: Any) -> BdvError:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(BdvError) as caught:
            EventLog.read(path, **options)
        assert sorted(tmp_path.rglob("*")) == before
        error = caught.value
        for lang in ("nl", "en"):
            line = error.render(lang)
            assert line.startswith(f"{error.code}: ")
            assert "\n" not in line
            assert error.hint(lang)
        return error

    return read


@pytest.fixture
def csv_of(tmp_path: Path) -> Callable[[str], Path]:
    """Write a CSV of events given as `case,activity,time` lines."""

    def write(lines: str, name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_text("case:concept:name,concept:name,time:timestamp\n" + lines, encoding="utf-8")
        return path

    return write


@pytest.fixture
def xes_of(tmp_path: Path) -> Callable[[str], Path]:
    """Write an XES log with the given content."""

    def write(content: str) -> Path:
        path = tmp_path / "log.xes"
        path.write_text(f'<log xes.version="1849.2016">{content}</log>', encoding="utf-8")
        return path

    return write


@pytest.fixture
def mapping_of(tmp_path: Path) -> Callable[[str], Mapping]:
    """Read a mapping from TOML; its columns are case, time and state unless it says so itself."""

    def read(toml: str, columns: str = "") -> Mapping:
        path = tmp_path / "mapping.toml"
        start, _, sections = toml.partition("---\n")
        table = '[columns]\ncase = "case"\ntime = "time"\nactivity = "state"\n' + columns
        path.write_text(f"{start}\n{table}\n{sections}", encoding="utf-8")
        return Mapping.read(path, known=KNOWN, templates=["W3", "W4"])

    return read


@pytest.fixture(scope="session")
def known() -> frozenset[str]:
    """The activities of our templates that the mapping in eventlogs/ may name."""
    return KNOWN
