"""Place a graph in layers from top to bottom, after Sugiyama, Tagawa and Toda (1981).

Edges that close a circle are turned, the rarest first; each node stands below all that lead to it;
an edge passes every row between its ends at a place of its own, and its words have one too, so that
nothing is written or drawn over anything else. Rows are put in the order in which the fewest edges
cross, and then shifted until frequent edges are straight. The same graph gets the same places, run
after run.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import copysign

from bdv_process.picture.rows import Links, Place, arranged
from bdv_process.picture.shapes import Point

Pair = tuple[str, str]

_LANE = 8.0  # px kept free for an edge that passes
_WORDS = 18.0  # px, height of the words on an edge
_RISE = 24.0  # px between a node and the words of its edges
_PORTS = 14.0  # px between edges that leave or enter a node
_ROUND = 50.0  # px of its width at which they cannot: what is no wider has one place for all


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One arrow to be drawn; source and target differ."""

    source: str
    target: str
    weight: float  #: the heavier, the straighter and the surer of its direction
    words: float = 0  #: px, width of what is written on it


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where everything stands, in pixels from the top left corner."""

    width: float
    height: float
    nodes: Mapping[str, Point]  #: the centre of each
    routes: tuple[tuple[Point, ...], ...]  #: by edge: a start and three points a Bézier curve
    words: tuple[Point, ...]  #: by edge: the middle of its words


def layered(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Layout:
    """Place nodes of these widths and heights; the first is where it all begins.

    Edges go down, but for those that go back. No two have the same source and target.
    """
    pairs = downward(next(iter(sizes)), edges)
    ranks = _ranks(list(sizes), edges, pairs)
    chains = [_chain(number, pair, ranks) for number, pair in enumerate(pairs)]
    words = [  # beside the node that the edge leaves
        chain[1 if pair[0] == edge.source else -2]
        for edge, pair, chain in zip(edges, pairs, chains, strict=True)
    ]
    wide = {place: _LANE for chain in chains for place in chain}
    wide |= {place: max(edge.words, _LANE) for edge, place in zip(edges, words, strict=True)}
    wide |= {Place(2 * ranks[node], node): width for node, (width, _) in sizes.items()}
    links = _linked(edges, chains)
    x = arranged(wide, links)

    heights = [0.0] * (2 * max(ranks.values(), default=0) + 1)
    for node, rank in ranks.items():
        heights[2 * rank] = max(heights[2 * rank], sizes[node][1])
    for edge, place in zip(edges, words, strict=True):
        heights[place.row] = max(heights[place.row], _WORDS if edge.words else 0.0)
    y, bottom = [], 0.0
    for height in heights:
        y.append(bottom + height / 2)
        bottom += height + _RISE
    left = min((x[place] - width / 2 for place, width in wide.items()), default=0.0)
    right = max((x[place] + width / 2 for place, width in wide.items()), default=0.0)
    x = {place: at - left for place, at in x.items()}
    ports = _ports(chains, edges, x, sizes)
    routes = []
    for number, (edge, pair, chain) in enumerate(zip(edges, pairs, chains, strict=True)):
        points = [(ports[number, 0], y[chain[0].row] + sizes[pair[0]][1] / 2)]
        for place in chain[1:-1]:
            half = heights[place.row] / 2
            points += [(x[place], y[place.row] - half), (x[place], y[place.row] + half)]
        points.append((ports[number, -1], y[chain[-1].row] - sizes[pair[1]][1] / 2))
        curve = _curved(points)
        if pair[0] != edge.source:
            middles = [(x[place], y[place.row]) for place in (chain[0], chain[-1])]
            curve = _from_side(curve, middles[0], sizes[pair[0]][0])
            curve = _from_side(curve[::-1], middles[1], sizes[pair[1]][0])
        routes.append(tuple(curve))
    return Layout(
        width=right - left,
        height=max(bottom - _RISE, 0.0),
        nodes={node: (x[Place(2 * rank, node)], y[2 * rank]) for node, rank in ranks.items()},
        routes=tuple(routes),
        words=tuple((x[place], y[place.row]) for place in words),
    )


def widest(weights: Mapping[Pair, float], start: str, *, back: bool = False) -> set[Pair]:
    """Return the edges of the best ways from `start` to every node, or `back` to it from there.

    The rarest edge of a way is as frequent as can be: of the edges that lead to a node not yet
    reached, the most frequent comes first (Prim 1957).
    """
    reached, kept = {start}, set[Pair]()
    left = sorted(weights, key=lambda pair: (-weights[pair], pair))
    near, far = (1, 0) if back else (0, 1)
    while True:
        grown = next((p for p in left if p[near] in reached and p[far] not in reached), None)
        if grown is None:
            return kept
        kept.add(grown)
        reached.add(grown[far])


def downward(start: str, edges: Sequence[Edge]) -> list[Pair]:
    """Return the ends of each edge, upper first: of a circle the rarest edge goes back up.

    The best ways from the start go down whatever else there is.
    """
    weights = {(edge.source, edge.target): edge.weight for edge in edges}
    ways = widest(weights, start)
    below: dict[str, set[str]] = defaultdict(set)
    turned = {}
    for pair in sorted(weights, key=lambda pair: (pair not in ways, -weights[pair], pair)):
        upper, lower = pair
        if upper in _reached(lower, below):
            upper, lower = lower, upper
        below[upper].add(lower)
        turned[pair] = upper, lower
    return [turned[edge.source, edge.target] for edge in edges]


def _reached(start: str, below: Mapping[str, set[str]]) -> set[str]:
    found = {start}
    for node in (todo := [start]):
        fresh = below.get(node, set()) - found
        found |= fresh
        todo += sorted(fresh)
    return found


def _ranks(nodes: list[str], edges: Sequence[Edge], pairs: list[Pair]) -> dict[str, int]:
    """Return the layer of each node: as high as it can be, or lower when that is nearer."""
    above: dict[str, list[tuple[str, float]]] = defaultdict(list)
    below: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (upper, lower), edge in zip(pairs, edges, strict=True):
        above[lower].append((upper, edge.weight))
        below[upper].append((lower, edge.weight))
    ranks: dict[str, int] = {}
    while len(ranks) < len(nodes):
        for node in nodes:
            if node not in ranks and all(upper in ranks for upper, _ in above[node]):
                ranks[node] = 1 + max((ranks[upper] for upper, _ in above[node]), default=-1)
    for node in sorted(nodes, key=lambda n: -ranks[n]):
        pulled = sum(w for _, w in below[node]) - sum(w for _, w in above[node])
        if below[node] and (pulled > 0 or not above[node]):
            ranks[node] = min(ranks[lower] for lower, _ in below[node]) - 1
    return ranks


def _chain(number: int, pair: Pair, ranks: Mapping[str, int]) -> list[Place]:
    """Return the places an edge passes, its ends included; odd rows hold the words of edges."""
    first, last = (2 * ranks[node] for node in pair)
    passed = [Place(row, "", number) for row in range(first + 1, last)]
    return [Place(first, pair[0]), *passed, Place(last, pair[1])]


def _linked(edges: Sequence[Edge], chains: list[list[Place]]) -> Links:
    """Return what each place is joined to, and how straight: passing edges do not bend."""
    most = max((edge.weight for edge in edges), default=1.0)
    links: Links = defaultdict(list)
    for edge, chain in zip(edges, chains, strict=True):
        for upper, lower in pairwise(chain):
            stiff = (1, 2, 8)[(not upper.node) + (not lower.node)]
            weight = stiff * (0.1 + edge.weight / most)
            links[upper].append((lower, weight))
            links[lower].append((upper, weight))
    return links


def _ports(
    chains: list[list[Place]],
    edges: Sequence[Edge],
    x: Mapping[Place, float],
    sizes: Mapping[str, tuple[float, float]],
) -> dict[tuple[int, int], float]:
    """Return x by edge and end (0 upper, -1 lower): side by side, the heaviest in the middle."""
    ends: dict[tuple[str, int], list[tuple[float, int, Place]]] = defaultdict(list)
    for number, chain in enumerate(chains):
        for end, towards in ((0, 1), (-1, -2)):
            ends[chain[end].node, end].append((x[chain[towards]], number, chain[end]))
    ports = {}
    for (node, end), joined in ends.items():
        joined.sort()
        main = max(range(len(joined)), key=lambda n: edges[joined[n][1]].weight)
        step = min(
            _PORTS, 0.45 * max(sizes[node][0] - _ROUND, 0.0) / max(main, len(joined) - 1 - main, 1)
        )
        for n, (_, number, place) in enumerate(joined):
            ports[number, end] = x[place] + (n - main) * step
    return ports


def _curved(points: list[Point]) -> list[Point]:
    """Return Bézier curves through the points that leave and enter each one vertically."""
    curve = points[:1]
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = (y1 + y2) / 2
        curve += [(x1, middle), (x2, middle), (x2, y2)]
    return curve


def _from_side(curve: list[Point], middle: Point, width: float) -> list[Point]:
    """Return a way back up that starts at the side of a round node, clear of the ways down."""
    away = curve[3][0] - middle[0]
    if width > _ROUND or abs(away) <= width / 2:
        return curve
    corner = (curve[3][0], middle[1])
    return [(middle[0] + copysign(width / 2, away), middle[1]), corner, corner, *curve[3:]]
