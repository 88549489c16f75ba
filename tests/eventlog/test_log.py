"""The log itself: what it promises about its frame, and what can be asked of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    ITEM,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    ROOT,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
    Event,
    Lifecycle,
)
from bdv_process.eventlog.log import EventLog

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def event(case: str, seq: int, activity: str, **more: object) -> Event:
    given: dict[str, object] = {
        "template": "W5",
        "root": case,
        "requester": "r1",
        "label": activity.upper(),
        "lifecycle": Lifecycle.COMPLETE,
        "timestamp": NINE + timedelta(hours=seq),
    }
    return Event(case=case, seq=seq, activity=activity, **(given | more))  # type: ignore[arg-type]


def test_a_log_of_events_has_our_columns_and_types() -> None:
    log = EventLog.of([event("c1", 1, "operate_accept", touchpoint=True, outcome="accepted")])
    assert tuple(log.frame.columns) == COLUMNS
    assert str(log.frame[TIMESTAMP].dtype) == "datetime64[us, UTC]"
    assert log.frame[TOUCHPOINT].dtype == "bool"
    assert all(log.frame[c].dtype == "str" for c in COLUMNS if c not in (TIMESTAMP, TOUCHPOINT))
    assert log.frame.loc[0, OUTCOME] == "accepted"
    assert pd.isna(log.frame.loc[0, ITEM])
    assert (log.provenance.rows_in, log.provenance.used) == (1, 1)


def test_a_log_without_events_has_the_same_columns_and_types() -> None:
    empty, one = EventLog.of([]), EventLog.of([event("c1", 1, "operate_accept")])
    assert len(empty) == empty.cases == 0
    assert empty.frame.dtypes.equals(one.frame.dtypes)
    assert empty.variants().empty


def test_rows_stand_by_case_as_first_met_then_by_time_then_as_they_came() -> None:
    log = EventLog.of(
        [
            event("b", 3, "late"),
            event("a", 1, "only"),
            event("b", 1, "first"),
            event("b", 1, "second"),
        ]
    )
    assert log.frame[ACTIVITY].tolist() == ["first", "second", "late", "only"]


def test_what_a_foreign_frame_lacks_is_filled_in() -> None:
    frame = pd.DataFrame({CASE: ["1", "2"], LABEL: ["Start", "Stop"], "extra": ["", "x"]})
    log = EventLog(frame=frame)
    assert log.frame[ACTIVITY].tolist() == ["Start", "Stop"]
    assert log.frame[LIFECYCLE].tolist() == ["complete", "complete"]
    assert log.frame[ROOT].tolist() == ["1", "2"]
    assert log.frame[REQUESTER].isna().all()
    assert log.frame["extra"].isna().tolist() == [True, False]
    assert frame.columns.tolist() == [CASE, LABEL, "extra"]  # the caller's frame is left alone


def test_an_attribute_of_the_case_may_not_differ_within_it() -> None:
    with pytest.raises(BdvError, match="BDV-245") as caught:
        EventLog.of([event("c1", 1, "a"), event("c1", 2, "b", template="W2")])
    assert "c1" in caught.value.what("nl")


def test_a_mark_that_reverses_text_is_refused() -> None:
    with pytest.raises(BdvError, match="BDV-243"):
        EventLog.of([event("c1", 1, "a", label="weigeren\u202etoekennen")])


def test_a_control_character_is_refused_with_its_code_point() -> None:
    with pytest.raises(BdvError, match="U\\+0000"):
        EventLog.of([event("c1", 1, "a", resource="jan\x00sen")])


def test_a_part_of_a_log_holds_whole_cases() -> None:
    log = EventLog.of([event("a", 1, "x"), event("a", 9, "y"), event("b", 5, "x", template="W2")])
    assert log.where(since=NINE + timedelta(hours=4)).frame[CASE].tolist() == ["b"]
    assert log.where(until=NINE + timedelta(hours=4)).frame[CASE].tolist() == ["a", "a"]
    assert log.where(templates=["W2"]).frame[CASE].tolist() == ["b"]
    part = log.where(cases=["a"])
    assert (len(part), part.cases) == (2, 1)
    assert part.provenance.notes == (("eventlog.part", {"events": 2, "of": 3}),)


def test_variants_count_cases_by_their_complete_events() -> None:
    log = EventLog.of(
        [
            event("a", 1, "x"),
            event("a", 2, "y", lifecycle=Lifecycle.START),
            event("a", 3, "y"),
            event("b", 1, "x"),
            event("b", 2, "y"),
            event("c", 1, "x", lifecycle=Lifecycle.START),
        ]
    )
    assert log.variants().values.tolist() == [["W5", ("x", "y"), 2], ["W5", (), 1]]


def test_a_log_says_on_one_line_what_it_holds(csv_of: Callable[[str], Path]) -> None:
    path = csv_of("c1,a,2026-01-01T09:00:00Z\nc1,b,\n")
    shown = repr(EventLog.read(path, skip_bad=True))
    assert shown == (
        "<EventLog from log.csv: 1 events, 1 cases, 2026-01-01 to 2026-01-01, 1 rows rejected>"
    )
    assert "no times" in repr(EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["x"]})))
    assert "templates W5" in repr(EventLog.of([event("c1", 1, "a")]))
    assert TEMPLATE not in shown
