"""Exact costs on a process tree: of each block, what it costs to explain each interval of a trace.

Of a trace of n events, a block has a table with a row i and a column j for the events from i up to
j: a choice takes the cheapest of its children's tables, a sequence cuts the interval in two at the
cheapest place, a loop cuts it as often as it likes. Branches side by side share no label, so each
sees its own events only, and their costs add up. The time is cubic in the length of the trace; how
many states the model has does not matter. A second table holds the cost of having begun a block.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bdv_process.template.process_tree import Operator, ProcessTree

Table = NDArray[np.int32]
Tables = tuple[Table, Table]  #: of the block done, and of the block begun

_NEVER = np.int32(1 << 28)


def tree_costs(tree: ProcessTree, variant: Sequence[str]) -> tuple[int, list[int]]:
    """Return the cost of a variant, and after each event what it has cost so far.

    The tree must be separable.
    """
    done, begun = _tables(tree, np.array(variant, dtype=object))
    return int(done[0, -1]), begun[0, 1:].tolist()


def _tables(tree: ProcessTree, trace: NDArray[np.object_]) -> Tables:
    place = np.arange(len(trace) + 1, dtype=np.int32)
    length = np.where(place[:, None] <= place, place - place[:, None], _NEVER)
    match tree.operator:
        case None if tree.label is None:
            return length, length
        case None:
            count = np.concatenate(([0], np.cumsum(trace == tree.label, dtype=np.int32)))
            done = length + np.where(count > count[:, None], -1, 1).astype(np.int32)
            return done, np.minimum(done, length)
        case Operator.PARALLEL:
            return _side_by_side(tree, trace)
    children = [_tables(child, trace) for child in tree.children]
    if tree.operator is Operator.CHOICE:
        dones, beguns = zip(*children, strict=True)
        return reduce(np.minimum, dones), reduce(np.minimum, beguns)
    if tree.operator is Operator.SEQUENCE:
        return reduce(_then, children)
    (done, begun), (again, turned) = children
    rounds = _repeated(_product(again, done), done)
    return rounds, reduce(
        np.minimum, (begun, _product(rounds, turned), _product(_product(rounds, again), begun))
    )


def _side_by_side(tree: ProcessTree, trace: NDArray[np.object_]) -> Tables:
    place = np.arange(len(trace) + 1)
    left = np.ones(len(trace), dtype=bool)  # events of no branch: log moves
    done = begun = np.zeros((len(place), len(place)), dtype=np.int32)
    for child in tree.children:
        own = np.array([label in child.alphabet for label in trace], dtype=bool)
        left &= ~own
        at = np.concatenate(([0], np.cumsum(own)))
        child_done, child_begun = _tables(child, trace[own])
        done = np.minimum(done + child_done[np.ix_(at, at)], _NEVER)
        begun = np.minimum(begun + child_begun[np.ix_(at, at)], _NEVER)
    count = np.concatenate(([0], np.cumsum(left, dtype=np.int32)))
    alone = np.where(place[:, None] <= place, count - count[:, None], _NEVER)
    return done + alone, begun + alone


def _then(first: Tables, second: Tables) -> Tables:
    return _product(first[0], second[0]), np.minimum(first[1], _product(first[0], second[1]))


def _repeated(again: Table, done: Table) -> Table:
    """Return the cheapest way through any number of rounds after the first."""
    best = done
    step = again
    while True:
        longer = np.minimum(best, _product(best, step))
        if (longer == best).all():
            return best
        best, step = longer, np.minimum(step, _product(step, step))


def _product(left: Table, right: Table) -> Table:
    """Return by interval the cheapest way to cut it in two: the first left, the second right."""
    best = np.full_like(left, _NEVER)
    for cut in range(len(left)):
        first, last = slice(0, cut + 1), slice(cut, None)
        cuts = left[first, cut, None] + right[cut, last]
        best[first, last] = np.minimum(best[first, last], cuts)
    return best
