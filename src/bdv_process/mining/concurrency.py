"""Which steps go on side by side, and which step made the next one possible.

Two activities are concurrent when each directly follows the other somewhere and neither order
prevails (dependency below 0.9), unless they are a loop of two (0.9 as well): the measures of the
heuristics miner (Weijters & Ribeiro 2011), as Chapela-Campa & Dumas (2023) use them to find what
enabled a step and Lashkevich et al. (2023) to find what it waited for. A template knows better:
its activities are concurrent only when it has a parallel gateway.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.template.model import Kind, Template

_THRESHOLD: Final = 0.9

_Ints = NDArray[np.int64]


def enabling(steps: pd.DataFrame, templates: Iterable[Template] = ()) -> _Ints:
    """Return for each step the row of the step that made it possible, -1 for none.

    It is the one that ended last, of those in the same stream that ended before this one, that are
    not concurrent with it, and do not overlap with it.

    Args:
        steps: as `work` returns them, with the number of their stream, `in_turn`.
        templates: what is known about the order of activities.
    """
    stream = steps["stream"].to_numpy()
    activity, names = pd.factorize(steps["activity"])
    side_by_side = _concurrent(stream, activity, names, templates)
    start = steps["start"].fillna(steps["end"]).astype("int64").to_numpy()
    end = steps["end"].astype("int64").to_numpy()
    found = np.arange(len(steps)) - 1
    asking = np.arange(len(steps))
    while len(asking):
        candidate = found[asking]
        none = (candidate < 0) | (stream[candidate] != stream[asking])
        found[asking[none]] = -1
        asking, candidate = asking[~none], candidate[~none]
        pair = activity[asking].astype(np.int64) * len(names) + activity[candidate]
        skip = (end[candidate] > start[asking]) | _among(pair, side_by_side)
        asking = asking[skip]
        found[asking] -= 1
    return found


def in_turn(steps: pd.DataFrame) -> pd.DataFrame:
    """Return steps by stream, in the order in which they ended, then began."""
    keys = [steps[name].astype("int64") for name in ("start", "end", "stream")]
    return steps.iloc[np.lexsort(keys)].reset_index(drop=True)


def _concurrent(
    stream: _Ints, activity: _Ints, names: "pd.Index[str]", templates: Iterable[Template]
) -> _Ints:
    """Return the pairs of concurrent activities, sorted, each as one number."""
    size = len(names)
    follows = stream[1:] == stream[:-1]
    pairs = activity[:-1].astype(np.int64) * size + activity[1:]
    seen, often = np.unique(pairs[follows], return_counts=True)
    turns = follows[1:] & follows[:-1] & (activity[2:] == activity[:-2])
    loop, loops = np.unique(pairs[:-1][turns], return_counts=True)
    first, second = seen // size, seen % size
    back = second * size + first
    there, here = _count(back, seen, often), often
    dependency = np.abs(here - there) / (here + there + 1)
    both = _count(seen, loop, loops) + _count(back, loop, loops)
    alone = _count(first * size + first, seen, often)  # a step that follows itself
    alone = np.maximum(alone, _count(second * size + second, seen, often))
    twofold = np.where(alone / (alone + 1) < _THRESHOLD, both / (both + 1), 0)
    found = (first != second) & (there > 0)
    found &= (dependency < _THRESHOLD) & (twofold < _THRESHOLD)
    known = np.isin(np.asarray(names), list(_in_order(templates)))
    pairs_found: _Ints = seen[found & ~(known[first] & known[second])]
    return pairs_found


def _in_order(templates: Iterable[Template]) -> set[str]:
    """Return the activities of the templates in which nothing happens side by side."""
    return {
        activity.id
        for template in templates
        if all(node.kind is not Kind.PARALLEL for node in template.nodes)
        for activity in template.activities
    }


def _count(wanted: _Ints, seen: _Ints, often: _Ints) -> _Ints:
    """Return how often each wanted pair was seen."""
    place = np.minimum(np.searchsorted(seen, wanted), max(len(seen) - 1, 0))
    if not len(seen):
        return np.zeros(len(wanted), dtype=np.int64)
    return np.where(seen[place] == wanted, often[place], 0)


def _among(wanted: _Ints, pairs: _Ints) -> NDArray[np.bool_]:
    return _count(wanted, pairs, np.ones_like(pairs)) > 0
