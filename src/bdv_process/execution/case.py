"""One running case: its tokens and work items, derived from its own events and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bdv_process.errors import IntegrityBroken
from bdv_process.eventlog.event import Event, Lifecycle, Term
from bdv_process.execution.duty import Deed
from bdv_process.execution.evidence import Evidence, term_after
from bdv_process.execution.spiff import Tokens
from bdv_process.execution.terms import TermClock, clock_of
from bdv_process.template.model import Fork, Kind, Node, Template, Trigger
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import end_of


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """Work that waits for somebody, or, for a fork, for its child case."""

    id: str
    case: str
    template: str
    activity: str
    label: str
    role: str | None  #: the usual role; None for a fork
    since: datetime  #: when it was offered
    state: Lifecycle = Lifecycle.SCHEDULE  #: what happened to it last
    claimed_by: str | None = None
    claimed_as: str | None = None  #: role in which it was claimed
    claimed_for: str | None = None  #: absent colleague in whose stead it was claimed


class Case:
    """A case that lives: events go in, its state and what follows from them come out.

    A *cause* is an event that moves tokens: the start, a completed item, a message or a timer.
    What follows from a cause (messages sent, items offered or withdrawn, the end) is computed
    from the template, so a replay can compare it with what was recorded.
    """

    def __init__(self, template: Template, procedure: Procedure, first: Event) -> None:
        self.template = template
        self.procedure = procedure
        self.id = first.case
        self.parent = first.parent
        self.root = first.root
        self.requester = first.requester
        self.opened = first.timestamp
        self.fork = first.data.get("fork")  #: item of the parent that waits for this case
        self.children: list[str] = []  #: cases that its forks started
        self.deeds: list[Deed] = []
        self.closed: datetime | None = None
        self.outcome: str | None = None
        self.seq = 0
        self.latest = first.timestamp  #: of all events: a clock that steps back does not reorder
        self.items: dict[str, WorkItem] = {}
        self._armed: dict[str, datetime] = {}  #: when timers go off as the template says
        self._term = procedure.terms.get(template.process)
        self._told_of_term = [first]
        self._expected: list[Event] = []
        self._tokens = Tokens(template)
        self._in_turn(first)
        self._taken(first)
        self._expected = self._follow(first)

    @property
    def awaited(self) -> frozenset[str]:
        """Return the messages and timers that would be caught now."""
        return self._tokens.awaited

    @property
    def clock(self) -> TermClock | None:
        """Return where the term of decision stands; None when the case has none."""
        return clock_of(self._told_of_term, self._term, self.closed)

    @property
    def timers(self) -> dict[str, datetime]:
        """Return what time will do, and when.

        What watches a legal term goes by that: it moves with it, and not while the clock stands.
        """
        clock, moments = self.clock, dict(self._armed)
        for timer, before in self.template.watching.items() if clock and moments else ():
            if timer in moments:
                del moments[timer]
                if clock and clock.last:
                    moments[timer] = end_of(clock.last - before)
        return moments

    @property
    def due(self) -> datetime | None:
        """Return by when the chain that this case began has to be closed, as known now."""
        if self.closed or self.parent:
            return None
        if clock := self.clock:
            return clock.due
        waits = [self.template.by_id[timer].duration for timer in self.template.watching]
        return self.opened + sum(filter(None, waits), timedelta()) if waits else None

    @property
    def outstanding(self) -> Event | None:
        """Return the first of what follows from the latest cause and was not taken in yet."""
        return self._expected[0] if self._expected else None

    @property
    def withdrawal(self) -> Node | None:
        """Return the message with which the requester would end the case."""
        return self._message(Kind.START)

    @property
    def question(self) -> Node | None:
        """Return the message in which the case awaits the requester's answer."""
        return self._message(Kind.CATCH)

    def begun(self, fork: Fork) -> bool:
        """Return whether a fork is under way or done: a child that failed gives control back."""
        if any(item.activity == fork.id for item in self.items.values()):
            return True
        ended = self._tokens.outcome(fork.id)
        return ended is not None and ended in [outcome.id for outcome in fork.outcomes[:1]]

    def _message(self, kind: Kind) -> Node | None:
        nodes = map(self.template.by_id.__getitem__, sorted(self._tokens.awaited))
        return next((n for n in nodes if n.kind is kind and n.trigger is Trigger.MESSAGE), None)

    def event(
        self,
        node: Node,
        lifecycle: Lifecycle,
        at: datetime,
        *,
        item: WorkItem | None = None,
        resource: str | None = None,
        role: str | None = None,
        behalf: str | None = None,
        outcome: str | None = None,
        data: Mapping[str, object] | None = None,
        evidence: Evidence | None = None,
        term: Term | None = None,
        due: datetime | None = None,
    ) -> Event:
        """Return the next event of this case; it counts only after `apply`."""
        left = evidence or Evidence()
        return Event(
            case=self.id,
            seq=self.seq + 1,
            template=self.template.key,
            parent=self.parent,
            root=self.root,
            requester=self.requester,
            activity=node.id,
            label=node.name,
            item=item.id if item else None,
            lifecycle=lifecycle,
            timestamp=max(at, self.latest),
            resource=resource,
            role=role,
            behalf=behalf,
            touchpoint=node.touchpoint or term is not None,
            outcome=outcome,
            linked=left.linked,
            component=left.component,
            proposal=left.proposal,
            motivated=left.motivated if evidence and outcome else None,
            term=term or term_after(node, self.template),
            due=due,
            data=data or {},
        )

    def apply(self, event: Event) -> list[Event]:
        """Take in one new event and all that follows from it; return the latter, in order."""
        self.replay(event)
        return self.settle()

    def settle(self) -> list[Event]:
        """Take in what follows from the latest cause; return it, in order."""
        followed = list(self._expected)
        for consequence in followed:
            self.replay(consequence)
        return followed

    def replay(self, event: Event) -> None:
        """Take in one recorded event.

        Raises:
            IntegrityBroken: it does not follow from the events before it.
        """
        self._in_turn(event)
        if self._expected:
            expected = self._expected.pop(0)
            if (event.activity, event.lifecycle, event.item, event.outcome) != (
                expected.activity, expected.lifecycle, expected.item, expected.outcome,
            ):  # fmt: skip
                raise unfollowed(event, said(event), said(expected))
            self._taken(event)
            return
        if event.aside:
            self._taken(event)
            return
        node = self.template.by_id.get(event.activity)
        if node is None:
            raise IntegrityBroken(
                "BDV-327", where=f"{event.case} #{event.seq}", element=event.activity,
                expected=self._possible,
            )  # fmt: skip
        done = event.lifecycle is Lifecycle.COMPLETE
        held = event.item in self.items and event.lifecycle is not Lifecycle.WITHDRAW
        if not (held if event.item else done and node.waits):
            raise unfollowed(event, said(event), self._possible)
        self._taken(event)
        if not done:
            return
        try:
            if event.item:
                self._tokens.complete(event.activity, event.outcome)
            else:
                self._tokens.fire(event.activity)
        except IntegrityBroken as error:
            where = f"{event.case} #{event.seq}"
            raise IntegrityBroken(error.code, where=where, **error.facts) from error
        self._expected = self._follow(event)

    @property
    def _possible(self) -> str:
        """Return what could happen next: the steps that are open, the messages and timers."""
        open_steps = [item.activity for item in self.items.values()]
        return ", ".join([*open_steps, *sorted(self._tokens.awaited)]) or "-"

    def _in_turn(self, event: Event) -> None:
        if event.seq != self.seq + 1:
            raise unfollowed(event, f"#{event.seq}", f"#{self.seq + 1}")

    def _taken(self, event: Event) -> None:
        """Count the event, and let it change the item it is about."""
        self.seq = event.seq
        self.latest = max(self.latest, event.timestamp)
        if event.term:
            self._told_of_term.append(event)
        if event.item is None:
            return
        match event.lifecycle:
            case Lifecycle.COMPLETE | Lifecycle.WITHDRAW:
                del self.items[event.item]
                if event.lifecycle is Lifecycle.COMPLETE:
                    self.deeds += deeds_of(event)
            case Lifecycle.SCHEDULE:
                offered = WorkItem(
                    id=event.item,
                    case=self.id,
                    template=self.template.key,
                    activity=event.activity,
                    label=event.label,
                    role=event.role,
                    since=event.timestamp,
                )
                self.items[event.item] = offered
            case Lifecycle.ASSIGN:
                self.items[event.item] = replace(
                    self.items[event.item],
                    state=event.lifecycle,
                    claimed_by=event.resource,
                    claimed_as=event.role,
                    claimed_for=None if "giver" in event.data else event.behalf,
                )
            case _:
                if "child" in event.data:
                    self.children.append(str(event.data["child"]))
                self.items[event.item] = replace(self.items[event.item], state=event.lifecycle)

    def _follow(self, cause: Event) -> list[Event]:
        """Return what follows from the move that `cause` made, numbered from there."""
        at, ended = cause.timestamp, self._tokens.ended
        nodes = [self.template.by_id[passed] for passed in self._tokens.passed]
        ready = list(self._tokens.ready)
        gone = [item for item in self.items.values() if item.activity not in ready]
        waiting = {item.activity for item in self.items.values()}
        followed = [
            self.event(self.template.by_id[item.activity], Lifecycle.WITHDRAW, at, item=item)
            for item in gone
        ]
        followed += [
            self.event(
                node, Lifecycle.COMPLETE, at, role=self._told(node), outcome=node.case_outcome
            )
            for node in nodes
            if node.sends or node.kind is Kind.END
        ]
        followed += [
            self.event(
                self.template.by_id[activity], Lifecycle.SCHEDULE, at, role=self._usual(activity)
            )
            for activity in ready
            if activity not in waiting
        ]
        numbered = []
        for seq, event in enumerate(followed, start=self.seq + 1):
            item = f"{self.id}.{seq}" if event.lifecycle is Lifecycle.SCHEDULE else event.item
            numbered.append(replace(event, seq=seq, item=item))
        if ended:
            self.outcome, self.closed = self.template.by_id[ended].case_outcome, at
        # A timer that was noticed late still counts from the moment it was due.
        self._arm(self._armed.get(cause.activity, at))
        return numbered

    def _told(self, node: Node) -> str | None:
        """Return the role an escalation goes to: of what waits longest, or of the last step."""
        if node.trigger is not Trigger.ESCALATION:
            return None
        steps = [item.activity for item in self.items.values()]
        steps += [deed.activity for deed in self.deeds[-1:]]  # while only the requester can act
        raci = self.procedure.raci.get(steps[0]) if steps else None
        return raci.accountable if raci else None

    def _usual(self, activity: str) -> str | None:
        """Return the role an item is offered to; a fork is offered to nobody."""
        if isinstance(self.template.by_id[activity], Fork):
            return None
        raci = self.procedure.raci.get(activity)
        return raci.responsible[0] if raci else None

    def _arm(self, at: datetime) -> None:
        """Give every timer that began to wait its due moment."""
        self._armed = {
            node.id: self._armed.get(node.id, at + node.duration)
            for node in map(self.template.by_id.__getitem__, sorted(self._tokens.awaited))
            if node.duration is not None
        }


def deeds_of(completed: Event) -> list[Deed]:
    """Return whose deed a completed item is: who did it, and in whose stead."""
    return [
        Deed(case=completed.case, activity=completed.activity, person=person)
        for person in (completed.resource, completed.behalf)
        if person
    ]


def said(event: Event) -> str:
    """Return what an event says, to tell it from another in a refusal."""
    return f"{event.activity} {event.lifecycle}"


def unfollowed(event: Event, seen: str, expected: str) -> IntegrityBroken:
    """Return the refusal of an event that does not follow from those before it."""
    where = f"{event.case} #{event.seq}"
    return IntegrityBroken("BDV-328", where=where, seen=seen, expected=expected)
