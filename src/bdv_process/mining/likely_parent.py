"""Which open call most likely started a case of which nobody wrote down who asked for it.

A call is a window: the case has to begin and end inside, and requester and service have to be equal
where both are known. Of all ways to divide the cases over the calls the cheapest is taken. A pair
costs how unusual its two lags are, from the call to the beginning and from the end to the return.
Lags are log-normal, learnt from the pairs that are known; a cost is the logarithm of how much less
likely a lag is than the median one: z² / 2 + zs when it is z times the spread s longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.instants import NEVER

PRICE: Final = 8.0  #: of having no parent: lags that are 3000 times less likely than the usual ones
LEAST: Final = 0.5  #: confidence; a pair that is no likelier than all else is none
UNKNOWN: Final = 1.0  #: of a requester or service that only one of the two names
ENOUGH: Final = 10  #: pairs that are known, to learn what is usual from

_AT_ONCE: Final = 4_000_000  #: pairs that are held at once, about
_TOGETHER: Final = 2_000  #: orphans that are settled at once, about
_HOUR: Final = 3_600e6
_LEAST_SPREAD: Final = 0.5  #: what never varied can still vary
_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Usual:
    """How long after one thing another usually happens: log-normal, beside the clock's grain."""

    grain: float  #: microseconds
    mean: float  #: of ln(1 + lag / grain)
    spread: float

    @classmethod
    def of(cls, lags: _Ints, grain: float) -> "Usual":
        """Learn it from lags in microseconds; from too few it is about an hour, seldom a day."""
        if len(lags) < ENOUGH:
            return cls(grain=max(grain, _HOUR), mean=np.log(2), spread=1.0)
        said = np.log1p(np.maximum(lags, 0) / grain)
        spread = max(float(said.std()), _LEAST_SPREAD)
        return cls(grain=grain, mean=float(said.mean()), spread=spread)

    def cost(self, lags: _Ints) -> _Floats:
        """Return what lags cost."""
        off = (np.log1p(lags / self.grain) - self.mean) / self.spread
        return off**2 / 2 + self.spread * off

    @property
    def least(self) -> float:
        """Return what the likeliest lag costs: less than nothing, it is shorter than the median."""
        return -(self.spread**2) / 2

    def longest(self, cost: float) -> int:
        """Return the longest lag that costs no more than that, in microseconds."""
        reach = np.sqrt(2 * (cost - self.least)) - self.spread
        return int(min(np.expm1(self.mean + self.spread * reach) * self.grain, 1e18))


def likely_parents(
    calls: pd.DataFrame, orphans: pd.DataFrame, lags: tuple[Usual, Usual], within: int = NEVER
) -> pd.DataFrame:
    """Return the cheapest pairs: call and orphan (rows of the frames), and confidence, 0 to 1.

    The confidence is the weight e^-cost of the pair in that of all pairs that either could be in,
    having no parent included: near 1 when nothing else fits, one half when one other fits as well.
    Also those below `LEAST` are returned.

    Args:
        calls: parent, target, start, end, and the columns below.
        orphans: case, template, started, ended, open, and numbers of what both must have in common,
            -1 where it is unknown.
        lags: from call to beginning, from end to return.
        within: how long after a call a case begins at the latest.
    """
    common = [str(name) for name in orphans if name not in _OWN]
    longest = lags[0].longest(PRICE - lags[1].least)
    found = [
        each for pairs in _possible(calls, orphans, common, min(longest, within))
        for each in [_priced(calls, orphans, common, lags, *pairs)]
    ]  # fmt: skip
    pairs = pd.concat([_NO_PAIRS, *found], ignore_index=True)
    if pairs.empty:
        return pairs.assign(confidence=0.0)[["call", "orphan", "confidence"]]
    weight = np.exp(-pairs["cost"])
    whole = weight.groupby(pairs["orphan"]).transform("sum") + np.exp(-PRICE)
    whole += weight.groupby(pairs["call"]).transform("sum") - weight
    pairs["confidence"] = weight / whole
    taken = pairs[_cheapest(pairs)]
    return taken[["call", "orphan", "confidence"]].reset_index(drop=True)


