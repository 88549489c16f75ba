"""Logs that go to pm4py and come back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, LIFECYCLE, SEQ, TIMESTAMP, Lifecycle
from bdv_process.eventlog.log import EventLog


@pytest.fixture(scope="module")
def pm4py() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PM4PY_SHOW_PROGRESS_BAR", "False")
        yield pytest.importorskip("pm4py")


@pytest.fixture(scope="module")
def log(root: Path) -> EventLog:
    return EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")


def done(log: EventLog) -> pd.DataFrame:
    frame = log.frame[log.frame[LIFECYCLE] == Lifecycle.COMPLETE]
    return frame[[CASE, ACTIVITY, LABEL, TIMESTAMP, SEQ]].reset_index(drop=True)


def test_a_round_trip_keeps_cases_order_and_times(log: EventLog) -> None:
    back = EventLog.from_pm4py(log.to_pm4py())
    pd.testing.assert_frame_equal(done(back), done(log))


def test_pm4py_takes_the_frame_as_it_is(pm4py: Any, log: EventLog) -> None:
    frame = log.to_pm4py()
    starts, ends = pm4py.get_start_activities(frame), pm4py.get_end_activities(frame)
    assert sum(starts.values()) == sum(ends.values()) == log.cases
    assert sum(pm4py.get_variants(frame).values()) == log.cases
    dfg, _, _ = pm4py.discover_dfg(frame)
    assert sum(dfg.values()) == len(frame) - log.cases
    assert len(pm4py.get_all_case_durations(frame)) == log.cases
    assert pm4py.discover_process_tree_inductive(frame) is not None


def test_pm4py_may_do_what_it_likes_with_the_frame(pm4py: Any, log: EventLog) -> None:
    before = log.frame.copy(deep=True)
    handed = log.to_pm4py()
    handed[LABEL] = "changed"
    handed["more"] = 1
    pm4py.format_dataframe(
        log.to_pm4py(), case_id=CASE, activity_key=LABEL, timestamp_key=TIMESTAMP
    )
    pd.testing.assert_frame_equal(log.frame, before)


def test_what_pm4py_adds_for_itself_does_not_come_back(pm4py: Any, log: EventLog) -> None:
    formatted = pm4py.format_dataframe(
        log.to_pm4py(), case_id=CASE, activity_key=LABEL, timestamp_key=TIMESTAMP
    )
    assert any(name.startswith("@@") for name in formatted.columns)
    back = EventLog.from_pm4py(formatted)
    assert list(back.frame.columns) == list(log.frame.columns)
    ours, theirs = (f.sort_values([CASE, SEQ], ignore_index=True) for f in (done(log), done(back)))
    pd.testing.assert_frame_equal(theirs, ours)


def test_the_older_log_object_of_pm4py_comes_back_too(pm4py: Any, log: EventLog) -> None:
    part = log.where(templates=["W1"])
    back = EventLog.from_pm4py(pm4py.convert_to_event_log(part.to_pm4py()))
    ours, theirs = (f.sort_values([CASE, SEQ], ignore_index=True) for f in (done(part), done(back)))
    pd.testing.assert_frame_equal(theirs, ours)


def test_an_empty_log_object_is_an_empty_log() -> None:
    assert EventLog.from_pm4py([]).cases == 0


def test_a_log_without_times_is_not_handed_over() -> None:
    timeless = EventLog(frame=pd.DataFrame({CASE: ["a"], LABEL: ["x"]}))
    with pytest.raises(InputRefused, match="BDV-254"):
        timeless.to_pm4py()


def test_a_frame_with_moments_that_state_no_zone_is_refused() -> None:
    frame = pd.DataFrame({CASE: ["a"], LABEL: ["x"], TIMESTAMP: [pd.Timestamp("2026-01-01")]})
    with pytest.raises(InputRefused):
        EventLog.from_pm4py(frame)


def test_the_starts_of_pm4py_come_along() -> None:
    moments = pd.to_datetime(["2026-01-01T10:00Z", "2026-01-01T12:00Z"])
    theirs = pd.DataFrame(
        {CASE: "a", LABEL: ["A", "B"], TIMESTAMP: moments, "start_timestamp": [moments[0], pd.NaT]},
        index=[7, 7],
    )
    for log in (EventLog.from_pm4py(theirs), EventLog(frame=theirs)):
        assert log.frame[LIFECYCLE].tolist() == ["start", "complete", "complete"]
        assert log.frame[TIMESTAMP].tolist() == [moments[0], *moments]
        assert (log.provenance.rows_in, len(log)) == (2, 3)
