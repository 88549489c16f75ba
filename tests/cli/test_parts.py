"""`bdv log store` and `--engine`: a log in parts says what the log says."""

import pytest

from cli.conftest import Shell

MINED = ("conformance {}", "value-stream {}", "handovers {} -o handovers.csv", "journey {}")


@pytest.fixture
def stored(shell: Shell) -> Shell:
    """A run of a case of each workflow, twelve times over, stored in three parts."""
    shell("log synthesise -o large.parquet --cases 1 --times 12")
    shell("log store large.parquet -o large --parts 3")
    return shell


def test_a_log_in_parts_says_what_the_log_says(stored: Shell) -> None:
    for mined in MINED:
        for way in ("--json", ""):
            whole = stored(f"mine {mined.format('large.parquet')} {way}").out
            assert stored(f"mine {mined.format('large')} {way}").out == whole
        assert stored(f"mine {mined.format('large')} --engine processes:2 --json").json


def test_what_is_stored_is_shown(stored: Shell) -> None:
    whole = stored("log show large.parquet --json").json
    found = stored("log show large --json").json
    assert found["parts"] == 3
    for fact in ("events", "cases", "rows", "used"):
        assert found[fact] == whole[fact]
    assert f"{whole['events']} gebeurtenissen" in stored("log show large").out


def test_a_repeated_run_is_made_of_new_cases_and_people(stored: Shell) -> None:
    stored("log synthesise -o once.parquet --cases 1")
    once, often = (
        stored(f"log show {file} --json").json for file in ("once.parquet", "large.parquet")
    )
    for fact in ("events", "cases"):
        assert often[fact] == 12 * once[fact]
    assert often["variants"] == once["variants"]
    assert (often["notes"], often["last"]) == (once["notes"], once["last"])


def test_how_a_stored_log_is_read_is_settled(stored: Shell) -> None:
    assert "al gelezen" in stored("mine journey large --timezone UTC", code=2).err
