"""Draw a graph of steps: boxes and arrows placed by `picture.layout`, in the style of a diagram."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from bdv_process.language import Language
from bdv_process.picture.diagram import style
from bdv_process.picture.dot import placed_by_dot
from bdv_process.picture.layout import Edge, Layout, layered
from bdv_process.picture.shapes import NAME_SIZES, Point, arrow, badge, outline, towards
from bdv_process.picture.svg import LEADING, fit, length, lettering, number, tag
from bdv_process.template.model import Box, Kind, Node

WORDS = 11.5  # px, letters on arrows and under the picture
_MARGIN = 18.0
_STEP = 150.0  # px, width of a step
_PADDING = 8.0
_SIGN = {Kind.START: 36.0, Kind.END: 36.0, Kind.EXCLUSIVE: 44.0, Kind.PARALLEL: 44.0}
_LOOP = 34.0  # px that an arrow from a step to itself reaches out
_THIN, _THICK = 1.3, 5.0  # px, the rarest and the most frequent arrow
_PLAIN = 1.5  # px, an arrow that is not counted
STRANDS = 6  #: styles of strands, each a colour and dashes
_STRAND = 2.2  # px, width of a strand
_ASIDE = 4.0  # px between strands
_SAMPLE = 44.0  # px of a strand beside what it is
_LEAST = 520.0  # px, so that the words under a small picture have room


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One node as it is drawn."""

    id: str
    kind: Kind = Kind.TASK
    name: str = ""
    badge: str = ""
    title: str  #: all of it in words
    look: str = ""  #: extra class: "stray" is not allowed, "unseen" did not happen


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """One edge as it is drawn."""

    source: str
    target: str
    weight: float
    words: str = ""
    title: str = ""
    look: str = ""
    strands: tuple[int, ...] = ()  #: styles of the lines that it is made of: see `legend`


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Figures that no arrow reaches, in rows under the picture, with what they have in common."""

    heading: str
    figures: tuple[Figure, ...]


def draw_graph(
    figures: Sequence[Figure],
    arrows: Sequence[Arrow],
    *,
    title: str,
    description: str,
    notes: Sequence[str] = (),
    apart: Apart | None = None,
    legend: Sequence[str] = (),
    lang: Language,
) -> str:
    """Return a self-contained SVG, from top to bottom; `notes` are sentences under it.

    `legend` says what each strand of an arrow is, in their order; there are `STRANDS` styles.

    The places come from Graphviz when its `dot` is installed, else from `layered`.
    """
    loops = {a.source: length(a.words, WORDS) + _LOOP for a in arrows if a.source == a.target}
    boxes = {figure.id: _size(figure) for figure in figures}
    sizes = {id_: (w + 2 * loops.get(id_, 0), h) for id_, (w, h) in boxes.items()}
    between = [a for a in arrows if a.source != a.target]
    edges = [
        Edge(source=a.source, target=a.target, weight=a.weight, words=length(a.words, WORDS))
        for a in between
    ]
    layout = placed_by_dot(sizes, edges) or layered(sizes, edges)
    most = max((a.weight for a in arrows), default=1.0)
    drawn = [
        *(_arrow(a, route, most) for a, route in zip(between, layout.routes, strict=True)),
        *(_loop(a, layout, boxes[a.source], most) for a in arrows if a.source == a.target),
        *(_figure(f, _box(layout.nodes[f.id], boxes[f.id]), lang) for f in figures),
        *(_words(a, at) for a, at in zip(between, layout.words, strict=True) if a.words),
    ]
    width = max(layout.width, _LEAST)
    below, bottom = _below(apart, notes, legend, layout.height + 2 * _MARGIN, width, lang)
    left = -(width - layout.width) / 2 - _MARGIN
    height = bottom + _MARGIN
    return tag(
        "svg",
        tag("title", escape(title)),
        tag("desc", escape(description)),
        tag("style", style(), _strands() if legend else ""),
        tag("rect", class_="paper", x=left, y=-_MARGIN, width=width + 2 * _MARGIN, height=height),
        *drawn,
        tag("g", *below, transform=f"translate({number(left + _MARGIN)} 0)"),
        xmlns="http://www.w3.org/2000/svg",
        class_="bdv-diagram",
        lang=lang,
        role="group",
        viewBox=" ".join(map(number, (left, -_MARGIN, width + 2 * _MARGIN, height))),
        width=width + 2 * _MARGIN,
        height=height,
        style=f"--bdv-width:{number(width + 2 * _MARGIN)}",
    )


@cache
def _strands() -> str:
    return files("bdv_process.picture").joinpath("strands.css").read_text(encoding="utf-8")


def _size(figure: Figure) -> tuple[float, float]:
    if figure.kind in _SIGN:
        return _SIGN[figure.kind], _SIGN[figure.kind]
    lines, size = fit(figure.name, width=_STEP - 2 * _PADDING, height=60, sizes=NAME_SIZES)
    return _STEP, max(len(lines) * size * LEADING + 2 * _PADDING + 4, 42.0)


def _box(centre: Point, size: tuple[float, float]) -> Box:
    (x, y), (width, height) = centre, size
    return Box(x=x - width / 2, y=y - height / 2, width=width, height=height)


def _figure(figure: Figure, box: Box, lang: Language) -> str:
    node = Node(id=figure.id, kind=figure.kind, name=figure.name, name_en=figure.name, line=0)
    return tag(
        "g",
        tag("title", escape(figure.title)),
        outline(node, box, lang),
        badge(figure.badge, box) if figure.badge else "",
        class_=f"{figure.kind.value} {figure.look}".strip(),
        data_element_id=figure.id,
        role="img",
    )


def _arrow(one: Arrow, route: Sequence[Point], most: float) -> str:
    """Return an arrow along Bézier curves; the more frequent, the thicker, where it says so."""
    thick = _THIN + (_THICK - _THIN) * (one.weight / most) ** 0.5 if one.words else _PLAIN
    if one.strands:
        thick = _STRAND
    head = 7 + thick
    line = [*route[:-1], towards(route[-1], route[-2], head / 2)]
    points = [f"{number(x)} {number(y)}" for x, y in line]
    path = tag(
        "path",
        class_="flow-line",
        d=f"M{points[0]}C{' '.join(points[1:])}",
        style=f"stroke-width:{thick:.1f}px",
    )
    left = -(len(one.strands) - 1) / 2
    return tag(
        "g",
        tag("title", escape(one.title)) if one.title else "",
        *(
            tag("g", path, class_=f"strand-{each}", transform=f"translate({number(x)} 0)")
            for x, each in ((_ASIDE * (left + n), each) for n, each in enumerate(one.strands))
        ),
        "" if one.strands else path,
        arrow(route[-1], route[-2], size=head),
        class_=f"flow {one.look}".strip(),
        aria_hidden="true",
    )


def _loop(one: Arrow, layout: Layout, size: tuple[float, float], most: float) -> str:
    """Return an arrow from a step to itself, on its right side."""
    x, y = layout.nodes[one.source]
    side, out = x + size[0] / 2, x + size[0] / 2 + _LOOP
    route = [(side, y - 9), (out, y - 22), (out, y + 22), (side, y + 9)]
    at = (side + _LOOP * 0.85 + length(one.words, WORDS) / 2, y)
    return _arrow(one, route, most) + _words(one, at)


def _words(one: Arrow, at: Point) -> str:
    wide = length(one.words, WORDS) + 6
    paper = tag("rect", class_="paper", x=at[0] - wide / 2, y=at[1] - 7, width=wide, height=14)
    said = lettering([one.words], x=at[0], y=at[1], size=WORDS)
    return tag("g", paper, said, class_=f"label {one.look}".strip(), aria_hidden="true")


def _below(
    apart: Apart | None,
    notes: Sequence[str],
    legend: Sequence[str],
    top: float,
    width: float,
    lang: Language,
) -> tuple[list[str], float]:
    """Return what stands under the picture, from its left side on, and where it ends."""
    parts: list[str] = []
    y = top - _MARGIN
    for each, said in enumerate(legend):
        middle = y + WORDS * 0.6
        line = tag("path", class_="flow-line", d=f"M0 {number(middle)}h{number(_SAMPLE)}")
        parts.append(tag("g", line, class_=f"strand-{each % STRANDS}"))
        parts.append(_note(said, y + WORDS, _SAMPLE + _PADDING))
        y += WORDS * LEADING + 4
    y += _PADDING * bool(legend)
    if apart and apart.figures:
        parts.append(_note(apart.heading, y + WORDS))
        y += 2 * WORDS + _PADDING
        across = max(int((width + _PADDING) // (_STEP + _PADDING)), 1)
        for first in range(0, len(apart.figures), across):
            row = apart.figures[first : first + across]
            high = max(_size(figure)[1] for figure in row)
            for n, figure in enumerate(row):
                box = Box(x=n * (_STEP + _PADDING), y=y, width=_STEP, height=high)
                parts.append(_figure(figure, box, lang))
            y += high + _PADDING
        y += _PADDING
    for note in notes:
        lines, size = fit(note, width=width, height=200, sizes=(WORDS,))
        for line in lines:
            parts.append(_note(line, y + size))
            y += size * LEADING
        y += 4
    return parts, y + _MARGIN


def _note(words: str, y: float, x: float = 0) -> str:
    return tag("g", lettering([words], x=x, y=y, size=WORDS, anchor="start"), class_="label")
