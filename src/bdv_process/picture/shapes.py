"""The BPMN shapes of a diagram: outlines, icons and signs, each drawn around its own box."""

from math import hypot

from bdv_process.language import Language, text
from bdv_process.picture.svg import fit, length, lettering, tag
from bdv_process.template.model import Box, Fork, Kind, Node, Trigger

Point = tuple[float, float]

NAME_SIZES = (13.0, 12.0, 11.5)  #: px; scaled to 0.8 on a small screen this is still above 9
_SIGN = 11.5  # px, lettering of badges and of the called template
_PADDING = 7.0
_BEND = 9.0  # px, radius of a bend in a flow
_ARROW = 8.0  # px, length of an arrowhead


def outline(node: Node, box: Box, lang: Language) -> str:
    """Return the shape of one node, with its name when the name stands inside."""
    if node.kind in (Kind.TASK, Kind.FORK):
        return _step(node, box, lang)
    if node.kind is Kind.SUBPROCESS:
        return _frame(node, box, lang)
    if node.kind in _CHOICES:
        return _gateway(node, box)
    return _event(node, box)


def _step(node: Node, box: Box, lang: Language) -> str:
    called = f"→ {node.calls}" if isinstance(node, Fork) else ""
    sign = 20.0 if called else 0.0
    lines, size = fit(
        node.label(lang),
        width=box.width - 2 * _PADDING,
        height=box.height - 2 * _PADDING - sign,
        sizes=NAME_SIZES,
    )
    x = box.x + box.width / 2
    parts = [
        _rounded(box, 10, class_="body"),
        lettering(lines, x=x, y=box.y + (box.height - sign) / 2, size=size),
    ]
    if called:
        parts.append(_pill(called, x=x, y=box.y + box.height - 14, class_="calls"))
    return "".join(parts)


def _frame(node: Node, box: Box, lang: Language) -> str:
    lines, size = fit(node.label(lang), width=box.width - 24, height=20, sizes=NAME_SIZES)
    title = lettering(lines, x=box.x + 12, y=box.y + 16, size=size, anchor="start")
    class_ = "frame" if node.triggered_by_event else "frame part"
    return _rounded(box, 10, class_=class_) + title


def _gateway(node: Node, box: Box) -> str:
    x, y, r = _centre(box)
    corners = "L".join(map(_xy, ((x, y - r), (x + r, y), (x, y + r), (x - r, y))))
    return tag("path", class_="body", d=f"M{corners}Z") + _icon(
        x,
        y,
        r / 25,
        *_CHOICES[node.kind],
        class_="icon" if node.kind is Kind.EVENT_BASED else "sign",
    )


_CHOICES = {
    Kind.EXCLUSIVE: (tag("path", d="M-8 -8L8 8M8 -8L-8 8"),),
    Kind.PARALLEL: (tag("path", d="M-10.5 0H10.5M0 -10.5V10.5"),),
    Kind.EVENT_BASED: (
        tag("circle", r=12),
        tag("circle", r=9.6),
        tag("path", d="M0 -7L6.7 -2.2L4.1 5.7H-4.1L-6.7 -2.2Z"),
    ),
}


def _event(node: Node, box: Box) -> str:
    x, y, r = _centre(box)
    rings = [tag("circle", class_="body", cx=x, cy=y, r=r)]
    if node.kind in (Kind.CATCH, Kind.THROW, Kind.BOUNDARY):
        rings.append(tag("circle", class_="ring", cx=x, cy=y, r=r - 3.5))
    filled = node.kind in (Kind.THROW, Kind.END)
    return "".join(rings) + _icon(
        x, y, r / 18, *_TRIGGERS.get(node.trigger, ()), class_="icon filled" if filled else "icon"
    )


_TRIGGERS = {
    Trigger.MESSAGE: (
        tag("rect", x=-8.5, y=-6, width=17, height=12, rx=1),
        tag("path", class_="fold", d="M-8 -5L0 1.4L8 -5"),
    ),
    Trigger.TIMER: (
        tag("circle", r=9),
        tag("path", d="M0 -9V-7M9 0H7M0 9V7M-9 0H-7M0 -5V0L3.6 2"),
    ),
    Trigger.ESCALATION: (tag("path", d="M0 -8.5L6 7.5L0 1.5L-6 7.5Z"),),
    Trigger.TERMINATE: (tag("circle", r=10),),
}


