"""What the register shows: cases, work and history; reading changes nothing and makes no file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from bdv_process.errors import NotFound
from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.case import WorkItem
from bdv_process.execution.ledger import Ledger
from bdv_process.execution.organisation import Organisation
from bdv_process.template.model import Template


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
    seq: int


class CaseReader:
    """Answers questions about what is in the register."""

    def __init__(self, ledger: Ledger, organisation: Organisation) -> None:
        self._ledger = ledger
        self.organisation = organisation

    def close(self) -> None:
        """Let go of the database."""
        self._ledger.close()

    def template(self, key: str) -> Template:
        """Return the template that new cases of `key` run.

        Raises:
            NotFound: there is none.
        """
        return self._ledger.template(key)

    def worklist(
        self, *, role: str | None = None, person: str | None = None, root: str | None = None
    ) -> list[WorkItem]:
        """Return open work, oldest first: of a role, for a person, in the chain of a root case."""
        query = select(storage.items).where(storage.items.c.role.is_not(None))
        if role is not None:
            query = query.where(storage.items.c.role == role)
        if root is not None:
            chain = select(storage.cases.c.id).where(storage.cases.c.root == root)
            query = query.where(storage.items.c.case.in_(chain))
        found = self._items(query)
        if person is None:
            return found
        roles, raci = set(self.organisation.person(person).roles), self._ledger.procedure.raci
        return [
            item
            for item in found
            if item.claimed_by == person
            or (item.claimed_by is None and roles & set(raci[item.activity].responsible))
        ]

    def cases(self, *, open_only: bool = False) -> list[CaseFile]:
        """Return the cases, oldest first."""
        query = select(storage.cases).order_by(storage.cases.c.opened, storage.cases.c.id)
        if open_only:
            query = query.where(storage.cases.c.closed.is_(None))
        return [CaseFile(**row._mapping) for row in self._ledger.read(query)]

    def case(self, case: str) -> CaseFile:
        """Return one case.

        Raises:
            NotFound: no such case.
        """
        for row in self._ledger.read(select(storage.cases).where(storage.cases.c.id == case)):
            return CaseFile(**row._mapping)
        raise NotFound("BDV-301", where=case)

    def events(self, case: str | None = None) -> Iterator[Event]:
        """Yield what happened, of one case or of all, in order of case and sequence."""
        query = select(storage.events).order_by(storage.events.c.case, storage.events.c.seq)
        if case is not None:
            query = query.where(storage.events.c.case == case)
        yield from map(storage.to_event, self._ledger.read(query))

    def items(self, case: str) -> list[WorkItem]:
        """Return what a case waits for, forks included, oldest first."""
        query = select(storage.items).where(storage.items.c.case == case)
        return self._items(query)

    def timers(
        self, *, due_by: datetime | None = None, limit: int | None = None
    ) -> list[tuple[str, str, datetime]]:
        """Return what time will do: (case, timer, due moment), first due first."""
        timer = storage.timers.c
        query = select(timer.case, timer.element, timer.due)
        if due_by is not None:
            query = query.where(timer.due <= due_by)
        query = query.order_by(timer.due, timer.case, timer.element).limit(limit)
        rows = self._ledger.read(query)
        return [(row.case, row.element, row.due) for row in rows]

    def _items(self, query: Select[Any]) -> list[WorkItem]:
        rows = self._ledger.read(query.order_by(storage.items.c.since, storage.items.c.id))
        return [WorkItem(**{**row._mapping, "state": Lifecycle(row.state)}) for row in rows]
