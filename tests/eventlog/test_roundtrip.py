"""What is written is what is read, in every format, for any log."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COMPONENT,
    DUE,
    ITEM,
    LABEL,
    LIFECYCLE,
    LINKED,
    MOTIVATED,
    OUTCOME,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Term,
)
from bdv_process.eventlog.log import EventLog

_READABLE = st.characters(
    exclude_categories=["Cs", "Cc"],
    include_characters="\t\n\r",
    exclude_characters=[chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    + ["\ufffe", "\uffff"],
)
TEXT = st.text(_READABLE, max_size=8)
NAME = st.text(_READABLE, min_size=1, max_size=8)
MAYBE = st.none() | TEXT
TIME = st.datetimes(
    pd.Timestamp("1950-01-01").to_pydatetime(), pd.Timestamp("2026-01-01").to_pydatetime()
)
FUTURE_TIME = st.datetimes(
    pd.Timestamp("2026-01-01").to_pydatetime(), pd.Timestamp("2090-01-01").to_pydatetime()
)
ROW = st.fixed_dictionaries(
    {
        CASE: st.sampled_from(["0012", "12", "NA", "=1+1", "'", "c\r\nd"]),
        ACTIVITY: st.sampled_from(["operate_accept", "operate_close"]),
        LABEL: NAME,
        ITEM: st.none() | st.uuids().map(str),
        LIFECYCLE: st.sampled_from(["schedule", "complete"]),
        TIMESTAMP: TIME,
        RESOURCE: MAYBE,
        TOUCHPOINT: st.booleans(),
        OUTCOME: MAYBE,
        LINKED: MAYBE,
        COMPONENT: MAYBE,
        PROPOSAL: st.sampled_from([None, "none", "Z12 Z13"]),
        MOTIVATED: st.none() | st.booleans(),
        TERM: st.none() | st.sampled_from(Term),
        DUE: st.none() | FUTURE_TIME,
        RECORDED: st.none() | TIME,
        'een naam, met "alles"': MAYBE,
    }
)
TYPED = st.fixed_dictionaries(
    {
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "f": st.none() | st.floats(allow_nan=False),
        "b": st.none() | st.booleans(),
        "t": st.none() | TIME,
    }
)


ONE = {CASE: ["1"], LABEL: ["a"]}
FUTURE = pd.to_datetime(["2999-01-01"], utc=True)


def log_of(rows: list[dict[str, object]], typed: list[dict[str, object]]) -> EventLog:
    frame = pd.DataFrame(rows)
    for moment in (TIMESTAMP, DUE, RECORDED):
        frame[moment] = pd.to_datetime(frame[moment], utc=True)
    frame[TEMPLATE], frame[REQUESTER] = "W5", "pseudonym"
    if typed:
        typed = typed[: len(rows)]
        extra, frame = pd.DataFrame(typed), frame.iloc[: len(typed)]
        frame["n"] = pd.array([row["n"] for row in typed], dtype="Int64")  # never through a float
        frame["f"] = extra["f"].astype("float64")
        frame["b"] = extra["b"].astype("boolean")
        frame["t"] = pd.to_datetime(extra["t"], utc=True).astype("datetime64[us, UTC]")
    return EventLog(frame=frame)


def reread(log: EventLog, suffix: str) -> EventLog:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"log{suffix}"
        log.write(path)
        again = EventLog.read(path)
        assert [file.name for file in Path(folder).iterdir()] == [path.name]
    return again


def assert_same(one: EventLog, two: EventLog) -> None:
    """Compare frames; XES knows no column in which nothing is filled in, nor their order."""
    filled = [name for name in one.frame if name in two.frame or one.frame[name].notna().any()]
    pd.testing.assert_frame_equal(one.frame[filled], two.frame, check_like=True)


@pytest.mark.parametrize("suffix", [".xes", ".csv", ".csv.gz", ".parquet"])
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_texts_and_times_come_back_equal(suffix: str, rows: list[dict[str, object]]) -> None:
    log = log_of(rows, [])
    again = reread(log, suffix)
    assert_same(log, again)
    assert again.provenance.rows_in == again.provenance.used == len(log)


@pytest.mark.parametrize("suffix", [".xes.gz", ".parquet"])
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=6), typed=st.lists(TYPED, min_size=1, max_size=6))
def test_numbers_and_truths_come_back_equal_where_the_format_has_types(
    suffix: str, rows: list[dict[str, object]], typed: list[dict[str, object]]
) -> None:
    log = log_of(rows, typed)
    assert_same(log, reread(log, suffix))


@pytest.mark.parametrize("suffix", [".xes", ".csv", ".parquet"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"x": ["a" * 70_000]}, "BDV-227"),
        ({f"c{i}": ["x"] for i in range(1_001)}, "BDV-226"),
        ({TIMESTAMP: FUTURE}, "BDV-238"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, suffix: str, change: dict[str, list[str]], code: str
) -> None:
    log = EventLog(frame=pd.DataFrame(ONE | change))
    with pytest.raises(BdvError, match=code):
        log.write(tmp_path / f"log{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_csv_needs_rows_and_names_that_look_like_a_header(tmp_path: Path) -> None:
    with pytest.raises(BdvError, match="BDV-220"):
        EventLog(frame=pd.DataFrame(ONE | {"2024": ["x"]})).write(tmp_path / "log.csv")
    with pytest.raises(BdvError, match="BDV-222"):
        EventLog.of([]).write(tmp_path / "log.csv")
    assert list(tmp_path.iterdir()) == []


def test_xes_keeps_no_column_that_is_missing_throughout(tmp_path: Path) -> None:
    log = EventLog(frame=pd.DataFrame(ONE | {"x": [None]}))
    assert "x" not in reread(log, ".xes").frame
    assert "x" in reread(log, ".csv").frame
