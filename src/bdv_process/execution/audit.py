"""The audit log: who looked at what, took what out, was let in or was denied, from where and when.

The events tell who changed a case; this tells the rest (BIO2: action, object, result, origin,
actor, time). It only grows, and each row is chained to the one before it as events are. Whoever
works here stands in it by name, a citizen by the id that events know them by: erased there, they
are erased here.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select

from bdv_process.execution import storage
from bdv_process.execution.chain import linked
from bdv_process.execution.moment import Moment

#: Where what is done now comes from: a face of the product, and a machine.
ORIGIN: ContextVar[str] = ContextVar("origin", default="program")

audits = Table(
    "audit",
    storage.metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", storage.Name, nullable=False, index=True),
    Column("action", storage.Name, nullable=False),
    Column("object", storage.Name, index=True),
    Column("result", storage.Name, nullable=False),
    Column("origin", storage.Name, nullable=False),
    Column("reason", Text),
    Column("hash", storage.Name, nullable=False),
)
_LAST = select(audits.c.seq, audits.c.hash).order_by(audits.c.seq.desc()).limit(1)

DONE: Final = "done"
DENIED: Final = "denied"  #: with the code of the rule that denies it after a space


class Act(StrEnum):
    """What is audited besides the commands that somebody is denied, which keep their own name."""

    READ = "read"  #: a case, or a page that somebody may not see
    LOGIN = "login"
    EXPORT = "export"  #: of a log, with pseudonyms
    EXPORT_CLEAR = "export-clear"  #: of a log that names people
    ERASE = "erase"  #: a subject
    WRAP = "wrap"  #: the keys of subjects, in another master key


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row to write down."""

    at: datetime
    actor: str
    action: str
    object: str | None
    result: str = DONE
    origin: str
    reason: str | None = None


def append(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write entries down, in the transaction of `connection`, as its last act.

    On PostgreSQL whoever appends waits for whoever did and has not committed.
    """
    storage.wait_for(connection, "audit")
    last = connection.execute(_LAST).first()
    seq, before = last or (0, "")
    rows: list[dict[str, Any]] = [
        {"seq": number, **vars(entry)} for number, entry in enumerate(entries, start=seq + 1)
    ]
    connection.execute(insert(audits), linked(audits, rows, before))
