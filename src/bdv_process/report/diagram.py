"""Draw a template from its own coordinates: one SVG for page, README, notebook and print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from bdv_process.language import Language, text
from bdv_process.report.shapes import Point, badge, line, outline, spoken, touchpoint
from bdv_process.report.svg import LEADING, fit, length, lettering, number, tag
from bdv_process.template.model import Box, Flow, Kind, Node, Template

_MARGIN = 16.0  # px around everything; corner signs stick out 10
_LABEL_SIZES = (12.0, 11.5)
_NAMED_INSIDE = (Kind.TASK, Kind.FORK, Kind.SUBPROCESS)
_LABEL = Box(x=0, y=0, width=96, height=60)  # where the file gives a name no place


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is to be seen on one element of a diagram."""

    level: int | None  #: 0 calm .. 4 asks for most attention; None: could not be looked at
    badge: str = ""  #: short text on the corner, as "412×": the colour never stands alone
    title: str = ""  #: the same in words


def draw(template: Template, *, marks: Mapping[str, Mark] = {}, lang: Language = "nl") -> str:
    """Return the template as a self-contained SVG, one group with `data-element-id` per element.

    Marks of ids that the template does not draw are left out. Light, dark and print colours are
    CSS custom properties (`--bdv-*`) that a page may set on `.bdv-diagram`.
    """
    shapes, lines = template.diagram.shapes, template.diagram.edges
    drawn = [node for node in template.nodes if node.id in shapes]
    flows = [flow for flow in template.flows if flow.id in lines]
    named: list[tuple[Flow | Node, Box]] = [
        *((flow, _flow_place(template, flow)) for flow in flows),
        *((node, _node_place(template, node)) for node in drawn if node.kind not in _NAMED_INSIDE),
    ]
    labels = [_label(one.id, one.label(lang), box) for one, box in named if one.label(lang)]
    frames = [node for node in drawn if node.kind is Kind.SUBPROCESS]
    others = [node for node in drawn if node.kind is not Kind.SUBPROCESS]
    left, top, width, height = _canvas(
        [*(shapes[node.id] for node in drawn), *(box for box, _ in labels)],
        [point for flow in flows for point in lines[flow.id]],
    )
    name = f"{template.key} {template.label(lang)}"
    steps = ", ".join(step.label(lang) for step in template.activities)
    return tag(
        "svg",
        tag("title", escape(name)),
        tag("desc", escape(text("diagram.description", lang, steps=steps))),
        tag("style", _css()),
        tag("rect", class_="paper", x=left, y=top, width=width, height=height),
        *(_node(node, shapes[node.id], marks.get(node.id), lang) for node in frames),
        *(_flow(flow, lines[flow.id]) for flow in flows),
        *(_node(node, shapes[node.id], marks.get(node.id), lang) for node in others),
        *(markup for _, markup in labels),
        xmlns="http://www.w3.org/2000/svg",
        class_="bdv-diagram",
        lang=lang,
        role="group",
        viewBox=" ".join(map(number, (left, top, width, height))),
        width=width,
        height=height,
        style=f"--bdv-width:{number(width)}",
    )


@cache
def _css() -> str:
    file = files("bdv_process.report").joinpath("pages", "diagram.css")
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


def _label(element: str, words: str, place: Box) -> tuple[Box, str]:
    """Return where a name outside its shape comes to stand, and the name.

    A name keeps the middle and the top of its place and grows downwards, never sideways.
    """
    lines, size = fit(words, width=place.width, height=200, sizes=_LABEL_SIZES)
    width = max(length(each, size) for each in lines)
    height = len(lines) * size * LEADING
    x = place.x + place.width / 2
    y = place.y + max(height, place.height) / 2
    markup = tag(
        "g",
        lettering(lines, x=x, y=y, size=size),
        class_="label",
        data_element_id=f"{element}_label",
        aria_hidden="true",
    )
    return Box(x=x - width / 2, y=y - height / 2, width=width, height=height), markup


def _node_place(template: Template, node: Node) -> Box:
    shape = template.diagram.shapes[node.id]
    x = shape.x + shape.width / 2 - _LABEL.width / 2
    under = Box(x=x, y=shape.y + shape.height + 5, width=_LABEL.width, height=0)
    return template.diagram.labels.get(node.id, under)


def _flow_place(template: Template, flow: Flow) -> Box:
    """Return the file's place for the name, else one above the first stretch of the flow."""
    (x1, y1), (x2, y2) = template.diagram.edges[flow.id][:2]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    above = Box(x=x - _LABEL.width / 2, y=y - 20, width=_LABEL.width, height=16)
    return template.diagram.labels.get(flow.id, above)


def _canvas(boxes: Iterable[Box], points: list[Point]) -> tuple[float, float, float, float]:
    corners = points + [p for b in boxes for p in ((b.x, b.y), (b.x + b.width, b.y + b.height))]
    left, top = (min(axis) - _MARGIN for axis in zip(*corners, strict=True))
    right, bottom = (max(axis) + _MARGIN for axis in zip(*corners, strict=True))
    return left, top, right - left, bottom - top
