"""What the time of a case or a stream went to: work, or one kind of waiting at each moment."""

from enum import IntEnum, StrEnum
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.instants import in_order


class Spent(StrEnum):
    """What a moment was spent on; each moment counts once."""

    BUSY = "busy"  #: somebody worked on it
    BEFORE_START = "before_start"  #: a case was called, and its first step had not begun
    BETWEEN = "between"  #: its first step had begun, nobody worked on it
    REQUESTER = "requester"  #: the requester was asked something
    CHILD = "child"  #: another case had to be done first
    PARTNER = "partner"  #: it lay with another organisation than the one that was called
    UNOWNED = "unowned"  #: no case was open: it was nobody's


class State(IntEnum):
    """What can be true of a case for a while."""

    OPEN = 0
    BEGUN = 1
    WORK = 2
    CHILD = 3
    PARTNER = 4
    REQUESTER = 5


_CODES: Final = {each: np.int8(code) for code, each in enumerate(Spent)}
#: What is waited for in a state; the last one that holds.
_FOR: Final = {
    State.CHILD: Spent.CHILD,
    State.PARTNER: Spent.PARTNER,
    State.REQUESTER: Spent.REQUESTER,
}
_Small = NDArray[np.int8]


def partition(spans: pd.DataFrame, owners: int) -> pd.DataFrame:
    """Return by owner the counted time per `Spent`, in microseconds; they add up to the whole.

    Work in any case goes before; else the deepest open case decides what is waited for.

    Args:
        spans: owner (0 to `owners`), depth, state (`State`), start, end (counted time, see
            `calendar.elapsed`); each within the time that a case of its owner is open.
        owners: how many cases or streams there are.
    """
    every = {name: spans[name].to_numpy() for name in ("owner", "depth", "state")}
    counted = np.concatenate([spans["start"], spans["end"]])
    order = in_order(np.tile(every["owner"], 2), counted)
    counted, step = counted[order], np.where(order < len(spans), 1, -1).astype(np.int8)
    order[step < 0] -= len(spans)  # from here on: of whose span it is the start or the end
    owner, depth, state = (values[order] for values in every.values())
    del order
    deepest = np.zeros(owners, dtype=depth.dtype)
    np.maximum.at(deepest, owner, depth)
    spent = np.full(len(owner), _CODES[Spent.UNOWNED], dtype=np.int8)
    for level in range(int(deepest.max(initial=0)) + 1):
        at = np.flatnonzero(deepest[owner] >= level)
        begins = np.where(depth[at] == level, step[at], np.int8(0))
        spent[at] = _waited(state[at], begins, spent[at])
    spent[_going(state, step, State.WORK)] = _CODES[Spent.BUSY]
    length = np.diff(counted, append=0)
    length[:-1][owner[1:] != owner[:-1]] = length[-1:] = 0  # after its last moment comes nothing
    # A float holds whole microseconds exactly: up to 285 years per owner.
    sums = np.bincount(owner * np.int64(len(_CODES)) + spent, length, owners * len(_CODES))
    return pd.DataFrame(
        sums.astype(np.int64).reshape(owners, len(_CODES)), columns=[each.value for each in Spent]
    )


def _waited(state: _Small, begins: _Small, above: _Small) -> _Small:
    """Return from each moment on what an open case waits for; if none is open, what is above."""
    waited = np.where(
        _going(state, begins, State.BEGUN), _CODES[Spent.BETWEEN], _CODES[Spent.BEFORE_START]
    )
    for which, why in _FOR.items():
        waited[_going(state, begins, which)] = _CODES[why]
    return np.where(_going(state, begins, State.OPEN), waited, above)


def _going(state: _Small, begins: _Small, which: State) -> NDArray[np.bool_]:
    """Return from each moment on whether anything in this state goes on."""
    going: NDArray[np.bool_] = state == which
    if going.any():
        going = np.cumsum(begins * going, dtype=np.int32) > 0
    return going
