"""A template as a Petri net: the places where tokens wait, and the steps that move them.

A place is where a token waits: before a node, or on one flow into a parallel gateway. Three arcs
go beyond plain Petri nets, because BPMN does: a transition may need a token *within* a scope (an
event sub-process starts only while its scope is open), need a scope to be *empty* (implicit
termination), and *clear* places (interrupting, terminating, disarming). What waits for nobody, such
as a gateway or an end, is *instant*: it goes before everything that waits, as in an engine.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bdv_process.errors import InputRefused
from bdv_process.template.model import Flow, Kind, Node, Template, Trigger

Marking = tuple[int, ...]  #: the places that hold a token, sorted; a place with two stands twice


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One step of the net."""

    element: str  #: BPMN element it comes from
    label: str | None  #: what a log would show; None: nothing
    instant: bool = False  #: happens before anything that waits for a person, message or timer
    consume: tuple[int, ...] = ()
    produce: tuple[int, ...] = ()
    within: frozenset[int] = frozenset()  #: only while one of these holds a token (empty: always)
    empty: frozenset[int] = frozenset()  #: only while none of these holds a token
    clears: frozenset[int] = frozenset()  #: loses all its tokens

    def enabled(self, marked: frozenset[int]) -> bool:
        """Return whether the step is possible where these places hold a token."""
        return (
            marked.issuperset(self.consume)
            and (not self.within or not self.within.isdisjoint(marked))
            and self.empty.isdisjoint(marked)
        )

    def fire(self, marking: Marking) -> Marking:
        """Return the marking after the step."""
        tokens = list(marking)
        for place in self.consume:
            tokens.remove(place)
        return tuple(sorted([t for t in tokens if t not in self.clears] + [*self.produce]))


@dataclass(frozen=True, kw_only=True)
class Net:
    """Places (by the element where a token waits), steps, and where it starts and ends."""

    places: tuple[str, ...]
    transitions: tuple[Transition, ...]
    initial: Marking
    final: Marking

    @property
    def plain(self) -> bool:
        """Return whether it is a Petri net as everybody knows them."""
        return not any(t.within or t.empty or t.clears or t.instant for t in self.transitions)


def compile_net(
    template: Template,
    hidden: Collection[str] = frozenset(),
    end: str | None = None,
    whole: Collection[str] = frozenset(),
) -> Net:
    """Return the net of a template; labels are element ids, those in `hidden` are silent.

    With `end`, the id of an end event, only the cases that end there. Embedded sub-processes in
    `whole` are seen as one step, done when nothing in it waits any more. The template's structure
    is taken as checked (flows between existing nodes, one start a scope).

    Raises:
        InputRefused: an element has no meaning here.
    """
    return _Compiler(template, hidden, end, whole).net()


