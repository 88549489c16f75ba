"""A template: what should happen in one workflow, as values read from its BPMN file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from bdv_process.errors import NotFound
from bdv_process.language import Language, Named


class Kind(StrEnum):
    """The BPMN elements a template may hold."""

    TASK = "userTask"
    FORK = "callActivity"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    EVENT_BASED = "eventBasedGateway"
    START = "startEvent"
    END = "endEvent"
    CATCH = "intermediateCatchEvent"
    THROW = "intermediateThrowEvent"
    BOUNDARY = "boundaryEvent"
    SUBPROCESS = "subProcess"


class Trigger(StrEnum):
    """What an event waits for or sends."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    ESCALATION = "escalation"
    TERMINATE = "terminate"


@dataclass(frozen=True, kw_only=True)
class Outcome(Named):
    """One way an activity can end; conditions compare these ids."""


@dataclass(frozen=True, kw_only=True)
class Node(Named):
    """One BPMN flow node; `Activity` and `Fork` are the nodes where work is done.

    A merging gateway has no name: "".
    """

    kind: Kind
    line: int  #: in the BPMN file
    scope: str | None = None  #: enclosing sub-process
    trigger: Trigger = Trigger.NONE
    duration: timedelta | None = None  #: how long a timer waits
    interrupting: bool = True  #: for start events of an event sub-process and boundary events
    attached_to: str | None = None  #: activity a boundary event sits on
    triggered_by_event: bool = False  #: for a sub-process
    touchpoint: bool = False  #: contact with the requester
    case_outcome: str | None = None  #: for an end event: how the case ends

    @property
    def sends(self) -> bool:
        """Whether reaching this node tells the requester something."""
        return self.trigger is Trigger.MESSAGE and self.kind in (Kind.THROW, Kind.END)

    @property
    def waits(self) -> bool:
        """Whether this node waits for a message or a timer."""
        return self.trigger in (Trigger.MESSAGE, Trigger.TIMER) and not self.sends

    @property
    def visible(self) -> bool:
        """Whether conformance looks at it: work, and messages from or to the requester."""
        return self.kind in (Kind.TASK, Kind.FORK) or self.trigger is Trigger.MESSAGE


@dataclass(frozen=True, kw_only=True)
class Documented:
    """What its file says about in both languages."""

    documentation: str = ""  #: Dutch
    documentation_en: str = ""

    def about(self, lang: Language = "nl") -> str:
        """Return what is said about it in `lang`."""
        return self.documentation_en if lang == "en" else self.documentation


@dataclass(frozen=True, kw_only=True)
class Activity(Documented, Node):
    """A step where a person works (user task)."""

    outcomes: tuple[Outcome, ...] = ()  #: the first is the happy one; empty: it just ends

    @property
    def process(self) -> str:
        """Return the process the activity belongs to: agree, change, recover, operate, improve."""
        return self.id.split("_", 1)[0]


@dataclass(frozen=True, kw_only=True)
class Fork(Activity):
    """A step that starts a case of another template and waits for its end (call activity)."""

    calls: str  #: key of the called template


@dataclass(frozen=True, kw_only=True)
class Flow(Named):
    """One sequence flow."""

    source: str
    target: str
    line: int
    condition: str | None = None  #: comparison of outcomes, see `template/condition.py`
    default: bool = False
    rework: bool = False  #: leads back to work that was done before


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where something stands on the diagram, in the file's own units (pixels)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """The drawing of a template (BPMN DI), by element id."""

    shapes: dict[str, Box]
    edges: dict[str, tuple[tuple[float, float], ...]]
    labels: dict[str, Box]  #: where a name is written, when not inside its shape


