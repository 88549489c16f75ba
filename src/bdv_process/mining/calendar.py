"""Time as an organisation counts it: on the clock, or in office hours only."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.instants import microseconds
from bdv_process.template.term import HERE, local_day, works

OPENS: Final = time(8, 30)
CLOSES: Final = time(17)

_DAY: Final = timedelta(days=1)


class Calendar(StrEnum):
    """Which time counts."""

    NONE = "none"  #: all of it: days of 24 hours
    OFFICE = "kantooruren"  #: working days in the Netherlands, from `OPENS` to `CLOSES`


#: What people call a day: 24 hours on the clock, or the hours that an office is open.
DAYS: Final = {
    Calendar.NONE: timedelta(days=1),
    Calendar.OFFICE: timedelta(
        hours=CLOSES.hour - OPENS.hour, minutes=CLOSES.minute - OPENS.minute
    ),
}


def elapsed(us: NDArray[np.int64], calendar: Calendar) -> NDArray[np.int64]:
    """Return how much counted time went by until each moment, in microseconds.

    Only differences mean something, and they add up exactly: what counts between a and c is what
    counts between a and b and between b and c. In office hours a day counts from opening to closing
    on the local clock, also when that clock is changed; closed hours, Saturdays, Sundays and the
    public holidays of the Netherlands count nothing.

    Args:
        us: the moments, see `microseconds`; none missing.
        calendar: which time counts.
    """
    if calendar is Calendar.NONE or not len(us):
        return us
    opens, closes = _open_hours(*pd.to_datetime([us.min(), us.max()], unit="us", utc=True))
    before = np.cumsum(closes - opens) - (closes - opens)
    day = np.searchsorted(opens, us, side="right") - 1
    counted: NDArray[np.int64] = before[day] + np.minimum(us, closes[day]) - opens[day]
    return counted


def lasted(starts: pd.Series, ends: pd.Series, calendar: Calendar) -> NDArray[np.int64]:
    """Return how much counted time lies between starts and ends, in microseconds."""
    both = elapsed(np.concatenate([microseconds(starts), microseconds(ends)]), calendar)
    return both[len(starts) :] - both[: len(starts)]


def _open_hours(first: datetime, last: datetime) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when the office opens and closes on each working day, in microseconds UTC.

    It begins with a working day before the first moment: that one is over.
    """
    day, days = local_day(first) - _DAY, []
    while not works(day):
        day -= _DAY
    while day <= local_day(last):
        if works(day):
            days.append(day)
        day += _DAY
    opened, closed = (
        pd.to_datetime([datetime.combine(day, at, HERE) for day in days], utc=True).as_unit("us")
        for at in (OPENS, CLOSES)
    )
    return opened.asi8, closed.asi8
