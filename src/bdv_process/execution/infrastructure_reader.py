"""What the register of managed infrastructure shows: how it stands, and what happened to what."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, select

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import Event
from bdv_process.execution import storage
from bdv_process.execution.clock import Clock
from bdv_process.execution.infrastructure import Infrastructure, nearest
from bdv_process.execution.intake import Answers, Concern, Proposal, propose
from bdv_process.execution.ledger import Ledger
from bdv_process.execution.reader import CaseFile, CaseReader
from bdv_process.execution.registration import (
    ADDED,
    CHANGED,
    REGISTERS,
    RETIRED,
    Registration,
    standing,
)
from bdv_process.execution.subject import Subjects
from bdv_process.execution.unit import Unit

_EVENT: Final = storage.events.c
_CASE: Final = storage.cases.c
#: Where the first event of a case keeps what the call is about.
SERVICE, COMPONENT = "service", "component"


@dataclass(frozen=True, kw_only=True)
class Touch:
    """What one case did to a component."""

    case: str
    template: str
    at: datetime
    role: str | None  #: in which it was registered
    how: str  #: CHANGED, ADDED or RETIRED


class InfrastructureReader(CaseReader):
    """Answers questions about services and components."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        infrastructure: Infrastructure,
    ) -> None:
        super().__init__(ledger, clock)
        self._began = infrastructure

    @property
    def infrastructure(self) -> Infrastructure:
        """Return the services and components as they stand now."""
        return standing(self._began, self._happened(self._updates))

    def history(self, component: str) -> list[Touch]:
        """Return what cases did to a component, latest first."""
        query = self._updates.where(_EVENT.component.contains(component, autoescape=True))
        found = []
        for event in self._happened(query):
            said = Registration.of(event.data)
            told = {ADDED: said.added, CHANGED: said.changed, RETIRED: said.retired}
            found += [
                Touch(
                    case=event.case,
                    template=event.template,
                    at=event.timestamp,
                    role=event.role,
                    how=how,
                )
                for how, ids in told.items()
                if component in ids
            ]
        return sorted(found, key=lambda touch: touch.at, reverse=True)

    def calls_about(
        self, *, service: str | None = None, component: str = "", most: int | None = None
    ) -> list[CaseFile]:
        """Return the cases of calls about a service, or linked to a component, latest first."""
        query = select(storage.cases).where(_CASE.id.in_(_about(service, component)))
        query = query.order_by(_CASE.opened.desc(), _CASE.id.desc()).limit(most)
        return [CaseFile(**row._mapping) for row in self._ledger.read(query)]

    def amount_about(self, *, service: str | None = None, component: str = "") -> int:
        """Return how many cases `calls_about` finds."""
        found = _about(service, component).subquery()
        rows = self._ledger.read(select(func.count(found.c.case.distinct())))
        return int(rows[0][0]) if rows else 0

    def about(self, case: CaseFile) -> dict[str, str]:
        """Return the ids of the service and the component that the call of a chain is about."""
        said = self._call(case)
        return {name: str(said[name]) for name in (SERVICE, COMPONENT) if name in said}

    def to_change(self, case: CaseFile) -> str:
        """Return the id of the component that has to change by what intake heard, else ""."""
        said = self._call(case)
        intake = said.get("intake")
        stays = isinstance(intake, dict) and intake.get("component") is False
        return "" if stays else str(said.get(COMPONENT, ""))

    def _call(self, case: CaseFile) -> Mapping[str, object]:
        """Return what stands with the first event of a chain."""
        query = select(storage.events).where(_EVENT.case == case.root, _EVENT.seq == 1)
        return next((event.data for event in self._happened(query)), {})

    def concern(self, service: str | None = None, component: str | None = None) -> Concern:
        """Return what a call is about, by the ids that somebody named.

        Raises:
            InputRefused: there is no such service, no such component, or it is retired.
        """
        if not service and not component:
            return Concern()
        now = self.infrastructure
        if service and service not in now.services:
            near = nearest(service, now.services)
            raise InputRefused("BDV-510", where=SERVICE, service=service, nearest=near)
        return Concern(
            service=now.services[service] if service else None,
            component=now.in_use(component, where=COMPONENT) if component else None,
        )

    def propose(self, answers: Answers, concern: Concern | None = None) -> Proposal:
        """Return the workflow that the answers at intake lead to, with the reason.

        Raises:
            NotFound: there is no such workflow here.
        """
        return propose(answers, self._ledger.templates, concern or Concern())

    @property
    def _updates(self) -> Select[Any]:
        """Return the query for what cases registered; workflows that register nothing are skipped.

        So no index is needed on the events, most of which are not of changes.
        """
        never = [
            each.key
            for each in self.templates()
            if not any(activity.id == REGISTERS for activity in each.activities)
        ]
        others = select(storage.cases.c.id).where(storage.cases.c.template.not_in(never))
        return select(storage.events).where(
            _EVENT.case.in_(others), _EVENT.component.is_not(None), _EVENT.activity == REGISTERS
        )

    def _registered(self, unit: Unit, given: Registration) -> str:
        """Return the ids that a change updates, when that can be done to the register now.

        One at a time: what a change adds or retires, another has to know of.

        Raises:
            InputRefused: it cannot.
        """
        storage.wait_for(unit.connection, "infrastructure")
        given.checked(self._standing(unit), self.procedure.role_ids)
        return " ".join(given.ids)

    def _standing(self, unit: Unit) -> Infrastructure:
        """Return the services and components as they stand in the middle of a command."""
        unit.flush()
        rows = unit.connection.execute(self._updates)
        happened = Subjects(unit.connection, self._ledger.keyring).events(rows)
        return standing(self._began, happened)

    def _happened(self, query: Select[Any]) -> Iterable[Event]:
        return self._ledger.events(query)


def _about(service: str | None, component: str) -> Select[tuple[str]]:
    """Return the query for the cases of calls about a service, or linked to a component."""
    if service:
        first = select(_EVENT.case).where(_EVENT.seq == 1, _EVENT.parent.is_(None))
        said = json.dumps({SERVICE: service}, ensure_ascii=False)[1:-1]
        return first.where(_holds(_EVENT.data, said))
    padded = literal(" ") + _EVENT.linked + literal(" ")
    return select(_EVENT.case).where(_EVENT.linked.is_not(None), _holds(padded, f" {component} "))


def _holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Return whether a text holds another to the letter: to LIKE capitals are no matter."""
    return func.replace(text, part, "") != text
