"""Let Graphviz place a graph, where its `dot` is installed; we draw it all the same."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from bdv_process.picture.layout import Edge, Layout, Pair, downward
from bdv_process.picture.shapes import Point

_INCH = 72.0  # dot counts in inches, 72 of our pixels each
_SECONDS = 10

_Sizes = Mapping[str, tuple[float, float]]


def placed_by_dot(sizes: _Sizes, edges: Sequence[Edge]) -> Layout | None:
    """Return the places that `dot` gives, or None: not installed, too slow, or not understood.

    What goes down and what goes back is decided as in `layered`. Only numbers are handed over: no
    name of anything reaches another program.
    """
    program = shutil.which("dot")
    if program is None or not sizes:
        return None
    pairs = downward(next(iter(sizes)), edges)
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the machine's owner, without a shell
            [program, "-Tplain"],
            input=_asked(sizes, edges, pairs),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        ).stdout
        back = [pair[0] != edge.source for edge, pair in zip(edges, pairs, strict=True)]
        return _understood(answer, list(sizes), back)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError):
        return None


def _asked(sizes: _Sizes, edges: Sequence[Edge], pairs: Sequence[Pair]) -> str:
    """Write the graph; the colour of an edge is its number, and comes back with it."""
    number = {node: n for n, node in enumerate(sizes)}
    most = max((edge.weight for edge in edges), default=1.0)
    nodes = [
        f'{n} [shape=box fixedsize=true label="" width={w / _INCH:.4f} height={h / _INCH:.4f}]'
        for n, (w, h) in enumerate(sizes.values())
    ]
    # Noughts about as wide as our words keep a place free for them.
    joined = [
        f"{number[upper]} -> {number[lower]} [color={n} "
        f'weight={1 + round(20 * edge.weight / most)} label="{"0" * round(edge.words / 6)}"]'
        for n, (edge, (upper, lower)) in enumerate(zip(edges, pairs, strict=True))
    ]
    drawn = "nodesep=0.3 ranksep=0.3 edge [fontsize=12 arrowhead=none]"
    return "\n".join(["digraph {", drawn, *nodes, *joined, "}", ""])


def _understood(answer: str, nodes: list[str], back: Sequence[bool]) -> Layout:
    """Read dot's plain format: lines of numbers, measured from the bottom left corner."""
    places: dict[str, Point] = {}
    routes: dict[int, tuple[Point, ...]] = {}
    words: dict[int, Point] = {}
    width = height = 0.0

    def points(flat: Sequence[str]) -> tuple[Point, ...]:
        inches = [float(each) * _INCH for each in flat]
        return tuple((x, height - y) for x, y in zip(inches[::2], inches[1::2], strict=True))

    for line in answer.splitlines():
        kind, *rest = line.split()
        if kind == "graph":
            width, height = (float(each) * _INCH for each in rest[1:])
        elif kind == "node":
            (places[nodes[int(rest[0])]],) = points(rest[1:3])
        elif kind == "edge":
            edge, last = int(rest[-1]), 3 + 2 * int(rest[2])
            route = points(rest[3:last])
            routes[edge] = route[::-1] if back[edge] else route
            # Between the route and the line's style and colour stands a label, if there is one.
            words[edge] = points(rest[last + 1 : -2])[0] if len(rest) > last + 2 else route[0]
    numbers = range(len(back))
    return Layout(
        width=width,
        height=height,
        nodes={node: places[node] for node in nodes},
        routes=tuple(routes[n] for n in numbers),
        words=tuple(words[n] for n in numbers),
    )
