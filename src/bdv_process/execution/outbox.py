"""What has to leave the register: an outbox of notifications, written with what they tell of.

A notification is a CloudEvents 1.0 envelope. It names the case and what happened, and nobody: who
gets it asks the API what they may know. It is delivered at least once; its id says which is which.
The profile NL GOV for CloudEvents says how source and type look; `time` is that of logging.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, literal, select, update

from bdv_process.eventlog.event import Event
from bdv_process.execution import storage
from bdv_process.execution.moment import Deadline
from bdv_process.template.model import Kind, Node

SENT: Final = "nl.dienstverlening.melding.bericht-verzonden"
CLOSED: Final = "nl.dienstverlening.melding.afgesloten"
_LEASE: Final = timedelta(minutes=2)  # for one attempt: who took longer is taken for dead
_ATTEMPTS: Final = 12  # in a day or so; then it is given up
_LONGEST: Final = timedelta(hours=6)  # between two attempts
_OUTBOX: Final = storage.outbox.c
GIVEN_UP: Final = _OUTBOX.due == literal(None, Deadline())


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A notification that is taken out of the outbox to be delivered."""

    id: str
    envelope: str
    attempts: int  #: this one included


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How it went with a notification."""

    notification: Notification
    problem: str | None  #: None: it arrived
    given_up: bool  #: it is not tried again


def notifications(
    happened: Iterable[tuple[Event, Node]], source: str, now: datetime
) -> list[dict[str, Any]]:
    """Return rows of the outbox: of messages to the requester, and of cases that were closed."""
    return [
        {
            "id": f"{event.case}.{event.seq}.{name}", "due": now, "attempts": 0, "problem": None,
            "envelope": json.dumps(
                _envelope(event, name, type_, source), ensure_ascii=False, sort_keys=True
            ),
        }
        for event, node in happened
        for name, type_, so in (
            ("sent", SENT, node.sends),
            ("closed", CLOSED, node.kind is Kind.END and node.case_outcome is not None),
        )
        if so
    ]  # fmt: skip


def take(connection: Connection, now: datetime) -> Notification | None:
    """Take the notification that waits longest and that nobody else delivers, if there is one.

    Nobody else takes it for a while. Who took it says how it went, or died; then it comes back.
    """
    waits = select(storage.outbox).where(_OUTBOX.due <= now).order_by(_OUTBOX.due, _OUTBOX.id)
    row = connection.execute(waits.limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    attempts = row.attempts + 1
    taken = update(storage.outbox).where(_OUTBOX.id == row.id)
    connection.execute(taken.values(due=now + _LEASE, attempts=attempts))
    return Notification(id=row.id, envelope=row.envelope, attempts=attempts)


def settle(
    connection: Connection, notification: Notification, problem: str | None, now: datetime
) -> bool:
    """Forget what was delivered; try the rest again later, ever later, and then give it up.

    Return whether it was given up.
    """
    this = _OUTBOX.id == notification.id
    if problem is None:
        connection.execute(delete(storage.outbox).where(this))
        return False
    given_up = notification.attempts >= _ATTEMPTS
    later = None if given_up else now + min(timedelta(minutes=2**notification.attempts), _LONGEST)
    # Who was slow finds that somebody else tried since, and has no say any more.
    mine = update(storage.outbox).where(this, _OUTBOX.attempts == notification.attempts)
    connection.execute(mine.values(due=later, problem=problem))
    return given_up


def retry(connection: Connection, now: datetime) -> int:
    """Let every notification that was given up be tried again; return how many."""
    again = update(storage.outbox).where(GIVEN_UP).values(due=now, attempts=0)
    return connection.execute(again).rowcount


def _envelope(event: Event, name: str, type_: str, source: str) -> Mapping[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{event.case}.{event.seq}.{name}",
        "source": source,
        "type": type_,
        "subject": event.case,
        "time": event.recorded.astimezone(UTC).isoformat() if event.recorded else None,
        "datacontenttype": "application/json",
        "data": {
            "case": event.case,
            "root": event.root,
            "template": event.template,
            "activity": event.activity,
            "label": event.label,
            "outcome": event.outcome,
            "occurred": event.timestamp.astimezone(UTC).isoformat(),
        },
    }
