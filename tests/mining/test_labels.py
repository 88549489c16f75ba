"""One name for an activity that a log calls by several, in whatever order it comes."""

from pathlib import Path

import pandas as pd
import pytest

from bdv_process.eventlog.event import LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.discovery import discover
from bdv_process.mining.value_stream import value_streams
from mining.streams import Worked, rows_of

CASES = [Worked(case=f"z{n}", steps=[("a", "ann", 0, 1)]) for n in range(3)]


@pytest.fixture
def logs() -> tuple[EventLog, EventLog]:
    """One case calls its step Beta and the others Alfa; in the second log it comes last."""
    frame = rows_of(*CASES)
    frame[LABEL] = ["Beta", "Beta", *["Alfa"] * (len(frame) - 2)]
    return EventLog(frame=frame), EventLog(frame=pd.concat([frame[2:], frame[:2]]))


def test_the_first_in_the_alphabet_stands_on_every_map(logs: tuple[EventLog, EventLog]) -> None:
    for log in logs:
        (found,) = discover(log)
        assert set(found.steps["label"]) == {"Alfa"}
        assert set(value_streams(log).map().steps["label"]) == {"Alfa"}


def test_a_store_calls_it_as_the_log_in_memory_does(
    logs: tuple[EventLog, EventLog], tmp_path: Path
) -> None:
    store = LogStore.write(logs[0], tmp_path / "store", parts=3)
    assert set(value_streams(store).map().steps["label"]) == {"Alfa"}
