"""The last day of a term, on days that the calendar really had."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bdv_process.template.term import (
    due,
    end_of,
    last_day,
    local_day,
    next_working_day,
)

EIGHT_WEEKS = timedelta(weeks=8)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 3, 4), date(2026, 4, 29)),  # a Wednesday, eight weeks later
        (date(2026, 3, 7), date(2026, 5, 4)),  # ends on a Saturday
        (date(2026, 2, 6), date(2026, 4, 7)),  # Good Friday, the weekend and Easter Monday
        (date(2026, 3, 10), date(2026, 5, 6)),  # 5 May, which is not a day off for everyone
        (date(2026, 3, 2), date(2026, 4, 28)),  # King's Day
        (date(2026, 3, 19), date(2026, 5, 15)),  # Ascension Day; the Friday is a working day
        (date(2026, 3, 30), date(2026, 5, 26)),  # Whit Monday
        (date(2026, 10, 30), date(2026, 12, 28)),  # Christmas and the weekend after it
        (date(2026, 11, 6), date(2027, 1, 4)),  # New Year's Day, in another year
        (date(2024, 1, 1), date(2024, 2, 26)),  # received on a holiday: the count starts anyway
        (date(2024, 1, 4), date(2024, 2, 29)),  # a day that three years out of four do not have
    ],
)
def test_a_term_ends_on_a_working_day(received: date, last: date) -> None:
    assert last_day(received, EIGHT_WEEKS) == last


def test_only_the_end_of_a_term_is_moved_not_each_holiday_in_it() -> None:
    assert last_day(date(2026, 3, 31), timedelta(days=14)) == date(2026, 4, 14)


def test_days_on_which_the_clock_stood_still_come_after_the_term() -> None:
    assert last_day(date(2026, 3, 4), EIGHT_WEEKS, suspended=1) == date(2026, 4, 30)
    assert last_day(date(2026, 3, 4), EIGHT_WEEKS, suspended=3) == date(2026, 5, 4)


def test_a_short_term_holds_two_working_days() -> None:
    thursday_before_easter = date(2026, 4, 2)
    assert last_day(thursday_before_easter, timedelta(days=3)) == date(2026, 4, 8)
    assert last_day(thursday_before_easter, timedelta(days=2)) == date(2026, 4, 7)
    assert last_day(date(2026, 3, 6), timedelta(days=3)) == date(2026, 3, 10)


def test_a_term_over_ninety_days_ends_where_it_ends() -> None:
    saturday = date(2026, 6, 6)
    assert last_day(saturday - timedelta(weeks=13), timedelta(weeks=13)) == saturday
    assert last_day(saturday - timedelta(weeks=12), timedelta(weeks=12)) == date(2026, 6, 8)


def test_a_part_of_a_day_is_a_day() -> None:
    assert last_day(date(2026, 3, 3), timedelta(hours=4)) == date(2026, 3, 4)
    assert last_day(date(2026, 3, 3), timedelta(hours=25)) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),  # winter time: +1
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),  # the night that is short
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),  # summer time: +2
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),  # the night that is long
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_a_day_is_a_day_in_the_netherlands(moment: datetime, day: date) -> None:
    assert local_day(moment) == day


def test_the_last_day_lasts_until_midnight_also_when_the_clock_is_changed() -> None:
    almost = timedelta(microseconds=1)
    assert end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC) - almost
    assert end_of(date(2026, 10, 25)) == datetime(2026, 10, 25, 23, tzinfo=UTC) - almost
    received = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # New Year's night in the Netherlands
    assert due(received, timedelta(weeks=12)) == end_of(date(2026, 3, 26))


def test_a_working_day_stays_where_it_is() -> None:
    assert next_working_day(date(2026, 3, 6)) == date(2026, 3, 6)
    assert next_working_day(date(2026, 3, 7)) == date(2026, 3, 9)
