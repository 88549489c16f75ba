"""Counted time: exact over weekends, holidays and changes of the clock."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.mining.calendar import CLOSES, DAYS, OPENS, Calendar, elapsed, lasted
from bdv_process.mining.instants import microseconds
from bdv_process.template.term import HERE, works

HOUR = 3_600_000_000


def _hours(start: str, end: str, calendar: Calendar = Calendar.OFFICE) -> float:
    here = pd.Series(pd.to_datetime([start, end])).dt.tz_localize(HERE).dt.tz_convert("UTC")
    return float(lasted(here[:1], here[1:], calendar)[0]) / HOUR


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-09 09:00", "2026-03-09 10:00", 1),
        ("2026-03-09 07:00", "2026-03-09 10:00", 1.5),
        ("2026-03-09 16:00", "2026-03-09 23:00", 1),
        ("2026-03-09 18:00", "2026-03-10 08:00", 0),
        ("2026-03-06 16:00", "2026-03-09 09:30", 2),
        ("2026-03-07 00:00", "2026-03-09 00:00", 0),
        ("2026-03-09 08:30", "2026-03-10 17:00", 17),
        ("2026-05-05 08:00", "2026-05-05 18:00", 0),
        ("2026-04-06 08:00", "2026-04-07 09:30", 1),
        ("2025-12-24 16:00", "2025-12-29 09:30", 2),
        ("2026-03-27 16:00", "2026-03-30 09:30", 2),
        ("2026-10-23 16:00", "2026-10-26 09:30", 2),
    ],
    ids=[
        "within a day", "before opening", "after closing", "a night", "a weekend", "Saturday on",
        "two days", "Liberation Day", "Easter Monday", "Christmas", "to summer time",
        "to winter time",
    ],
)  # fmt: skip
def test_office_hours_count_and_nothing_else(start: str, end: str, hours: float) -> None:
    assert _hours(start, end) == hours


def test_on_the_clock_the_change_of_the_clock_counts() -> None:
    assert _hours("2026-03-28 12:00", "2026-03-29 12:00", Calendar.NONE) == 23
    assert _hours("2026-10-24 12:00", "2026-10-25 12:00", Calendar.NONE) == 25


def test_a_day_is_24_hours_or_one_of_the_office() -> None:
    assert {Calendar.NONE: timedelta(days=1), Calendar.OFFICE: timedelta(hours=8.5)} == DAYS


EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 10 * 365 * 86_400).map(lambda s: EPOCH + timedelta(seconds=s))


def _minute_by_minute(start: datetime, end: datetime) -> int:
    """Count the whole minutes that begin in office hours, one by one."""
    count, moment = 0, start
    while moment < end:
        here = moment.astimezone(HERE)
        count += works(here.date()) and OPENS <= here.time() < CLOSES
        moment += timedelta(minutes=1)
    return count


@settings(deadline=None, max_examples=20)
@given(MOMENTS, st.integers(0, 6000))
def test_office_hours_are_the_minutes_counted_one_by_one(start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    counted = lasted(pd.Series([start]), pd.Series([end]), Calendar.OFFICE)
    assert counted[0] == _minute_by_minute(start, end) * 60_000_000


@settings(deadline=None, max_examples=15)
@given(st.lists(MOMENTS, min_size=3, max_size=3))
def test_counted_time_adds_up_and_never_runs_back(moments: list[datetime]) -> None:
    a, b, c = sorted(moments)
    counted = elapsed(microseconds(pd.Series([a, b, c])), Calendar.OFFICE)
    assert counted[0] <= counted[1] <= counted[2]
    parts = [
        lasted(pd.Series([x]), pd.Series([y]), Calendar.OFFICE)[0] for x, y in [(a, b), (b, c)]
    ]
    assert sum(parts) == lasted(pd.Series([a]), pd.Series([c]), Calendar.OFFICE)[0]
