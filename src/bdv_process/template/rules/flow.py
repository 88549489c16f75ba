"""Rules on the ways through a template."""

from collections.abc import Iterator

from bdv_process.errors import BdvError
from bdv_process.template.finding import Spot, at
from bdv_process.template.model import Kind, Node, Template, Trigger
from bdv_process.template.net import compile_net
from bdv_process.template.reachability import reachability

_GATEWAYS = (Kind.EXCLUSIVE, Kind.PARALLEL, Kind.EVENT_BASED)
_TRIGGERS = {
    Kind.START: {Trigger.NONE},
    Kind.END: {Trigger.NONE, Trigger.MESSAGE, Trigger.ESCALATION, Trigger.TERMINATE},
    Kind.CATCH: {Trigger.MESSAGE, Trigger.TIMER},
    Kind.THROW: {Trigger.NONE, Trigger.MESSAGE, Trigger.ESCALATION},
    Kind.BOUNDARY: {Trigger.MESSAGE, Trigger.TIMER},
}
_OUTSIDE = {Trigger.MESSAGE, Trigger.TIMER}  # what may start an event sub-process


def one_start(template: Template) -> Iterator[Spot]:
    """Refuse a process or sub-process without exactly one start event."""
    for scope in _scopes(template):
        starts = [n.id for n in _inside(template, scope) if n.kind is Kind.START]
        if len(starts) != 1:
            yield at(scope, found=", ".join(starts) or "-")


def has_end(template: Template) -> Iterator[Spot]:
    """Refuse a process or sub-process without an end event."""
    for scope in _scopes(template):
        if not any(n.kind is Kind.END for n in _inside(template, scope)):
            yield at(scope)


def event_variants(template: Template) -> Iterator[Spot]:
    """Refuse events in a place or with a trigger that the engine ignores or starts wrongly."""
    for node in template.nodes:
        enclosing = template.by_id.get(node.scope or "")
        handler = enclosing is not None and enclosing.triggered_by_event
        allowed = _TRIGGERS.get(node.kind, {Trigger.NONE})
        if node.kind is Kind.START and handler:
            allowed = _OUTSIDE
        if node.trigger not in allowed:
            yield at(node, variant=f"{node.trigger} {node.kind}")
        if node.kind is Kind.SUBPROCESS and node.triggered_by_event and node.scope:
            yield at(node, variant="nested event subProcess")
        if node.kind is Kind.BOUNDARY:
            host = template.by_id[node.attached_to or ""]
            if host.kind not in (Kind.TASK, Kind.FORK, Kind.SUBPROCESS) or host.triggered_by_event:
                yield at(node, variant=f"boundaryEvent on {host.kind}")
        if node.kind is Kind.EVENT_BASED:
            for flow in template.outgoing(node.id):
                target = template.by_id[flow.target]
                if target.kind is not Kind.CATCH or len(template.incoming(target.id)) > 1:
                    yield at(node, variant=f"eventBasedGateway -> {target.id}")


def no_implicit_split(template: Template) -> Iterator[Spot]:
    """Refuse more than one way out of anything but a gateway: which one a case takes is unclear."""
    for node in template.nodes:
        flows = template.outgoing(node.id)
        if len(flows) > 1 and node.kind not in _GATEWAYS:
            yield at(node, flows=", ".join(flow.id for flow in flows))


def no_implicit_join(template: Template) -> Iterator[Spot]:
    """Refuse more than one way in, except into a gateway that only joins."""
    for node in template.nodes:
        flows = template.incoming(node.id)
        joins = node.kind in _GATEWAYS and len(template.outgoing(node.id)) <= 1
        if len(flows) > 1 and not joins:
            yield at(node, flows=", ".join(flow.id for flow in flows))


def reachable(template: Template) -> Iterator[Spot]:
    """Refuse nodes that no flow leads to: the engine drops them without a word."""
    following = {node.id: [f.target for f in template.outgoing(node.id)] for node in template.nodes}
    todo: list[str] = []
    for node in template.nodes:
        if node.kind is Kind.BOUNDARY:
            following[node.attached_to or ""].append(node.id)
        elif node.kind is Kind.START and _embedded(template, node.scope):
            following[node.scope or ""].append(node.id)
        elif node.kind is Kind.START or node.triggered_by_event:
            todo.append(node.id)
    seen = set(todo)
    while todo:
        new = set(following[todo.pop()]) - seen
        seen |= new
        todo += new
    yield from (at(node) for node in template.nodes if node.id not in seen)


def no_dead_end(template: Template) -> Iterator[Spot]:
    """Refuse nodes where a case stops without an end event, and flows out of an end event."""
    for node in template.nodes:
        final = node.kind is Kind.END or node.triggered_by_event
        if final == bool(template.outgoing(node.id)):
            yield at(node)


def end_outcome(template: Template) -> Iterator[Spot]:
    """Refuse ends that do not say how the case ends, and sayings where it does not end."""
    ending = {None} | {
        node.scope
        for node in template.nodes
        if node.kind is Kind.START
        and node.interrupting
        and node.scope
        and not _embedded(template, node.scope)
    }
    for node in template.nodes:
        if node.kind is Kind.END and (node.scope in ending) != (node.case_outcome is not None):
            yield at(node)


def sound(template: Template) -> Iterator[Spot]:
    """Refuse a template in which a case can get stuck, or a step can never happen."""
    try:
        graph = reachability(compile_net(template))
    except BdvError as error:
        yield at(template, error.code, **error.facts)
        return
    if not graph.stuck:  # what lies behind the place where cases get stuck is dead anyhow
        yield from (at(template.by_id[dead], "rule.sound.dead") for dead in graph.dead)
    for waiting in graph.stuck:
        held = [template.by_id[element] for element in waiting if element in template.by_id]
        join = next((node for node in held if node.kind is Kind.PARALLEL), None)
        split = join and _split_before(template, join)
        if join and split:
            yield at(join, "rule.sound.join", split=split.id)
        else:
            yield at(held[0] if held else template, waiting=", ".join(waiting))


def _scopes(template: Template) -> list[Template | Node]:
    return [template, *(node for node in template.nodes if node.kind is Kind.SUBPROCESS)]


def _inside(template: Template, scope: Template | Node) -> list[Node]:
    inner = scope.id if isinstance(scope, Node) else None
    return [node for node in template.nodes if node.scope == inner]


def _embedded(template: Template, scope: str | None) -> bool:
    return scope is not None and not template.by_id[scope].triggered_by_event


def _split_before(template: Template, join: Node) -> Node | None:
    """Return the nearest exclusive split upstream: of its ways only one reaches the join."""
    todo = [join.id]
    seen = set(todo)
    for current in todo:
        for flow in template.incoming(current):
            node = template.by_id[flow.source]
            if node.kind is Kind.EXCLUSIVE and len(template.outgoing(node.id)) > 1:
                return node
            if node.id not in seen:
                seen.add(node.id)
                todo.append(node.id)
    return None
