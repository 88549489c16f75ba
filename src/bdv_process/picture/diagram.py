"""Draw a template from its own coordinates: one SVG for page, README, notebook and print."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from bdv_process.language import Language, text
from bdv_process.picture.shapes import Point, badge, line, outline, spoken, touchpoint
from bdv_process.picture.svg import LEADING, fit, length, lettering, number, tag
from bdv_process.template.model import Box, Flow, Kind, Node, Template

_MARGIN = 16.0  # px around everything; corner signs stick out 10
_LEVELS = (0.02, 0.05, 0.10)  # shares of cases where the next colour starts
_LABEL_SIZES = (12.0, 11.5)
_LABEL_WIDTH = 96.0  # px, where the file gives a name no place


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is to be seen on one element of a diagram."""

    level: int | None  #: 0 calm .. 4 asks for most attention; None: could not be looked at
    badge: str = ""  #: short text on the corner, as "412×": the colour never stands alone
    title: str = ""  #: the same in words


def level(share: float) -> int:
    """Return the colour of a share (0..1) of cases that deviate, 1 to 4."""
    return 1 + bisect_right(_LEVELS, share)


def draw(
    template: Template,
    *,
    marks: Mapping[str, Mark] = {},
    lang: Language = "nl",
    styled: bool = True,
) -> str:
    """Return the template as a self-contained SVG, one group with `data-element-id` per element.

    What the file does not draw is left out, and so are marks of ids that are not there. Light, dark
    and print colours are CSS custom properties (`--bdv-*`) that a page may set on `.bdv-diagram`.
    Without `styled` the page brings the `style` itself, as it must where no style may stand inline.
    """
    shapes, edges = template.diagram.shapes, template.diagram.edges
    nodes = [node for node in template.nodes if node.id in shapes]
    flows = [f for f in template.flows if f.id in edges and {f.source, f.target} <= shapes.keys()]
    labels = [
        *(_label(flow, _on(template, flow), lang) for flow in flows if flow.label(lang)),
        *(_label(node, _under(template, node), lang) for node in nodes if _outside(node, lang)),
    ]
    if not nodes:
        labels = [_nothing(lang)]

    def shape(node: Node) -> str:
        return _node(node, shapes[node.id], marks.get(node.id), lang)

    left, top, width, height = _canvas(
        [*(shapes[node.id] for node in nodes), *(box for box, _ in labels)],
        [point for flow in flows for point in edges[flow.id]],
    )
    steps = ", ".join(step.label(lang) for step in template.activities)
    return tag(
        "svg",
        tag("title", escape(f"{template.key} {template.label(lang)}")),
        tag("desc", escape(text("diagram.description", lang, steps=steps))),
        *([tag("style", style())] if styled else []),
        tag("rect", class_="paper", x=left, y=top, width=width, height=height),
        *(shape(node) for node in nodes if node.kind is Kind.SUBPROCESS),
        *(_flow(flow, edges[flow.id]) for flow in flows),
        *(shape(node) for node in nodes if node.kind is not Kind.SUBPROCESS),
        *(markup for _, markup in labels),
        xmlns="http://www.w3.org/2000/svg",
        class_="bdv-diagram",
        lang=lang,
        role="group",
        viewBox=" ".join(map(number, (left, top, width, height))),
        width=width,
        height=height,
        **({"style": f"--bdv-width:{number(width)}"} if styled else {}),
    )


@cache
def style() -> str:
    """Return the colours and lines of a diagram, light, dark and printed."""
    file = files("bdv_process.picture").joinpath("diagram.css")
    return file.read_text(encoding="utf-8")


def _node(node: Node, box: Box, mark: Mark | None, lang: Language) -> str:
    classes = [node.kind.value]
    if not node.interrupting:
        classes.append("waiting")
    parts = [outline(node, box, lang)]
    words = ": ".join(filter(None, (node.label(lang), spoken(node, lang))))
    if mark:
        classes.append("unseen" if mark.level is None else f"level-{mark.level}")
        words = f"{words}; {mark.title}" if mark.title else words
    if node.touchpoint:
        parts.append(touchpoint(box))
    if mark and mark.badge:
        parts.append(badge(mark.badge, box))
    return tag(
        "g",
        tag("title", escape(words)),
        *parts,
        class_=" ".join(classes),
        data_element_id=node.id,
        role="img",
    )


def _flow(flow: Flow, points: tuple[Point, ...]) -> str:
    return tag(
        "g",
        line(points, default=flow.default),
        class_="flow rework" if flow.rework else "flow",
        data_element_id=flow.id,
        aria_hidden="true",
    )


def _outside(node: Node, lang: Language) -> bool:
    """Return whether a node has a name that stands outside its shape."""
    return bool(node.label(lang)) and node.kind not in (Kind.TASK, Kind.FORK, Kind.SUBPROCESS)


def _label(one: Node | Flow, place: Box, lang: Language) -> tuple[Box, str]:
    """Return where a name outside its shape comes to stand, and the name.

    A name keeps the middle and the top of its place and grows downwards. Its words stay whole:
    modellers fit a place to their own letters, which may be smaller.
    """
    name = one.label(lang)
    words = max(length(word, _LABEL_SIZES[-1]) for word in name.split())
    lines, size = fit(name, width=max(place.width * 1.1, words), height=200, sizes=_LABEL_SIZES)
    width = max(length(each, size) for each in lines)
    height = len(lines) * size * LEADING
    x = place.x + place.width / 2
    y = place.y + max(height, place.height) / 2
    markup = tag(
        "g",
        lettering(lines, x=x, y=y, size=size),
        class_="label framed" if isinstance(one, Node) and one.scope else "label",
        data_element_id=f"{one.id}_label",
        aria_hidden="true",
    )
    return Box(x=x - width / 2, y=y - height / 2, width=width, height=height), markup


def _under(template: Template, node: Node) -> Box:
    """Return the file's place for a node's name, else one below its shape."""
    shape = template.diagram.shapes[node.id]
    x = shape.x + (shape.width - _LABEL_WIDTH) / 2
    below = Box(x=x, y=shape.y + shape.height + 5, width=_LABEL_WIDTH, height=0)
    return template.diagram.labels.get(node.id, below)


def _on(template: Template, flow: Flow) -> Box:
    """Return the file's place for a flow's name, else one above its first stretch."""
    (x1, y1), (x2, y2) = template.diagram.edges[flow.id][:2]
    x = (x1 + x2 - _LABEL_WIDTH) / 2
    above = Box(x=x, y=(y1 + y2) / 2 - 18, width=_LABEL_WIDTH, height=0)
    return template.diagram.labels.get(flow.id, above)


def _nothing(lang: Language) -> tuple[Box, str]:
    """Return the words that stand where a drawing is missing, and their place."""
    words, size = text("diagram.nothing", lang), _LABEL_SIZES[0]
    box = Box(x=0, y=0, width=length(words, size), height=size * LEADING)
    said = lettering([words], x=box.width / 2, y=box.height / 2, size=size)
    return box, tag("g", said, class_="label")


def _canvas(boxes: Iterable[Box], points: list[Point]) -> tuple[float, float, float, float]:
    corners = points + [p for b in boxes for p in ((b.x, b.y), (b.x + b.width, b.y + b.height))]
    left, top = (min(axis) - _MARGIN for axis in zip(*corners, strict=True))
    right, bottom = (max(axis) + _MARGIN for axis in zip(*corners, strict=True))
    return left, top, right - left, bottom - top
