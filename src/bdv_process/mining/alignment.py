"""Exact optimal alignments: the cheapest way to explain what happened by what should happen.

Lay a trace and a path through the automaton side by side. A move is *sync* (both did it), *log*
(the case alone did) or *model* (the template alone says so); sync is free, the others cost 1.

A row D holds, by state, the cheapest cost of having read a prefix and standing in that state. With
M[s, t] the cheapest way from s to t by model moves alone, D starts as M[0], and an event makes it
the minimum of D + 1 (log move) and, for each edge u -> v of its label, D[u] + M[v]. Every such row
is closed under model moves already, so no search is needed. Rows are shared by all variants with
the same prefix and computed for a whole level of that prefix tree at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import LimitExceeded
from bdv_process.mining.explanation import Explainer, Move, Moves
from bdv_process.template.automaton import NOWHERE, Automaton
from bdv_process.template.branches import Contradicts

Costs = NDArray[np.int32]
Edges = list[tuple[int, list[int]]]  #: of one label: each target with its sources

MAX_STATES = 5_000  # M has a cell for each pair of them
UNREACHABLE = np.int32(1 << 28)  # two of them still fit in an int32


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How one variant is explained at the lowest cost."""

    cost: int
    fitness: float  #: 1 - cost / (length of the variant + shortest path of the model): 0..1
    moves: Moves


def align(
    automaton: Automaton,
    variants: Sequence[tuple[str, ...]],
    *,
    outcomes: Sequence[tuple[str | None, ...]] | None = None,
    contradicts: Contradicts = lambda *_: False,
    prefix: bool = False,
) -> list[Alignment]:
    """Align distinct variants, each with one of its optimal alignments.

    Of equally cheap alignments the plainest is taken: fewest deviations (a model and a log move of
    one label are one, moved), then fewest outcomes ruled out by the way the case went on, first of
    what the template knows of and then of additions, then fewest additions, then the labels that
    come first in the automaton, then sync as early as possible. The cost is exact always, the
    choice up to a cost of 50 and as long as no more than 16 candidates compete at one place.

    Args:
        automaton: the language to hold them against.
        variants: labels in order; a label that the automaton does not know costs 1.
        outcomes: of each event, in step with `variants`.
        contradicts: whether the outcome of a label rules out what follows it (END at the end).
        prefix: whether the cases still run: what may still come costs nothing.

    Raises:
        LimitExceeded: the automaton has over 5 000 states.
    """
    _refuse_too_large(automaton)
    tree = _Tree(automaton, variants)
    explainer = Explainer(automaton, contradicts, prefix=prefix)
    ends = range(len(automaton.steps)) if prefix else sorted(automaton.accepting)
    found = []
    for number, variant in enumerate(variants):
        last = tree.row(number, len(variant))
        cost = int(last[ends].min())
        moves: Moves = tuple((Move.SYNC, label) for label in variant)
        if cost:
            rows = [tree.row(number, read).tolist() for read in range(len(variant) + 1)]
            results = outcomes[number] if outcomes else (None,) * len(variant)
            moves = explainer.plainest(variant, results, rows, [t for t in ends if last[t] == cost])
        longest = len(variant) + (0 if prefix else automaton.shortest)
        fitness = 1 - cost / longest if cost else 1.0
        found.append(Alignment(cost=cost, fitness=fitness, moves=moves))
    return found


