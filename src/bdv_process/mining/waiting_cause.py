"""Why a step waited for its person: a batch, somebody else's turn first, or work that was first.

The causes of Lashkevich et al. (2023). When people are at work a log does not show: only where that
is told (`Shifts`) is the rest divided into unavailability and extraneous waiting.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.shifts import Shifts

CAUSES: Final = ("batching", "prioritisation", "contention", "other")

_AT_ONCE: Final = 4_000_000  #: pairs of a wait and other work that are held at once, about
_Ints = NDArray[np.int64]


def causes(steps: pd.DataFrame, shifts: Shifts | None = None) -> pd.DataFrame:
    """Return by step what it waited per cause, in microseconds; together they are its waiting.

    Batching: its person did several of one activity on end, all possible before the first of them
    began; it waited until the last of them was possible. Then, until its own start, contention
    while the person did what had been possible earlier or as early, prioritisation while the person
    did what became possible later; the rest is `other`, with `shifts` unavailability while the
    person was not at work and extraneous. Of work side by side what began first counts.

    Args:
        steps: all of a log, with resource, activity, start, end and since: the end of the step that
            made it possible, if any; a start everywhere.
        shifts: when people are at work.
    """
    since = steps["since"].fillna(steps["start"])
    possible, start, end = (
        np.asarray(moments.astype("int64")) for moments in (since, steps["start"], steps["end"])
    )
    who = pd.factorize(steps["resource"])[0]
    ready = np.where(who >= 0, _ready(steps, who, start, end, possible), possible)
    found = {name: np.zeros(len(steps), dtype=np.int64) for name in CAUSES}
    shut = np.zeros(len(steps), dtype=np.int64)
    names = steps["resource"].to_numpy(dtype=object)
    for rows in pd.Series(who).groupby(who).indices.values():
        if who[rows[0]] < 0:
            continue
        off = _off(shifts, names[rows[0]])
        shut[rows] += off(ready[rows], start[rows])
        for window, other, begun, spent in _overlaps(start[rows], end[rows], ready[rows]):
            np.subtract.at(shut, rows[window], off(begun, begun + spent))
            first = possible[rows][other] <= possible[rows][window]
            for name, which in (("contention", first), ("prioritisation", ~first)):
                np.add.at(found[name], rows[window[which]], spent[which])
    found["batching"] = ready - possible
    found["other"] = start - ready - found["contention"] - found["prioritisation"]
    if shifts:
        # Who worked when the shift was over was not waited for then: work went before.
        found["unavailability"] = np.where(who < 0, 0, shut)
        found["extraneous"] = found.pop("other") - found["unavailability"]
    return pd.DataFrame(found, index=steps.index)


def _off(shifts: Shifts | None, person: str) -> Callable[[_Ints, _Ints], _Ints]:
    """Return what counts how long a person was not at work between two moments."""
    if shifts is None:
        return lambda since, until: np.zeros_like(since)

    def off(since: _Ints, until: _Ints) -> _Ints:
        both = shifts.at_work(person, np.concatenate([since, until]))
        return until - since - (both[len(since) :] - both[: len(since)])

    return off


def _ready(steps: pd.DataFrame, who: _Ints, start: _Ints, end: _Ints, possible: _Ints) -> _Ints:
    """Return when the last of the batch of each step was possible; of a step alone, when it was."""
    what = pd.factorize(steps["activity"])[0]
    order = np.lexsort((end, start, who))
    start, end, who, what = start[order], end[order], who[order], what[order]
    on_end = (who[1:] == who[:-1]) & (what[1:] == what[:-1])
    on_end &= (start[1:] == end[:-1]) | (start[1:] == start[:-1])
    begins = np.concatenate([[True], ~on_end])[: len(order)]
    head, since = 0, possible[order].tolist()
    for row, began in enumerate(start.tolist()):
        if begins[row] or since[row] > head:  # it came too late for this batch, and begins the next
            begins[row], head = True, began
    last = pd.Series(possible[order]).groupby(np.cumsum(begins)).transform("max")
    ready = np.empty_like(possible)
    ready[order] = last
    return ready


def _overlaps(
    start: _Ints, end: _Ints, ready: _Ints
) -> Iterator[tuple[_Ints, _Ints, _Ints, _Ints]]:
    """Yield which steps waited while their person did which other, since when, and how long."""
    order = np.argsort(start, kind="stable")
    reached = np.maximum.accumulate(end[order])
    waits = np.flatnonzero(start > ready)
    low = np.searchsorted(reached, ready[waits], side="right")
    often = np.maximum(np.searchsorted(start[order], start[waits]) - low, 0)
    part = np.cumsum(often) // _AT_ONCE
    for begin, until in pairwise(np.flatnonzero(np.diff(part, prepend=-1, append=-1))):
        these = slice(begin, until)
        window = np.repeat(waits[these], often[these])
        nth = np.arange(len(window)) - np.repeat(
            np.cumsum(often[these]) - often[these], often[these]
        )
        other = order[np.repeat(low[these], often[these]) + nth]
        done = np.minimum(end[other], start[window])
        counted = pd.Series(done).groupby(window).cummax().groupby(window).shift(fill_value=0)
        since = np.maximum(np.maximum(start[other], ready[window]), counted.to_numpy())
        yield window, other, since, np.maximum(done - since, 0)
