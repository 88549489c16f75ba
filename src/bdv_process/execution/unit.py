"""One unit of work: it appends events, and keeps the projections in step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bdv_process.errors import Conflict, IntegrityBroken, NotFound
from bdv_process.eventlog.event import Event, Lifecycle, version_in
from bdv_process.execution import bell, outbox, storage
from bdv_process.execution.case import Case, WorkItem
from bdv_process.execution.chain import linked
from bdv_process.execution.duty import Permit
from bdv_process.execution.evidence import Evidence
from bdv_process.execution.projection import fixed_of, items_of, moving_of, timers_of
from bdv_process.execution.replay import replayed
from bdv_process.execution.subject import Subjects
from bdv_process.template.bpmn import template_from
from bdv_process.template.model import Fork, Node, Template

if TYPE_CHECKING:
    from bdv_process.execution.ledger import Ledger

# Built once: making a statement costs more than running it.
_CASE: BindParameter[str] = bindparam("case_id")
_TREE = storage.cases.alias("tree")
_ROOT = select(storage.cases.c.root).where(storage.cases.c.id == _CASE).scalar_subquery()
_LOCK_TREE = select(_TREE.c.id).where(_TREE.c.id == _ROOT).with_for_update()
_HASH = select(storage.events.c.hash).where(
    storage.events.c.case == _CASE, storage.events.c.seq == bindparam("at")
)
_SEQ = select(storage.cases.c.seq).where(storage.cases.c.id == _CASE)
_HISTORY = (
    select(storage.events).where(storage.events.c.case == _CASE).order_by(storage.events.c.seq)
)
_MOVE_ON = (
    update(storage.cases)
    .where(storage.cases.c.id == _CASE)
    .values({name: bindparam(name) for name in ("template", "closed", "outcome", "due", "seq")})
)
_DUE = select(storage.cases.c.due).where(storage.cases.c.id == _CASE)
#: All work in a chain is due when its first case is.
_MOVE_CHAIN = (
    update(storage.items)
    .where(
        storage.items.c.case.in_(
            select(storage.cases.c.id).where(
                storage.cases.c.root == _CASE, storage.cases.c.parent.is_not(None)
            )
        )
    )
    .values(due=bindparam("chain_due"))
)
_COUNT = (
    update(storage.counters)
    .where(storage.counters.c.name == "case")
    .values(value=storage.counters.c.value + 1)
    .returning(storage.counters.c.value)
)
#: Somebody else may just have kept the same version.
_KEEP = {
    name: says.insert(storage.templates).on_conflict_do_nothing()
    for name, says in (("postgresql", postgresql), ("sqlite", sqlite))
}
_FORGET = [delete(t).where(t.c.case == _CASE) for t in (storage.items, storage.timers)]


class Unit:
    """One unit of work on one connection."""

    def __init__(self, ledger: "Ledger", connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.broken = False  #: whether a command failed after it changed something
        self.loaded: dict[str, Case] = {}
        self._ledger = ledger
        self._recorded: list[Event] = []  #: not written yet
        self._unheard: list[Event] = []  #: not told yet
        self._told: list[tuple[Event, Node]] = []  #: may have to be told elsewhere
        self._armed: list[datetime] = []  #: when there is something to do for a worker
        self._changes = 0

    @contextmanager
    def one_command(self) -> Iterator[None]:
        """Notice when a command of a batch fails half way: then nothing of the batch may stay."""
        changes = self._changes
        try:
            yield
        except BaseException:
            self.broken |= self._changes > changes
            raise

    def unheard(self) -> list[Event]:
        """Return what happened since this was last asked."""
        happened, self._unheard = self._unheard, []
        return happened

    def load(self, case: str) -> Case:
        """Return a live case, replayed when it is not hot.

        Raises:
            NotFound: no such case.
            IntegrityBroken: its events do not follow from its template.
        """
        if case not in self.loaded:
            # Kin are worked on together: with a lock per case two commands could wait in a circle.
            self.connection.execute(_LOCK_TREE, {"case_id": case})
            seq = self.connection.execute(_SEQ, {"case_id": case}).scalar()
            if seq is None:
                raise NotFound("BDV-301", where=case)
            hot = self._ledger.hot.get(case)
            self._keep_hot(hot if hot is not None and hot.seq == seq else self.replay(case))
        return self.loaded[case]

    def replay(self, case: str) -> Case:
        """Return a case made again from its events alone."""
        happened = self._history(case)
        # All of it fitted the template that the case moved to last: `moved` saw to that.
        version = self._version(version_in(happened), where=case)
        return replayed(happened, version, self._ledger.procedure)

    def moved(self, case: Case, template: Template) -> Case:
        """Return a case made again on another template, as if it had run that from its start.

        Raises:
            IntegrityBroken: what happened does not fit there; it names the first deviation.
        """
        self.flush()
        return replayed(self._history(case.id), template, self._ledger.procedure)

    def move(self, case: Case, told: Event) -> None:
        """Let a case, made again on another template, go on there: `told` says so in its log."""
        self._changes += 1
        self._keep_version(case.template)
        self._keep_hot(case)
        self.happen(case, told)

    def events(self, query: Select[Any], **values: object) -> list[Event]:
        """Return whole rows of `events` as events, without what people filled in."""
        rows = self.connection.execute(query, values)
        return Subjects(self.connection, self._ledger.keyring).events(rows)

    def _history(self, case: str) -> list[Event]:
        happened = self.events(_HISTORY, case_id=case)
        if not happened:
            raise IntegrityBroken("BDV-339", where=case)
        return happened

    def open(
        self,
        template: Template,
        requester: str,
        *,
        data: Mapping[str, object],
        parent: Case | None = None,
        fork: WorkItem | None = None,
        caller: tuple[str, Permit] | None = None,
        evidence: Evidence | None = None,
        about: Mapping[str, object] | None = None,
    ) -> Case:
        """Start a case: for a requester, by who called or took in the call; or for a fork."""
        self._changes += 1
        case_id = f"Z{self._next_number()}"
        self._keep_version(template)  # after the number: that lets one in at a time
        start = template.start
        first = Event(
            case=case_id,
            seq=1,
            template=template.key,
            parent=parent.id if parent else None,
            root=parent.root if parent else case_id,
            requester=requester,
            activity=start.id,
            label=start.name,
            lifecycle=Lifecycle.COMPLETE,
            timestamp=max(self.now, parent.latest) if parent else self.now,
            resource=caller[0] if caller else None,
            role=caller[1].role if caller else None,
            behalf=caller[1].behalf if caller else None,
            touchpoint=start.touchpoint,
            linked=evidence.linked if evidence else None,
            motivated=(evidence and evidence.motivated) or None,
            data={
                "version": template.version,
                "fork": fork.id if fork else None,
                "call": data,
                **(about or {}),
            },
        )
        case = Case(template, self._ledger.procedure, first)
        self._keep_hot(case)
        self._record(case, [first, *case.settle()])
        return case

    def happen(self, case: Case, event: Event) -> None:
        """Record an event, what follows from it, and what that starts or ends elsewhere."""
        self._changes += 1
        self._record(case, [event, *case.apply(event)])

    def withdraw(
        self, case: Case, by: str | None, data: Mapping[str, object], permit: Permit | None = None
    ) -> None:
        """End a case and the child cases it waits for."""
        wish = case.withdrawal
        if wish is None:
            raise Conflict("BDV-331", where=case.id, template=case.template.key)
        event = case.event(
            wish, Lifecycle.COMPLETE, self.now, resource=by, data=data,
            role=permit.role if permit else None, behalf=permit.behalf if permit else None,
        )  # fmt: skip
        self.happen(case, event)

    def lineage(self, case: Case) -> list[Case]:
        """Return the case with its ancestors and descendants."""
        kin, above = [case], case
        while above.parent:
            above = self.load(above.parent)
            kin.append(above)
        below = list(case.children)
        while below:
            child = self.load(below.pop())
            kin.append(child)
            below += child.children
        return kin

    def flush(self) -> None:
        """Write what was recorded, and bring the projections in step."""
        if not self._recorded:
            return
        subjects = Subjects(self.connection, self._ledger.keyring)
        happened: dict[str, list[dict[str, object]]] = {}
        for row in subjects.rows(self._recorded, self._ledger.works_here):
            happened.setdefault(str(row["case"]), []).append(row)
        for case, rows in happened.items():
            chained = linked(storage.events, rows, self._hash_before(rows[0]))
            self.connection.execute(insert(storage.events), chained)
            self.project(self.loaded[case])
        self._post()
        self._recorded.clear()

    def _hash_before(self, row: Mapping[str, object]) -> str:
        """Return the hash that an event is chained to."""
        if row["seq"] == 1:
            return ""
        at = {"case_id": row["case"], "at": int(str(row["seq"])) - 1}
        return str(self.connection.execute(_HASH, at).scalar_one())

    def _post(self) -> None:
        """Put in the outbox what has to leave, and wake who does what is due."""
        source = self._ledger.source
        if source and (leave := outbox.notifications(self._told, source, self.now)):
            self.connection.execute(insert(storage.outbox), leave)
            self._armed.append(self.now)
        if self._armed:
            bell.wake(self.connection, min(self._armed), self.now)
        self._told.clear()
        self._armed.clear()

    def project(self, case: Case) -> None:
        """Bring the case list, the work list and the timers in step with a live case."""
        facts = moving_of(case)
        moved = self.connection.execute(_MOVE_ON, {"case_id": case.id, **facts})
        if moved.rowcount == 0:
            self.connection.execute(insert(storage.cases), {**fixed_of(case), **facts})
        for forget in _FORGET:
            self.connection.execute(forget, {"case_id": case.id})
        if case.items:
            due = case.due
            if case.parent:
                due = self.connection.execute(_DUE, {"case_id": case.root}).scalar()
            self.connection.execute(insert(storage.items), items_of(case, due))
        if not case.parent:
            self.connection.execute(_MOVE_CHAIN, {"case_id": case.id, "chain_due": case.due})
        if timers := timers_of(case):
            self.connection.execute(insert(storage.timers), timers)
            self._armed += [timer["due"] for timer in timers]

    def _keep_hot(self, case: Case) -> None:
        self.loaded[case.id] = case
        self._ledger.keep_hot(case)

    def _record(self, case: Case, happened: list[Event]) -> None:
        """Keep what happened; start the child of a fork, and on a close end or resume kin."""
        happened = [replace(event, recorded=self.now) for event in happened]
        self._recorded += happened
        self._unheard += happened
        for event in happened:
            node = case.template.by_id.get(event.activity)
            if node is not None and not event.aside:
                self._told.append((event, node))
            if isinstance(node, Fork) and event.lifecycle is Lifecycle.SCHEDULE:
                item = case.items[str(event.item)]
                called = self._ledger.template(node.calls)
                child = self.open(called, case.requester, data={}, parent=case, fork=item)
                started = {"child": child.id}
                self.happen(
                    case, case.event(node, Lifecycle.START, self.now, item=item, data=started)
                )
        if case.closed is None:
            return
        for child in map(self.load, case.children):
            if child.closed is None:
                self.withdraw(child, None, {"parent": case.id})
        if case.parent:
            parent = self.load(case.parent)
            waiting = parent.items.get(str(case.fork))
            if waiting is not None:
                node = parent.template.by_id[waiting.activity]
                done = parent.event(
                    node, Lifecycle.COMPLETE, self.now, item=waiting, outcome=case.outcome
                )
                self.happen(parent, done)

    def _next_number(self) -> int:
        return int(self.connection.execute(_COUNT).scalar_one())

    def _keep_version(self, template: Template) -> None:
        """Store the template's file: a running case keeps the version it started with."""
        known = storage.templates.c.version == template.version
        if self.connection.execute(select(storage.templates.c.key).where(known)).first() is None:
            row = {"version": template.version, "key": template.key, "source": template.source}
            self.connection.execute(_KEEP[self.connection.dialect.name], row)

    def _version(self, version: str, *, where: str) -> Template:
        if version not in self._ledger.versions:
            query = select(storage.templates).where(storage.templates.c.version == version)
            row = self.connection.execute(query).first()
            if row is None:
                raise IntegrityBroken("BDV-330", where=where, version=version)
            kept = sha256(row.source).hexdigest()
            if kept != version:  # it would be run as if it were what the case began with
                raise IntegrityBroken("BDV-560", where=where, version=version, kept=kept)
            self._ledger.versions[version] = template_from(row.source, Path(row.key))
        return self._ledger.versions[version]
