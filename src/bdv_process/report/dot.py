"""Let Graphviz place a graph, where its `dot` is installed; we draw it all the same."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from bdv_process.report.layout import Edge, Layout
from bdv_process.report.shapes import Point

_INCH = 72.0  # dot counts in inches, 72 of our pixels each
_SECONDS = 10


def placed_by_dot(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Layout | None:
    """Return the places that `dot` gives, or None: not installed, too slow, or not understood.

    It is handed numbers only: no name of anything reaches it.
    """
    program = shutil.which("dot")
    if program is None or not sizes:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the machine's owner, without a shell
            [program, "-Tplain"],
            input=_asked(sizes, edges),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        ).stdout
        return _understood(answer, sizes, edges)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError):
        return None


def _asked(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> str:
    number = {node: n for n, node in enumerate(sizes)}
    most = max((edge.weight for edge in edges), default=1.0)
    lines = [
        f'{number[node]} [shape=box fixedsize=true label="" '
        f"width={width / _INCH:.4f} height={height / _INCH:.4f}]"
        for node, (width, height) in sizes.items()
    ]
    # Noughts about as wide as our words keep a place free for them.
    lines += [
        f"{number[edge.source]} -> {number[edge.target]} "
        f'[weight={1 + round(20 * edge.weight / most)} label="{"0" * round(edge.words / 6)}"]'
        for edge in edges
    ]
    return (
        "digraph {\nnodesep=0.3 ranksep=0.3\nedge [fontsize=12 arrowhead=none]\n"
        + "\n".join(lines)
        + "\n}\n"
    )


def _understood(
    answer: str, sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]
) -> Layout:
    """Read dot's plain format: lines of numbers, measured from the bottom left corner."""
    nodes, height = list(sizes), 0.0
    size, places, drawn = (0.0, 0.0), {}, {}

    def points(flat: Sequence[str]) -> tuple[Point, ...]:
        inches = [float(each) * _INCH for each in flat]
        return tuple((x, height - y) for x, y in zip(inches[::2], inches[1::2], strict=True))

    for line in answer.splitlines():
        kind, *rest = line.split()
        if kind == "graph":
            size = float(rest[1]) * _INCH, float(rest[2]) * _INCH
            height = size[1]
        elif kind == "node":
            (places[nodes[int(rest[0])]],) = points(rest[1:3])
        elif kind == "edge":
            ends = nodes[int(rest[0])], nodes[int(rest[1])]
            last = 3 + 2 * int(rest[2])
            route = points(rest[3:last])
            labelled = len(rest) > last + 2  # style and colour end the line
            drawn[ends] = route, points(rest[last + 1 : last + 3])[0] if labelled else route[0]
    found = [drawn[edge.source, edge.target] for edge in edges]
    return Layout(
        width=size[0],
        height=height,
        nodes={node: places[node] for node in nodes},
        routes=tuple(route for route, _ in found),
        words=tuple(at for _, at in found),
    )
