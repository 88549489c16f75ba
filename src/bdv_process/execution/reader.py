"""What the register shows: cases, work and history; reading changes nothing and makes no file."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from bdv_process.errors import NotFound
from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.case import Case, WorkItem, deeds_of
from bdv_process.execution.clock import Clock
from bdv_process.execution.duty import Deed
from bdv_process.execution.ledger import Ledger
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.terms import TermClock, clock_of
from bdv_process.execution.worklist import ALL, ORDER, Pile, Sieve, in_pile
from bdv_process.template.model import Kind, Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import local_day

_AT_ONCE = 500  # cases whose events are held in memory together


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """What the register knows of one case at a glance."""

    id: str
    template: str
    parent: str | None
    root: str
    requester: str
    opened: datetime
    closed: datetime | None
    outcome: str | None
    due: datetime | None  #: by when it has to be closed; None: closed, a child case, or not known
    seq: int


@dataclass(frozen=True, kw_only=True)
class OpenWork(WorkItem):
    """A work item with its deadline: that of the first case of the chain."""

    due: datetime | None


@dataclass(frozen=True, kw_only=True, order=True)
class Timer:
    """What time will do in a case; ordered by when."""

    due: datetime
    case: str
    element: str
    template: str


class CaseReader:
    """Answers questions about what is in the register."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self.clock = clock

    def close(self) -> None:
        """Let go of the database."""
        self._ledger.close()

    @property
    def organisation(self) -> Organisation:
        """Who works here and who asks; another may take its place."""
        return self._ledger.organisation

    @organisation.setter
    def organisation(self, now: Organisation) -> None:
        self._ledger.organisation = now

    @property
    def procedure(self) -> Procedure:
        """Return who does what, and how long it takes."""
        return self._ledger.procedure

    def template(self, key: str) -> Template:
        """Return the template that new cases of `key` run.

        Raises:
            NotFound: there is none.
        """
        return self._ledger.template(key)

    def templates(self) -> tuple[Template, ...]:
        """Return the templates that new cases run."""
        return tuple(self._ledger.templates.values())

    def worklist(
        self, *, role: str | None = None, person: str | None = None, root: str | None = None
    ) -> list[OpenWork]:
        """Return open work, first due first: of a role, for a person, in the chain of a root case.

        For a person is also what absent colleagues left; whether it may be done says `may`.
        """
        query = select(storage.items).where(storage.items.c.role.is_not(None))
        if role is not None:
            query = query.where(storage.items.c.role == role)
        if root is not None:
            chain = select(storage.cases.c.id).where(storage.cases.c.root == root)
            query = query.where(storage.items.c.case.in_(chain))
        if person is not None:
            query = query.where(or_(*(self._in(each, person) for each in (Pile.MINE, Pile.FREE))))
        return self._items(query, *ORDER)

    def pile(
        self,
        pile: Pile,
        person: str,
        sieve: Sieve = ALL,
        *,
        first: int = 0,
        most: int | None = None,
    ) -> list[OpenWork]:
        """Return open work of one pile of a person, first due first, from place `first` on."""
        held = (self._in(pile, person), *sieve.conditions())
        return self._items(select(storage.items).where(*held).offset(first).limit(most), *ORDER)

    def amount(
        self, pile: Pile, person: str, sieve: Sieve = ALL, *, most: int | None = None
    ) -> int:
        """Return how many items a pile of a person holds; of more than `most` one more than that.

        Counting is what takes longer when there is more; who need not know stops it with `most`.
        """
        held = (self._in(pile, person), *sieve.conditions())
        counted = select(storage.items.c.id).where(*held)
        if most is not None:
            counted = counted.limit(most + 1)
        rows = self._ledger.read(select(func.count()).select_from(counted.subquery()))
        return int(rows[0][0]) if rows else 0

    def questions(self, person: str) -> list[CaseFile]:
        """Return the cases that wait for an answer of their requester, oldest first."""
        waits = {
            flow.target
            for template in self.templates()
            for flow in template.flows
            if template.by_id[flow.source].kind is Kind.EVENT_BASED
        }
        case, timer = storage.cases.c, storage.timers.c
        query = select(storage.cases).join(storage.timers, timer.case == case.id)
        query = query.where(case.requester == person, timer.element.in_(waits))
        rows = self._ledger.read(query.order_by(case.opened, case.id))
        return [CaseFile(**row._mapping) for row in rows]

    def _in(self, pile: Pile, person: str) -> ColumnElement[bool]:
        absent = self.organisation.stood_in_for(person, local_day(self.clock()))
        return in_pile(pile, self.organisation.person(person), absent, self.procedure)

    def cases(
        self, *, open_only: bool = False, root: str | None = None, ids: Iterable[str] | None = None
    ) -> list[CaseFile]:
        """Return the cases, oldest first: those of the chain that `root` began, with these ids."""
        query = select(storage.cases).order_by(storage.cases.c.opened, storage.cases.c.id)
        if open_only:
            query = query.where(storage.cases.c.closed.is_(None))
        if root is not None:
            query = query.where(storage.cases.c.root == root)
        if ids is not None:
            query = query.where(storage.cases.c.id.in_(ids))
        return [CaseFile(**row._mapping) for row in self._ledger.read(query)]

    def calls(self, requester: str, *, most: int = 10) -> list[CaseFile]:
        """Return the latest calls of a requester, newest first; no child cases."""
        case = storage.cases.c
        query = select(storage.cases).where(case.requester == requester, case.parent.is_(None))
        query = query.order_by(case.opened.desc(), case.id.desc()).limit(most)
        return [CaseFile(**row._mapping) for row in self._ledger.read(query)]

    def subjects(self, cases: Iterable[str]) -> dict[str, str]:
        """Return what cases are about in the words of who called, where that was written down."""
        event = storage.events.c
        query = select(storage.events).where(event.case.in_(list(cases)), event.seq == 1)
        found = {}
        for first in self._ledger.events(query, shown=True):
            call = first.data.get("call")
            if isinstance(call, Mapping) and isinstance(subject := call.get("subject"), str):
                found[first.case] = subject
        return found

    def case(self, case: str) -> CaseFile:
        """Return one case.

        Raises:
            NotFound: no such case.
        """
        return self._each_case([case])[case]

    def _each_case(self, ids: Collection[str]) -> dict[str, CaseFile]:
        found = {each.id: each for each in self.cases(ids=ids)} if ids else {}
        for missing in (each for each in ids if each not in found):
            raise NotFound("BDV-301", where=missing)
        return found

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many cases of each workflow are open and how many closed."""
        case = storage.cases.c
        closed = func.count(case.closed).label("closed")
        query = select(case.template, func.count().label("all"), closed).group_by(case.template)
        rows = [row._mapping for row in self._ledger.read(query)]
        return {row["template"]: (row["all"] - row["closed"], row["closed"]) for row in rows}

    def closings(self) -> tuple[int, datetime | None]:
        """Return how many cases are closed, and when the last one was."""
        closed = storage.cases.c.closed
        both: list[ColumnElement[Any]] = [func.count(closed), func.max(closed)]
        return next((tuple(row) for row in self._ledger.read(select(*both))), (0, None))

    def closed_calls(self, *, since: datetime, most: int) -> list[CaseFile]:
        """Return the calls that were closed last, no earlier than `since`, the last first."""
        case = storage.cases.c
        query = select(storage.cases).where(case.parent.is_(None), case.closed >= since)
        rows = self._ledger.read(query.order_by(case.closed.desc(), case.id).limit(most))
        return [CaseFile(**row._mapping) for row in rows]

    def live(self, case: str) -> Case:
        """Return a case made again from its events, on the template that it runs: to look at.

        Raises:
            NotFound: no such case.
        """
        self.case(case)
        return self._ledger.look(case, self.clock())

    def events(
        self,
        case: str | None = None,
        *,
        roots: Collection[str] | None = None,
        shown: bool = True,
    ) -> Iterator[Event]:
        """Yield what happened, of one case or of all, case by case in order of sequence.

        Of all: of those in the chains that `roots` began, where these are given. With what people
        filled in, to be `shown`; a log can do without.
        """
        event = storage.events.c
        begun = select(event.case).where(event.seq == 1).order_by(event.timestamp, event.case)
        if roots is not None:
            begun = begun.where(event.root.in_(roots))
        known = [row.case for row in self._ledger.read(begun)] if case is None else [case]
        for start in range(0, len(known), _AT_ONCE):
            part = event.case.in_(known[start : start + _AT_ONCE])
            query = select(storage.events).where(part).order_by(event.case, event.seq)
            yield from self._ledger.events(query, shown=shown)

    def item(self, item: str) -> OpenWork:
        """Return one open work item.

        Raises:
            NotFound: no such item, or it is done.
        """
        return self._each_item([item])[item]

    def _each_item(self, ids: Collection[str]) -> dict[str, OpenWork]:
        rows = self._items(select(storage.items).where(storage.items.c.id.in_(ids))) if ids else ()
        found = {each.id: each for each in rows}
        for missing in (each for each in ids if each not in found):
            raise NotFound("BDV-302", where=missing)
        return found

    def term(self, case: str) -> TermClock | None:
        """Return where the term of decision of a case stands; None when it has none.

        Raises:
            NotFound: no such case.
        """
        found, event = self.case(case), storage.events.c
        told = or_(event.seq == 1, event.term.is_not(None))
        query = select(storage.events).where(event.case == case, told).order_by(event.seq)
        span = self.procedure.terms.get(self.template(found.template).process)
        happened = self._ledger.events(query)
        return clock_of(happened, span, found.closed)

    def deeds(self, cases: Collection[CaseFile]) -> dict[str, list[Deed]]:
        """Return for each of these who completed what in it, its ancestors and its descendants."""
        if not cases:
            return {}
        case, event = storage.cases.c, storage.events.c
        chains = select(case.id, case.parent).where(case.root.in_({each.root for each in cases}))
        rows = self._ledger.read(chains.order_by(case.id))
        parents: dict[str, str | None] = {row.id: row.parent for row in rows}
        kin = {each.id: _kin(each.id, parents) for each in cases}
        done = (event.item.is_not(None), event.lifecycle == Lifecycle.COMPLETE)
        query = select(storage.events).where(event.case.in_(set(chain(*kin.values()))), *done)
        found: dict[str, list[Deed]] = {}
        for completed in self._ledger.events(query.order_by(event.case, event.seq)):
            found.setdefault(completed.case, []).extend(deeds_of(completed))
        return {
            about: [deed for each in near for deed in found.get(each, ())]
            for about, near in kin.items()
        }

    def items(self, *cases: str) -> list[OpenWork]:
        """Return what cases wait for, or all do when none is named: forks too, oldest first."""
        query = select(storage.items)
        return self._items(query.where(storage.items.c.case.in_(cases)) if cases else query)

    def timers(self, *, due_by: datetime | None = None) -> list[Timer]:
        """Return what time will do, first due first."""
        timer, case = storage.timers.c, storage.cases.c
        query = select(timer.due, timer.case, timer.element, case.template).join(
            storage.cases, case.id == timer.case
        )
        if due_by is not None:
            query = query.where(timer.due <= due_by)
        rows = self._ledger.read(query.order_by(timer.due, timer.case, timer.element))
        return [Timer(**row._mapping) for row in rows]

    def next_timer(self, *, besides: Collection[str] = ()) -> datetime | None:
        """Return when the first timer is due, besides those of some cases."""
        due, case = storage.timers.c.due, storage.timers.c.case
        return self._first(select(func.min(due)).where(case.not_in(besides)))

    def next_notification(self) -> datetime | None:
        """Return when the first notification that was not given up is due to leave."""
        return self._first(select(func.min(storage.outbox.c.due)))

    def _first(self, query: Select[Any]) -> datetime | None:
        return next((row[0] for row in self._ledger.read(query)), None)

    def _items(self, query: Select[Any], *order: ColumnElement[Any]) -> list[OpenWork]:
        query = query.order_by(*(order or ORDER[1:]))
        rows = self._ledger.read(query)
        return [OpenWork(**{**row._mapping, "state": Lifecycle(row.state)}) for row in rows]


def _kin(case: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return a case with its ancestors and its descendants, in the order of `parents`."""
    above = set(_line(case, parents))
    return [each for each in parents if each in above or case in _line(each, parents)]


def _line(case: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """Yield a case and its ancestors."""
    above: str | None = case
    while above is not None:
        yield above
        above = parents[above]
