"""Rules on what people read: names, documentation and the drawing."""

from collections.abc import Iterator

from bdv_process.template.finding import Spot, at
from bdv_process.template.model import Activity, Kind, Node, Template


def names_present(template: Template) -> Iterator[Spot]:
    """Refuse what has no name in Dutch and in English; only joining gateways need none."""
    if not (template.name and template.name_en):
        yield at(template)
    for node in template.nodes:
        joins = (
            node.kind in (Kind.EXCLUSIVE, Kind.PARALLEL) and len(template.outgoing(node.id)) <= 1
        )
        if not joins and not (node.name and node.name_en):
            yield at(node)


def names_unique(template: Template) -> Iterator[Spot]:
    """Refuse two steps or messages with one name: a reader could not tell them apart."""
    seen: dict[tuple[str, str], Node] = {}
    for node in template.nodes:
        if node.visible and node.name:
            for lang, label in (("nl", node.name), ("en", node.name_en)):
                first = seen.setdefault((lang, label.casefold()), node)
                if first is not node:
                    yield at(node, name=label, first=first.id)
                    break


def documented(template: Template) -> Iterator[Spot]:
    """Refuse a template or step that is not explained in Dutch and in English."""
    everything: list[Template | Activity] = [template, *template.activities]
    for described in everything:
        if not (described.documentation and described.documentation_en):
            yield at(described)


def diagram_complete(template: Template) -> Iterator[Spot]:
    """Warn about elements that are not drawn: the picture would leave them out."""
    missing = [n.id for n in template.nodes if n.id not in template.diagram.shapes]
    missing += [f.id for f in template.flows if f.id not in template.diagram.edges]
    if missing:
        yield at(template, count=len(missing), missing=", ".join(missing[:5]))