class _Compiler:
    """The places of a template while its transitions are written down."""

    def __init__(
        self,
        template: Template,
        hidden: Collection[str],
        end: str | None,
        whole: Collection[str],
    ) -> None:
        self.template = template
        self.hidden = hidden
        self.end = end
        self.whole = whole
        self.elements: list[str] = []
        self.scopes: list[str | None] = []  # by place; "" is outside the process itself
        self.transitions: list[Transition] = []
        self.before = {n.id: self.place(n.id, n.scope) for n in template.nodes if _waits_before(n)}
        self.on = {flow.id: self.flow_place(flow) for flow in template.flows}
        self.armed = self.arm()
        self.active = {None: self.place(template.key, "")} | {
            n.id: self.place(n.id, n.scope)
            for n in template.nodes
            if _embedded(n) or n.id in self.armed
        }

    def place(self, element: str, scope: str | None) -> int:
        self.elements.append(element)
        self.scopes.append(scope)
        return len(self.elements) - 1

    def flow_place(self, flow: Flow) -> int:
        target = self.template.by_id[flow.target]
        if target.kind is Kind.PARALLEL:
            return self.place(target.id, target.scope)
        return self.before[target.id]

    def arm(self) -> dict[str | None, dict[str, int]]:
        """Give every non-interrupting timer a token it can fire with once, by what it watches."""
        armed: dict[str | None, dict[str, int]] = {}
        for node in self.template.nodes:
            if node.trigger is Trigger.TIMER and not node.interrupting:
                host = self.host(node)
                scope = "" if host is None else self.template.by_id[host].scope
                armed.setdefault(host, {})[node.id] = self.place(node.id, scope)
        return armed

    def host(self, node: Node) -> str | None:
        """Return what an event watches: the activity it sits on, or the scope it may interrupt."""
        return node.attached_to or self.template.by_id[node.scope or ""].scope

    def inside(self, scope: str | None, *, handlers: bool = True) -> frozenset[int]:
        """Return the places in a scope, with or without those of its event sub-processes."""
        nested = [
            n
            for n in self.template.nodes
            if n.kind is Kind.SUBPROCESS
            and n.scope == scope
            and (handlers or not n.triggered_by_event)
        ]
        own = frozenset(place for place, at in enumerate(self.scopes) if at == scope)
        return own.union(*(self.inside(n.id, handlers=handlers) for n in nested))

    def net(self) -> Net:
        outside = self.place(self.template.key, "")
        self.run(None, self.template.key, outside, ())
        for node in sorted(self.template.nodes, key=_plausible):
            self.node(node)
        return Net(
            places=tuple(self.elements),
            transitions=tuple(self.transitions),
            initial=(outside,),
            final=(),
        )

    def run(self, scope: str | None, element: str, before: int, after: tuple[int, ...]) -> None:
        """Let a scope begin at its start event and finish once nothing in it waits any more."""
        start = next(n for n in self.template.nodes if n.kind is Kind.START and n.scope == scope)
        armed = self.armed.get(scope, {}).values()
        active = self.active[scope]
        self.step(element, (before,), (active, self.before[start.id], *armed))
        label = element if element in self.whole else None
        around, watch = self.inside(scope), frozenset(armed)
        self.step(element, (active,), after, label=label, empty=around, clears=watch)

    def step(
        self,
        element: str,
        consume: tuple[int, ...],
        produce: tuple[int, ...],
        *,
        label: str | None = None,
        instant: bool = True,
        **arcs: frozenset[int],
    ) -> None:
        self.transitions.append(
            Transition(
                element=element,
                label=label,
                instant=instant,
                consume=consume,
                produce=produce,
                **arcs,
            )
        )

    def happen(
        self,
        node: Node,
        consume: tuple[int, ...],
        after: tuple[int, ...],
        **arcs: frozenset[int],
    ) -> None:
        """Let a node happen: seen when it is visible, at once unless it waits for somebody."""
        label = node.id if node.visible and node.id not in self.hidden else None
        instant = node.kind in (Kind.START, Kind.THROW, Kind.END) and not arcs.get("within")
        self.step(node.id, consume, after, label=label, instant=instant, **arcs)

    def node(self, node: Node) -> None:
        if self.end and node.case_outcome and node.id != self.end:
            return  # a token before it stays there, and no case that has one can end
        flows = self.template.outgoing(node.id)
        after = tuple(self.on[flow.id] for flow in flows)
        if node.kind in (Kind.EXCLUSIVE, Kind.EVENT_BASED):
            for place in after:
                self.step(node.id, (self.before[node.id],), (place,))
            return
        if any(flow.condition for flow in flows):
            raise InputRefused(
                "BDV-150", where=f"{self.template.path}:{node.line}", element=node.id
            )
        if node.kind is Kind.PARALLEL:
            # Without a way in, its token waits nowhere: the gateway is dead.
            waiting = tuple(self.on[flow.id] for flow in self.template.incoming(node.id))
            self.step(node.id, waiting or (self.place(node.id, node.scope),), after)
        elif node.kind is Kind.SUBPROCESS:
            if not node.triggered_by_event:
                self.run(node.id, node.id, self.before[node.id], after)
        elif node.kind is Kind.BOUNDARY or self.handles(node):
            self.event(node, after)
        elif node.id in self.armed:
            armed = self.armed[node.id].values()
            active = self.active[node.id]
            self.step(node.id, (self.before[node.id],), (active, *armed))
            self.happen(node, (active,), after, clears=frozenset(armed))
        else:
            clears = self.inside(node.scope) if node.trigger is Trigger.TERMINATE else frozenset()
            self.happen(node, (self.before[node.id],), after, clears=clears)

    def event(self, node: Node, after: tuple[int, ...]) -> None:
        """Let an event happen while what it watches is open, and end that when it interrupts."""
        if node.trigger not in (Trigger.MESSAGE, Trigger.TIMER):
            raise InputRefused(
                "BDV-150", where=f"{self.template.path}:{node.line}", element=node.id
            )
        host = self.host(node)
        armed = self.armed.get(host, {})
        consume = (armed[node.id],) if node.id in armed else ()
        if node.attached_to is None:
            within = self.inside(host, handlers=False)
            clears = self.inside(host) - self.inside(node.scope)
        else:
            within = frozenset({self.active.get(host, self.before[node.attached_to])})
            clears = within.union(armed.values())
            if host in self.active:
                clears |= self.inside(host)
        if not node.interrupting:
            clears = frozenset()
        self.happen(node, consume, after, within=within, clears=clears)

    def handles(self, node: Node) -> bool:
        """Return whether a node starts an event sub-process."""
        return (
            node.kind is Kind.START
            and node.scope is not None
            and self.template.by_id[node.scope].triggered_by_event
        )


def _plausible(node: Node) -> tuple[bool, bool]:
    """Order work before messages and the main flow before its detours, else as in the file.

    Of two equally good explanations of a case, an alignment takes the one with the first labels.
    """
    return node.kind not in (Kind.TASK, Kind.FORK), node.scope is not None


def _waits_before(node: Node) -> bool:
    return node.kind not in (Kind.PARALLEL, Kind.BOUNDARY) and not node.triggered_by_event


def _embedded(node: Node) -> bool:
    return node.kind is Kind.SUBPROCESS and not node.triggered_by_event