def costs(automaton: Automaton, codes: NDArray[np.int64], lengths: NDArray[np.int64]) -> Costs:
    """Return the cost of an optimal alignment of each case, as `align` does, without its moves.

    Rows that differ by a constant only stay so whatever is read next. Level by level, cases
    therefore share not only the row of a prefix, but one row for all prefixes that leave the same
    choice; of each case only the number of its row and what it has cost so far are kept.

    Args:
        automaton: the language to hold them against.
        codes: of all events, case after case: position in `automaton.labels`, -1 for a stranger.
        lengths: of each case the number of its events.

    Raises:
        LimitExceeded: the automaton has over 5 000 states.
    """
    _refuse_too_large(automaton)
    strange = len(automaton.labels)
    codes = np.where(codes < 0, strange, codes)
    detour = _detours(automaton)
    edges = [_edges(automaton, code) for code in range(strange)]
    ends = sorted(automaton.accepting)
    order = np.argsort(-lengths, kind="stable")
    first = (np.cumsum(lengths) - lengths)[order]
    rows, row = detour[:1], np.zeros(len(order), dtype=np.int64)
    cost = np.zeros(len(order), dtype=np.int32)
    going = len(order)
    for level, ended in enumerate(np.bincount(lengths)):
        done = slice(going - ended, going)
        cost[done] += rows[:, ends].min(axis=1)[row[done]]
        going -= ended
        keys = row[:going] * (strange + 1) + codes[first[:going] + level]
        child, distinct = pd.factorize(keys)
        parents, read = np.divmod(distinct, strange + 1)
        after = _after(rows[parents], read, edges, detour)
        least = after.min(axis=1, initial=UNREACHABLE)
        rows, merged = np.unique(after - least[:, None], axis=0, return_inverse=True)
        row[:going] = merged[child]
        cost[:going] += least[child]
    found = np.empty_like(cost)
    found[order] = cost
    return found


def _refuse_too_large(automaton: Automaton) -> None:
    if len(automaton.steps) > MAX_STATES:
        raise LimitExceeded("BDV-402", limit=MAX_STATES)


class _Tree:
    """The prefix tree of variants, with the row of costs of every prefix."""

    def __init__(self, automaton: Automaton, variants: Sequence[tuple[str, ...]]) -> None:
        number = {label: code for code, label in enumerate(automaton.labels)}
        detour = _detours(automaton)
        edges = [_edges(automaton, code) for code in range(len(number))]
        order = sorted(range(len(variants)), key=lambda v: -len(variants[v]))
        self.rank = {variant: rank for rank, variant in enumerate(order)}
        self.rows = [detour[:1]]  # by level: a row per prefix of that length
        self.nodes = [np.zeros(len(order), dtype=np.int64)]  # by level: prefix of each variant
        for level in range(max(map(len, variants), default=0)):
            order = [v for v in order if len(variants[v]) > level]
            codes = np.array([number.get(variants[v][level], len(number)) for v in order])
            keys = self.nodes[-1][: len(order)] * (len(number) + 1) + codes
            distinct, nodes = np.unique(keys, return_inverse=True)
            parents, codes = np.divmod(distinct, len(number) + 1)
            self.rows.append(_after(self.rows[-1][parents], codes, edges, detour))
            self.nodes.append(nodes)

    def row(self, variant: int, read: int) -> Costs:
        """Return the costs by state after the first `read` labels of a variant."""
        row: Costs = self.rows[read][self.nodes[read][self.rank[variant]]]
        return row


def _after(rows: Costs, codes: NDArray[np.int64], edges: list[Edges], detour: Costs) -> Costs:
    """Return the rows after each has read one more label; a code without edges is a stranger."""
    after = rows + 1
    for code in np.unique(codes[codes < len(edges)]):
        here = codes == code
        before, best = rows[here], after[here]
        for target, sources in edges[code]:
            reached = before[:, sources].min(axis=1)
            np.minimum(best, reached[:, None] + detour[target], out=best)
        after[here] = best
    return after


def _detours(automaton: Automaton) -> Costs:
    """Return M: by pair of states the number of model moves from the one to the other."""
    following = [sorted({*row} - {NOWHERE}) for row in automaton.steps]
    costs = np.full((len(following), len(following)), UNREACHABLE)
    for start in range(len(following)):
        distance = {start: 0}
        for state in (todo := [start]):
            for target in following[state]:
                if target not in distance:
                    distance[target] = distance[state] + 1
                    todo.append(target)
        costs[start, list(distance)] = list(distance.values())
    return costs


def _edges(automaton: Automaton, code: int) -> Edges:
    """Return the edges of one label: each target with its sources."""
    sources: dict[int, list[int]] = {}
    for state, row in enumerate(automaton.steps):
        if row[code] != NOWHERE:
            sources.setdefault(row[code], []).append(state)
    return sorted(sources.items())
