"""Whose turn it was: time in which something was open, split over citizen and government."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Turns:
    """What lies before each contact, back to the one before of the same subject; microseconds."""

    citizen: _Ints  #: every open stream waited for an answer of the citizen
    government: _Ints  #: a stream was open that did not
    idle: _Ints  #: the longest stretch without an open stream
    parallel: _Ints  #: by stream: how many of its subject's were open when it began


def turns(contacts: pd.DataFrame, streams: pd.DataFrame, asked: pd.DataFrame) -> Turns:
    """Sweep once over the moments at which something begins, ends or is said.

    Args:
        contacts: subject and moment, in that order.
        streams: by number: subject, started, ended.
        asked: stream, start and end of waits for an answer; those of one stream do not overlap.
    """
    lasting = streams[streams["ended"] > streams["started"]]
    whose = streams["subject"].to_numpy()[asked["stream"]]
    subject = np.concatenate([contacts["subject"], *[lasting["subject"]] * 2, whose, whose])
    time = np.concatenate(
        [contacts["moment"], lasting["started"], lasting["ended"], asked["start"], asked["end"]]
    )
    sizes = [len(contacts), len(lasting), len(lasting), len(asked), len(asked)]
    opens, asks, says = (np.repeat(step, sizes) for step in _STEPS)
    begins = np.repeat([-1, 0, -1, -1, -1], sizes)
    begins[begins == 0] = lasting.index
    # What ends in a moment goes before what begins in it.
    order = np.lexsort((opens, time, subject))
    subject, time = subject[order], time[order]
    opened, waiting = np.cumsum(opens[order]), np.cumsum(asks[order])
    length = np.zeros(len(time), dtype=np.int64)
    length[:-1] = np.where(subject[1:] == subject[:-1], np.diff(time), 0)
    following = np.cumsum(says[order])  # the contact that this stretch leads to
    whole = len(contacts) + 1

    def before(which: NDArray[np.bool_]) -> _Ints:
        spent = np.bincount(following, np.where(which, length, 0), whole)[:-1]
        return spent.astype(np.int64)

    idle = np.zeros(whole, dtype=np.int64)
    np.maximum.at(idle, following, np.where(opened == 0, length, 0))
    side = np.ones(len(streams), dtype=np.int64)
    begun = begins[order]
    side[begun[begun >= 0]] = opened[begun >= 0]
    first = np.diff(contacts["subject"].to_numpy(), prepend=-1) != 0
    busy = opened > 0
    parts = [before(busy & (waiting == opened)), before(busy & (waiting < opened)), idle[:-1]]
    for part in parts:
        part[first] = 0  # what went before the first contact is nobody's silence
    return Turns(citizen=parts[0], government=parts[1], idle=parts[2], parallel=side)


def union(owner: _Ints, start: _Ints, end: _Ints) -> pd.DataFrame:
    """Return stretches of time such that those of one owner do not overlap: stream, start, end."""
    lasts = end > start
    owner, start, end = owner[lasts], start[lasts], end[lasts]
    time = np.concatenate([start, end])
    step = np.repeat([1, -1], len(start))
    both = np.concatenate([owner, owner])
    order = np.lexsort((-step, time, both))
    count = np.cumsum(step[order])
    begins = (step[order] > 0) & (count == 1)
    return pd.DataFrame(
        {
            "stream": both[order][begins],
            "start": time[order][begins],
            "end": time[order][count == 0],
        }
    )


#: What a contact, a stream's begin and end, and a question and answer add to what is open, what
#: waits for an answer, and what was said.
_STEPS = ([0, 1, -1, 0, 0], [0, 0, 0, 1, -1], [1, 0, 0, 0, 0])
