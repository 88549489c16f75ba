"""A spoiled file is read with all that is in it, or refused in words: nothing in between.

The long run is `python -m faults.fuzz_import --files 100000`.
"""

from pathlib import Path

import pytest

from bdv_process.eventlog.log import EventLog
from faults.fuzz_import import breach, fuzz, made
from faults.seeds import FORMATS, seeds

SEED = 2026
#: Files of a format: those of models take a tenth of the time.
FILES = dict.fromkeys(FORMATS, 200) | dict.fromkeys(
    ("xes", "csv", "parquet", "ocel-json", "ocel-xml", "ocel-sqlite"), 60
)


@pytest.mark.parametrize("form", FORMATS)
def test_no_spoiled_file_is_half_read(form: str) -> None:
    outcomes, broken = fuzz(form, FILES[form], SEED)
    assert not broken
    # A fuzzer of which every file is refused at the door looks at nothing.
    assert outcomes["read"] >= FILES[form] / 50
    assert len(outcomes) >= 5


@pytest.mark.parametrize("form", FORMATS)
def test_reading_a_spoiled_file_leaves_nothing_beside_it(form: str, tmp_path: Path) -> None:
    for number in range(10):
        breach(form, number, SEED, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_seed_is_read_as_it_is(form: str) -> None:
    assert all(seeds(form).values())
    assert made(form, 11, SEED) == made(form, 11, SEED) != made(form, 12, SEED)


def test_a_reader_that_loses_an_event_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = EventLog.read

    def careless(path: Path, **options: object) -> EventLog:
        log = honest(path, **options)  # type: ignore[arg-type]
        return EventLog(frame=log.frame.iloc[1:], provenance=log.provenance)

    monkeypatch.setattr(EventLog, "read", careless)
    said = [breach("csv", number, SEED, tmp_path) for number in range(60)]
    assert any("used" in each for each in said if each.startswith("!"))


DIES = """
import os, pathlib
died, write, written = pathlib.Path({died!r}), pathlib.Path.write_bytes, []
def dying(path, data):
    written.append(path)
    if len(written) == 3 and not died.exists():
        died.touch()
        os._exit(7)
    return write(path, data)
pathlib.Path.write_bytes = dying
"""


def test_a_reader_that_dies_takes_only_its_own_file_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = DIES.format(died=str(tmp_path / "died"))
    (tmp_path / "sitecustomize.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    outcomes, broken = fuzz("ptml", 20, SEED)
    assert outcomes.total() == 20
    assert list(broken) == [2]
    assert broken[2].startswith("the reader ended with 7")