def _possible(
    calls: pd.DataFrame, orphans: pd.DataFrame, common: list[str], longest: int
) -> Iterator[tuple[_Ints, _Ints]]:
    """Yield rows of calls with rows of orphans that begin in time and differ in nothing known."""
    moments = np.unique(orphans["started"])
    latest = np.minimum(calls["end"], np.minimum(calls["start"], NEVER - longest) + longest)
    first = np.searchsorted(moments, calls["start"])
    last = np.searchsorted(moments, latest, side="right")
    begins = np.searchsorted(moments, orphans["started"])
    for known, knows in product(product((True, False), repeat=len(common)), repeat=2):
        asking = np.flatnonzero(_which(calls, common, known))
        asked = np.flatnonzero(_which(orphans, common, knows))
        both = [name for name, a, b in zip(common, known, knows, strict=True) if a and b]
        key = _keys(
            calls.iloc[asking][["target", *both]],
            orphans.iloc[asked][["template", *both]].rename(columns={"template": "target"}),
        )
        key *= len(moments) + 1
        place = key[len(asking) :] + begins[asked]
        order = np.argsort(place, kind="stable")
        low = np.searchsorted(place[order], key[: len(asking)] + first[asking])
        high = np.searchsorted(place[order], key[: len(asking)] + last[asking])
        often = np.maximum(high - low, 0)
        part = np.cumsum(often) // _AT_ONCE
        for begin, until in pairwise(np.flatnonzero(np.diff(part, prepend=-1, append=-1))):
            some = slice(begin, until)
            call = np.repeat(asking[some], often[some])
            before = np.repeat(np.cumsum(often[some]) - often[some], often[some])
            nth = np.arange(len(call)) - before
            yield call, asked[order[np.repeat(low[some], often[some]) + nth]]


def _which(frame: pd.DataFrame, common: list[str], known: tuple[bool, ...]) -> NDArray[np.bool_]:
    """Return the rows of which just these columns are known."""
    same = (frame[common].to_numpy() >= 0) == np.array(known, dtype=bool)
    which: NDArray[np.bool_] = same.all(axis=1)
    return which


def _keys(*frames: pd.DataFrame) -> _Ints:
    """Return a number per row that is equal for rows that are."""
    every = pd.concat(frames, ignore_index=True)
    number = every.groupby(list(every), sort=False).ngroup()
    return np.array(number, dtype=np.int64)


def _priced(
    calls: pd.DataFrame,
    orphans: pd.DataFrame,
    common: list[str],
    lags: tuple[Usual, Usual],
    call: _Ints,
    orphan: _Ints,
) -> pd.DataFrame:
    """Return the pairs that cost less than having no parent: call, orphan, cost."""
    start, end, parent = (calls[name].to_numpy()[call] for name in ("start", "end", "parent"))
    began, ended, open_, case = (
        orphans[name].to_numpy()[orphan] for name in ("started", "ended", "open", "case")
    )
    back = end < NEVER
    fits = (parent != case) & np.where(open_, ~back, ended <= end)
    cost = lags[0].cost(began - start)
    timed = back & fits
    cost[timed] += lags[1].cost((end - ended)[timed])
    for name in common:
        one, other = calls[name].to_numpy()[call], orphans[name].to_numpy()[orphan]
        cost += UNKNOWN * ((one < 0) != (other < 0))
    fits &= cost < PRICE
    return pd.DataFrame({"call": call[fits], "orphan": orphan[fits], "cost": cost[fits]})


def _cheapest(pairs: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which pairs are in the cheapest way to give every orphan one call, or none.

    What no chain of pairs joins is settled apart, some thousands of orphans at a time: all of them
    together would take the square of that.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    orphan, orphans = pd.factorize(pairs["orphan"])
    call, calls = pd.factorize(pairs["call"])
    size = len(orphans) + len(calls)
    graph = coo_array((np.ones(len(pairs)), (orphan, len(orphans) + call)), shape=(size, size))
    _, island = connected_components(graph, directed=False)
    many = np.cumsum(np.bincount(island[: len(orphans)]))
    batch = (many // _TOGETHER)[island[orphan]]
    taken = np.zeros(len(pairs), dtype=bool)
    for rows in pd.Series(batch).groupby(batch).indices.values():
        taken[rows] = _settled(orphan[rows], call[rows], pairs["cost"].to_numpy()[rows])
    return taken


def _settled(orphan: _Ints, call: _Ints, cost: _Floats) -> NDArray[np.bool_]:
    """Return which pairs are the cheapest together."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    orphan, orphans = pd.factorize(orphan)
    call, calls = pd.factorize(call)
    alone = np.arange(len(orphans))
    # A weight of nothing would be no pair; as much more for every orphan changes no choice.
    weight = np.concatenate([cost, np.full(len(orphans), PRICE)])
    weight += 1 - weight.min()
    row, column = np.concatenate([orphan, alone]), np.concatenate([call, len(calls) + alone])
    graph = csr_array((weight, (row, column)), shape=(len(orphans), len(calls) + len(orphans)))
    rows, columns = min_weight_full_bipartite_matching(graph)
    chosen = np.empty(len(orphans), dtype=np.int64)
    chosen[rows] = columns
    found: NDArray[np.bool_] = chosen[orphan] == call
    return found


_OWN: Final = ("case", "template", "started", "ended", "open")
_NO_PAIRS: Final = pd.DataFrame(
    {"call": np.array([], np.int64), "orphan": np.array([], np.int64), "cost": np.array([], float)}
)
