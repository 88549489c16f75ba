"""Rows of costs, each kept once, and what an event makes of them.

A row D holds, by state, the cheapest cost of having read a prefix and standing in that state. With
M[s, t] the cheapest way from s to t by model moves alone, D starts as M[0], and an event makes it
the minimum of D + 1 (log move) and, for each edge u -> v of its label, D[u] + M[v]. Every such row
is closed under model moves already, so no search is needed.

An event makes the cheapest cost in a row 0 or 1 dearer. Less that, rows come back again and again:
they are numbered, and a table of (row, label) says which row follows and whether a 1 was paid. It
is filled when a case first asks, so a million events cost little more than looking them up.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.sparse import Sparse
from bdv_process.mining.tier import Tier
from bdv_process.template.automaton import NOWHERE, Automaton

Costs = NDArray[np.int32]
Numbers = NDArray[np.int64]

MANY = 1_000_000  # events from which loading numba pays
_UNREACHABLE = np.int32(1 << 28)  # two of them still fit in an int32
_UNKNOWN = -1


class Dense:
    """What an event makes of rows, by the matrix M."""

    def __init__(self, automaton: Automaton) -> None:
        self.detour = _detours(automaton)
        self.start = self.detour[0]
        edges: list[list[tuple[int, int]]] = [
            [
                (state, row[code])
                for state, row in enumerate(automaton.steps)
                if row[code] != NOWHERE
            ]
            for code in range(len(automaton.labels))
        ]
        self.edges = np.array([*map(len, edges), 0])  # by label; a stranger, the last, has none
        self.ends = np.zeros((len(self.edges), self.edges.max(), 2), dtype=np.int64)
        for code, pairs in enumerate(edges):
            self.ends[code, : len(pairs)] = np.reshape(pairs, (-1, 2))

    def after(self, rows: Costs, codes: Numbers) -> Costs:
        """Return the rows after each has read one more label."""
        after = rows + 1
        number = self.edges[codes]
        for edge in range(number.max(initial=0)):
            here = np.flatnonzero(number > edge)
            source, target = self.ends[codes[here], edge].T
            reached = rows[here, source][:, None] + self.detour[target]
            after[here] = np.minimum(after[here], reached)
        return after


class Rows:
    """The rows met so far, and the table of what follows them."""

    def __init__(self, automaton: Automaton) -> None:
        dense = Tier.of(automaton) is Tier.DENSE
        self.after = (Dense if dense else Sparse)(automaton)
        self.width = len(automaton.labels) + 1
        self.ends = sorted(automaton.accepting)
        self.number: dict[bytes, int] = {}
        self.lists: dict[int, list[int]] = {}
        self.costs = np.empty((0, len(automaton.steps)), dtype=np.int32)
        self.table = np.empty(0, dtype=np.int32)  # small: a log walks through it at random
        self.add(self.after.start[None, :])

    def __len__(self) -> int:
        return len(self.number)

    @property
    def to_end(self) -> Costs:
        """Return by row what it still costs to end a case."""
        to_end: Costs = self.costs[: len(self), self.ends].min(axis=1)
        return to_end

    def along(self, path: list[int]) -> list[list[int]]:
        """Return the costs by state before the first event of a case and after each."""
        found = [self.listed(0)]
        spent = 0
        for step in path:
            spent += step & 1
            row = self.listed(step >> 1)
            found.append([cost + spent for cost in row] if spent else row)
        return found

    def listed(self, number: int) -> list[int]:
        """Return the costs in a row."""
        row = self.lists.get(number)
        if row is None:
            row = self.lists[number] = self.costs[number].tolist()
        return row

    def add(self, rows: Costs) -> Numbers:
        """Return the number of each row, giving one to those that are new."""
        rows = np.ascontiguousarray(rows)
        before = len(self)
        keys = rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel().tolist()
        numbers = np.array(
            [self.number.setdefault(k, len(self.number)) for k in keys], dtype=np.int64
        )
        if len(self) > len(self.costs):
            room = 2 * len(self) - len(self.costs)
            self.costs = np.concatenate((self.costs, np.empty((room, rows.shape[1]), np.int32)))
            unknown = np.full(room * self.width, _UNKNOWN, dtype=np.int32)
            self.table = np.concatenate((self.table, unknown))
        new = numbers >= before
        self.costs[numbers[new]] = rows[new]
        return numbers

    def learn(self, keys: Numbers) -> None:
        """Fill in what follows: keys are row times width plus label plus 1, each once."""
        rows, codes = np.divmod(keys, self.width)
        after = self.after.after(self.costs[rows], codes - 1)
        paid = after.min(axis=1)
        following = self.add(after - paid[:, None])
        self.table[keys] = 2 * following + paid

    def walk(
        self, codes: Numbers, lengths: Numbers, *, paths: Costs | None = None
    ) -> tuple[Numbers, Costs]:
        """Return by case the row it ends in, and the cheapest cost in that row.

        Args:
            codes: of all events, case after case: the position of the label, -1 for a stranger.
            lengths: of each case the number of its events.
            paths: by event, is given what was looked up: twice the row after it, plus 1 when paid.
        """
        walk = _compiled() if len(codes) >= MANY else None
        if walk:
            return walk(self, codes, lengths, paths)
        order = np.argsort(-lengths, kind="stable")
        first = (np.cumsum(lengths) - lengths)[order]
        row, cost = np.zeros(len(order), dtype=np.int64), np.zeros(len(order), dtype=np.int32)
        going = len(order)
        for level, ended in enumerate(np.bincount(lengths)[:-1]):
            going -= ended
            event = first[:going] + level
            keys = row[:going] * self.width + codes[event] + 1
            found = self.table[keys]
            if (unknown := found == _UNKNOWN).any():
                self.learn(pd.unique(keys[unknown]))
                found = self.table[keys]
            if paths is not None:
                paths[event] = found
            row[:going] = found >> 1
            cost[:going] += found & 1
        rows, costs = np.empty_like(row), np.empty_like(cost)
        rows[order], costs[order] = row, cost
        return rows, costs


Walk = Callable[[Rows, Numbers, Numbers, Costs | None], tuple[Numbers, Costs]]


def _compiled() -> Walk | None:
    """Return the walk that numba compiled, where the extra `fast` is installed."""
    try:
        from bdv_process.mining.compiled import walk
    except ImportError:
        return None
    return walk


def _detours(automaton: Automaton) -> Costs:
    """Return M: by pair of states the number of model moves from the one to the other."""
    steps = np.array(automaton.steps)
    states = np.arange(len(steps))
    detours = np.full((len(steps), len(steps)), _UNREACHABLE)
    detours[states, states] = 0
    following = [np.where(column == NOWHERE, states, column) for column in steps.T]
    while True:
        shorter = detours
        for targets in following:
            shorter = np.minimum(shorter, shorter[targets] + 1)
        if (shorter == detours).all():
            return detours
        detours = shorter
