"""Arrange what stands in rows: the order in which the fewest edges cross, then places across."""

from collections import defaultdict
from collections.abc import Mapping
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

_GAP = 22.0  # px between what stands beside each other
_SWEEPS = 16  # for the order
_STRAIGHT = 0.05  # of the stiffest link: what is stiffer than this does not bend at a node
_SHIFTS = 40  # for the places


class Place(NamedTuple):
    """What stands in a row: a node, or an edge that passes (its number; the node is "")."""

    row: int
    node: str
    edge: int = -1


Links = dict[Place, list[tuple[Place, float]]]  #: by place: what it is joined to, and how stiffly
_Rows = list[list[Place]]


def arranged(wide: Mapping[Place, float], links: Links) -> dict[Place, float]:
    """Return x of the centre of every place, given how wide each is."""
    orders = [_ordered(wide, links, sign) for sign in (-1, 1)]
    fewest = min(crossings for crossings, _ in orders)
    shifted = (_shifted(rows, wide, links) for crossings, rows in orders if crossings == fewest)
    return min(shifted, key=lambda found: max(found.values()) - min(found.values()))


def _ordered(wide: Mapping[Place, float], links: Links, sign: int) -> tuple[int, _Rows]:
    """Return the rows in the order in which the fewest edges cross, and how many do.

    Of the orders that are tried, the first has what is stiff on the left (-1) or the right (1).
    """
    rows: _Rows = [[] for _ in range(max((place.row for place in wide), default=-1) + 1)]
    for place in sorted(wide, key=lambda p: (p.row, sign * sum(w for _, w in links[p]), p)):
        rows[place.row].append(place)
    best, fewest = rows, _all_crossings(rows, links)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rows = [list(row) for row in rows]
        for number in range(len(rows)) if down else reversed(range(len(rows))):
            beside = number - 1 if down else number + 1
            if 0 <= beside < len(rows):
                at = {place: position for position, place in enumerate(rows[beside])}
                rows[number] = _by_middle(rows[number], at, links)
        _swap(rows, links)
        crossings = _all_crossings(rows, links)
        if crossings < fewest:
            best, fewest = rows, crossings
    return fewest, best


def _by_middle(row: list[Place], at: Mapping[Place, int], links: Links) -> list[Place]:
    """Order a row by the mean place of what it is joined to in the row beside it."""
    middle = {}
    for position, place in enumerate(row):
        joined = [at[other] for other, _ in links[place] if other in at]
        middle[place] = sum(joined) / len(joined) if joined else position
    return sorted(row, key=lambda place: middle[place])


def _swap(rows: _Rows, links: Links) -> None:
    """Exchange neighbours as long as fewer edges cross for it."""
    for _ in range(4):
        better = False
        at = {place: n for row in rows for n, place in enumerate(row)}
        for row in rows:
            for n in range(len(row) - 1):
                one, other = row[n], row[n + 1]
                if _crossed(one, other, at, links) > _crossed(other, one, at, links):
                    row[n], row[n + 1] = other, one
                    at[one], at[other] = n + 1, n
                    better = True
        if not better:
            return


def _crossed(left: Place, right: Place, at: Mapping[Place, int], links: Links) -> int:
    """Count the crossings of edges of two neighbours, when they stand like this."""
    return sum(
        at[one] > at[other]
        for one, _ in links[left]
        for other, _ in links[right]
        if one.row == other.row
    )


def _all_crossings(rows: _Rows, links: Links) -> int:
    crossings = 0
    for upper, lower in pairwise(rows):
        at = {place: n for n, place in enumerate(lower)}
        ends = [e for p in upper for e in sorted(at[q] for q, _ in links[p] if q in at)]
        crossings += sum(one > other for n, one in enumerate(ends) for other in ends[n + 1 :])
    return crossings


def _shifted(rows: _Rows, wide: Mapping[Place, float], links: Links) -> dict[Place, float]:
    """Return x by place: what is joined stands right below each other wherever it can.

    Such blocks then move as near to what they are joined to as their neighbours let them.
    """
    block = _blocks(rows, links)
    members: dict[int, list[Place]] = defaultdict(list)
    for place, number in block.items():
        members[number].append(place)
    apart: dict[int, dict[int, float]] = {number: {} for number in members}  # by right, left block
    for row in rows:
        for one, other in pairwise(row):
            left, right = block[one], block[other]
            least = (wide[one] + wide[other]) / 2 + _GAP
            apart[right][left] = max(apart[right].get(left, 0), least)
    after: dict[int, dict[int, float]] = {number: {} for number in members}
    for right, lefts in apart.items():
        for left, least in lefts.items():
            after[left][right] = least
    order = list(TopologicalSorter(apart).static_order())
    x: dict[int, float] = {}
    for number in order:
        x[number] = max((x[left] + least for left, least in apart[number].items()), default=0.0)
    for shift in range(_SHIFTS):
        for number in order if shift % 2 else reversed(order):
            joined = [
                (x[block[other]], weight)
                for place in members[number]
                for other, weight in links[place]
                if block[other] != number
            ]
            if joined:
                wished = sum(at * weight for at, weight in joined) / sum(w for _, w in joined)
                low = [x[left] + least for left, least in apart[number].items()]
                high = [x[right] - least for right, least in after[number].items()]
                x[number] = min([max([wished, *low]), *high])
    return {place: x[number] for place, number in block.items()}


def _blocks(rows: _Rows, links: Links) -> dict[Place, int]:
    """Return a number by place, the same for those that stand right below each other.

    Of two links that cross, or that share an end, the stiffer is straight. What is rare may bend
    at its ends, else a wide graph gets too wide to read.
    """
    stiff = _STRAIGHT * max((w for joined in links.values() for _, w in joined), default=0.0)
    block = {place: n for n, place in enumerate(place for row in rows for place in row)}
    for upper, lower in pairwise(rows):
        at = {place: n for n, place in enumerate(lower)}
        joined = sorted(
            (-weight, n, at[other])
            for n, place in enumerate(upper)
            for other, weight in links[place]
            if other in at and (weight >= stiff or not (place.node or other.node))
        )
        straight: list[tuple[int, int]] = []
        for _, above, below in joined:
            if all((above - a) * (below - b) > 0 for a, b in straight):
                straight.append((above, below))
                block[lower[below]] = block[upper[above]]
    return block
