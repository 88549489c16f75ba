"""Paths that are alike: an edit distance between sequences, and the few that stand for all."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 60  #: of a longer path only its first steps are compared
_ALIKE: Final = 0.5  #: what it costs to change a step for one of the same process, or of one name

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def distances(paths: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]) -> _Floats:
    """Return how far each path is from each of the others: 0 (the same) to 1 (nothing alike).

    The cheapest way to add, leave out (each 1) and change (1, or one half within a process or for
    the same step of another process) is made a share by 2d / (lengths + d): Yujian and Bo 2007.
    """
    names = sorted({step for path in (*paths, *others) for step in path})
    swap = _swaps(names)
    number = {name: place for place, name in enumerate(names)}
    a, lengths = _numbered(paths, number)
    b, widths = _numbered(others, number)
    row = np.broadcast_to(
        np.arange(b.shape[1] + 1.0)[:, None, None], (b.shape[1] + 1, len(a), len(b))
    )
    found = np.where(lengths[:, None] == 0, widths[None, :].astype(float), 0.0)
    for i in range(a.shape[1]):
        after = np.empty_like(row)
        after[0] = i + 1
        for j in range(b.shape[1]):
            changed = row[j] + swap[a[:, i][:, None], b[:, j][None, :]]
            after[j + 1] = np.minimum(np.minimum(row[j + 1], after[j]) + 1, changed)
        row = after
        ended = np.flatnonzero(lengths == i + 1)
        found[ended] = row[widths[None, :], ended[:, None], np.arange(len(b))[None, :]]
    total = lengths[:, None] + widths[None, :] + found
    shares: _Floats = np.divide(2 * found, total, out=np.zeros_like(found), where=total > 0)
    return shares


def medoids(apart: _Floats, weight: _Ints, most: int) -> _Ints:
    """Return the rows that stand for all: at most so many, chosen to be near to the others.

    Partitioning around medoids: begin with what helps most, one by one, then exchange while that
    helps. Nothing is drawn by chance; of equals the first is taken. Kaufman and Rousseeuw 1990.
    """
    chosen: list[int] = []
    nearest = np.full(len(apart), np.inf)
    for _ in range(min(most, len(apart))):
        cost = np.minimum(apart, nearest[None, :]) @ weight
        cost[chosen] = np.inf
        chosen.append(int(cost.argmin()))
        nearest = np.minimum(nearest, apart[chosen[-1]])
    best = float(nearest @ weight)
    while True:
        trials = []
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            left = apart[others].min(axis=0, initial=np.inf)
            cost = np.minimum(apart, left[None, :]) @ weight
            trials.append((float(cost.min()), place, int(cost.argmin())))
        cost, place, row = min(trials)
        if cost > best - _GAIN:
            return np.array(chosen, dtype=np.int64)
        best, chosen[place] = cost, row


_GAIN: Final = 1e-9  # less is the last digit of a float


def _swaps(names: Sequence[str]) -> _Floats:
    """Return what it costs to change a step for another."""
    parts = [name.partition("_") for name in names]
    process, _, step = np.array(parts, dtype="str").reshape(-1, 3).T
    alike = (process[:, None] == process) | ((step[:, None] == step) & (step != ""))
    return np.where(np.eye(len(names), dtype=bool), 0.0, np.where(alike, _ALIKE, 1.0))


def _numbered(paths: Sequence[tuple[str, ...]], number: dict[str, int]) -> tuple[_Ints, _Ints]:
    lengths = np.array([min(len(path), LONGEST) for path in paths], dtype=np.int64)
    found = np.zeros((len(paths), int(lengths.max(initial=0))), dtype=np.int64)
    for row, path in enumerate(paths):
        found[row, : lengths[row]] = [number[step] for step in path[:LONGEST]]
    return found, lengths