def _icon(x: float, y: float, scale: float, *parts: str, class_: str = "icon") -> str:
    where = f"translate({x:g} {y:g}) scale({scale:.3g})"
    return tag("g", *parts, class_=class_, transform=where) if parts else ""


def touchpoint(box: Box) -> str:
    """Return the speech mark at the top left corner: contact with the requester."""
    bubble = "M-5 -4.4H5V2.4H0L-2.6 5V2.4H-5Z"
    parts = tag("circle", r=9.5), tag("path", d=bubble)
    return _icon(box.x + 3, box.y + 3, 1, *parts, class_="touch")


def badge(words: str, box: Box) -> str:
    """Return a short text on the top right corner, beside the icon of a small shape."""
    width = length(words, _SIGN, bold=True) + 12
    left = box.x + box.width - (width - 2 if box.width > 2 * width else 9)
    return _pill(words, x=left + width / 2, y=box.y, class_="badge")


def _pill(words: str, *, x: float, y: float, class_: str) -> str:
    width = length(words, _SIGN, bold=True) + 12
    return tag(
        "g",
        tag("rect", x=x - width / 2, y=y - 9, width=width, height=18.0, rx=9),
        lettering([words], x=x, y=y, size=_SIGN),
        class_=class_,
    )


def _rounded(box: Box, radius: float, class_: str) -> str:
    return tag(
        "rect", class_=class_, x=box.x, y=box.y, width=box.width, height=box.height, rx=radius
    )


def _centre(box: Box) -> tuple[float, float, float]:
    return box.x + box.width / 2, box.y + box.height / 2, box.width / 2


def line(points: tuple[Point, ...], *, default: bool) -> str:
    """Return a flow: rounded bends, an arrowhead, and a slash when it is the default."""
    corners = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
    if len(corners) < 2:
        return ""
    tip = corners[-1]
    path = f"M{_xy(corners[0])}"
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(_BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        path += f"L{_xy(towards(corner, before, radius))}Q{_xy(corner)} "
        path += _xy(towards(corner, after, radius))
    parts = [
        tag("path", class_="flow-line", d=f"{path}L{_xy(towards(tip, corners[-2], 2))}"),
        arrow(tip, corners[-2]),
    ]
    if default:
        x, y = towards(corners[0], corners[1], 11)
        ux, uy = _direction(corners[0], corners[1])
        sx, sy = 5 * (uy - ux * 0.5), 5 * (-ux - uy * 0.5)
        slash = f"M{_xy((x - sx, y - sy))}L{_xy((x + sx, y + sy))}"
        parts.append(tag("path", class_="slash", d=slash))
    return "".join(parts)


def arrow(tip: Point, before: Point, size: float = _ARROW) -> str:
    """Return the head of an arrow that comes from `before`."""
    dx, dy = _direction(before, tip)
    x, y = tip[0] - dx * size, tip[1] - dy * size
    wide = size / 2
    sides = (x - dy * wide, y + dx * wide), (x + dy * wide, y - dx * wide)
    return tag("path", class_="arrow", d=f"M{'L'.join(map(_xy, (tip, *sides)))}Z")


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _distance(one: Point, other: Point) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _direction(one: Point, other: Point) -> Point:
    far = _distance(one, other)
    return (other[0] - one[0]) / far, (other[1] - one[1]) / far


def towards(one: Point, other: Point, far: float) -> Point:
    """Return the point that is `far` from one on the way to the other."""
    dx, dy = _direction(one, other)
    return one[0] + dx * far, one[1] + dy * far


def spoken(node: Node, lang: Language) -> str:
    """Return what a node is, in words; a message is contact with the requester by itself."""
    if node.trigger is not Trigger.NONE:
        return text(f"shape.{'sends' if node.sends else node.trigger}", lang)
    what = (
        text("shape.starts", lang, template=node.calls)
        if isinstance(node, Fork)
        else text(f"shape.{node.kind}", lang)
    )
    return f"{what}, {text('shape.touchpoint', lang)}" if node.touchpoint else what
