"""Which steps go on side by side, and which step made the next one possible.

Two activities are concurrent when each directly follows the other somewhere and neither order
prevails (dependency below 0.9), unless they are a loop of two (0.9 as well): the measures of the
heuristics miner (Weijters & Ribeiro 2011), as Chapela-Campa & Dumas (2023) use them to find what
enabled a step and Lashkevich et al. (2023) to find what it waited for. A template knows better:
its activities are concurrent only when it has a parallel gateway.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import numbered
from bdv_process.eventlog.event import ACTIVITY
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.instants import in_order, microseconds
from bdv_process.mining.tree import tree
from bdv_process.mining.work import AT, compact, of_steps, work
from bdv_process.template.model import Kind, Template

_THRESHOLD: Final = 0.9

_Ints = NDArray[np.int64]
_Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Following:
    """How often a log, or a part of it, shows one activity directly after another.

    Pairs of which a template knows the order are not counted.
    """

    often: Counter[_Pair]
    back: Counter[_Pair]  #: of these, how often the first came again at once

    @classmethod
    def seen(cls, log: EventLog, templates: Collection[Template]) -> Self:
        """Count in a part of a log."""
        known = _in_order(templates)
        if known.issuperset(log.coded[ACTIVITY].cat.categories):
            return cls(often=Counter(), back=Counter())
        steps = steps_in_turn(log, templates)
        stream = steps["stream"].to_numpy()
        activity, names = numbered(steps["activity"])
        pairs = activity[:-1].astype(np.int64) * len(names) + activity[1:]
        follows = stream[1:] == stream[:-1]
        turns = follows[1:] & follows[:-1] & (activity[2:] == activity[:-2])

        def count(which: _Ints) -> Counter[_Pair]:
            found = zip(*np.unique(which, return_counts=True), strict=True)
            named = {(names[pair // len(names)], names[pair % len(names)]): n for pair, n in found}
            return Counter({pair: int(named[pair]) for pair in named if not known.issuperset(pair)})

        return cls(often=count(pairs[follows]), back=count(pairs[:-1][turns]))

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what parts of a log show together."""
        often, back = Counter[_Pair](), Counter[_Pair]()
        for part in parts:
            often.update(part.often)
            back.update(part.back)
        return cls(often=often, back=back)

    @property
    def concurrent(self) -> frozenset[_Pair]:
        """Return the pairs of activities that go on side by side, each in both orders."""
        return frozenset(
            pair for pair in self.often if pair[0] != pair[1] and self._either_way(*pair)
        )

    def _either_way(self, first: str, second: str) -> bool:
        here, there = self.often[first, second], self.often[second, first]
        if not there or abs(here - there) / (here + there + 1) >= _THRESHOLD:
            return False
        alone = max(self.often[first, first], self.often[second, second])
        if alone / (alone + 1) >= _THRESHOLD:  # what follows itself is no loop of two
            return True
        both = self.back[first, second] + self.back[second, first]
        return both / (both + 1) < _THRESHOLD


def steps_in_turn(log: EventLog, templates: Collection[Template]) -> pd.DataFrame:
    """Return what `work` does, with the number of the stream, `in_turn`."""
    steps = work(of_steps(compact(log), templates))
    stream = pd.factorize(tree(log.coded)["stream"])[0]
    return in_turn(steps.assign(stream=stream[steps[AT]]))


def enabling(steps: pd.DataFrame, concurrent: Iterable[_Pair]) -> _Ints:
    """Return for each step the row of the step that made it possible, -1 for none.

    It is the one that ended last, of those in the same stream that ended before this one, that are
    not concurrent with it, and do not overlap with it.

    Args:
        steps: as `work` returns them, with the number of their stream, `in_turn`.
        concurrent: the pairs of activities that go on side by side.
    """
    stream = steps["stream"].to_numpy()
    activity, names = numbered(steps["activity"])
    place = {name: number for number, name in enumerate(names)}
    beside = [
        place[first] * len(names) + place[second]
        for first, second in concurrent
        if first in place and second in place
    ]
    start, end = microseconds(steps["start"].fillna(steps["end"])), microseconds(steps["end"])
    found = np.arange(len(steps)) - 1
    asking = np.arange(len(steps))
    while len(asking):
        candidate = found[asking]
        none = (candidate < 0) | (stream[candidate] != stream[asking])
        found[asking[none]] = -1
        asking, candidate = asking[~none], candidate[~none]
        skip = end[candidate] > start[asking]
        if beside:
            pair = activity[asking].astype(np.int64) * len(names) + activity[candidate]
            skip |= np.isin(pair, beside)
        asking = asking[skip]
        found[asking] -= 1
    return found


def in_turn(steps: pd.DataFrame) -> pd.DataFrame:
    """Return steps by stream, in the order in which they ended, then began."""
    start, end = microseconds(steps["start"]), microseconds(steps["end"])
    return steps.take(in_order(steps["stream"].to_numpy(), end, start)).reset_index(drop=True)


def _in_order(templates: Iterable[Template]) -> set[str]:
    """Return what is in the templates in which nothing happens side by side."""
    return {
        node.id
        for template in templates
        if all(node.kind is not Kind.PARALLEL for node in template.nodes)
        for node in template.nodes
    }
