"""The clock of a case: until when a decision is in time, and what being late costs.

Pure functions over what happened; the arithmetic of days stands in `template/term.py`. The clock
stands still while the requester completes the call (Awb 4:15), is put off once with notice (4:14),
and when it has run out a notice of default makes a penalty run from two weeks later (4:17). What
suspends or puts off a term that is over has no effect: there is nothing left to stop.

*Choices*, where the law leaves room: the two weeks of grace end on a working day (the Algemene
termijnenwet is set aside for the 42 days only); the day of the decision is no day in default; the
amounts are those of the first day; what 4:14 calls reasonable is at most as long again as the term
itself. Whether a penalty is due at all (4:17, sixth paragraph: a notice unreasonably late, a
requester without interest, an application that could only fail) is judged by people.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from bdv_process.eventlog.event import Event, Term
from bdv_process.template.term import end_of, last_day, local_day, next_working_day

_DAY: Final = timedelta(days=1)
GRACE: Final = timedelta(weeks=2)
LATEST: Final = date(9999, 12, 30)  #: the calendar has no end of a later day
STEP, MOST = 14, 42  #: days at one amount, and days at most
#: Euros a day in the first, second and third fourteen days, from a day on. Awb 4:17 as it came into
#: force (Wet dwangsom, Stb. 2009, 383), and as indexed since with the consumer price index.
AMOUNTS: Final = ((date(2009, 10, 1), (20, 30, 40)), (date(2019, 1, 1), (23, 35, 45)))


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """What is due for deciding too late."""

    first: date  #: first day in default
    days: int  #: in default so far
    amount: int  #: euros so far


@dataclass(frozen=True, kw_only=True)
class TermClock:
    """Where the term of decision of a case stands."""

    received: date
    term: timedelta
    announced: date | None = None  #: last day as announced when it was put off
    stood: int = 0  #: whole days on which the clock stood still, since it was put off if it was
    stopped: date | None = None  #: since when it stands still
    extended: date | None = None  #: when it was put off
    noticed: date | None = None  #: when the notice of default came
    decided: date | None = None

    @property
    def last(self) -> date | None:
        """Return the last day on which a decision is in time; None while the clock stands still."""
        return None if self.stopped else self._last

    @property
    def due(self) -> datetime | None:
        """Return the last moment, in UTC, at which a decision is in time."""
        return end_of(self.last) if self.last else None

    def furthest(self, today: date) -> date:
        """Return the last day to which it can be put off: as long again as the term itself.

        Counted from the day on which the term ends, or would if the requester answered `today`.
        """
        ends = self._resumed(today)._last
        return next_working_day(last_day(ends, self.term))

    def lapsed(self, today: date) -> bool:
        """Return whether the term is over, undecided, or was when the decision came."""
        return self.last is not None and (self.decided or today) > self.last

    def penalty(self, today: date) -> Penalty | None:
        """Return what being late costs until `today`, or None without a notice of default."""
        if self.noticed is None or self.last is None:
            return None
        first = next_working_day(max(self.noticed, self.last) + GRACE) + _DAY
        days = min(max(((self.decided or today) - first).days, 0), MOST)
        return Penalty(first=first, days=days, amount=amount(first, days))

    def after(self, event: Event) -> "TermClock":
        """Return the clock after what an event did to the term."""
        day = local_day(event.timestamp)
        match event.term:
            case Term.SUSPENDED if self.stopped is None and day <= self._last:
                return replace(self, stopped=day)
            case Term.RESUMED if self.stopped:
                return self._resumed(day)
            case Term.EXTENDED if event.due and (self.stopped or day <= self._last):
                announced = local_day(event.due)
                return replace(self, announced=announced, stood=0, extended=day)
            case Term.NOTICE if self.noticed is None and self.lapsed(day):
                return replace(self, noticed=day)
        return self

    def _resumed(self, day: date) -> "TermClock":
        """Return the clock as it runs on: the days of question and answer do not stand still."""
        stood = max((day - self.stopped).days - 1, 0) if self.stopped else 0
        return replace(self, stopped=None, stood=self.stood + stood)

    @property
    def _last(self) -> date:
        if self.announced:
            # Registers from before there was a bound hold announcements at the end of all days.
            stood = min(self.stood, (LATEST - self.announced).days)
            return next_working_day(self.announced + stood * _DAY)
        return last_day(self.received, self.term, self.stood)


def clock_of(
    events: Iterable[Event], term: timedelta | None, closed: datetime | None = None
) -> TermClock | None:
    """Return the clock of a case after these events, from its first; None without a term.

    `closed` is when the case ended: with a decision, or with nothing left to decide.
    """
    clock = None
    for event in events:
        if clock is None:
            if term is None or event.parent is not None:
                return None  # towards the requester only the first case of a chain has a term
            day = local_day(event.timestamp)
            clock = TermClock(received=day, term=term)
        clock = clock.after(event)
    if clock and closed:
        clock = replace(clock, decided=local_day(closed))
    return clock


def amount(first: date, days: int) -> int:
    """Return the penalty in euros for so many days in default from `first` on."""
    rates = next(rates for since, rates in reversed(AMOUNTS) if since <= first)
    return sum(rates[min(day, MOST - 1) // STEP] for day in range(min(days, MOST)))
