"""Exact optimal alignments: the cheapest way to explain what happened by what should happen.

Lay a trace and a path through the automaton side by side. A move is *sync* (both did it), *log*
(the case alone did) or *model* (the template alone says so); sync is free, the others cost 1.
How costs are found without a search stands in `rows.py`, how moves are in `explanation.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bdv_process.mining.explanation import Explainer, Move, Moves
from bdv_process.mining.rows import Costs, Numbers, Rows
from bdv_process.template.automaton import Automaton
from bdv_process.template.branches import Contradicts

MAX_CELLS = 1 << 26  # of int32 in rows, before they are forgotten


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
    """
    number = {label: code for code, label in enumerate(automaton.labels)}
    codes = np.array([number.get(label, -1) for label in chain(*variants)], dtype=np.int64)
    lengths = np.array([*map(len, variants)], dtype=np.int64)
    found: list[Alignment] = []
    for rows, events, cases in _portions(automaton, codes, lengths):
        paths = np.empty(events.stop - events.start, dtype=np.int32)
        row, cost = rows.walk(codes[events], lengths[cases], paths=paths)
        if not prefix:
            cost += rows.to_end[row]
        explainer = Explainer(automaton, contradicts, prefix=prefix)
        ends = range(len(automaton.steps)) if prefix else rows.ends
        steps = paths.tolist()
        until = 0
        for variant, paid in zip(range(cases.start, cases.stop), cost.tolist(), strict=True):
            labels = variants[variant]
            start, until = until, until + len(labels)
            moves: Moves = tuple((Move.SYNC, label) for label in labels)
            if paid:
                told = outcomes[variant] if outcomes else (None,) * len(labels)
                along = rows.along(steps[start:until])
                last = [state for state in ends if along[-1][state] == paid]
                moves = explainer.plainest(labels, told, along, last)
            longest = len(labels) + (0 if prefix else automaton.shortest)
            fitness = 1 - paid / longest if paid else 1.0
            found.append(Alignment(cost=paid, fitness=fitness, moves=moves))
    return found


def costs(
    automaton: Automaton,
    codes: Numbers,
    lengths: Numbers,
    running: NDArray[np.bool_] | bool = False,
) -> Costs:
    """Return the cost of an optimal alignment of each case, as `align` does, without its moves.

    Args:
        automaton: the language to hold them against.
        codes: of all events, case after case: position in `automaton.labels`, -1 for a stranger.
        lengths: of each case the number of its events.
        running: of each case, or of all, whether what may still come costs nothing.
    """
    found = np.empty(len(lengths), dtype=np.int32)
    running = np.broadcast_to(running, found.shape)
    for rows, events, cases in _portions(automaton, codes, lengths):
        row, cost = rows.walk(codes[events], lengths[cases])
        found[cases] = cost + np.where(running[cases], 0, rows.to_end[row])
    return found


def prefix_costs(automaton: Automaton, codes: Numbers, lengths: Numbers) -> Costs:
    """Return after each event what its case has cost so far; what may still come costs nothing.

    The arguments are those of `costs`.
    """
    found = np.empty(len(codes), dtype=np.int32)
    for rows, events, cases in _portions(automaton, codes, lengths):
        paths = np.empty(events.stop - events.start, dtype=np.int32)
        rows.walk(codes[events], lengths[cases], paths=paths)
        paid = np.cumsum(paths & 1)
        ends = np.cumsum(lengths[cases])
        before = np.concatenate(([0], paid))[ends - lengths[cases]]
        found[events] = paid - np.repeat(before, lengths[cases])
    return found


def _portions(
    automaton: Automaton, codes: Numbers, lengths: Numbers
) -> Iterator[tuple[Rows, slice, slice]]:
    """Yield rows, and events and cases to walk through them, no more than memory has room for."""
    most = MAX_CELLS // len(automaton.steps)  # rows: each event may ask for a new one
    rows = Rows(automaton)
    ends = np.concatenate(([0], np.cumsum(lengths)))
    case = 0
    while case < len(lengths):
        if len(rows) > most:
            rows = Rows(automaton)
        beyond = int(np.searchsorted(ends, ends[case] + most, side="right")) - 1
        until = max(case + 1, beyond)
        yield rows, slice(int(ends[case]), int(ends[until])), slice(case, until)
        case = until
