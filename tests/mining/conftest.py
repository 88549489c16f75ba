"""The real templates and procedure, and cases written down as what people did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.template.model import Activity, Fork, Template
from bdv_process.template.procedure import Procedure

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = {
    "kcc": "ben",
    "coordinator": "carla",
    "uitvoerder": "dirk",
    "toetser": "eva",
    "dienstverantwoordelijke": "fatima",
}


@pytest.fixture(scope="session")
def procedure(root: Path) -> Procedure:
    return Procedure.read(root / "bpmn" / "procedure.toml")


@dataclass(frozen=True)
class Did:
    """One thing that was done: the activity, how it ended, by whom and in which role."""

    activity: str
    outcome: str | None = None
    resource: str | None = None
    role: str | None = None


@pytest.fixture(scope="session")
def happy(procedure: Procedure) -> Callable[[Template], list[Did]]:
    """A case in which everything went right, each step by the usual role."""

    def of(template: Template) -> list[Did]:
        opened, completed = f"{template.process}_call", f"{template.process}_completed"
        return [Did(opened), *map(step, template.activities), Did(completed, "completed")]

    def step(activity: Activity) -> Did:
        outcome = activity.outcomes[0].id if activity.outcomes else None
        if isinstance(activity, Fork):
            return Did(activity.id, outcome)
        role = procedure.raci[activity.id].responsible[0]
        return Did(activity.id, outcome, PEOPLE[role], role)

    return of


@pytest.fixture(scope="session")
def events() -> Callable[..., list[Event]]:
    """The events of a case: each step is offered and completed, an hour after the one before."""

    def of(
        case: str,
        template: str,
        did: Sequence[Did],
        *,
        parent: str | None = None,
        requester: str = "anna",
        after: int = 0,
    ) -> list[Event]:
        rows: list[Event] = []
        for hour, step in enumerate(did):
            for lifecycle in (Lifecycle.SCHEDULE, Lifecycle.COMPLETE):
                done = lifecycle is Lifecycle.COMPLETE
                rows.append(
                    Event(
                        case=case,
                        seq=len(rows) + 1,
                        template=template,
                        parent=parent,
                        root=parent or case,
                        requester=requester,
                        activity=step.activity,
                        label=step.activity,
                        lifecycle=lifecycle,
                        timestamp=MONDAY + timedelta(hours=after + hour, minutes=30 * done),
                        resource=step.resource if done else None,
                        role=step.role,
                        outcome=step.outcome if done else None,
                    )
                )
        return rows

    return of


@pytest.fixture(scope="session")
def log(events: Callable[..., list[Event]]) -> Callable[..., EventLog]:
    """A log of cases z1, z2 ... of one template."""

    def of(template: Template, *cases: Sequence[Did]) -> EventLog:
        rows = [events(f"z{n}", template.key, did) for n, did in enumerate(cases, 1)]
        return EventLog.of(row for case in rows for row in case)

    return of
