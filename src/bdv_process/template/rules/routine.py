"""Rules between a routine and the template it derives from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bdv_process.errors import LimitExceeded
from bdv_process.language import Language, text
from bdv_process.template.finding import Spot, at
from bdv_process.template.inclusion import departure, whole
from bdv_process.template.model import Fork, Node, Template


@dataclass(frozen=True)
class _Named:
    """Steps in the words of the reader: a sentence asks for them as `{steps:nl}`."""

    nodes: tuple[Node, ...]
    between: str
    bound: str  #: key of what is said before the first, or after the last
    after: bool = False

    def __format__(self, spec: str) -> str:
        lang: Language = "en" if spec == "en" else "nl"
        names = [f"'{node.label(lang)}'" for node in self.nodes]
        if self.bound:
            names.insert(len(names) if self.after else 0, text(self.bound, lang))
        return self.between.join(names)


def derived_from(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse a routine of a template that is not there, or that is a routine itself."""
    if template.derives and _origin(template, others) is None:
        known = sorted(key for key, other in others.items() if not other.derives)
        yield at(template, derives=template.derives, known=", ".join(known))


def refined_activity(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse in a routine what has an id of its template and is something else there."""
    origin = _origin(template, others)
    if origin is None:
        return
    refined = whole(template, origin)
    for node in origin.nodes:
        twin = template.by_id.get(node.id)
        if twin is None or not node.visible:
            continue
        same = (twin.name, twin.name_en) == (node.name, node.name_en) and (
            not isinstance(node, Fork)
            if node.id in refined
            else _part(twin) == _part(node)
        )  # fmt: skip
        if not same:
            yield at(twin, origin=origin.key)


def within_template(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse a routine that can go a way its template does not allow: whoever keeps it deviates."""
    origin = _origin(template, others)
    if origin is None:
        return
    try:
        out = departure(template, origin)
    except LimitExceeded as error:
        yield at(template, error.code, **error.facts)
        return
    if out is None:
        return
    facts: dict[str, object] = {
        "routine": template.key,
        "origin": origin.key,
        "steps": _Named(_nodes(template, out.steps), " → ", "routine.begin"),
        "allowed": _Named(
            _nodes(origin, out.allowed), ", ", "routine.end" if out.may_end else "", after=True
        ),
    }
    if out.left is None:
        yield at(template, "rule.within-template.end", **facts)
    else:
        left = template.by_id[out.left]
        yield at(left, left=_Named((left,), "", ""), **facts)


def _origin(template: Template, others: Mapping[str, Template]) -> Template | None:
    origin = others.get(template.derives or "")
    return None if origin is None or origin.derives else origin


def _part(node: Node) -> tuple[object, ...]:
    return node.kind, node.trigger, node.calls if isinstance(node, Fork) else None


def _nodes(template: Template, ids: Iterable[str]) -> tuple[Node, ...]:
    return tuple(template.by_id[id_] for id_ in ids)
