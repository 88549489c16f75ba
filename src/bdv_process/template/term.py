"""The term of decision: which day is, by law, the last on which a decision is in time.

A term counts whole days of the calendar in the Netherlands; the day of receipt is not one of them,
the last day belongs to it until midnight (Awb 4:13). The clock stands still from the day after the
requester was asked to complete the call until the day on which that was done (Awb 4:15). A term
never ends on a Saturday, a Sunday or a public holiday (Algemene termijnenwet 1 and 3); one of three
days or more holds two working days (2); one over 90 days ends where it ends (4). What a law says of
the terms in laws we apply to every term of a procedure.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

HERE: Final = ZoneInfo("Europe/Amsterdam")

_DAY: Final = timedelta(days=1)


def local_day(moment: datetime) -> date:
    """Return the day on which an aware moment falls in the Netherlands."""
    return moment.astimezone(HERE).date()


def end_of(day: date) -> datetime:
    """Return the last microsecond of a day in the Netherlands, in UTC."""
    return datetime.combine(day + _DAY, time(), HERE).astimezone(UTC) - timedelta(microseconds=1)


def works(day: date) -> bool:
    """Return whether a day is no Saturday, Sunday or public holiday.

    Days that a royal decree makes equal to a holiday (Algemene termijnenwet 3:3) are not known.
    """
    return day.weekday() < 5 and day not in _holidays()


def next_working_day(day: date) -> date:
    """Return `day`, or the first working day after it."""
    while not works(day):
        day += _DAY
    return day


def last_day(received: date, term: timedelta, suspended: int = 0) -> date:
    """Return the last day on which a decision is in time.

    Args:
        received: the day on which the call came in.
        term: how long deciding may take; a part of a day counts as a day.
        suspended: days on which the clock stood still; neither that on which the requester was
            asked nor that of the answer is one.
    """
    days = math.ceil(term / _DAY)
    end = received + (days + suspended) * _DAY
    if days > 90:
        return end
    if days >= 3:
        first = next_working_day(received + _DAY)
        end = max(end, next_working_day(first + _DAY))
    return next_working_day(end)


def due(received: datetime, term: timedelta, suspended: int = 0) -> datetime:
    """Return the last moment, in UTC, at which a decision is in time; see `last_day`."""
    return end_of(last_day(local_day(received), term, suspended))


@cache
def _holidays() -> "HolidayBase":
    # Reading the calendars of the world takes a while; only who counts terms has to wait for it.
    import holidays

    # Liberation Day is a holiday for the law every year, for most employers once in five: optional.
    return holidays.country_holidays("NL", categories=("public", "optional"))
