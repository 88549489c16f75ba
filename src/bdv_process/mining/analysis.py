"""An analysis in parts: what one part of a log shows, put together, comes to what all of it shows.

A part keeps the streams of linked cases whole, and all streams of one requester (see `LogStore`).
What only the whole log can tell, as whether it shows how cases end, is asked of every part first.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from bdv_process.eventlog.log import EventLog

S = TypeVar("S")  #: what a log can tell at all
P = TypeVar("P")  #: what a part of it shows
R = TypeVar("R", covariant=True)  #: the result


class Analysis(Protocol[S, P, R]):
    """What is computed part by part; it and all that it returns can be pickled.

    In whatever order and grouping parts are merged, the result is the same: counts and durations
    are whole numbers until `finish`, and what is listed or chosen there is put in order first.
    """

    def survey(self, log: EventLog) -> S:
        """Return what a part can tell: which columns it fills, which ends it shows."""
        ...

    def surveyed(self, parts: Sequence[S]) -> S:
        """Return what the whole log can tell."""
        ...

    def partial(self, log: EventLog, can: S) -> P:
        """Return what a part shows, given what the whole log can tell."""
        ...

    def merge(self, parts: Sequence[P]) -> P:
        """Return what these parts show together; of one part, that part."""
        ...

    def finish(self, whole: P, can: S) -> R:
        """Return what it comes to.

        Raises:
            BdvError: what refuses a whole log.
        """
        ...


def analysed(analysis: Analysis[S, P, R], log: EventLog) -> R:
    """Return the result of an analysis of a log in memory: its only part."""
    can = analysis.surveyed([analysis.survey(log)])
    return analysis.finish(analysis.merge([analysis.partial(log, can)]), can)
