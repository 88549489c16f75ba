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
def test_no_spoiled_file_is_half_read(form: str, tmp_path: Path) -> None:
    outcomes = [breach(form, number, SEED, tmp_path) for number in range(FILES[form])]
    broken = {number: said for number, said in enumerate(outcomes) if said.startswith("!")}
    assert not broken
    # A fuzzer of which every file is refused at the door looks at nothing.
    assert outcomes.count("read") >= FILES[form] / 50
    assert len(set(outcomes)) >= 5
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


def test_a_reader_that_dies_takes_only_its_own_file_along() -> None:
    outcomes, broken = fuzz("ptml", 20, SEED)
    assert outcomes.total() == 20
    assert not broken
