"""Shifts: when people are at work in a week, as told; a log alone does not show who was absent.

A file of shifts is TOML: a table per person, `default` for all others, a list of hours per day of
the week, on the local clock; a day that is not there is free::

    [default]
    mon = ["08:30-12:00", "12:30-17:00"]
    tue = ["08:30-12:00", "12:30-17:00"]

    [marcus]
    mon = ["10:00-17:00"]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.tables import read_toml
from bdv_process.template.term import HERE, local_day

DEFAULT: Final = "default"

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_Ints = NDArray[np.int64]
_Week = Mapping[int, tuple[tuple[time, time], ...]]  #: by day, Monday is 0; in order, apart


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """When each person is at work; who is not named as `DEFAULT` says, without that always."""

    weeks: Mapping[str, _Week]

    @classmethod
    def of(cls, given: Mapping[str, Any], *, where: object = "shifts") -> Self:
        """Return shifts from `{person: {"mon": ["08:30-12:00"]}}`.

        Raises:
            InputRefused: another day, or hours that are none or overlap.
        """
        weeks = {}
        for person, week in given.items():
            days = week if isinstance(week, Mapping) else {str(week): None}
            weeks[person] = {
                _day(day, person, where): _windows(hours, f"{person}.{day}", where)
                for day, hours in days.items()
            }
        return cls(weeks=weeks)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file of shifts.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is no TOML, or see `of`.
        """
        file = Path(path)
        return cls.of(read_toml(file, missing="BDV-201", unreadable="BDV-449"), where=file)

    def at_work(self, person: str | None, moments: _Ints) -> _Ints:
        """Return how long a person has been at work until each moment; differences mean something.

        Args:
            person: who.
            moments: microseconds since 1970, UTC.
        """
        week = self.weeks.get(person or "", self.weeks.get(DEFAULT))
        if week is None or not len(moments):
            return moments
        first, last = (
            local_day(pd.Timestamp(int(us), unit="us", tz="UTC").to_pydatetime())
            for us in (moments.min(), moments.max())
        )
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        pairs = [(d, each) for d in days for each in week.get(d.weekday(), ())]
        if not pairs:
            return np.zeros_like(moments)
        opens, closes = (
            pd.DatetimeIndex([datetime.combine(d, each[end], HERE) for d, each in pairs])
            .tz_convert("UTC").as_unit("us").asi8
            for end in (0, 1)
        )  # fmt: skip
        long = closes - opens
        before = np.cumsum(long) - long
        shift = np.maximum(np.searchsorted(opens, moments, side="right") - 1, 0)
        spent: _Ints = before[shift] + np.clip(moments - opens[shift], 0, long[shift])
        return spent


def _day(name: str, person: str, where: object) -> int:
    if name not in _DAYS:
        raise InputRefused("BDV-438", where=where, key=f"{person}.{name}", days=", ".join(_DAYS))
    return _DAYS.index(name)


def _windows(hours: object, key: str, where: object) -> tuple[tuple[time, time], ...]:
    found = []
    for each in hours if isinstance(hours, list) else [hours]:
        read = _HOURS.fullmatch(each) if isinstance(each, str) else None
        if not read:
            raise InputRefused("BDV-439", where=where, key=key, value=each)
        a, b, c, d = map(int, read.groups())
        found.append((time(a, b), time(c, d)))
    found.sort()
    ends = [time(), *(end for _, end in found)]
    if any(not before <= begin < end for before, (begin, end) in zip(ends, found, strict=False)):
        raise InputRefused("BDV-439", where=where, key=key, value=hours)
    return tuple(found)