@dataclass(frozen=True, kw_only=True)
class Template(Documented):
    """One workflow as it should happen; read with `Template.read(path)`."""

    key: str  #: process id: W1..W8, or a routine's own
    name: str
    name_en: str
    process: str  #: the process it opens with
    call: str  #: what starts it, Dutch: wens, wijzigingsverzoek, incident, dienstverzoek, risico
    call_en: str
    proactive: bool  #: started inside, not by a customer
    version: str  #: SHA-256 of the file's bytes
    path: Path
    source: bytes  #: the file itself: a running case keeps the version it started with
    nodes: tuple[Node, ...]  #: in file order
    flows: tuple[Flow, ...]
    diagram: Diagram
    derives: str | None = None  #: for a routine: key of the template it keeps within

    def __repr__(self) -> str:
        """Say which it is and how many steps it has, on one line."""
        return f"<Template {self.key} {self.name}, {len(self.activities)} steps>"

    @staticmethod
    def read(path: Path | str) -> "Template":
        """Read one template.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not a BPMN file we run, or a rule finds something in it.
            NotAllowed: it holds code.
            LimitExceeded: it is larger than the limits.
        """
        # The door for analysts; reading makes these values, so it can only be called from here.
        from bdv_process.template.bpmn import read_template

        return read_template(Path(path))

    def label(self, lang: Language = "nl") -> str:
        """Return the template's name in `lang`."""
        return self.name_en if lang == "en" else self.name

    def called(self, lang: Language = "nl") -> str:
        """Return what starts it in `lang`."""
        return self.call_en if lang == "en" else self.call

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Return the nodes by element id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """Return the steps, forks included, in the order of the file."""
        return tuple(node for node in self.nodes if isinstance(node, Activity))

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """Return the steps that start another template."""
        return tuple(node for node in self.nodes if isinstance(node, Fork))

    @cached_property
    def before_forks(self) -> tuple[str, ...]:
        """Return the steps from which a case comes at a fork, rework aside."""
        found: dict[str, None] = {}
        todo = [fork.id for fork in self.forks]
        for node in todo:
            for source in (flow.source for flow in self.incoming(node) if not flow.rework):
                if isinstance(self.by_id[source], Activity):
                    found[source] = None
                elif source not in todo:
                    todo.append(source)
        return tuple(found)

    @cached_property
    def visible(self) -> tuple[str, ...]:
        """Return the ids conformance looks at: activities, forks and messages."""
        return tuple(node.id for node in self.nodes if node.visible)

    @cached_property
    def interrupting(self) -> frozenset[str]:
        """Return the visible events that may end what goes on, at any moment."""
        handlers = {node.id for node in self.nodes if node.triggered_by_event}
        return frozenset(
            node.id
            for node in self.nodes
            if node.visible
            and node.interrupting
            and (node.kind is Kind.BOUNDARY or (node.kind is Kind.START and node.scope in handlers))
        )

    @cached_property
    def watching(self) -> dict[str, timedelta]:
        """Return the timers that watch the term, and how long before its end each goes off.

        They stand in a row before an escalation, the last at the end of the term.
        """
        found: dict[str, timedelta] = {}
        for end in self.nodes:
            if end.trigger is Trigger.ESCALATION:
                before = timedelta()
                for node in reversed(self.nodes):
                    if node.scope == end.scope and node.duration:
                        found[node.id] = before
                        before += node.duration
        return found

    @property
    def watch(self) -> Node:
        """Return what stands for the term itself: the sub-process that watches it, or the start."""
        scopes = [self.by_id[timer].scope for timer in self.watching]
        return self.by_id[scopes[0]] if scopes and scopes[0] else self.start

    @property
    def start(self) -> Node:
        """Return the start event of the main flow."""
        return next(n for n in self.nodes if n.kind is Kind.START and n.scope is None)

    @cached_property
    def refined(self) -> dict[str, str]:
        """Return by step inside an embedded sub-process the outermost one: what it is part of."""
        found = {}
        for step in self.activities:
            around = [self.by_id[scope] for scope in self._around(step)]
            if around and not any(node.triggered_by_event for node in around):
                found[step.id] = around[-1].id
        return found

    def _around(self, node: Node) -> Iterator[str]:
        while node.scope:
            yield node.scope
            node = self.by_id[node.scope]

    def outgoing(self, node_id: str) -> tuple[Flow, ...]:
        """Return the flows that leave a node, in file order."""
        return self._leaving.get(node_id, ())

    def incoming(self, node_id: str) -> tuple[Flow, ...]:
        """Return the flows that enter a node, in file order."""
        return self._entering.get(node_id, ())

    @cached_property
    def _leaving(self) -> dict[str, tuple[Flow, ...]]:
        return _grouped((flow.source, flow) for flow in self.flows)

    @cached_property
    def _entering(self) -> dict[str, tuple[Flow, ...]]:
        return _grouped((flow.target, flow) for flow in self.flows)

    def activity(self, activity_id: str) -> Activity:
        """Return one step.

        Raises:
            NotFound: this template has no such activity.
        """
        node = self.by_id.get(activity_id)
        if not isinstance(node, Activity):
            raise NotFound("BDV-104", where=self.key, activity=activity_id)
        return node


def _grouped(flows: Iterable[tuple[str, Flow]]) -> dict[str, tuple[Flow, ...]]:
    groups: dict[str, list[Flow]] = {}
    for node_id, flow in flows:
        groups.setdefault(node_id, []).append(flow)
    return {node_id: tuple(group) for node_id, group in groups.items()}


def by_key(templates: Iterable[Template]) -> dict[str, Template]:
    """Return templates by key."""
    return {template.key: template for template in templates}


def of_key(templates: Mapping[str, Template], key: str) -> Template:
    """Return the template with this key.

    Raises:
        NotFound: there is none.
    """
    if key not in templates:
        raise NotFound("BDV-111", where=key, known=", ".join(templates))
    return templates[key]
