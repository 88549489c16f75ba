"""What a register promises, looked for after a fault; what is not so is counted by its name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Row, Table, create_engine, select, text

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution import outbox, storage
from bdv_process.execution.register import CaseRegister
from stories import WORKER


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A command that a client heard the result of; `key` is also in what was filled in."""

    key: str
    method: str
    result: str


def broken(register: CaseRegister, url: str, heard: Iterable[Heard] = ()) -> Counter[str]:
    """Return how often each promise is not kept; the projections are made again.

    corrupt: what the database says of its own file. unreadable: cases that cannot be replayed.
    gaps: numbers of events. doubled: items completed, and keys carried out, more than once.
    lost: keys that were acknowledged and not carried out. torn: rows of projections that are not
    what the events say. notifications: of the outbox, where none was delivered yet. backwards:
    events earlier than the one before.
    """
    found: Counter[str] = Counter()
    if url.startswith("sqlite"):
        with _engine(url).connect() as connection:
            said = connection.execute(text("PRAGMA integrity_check")).scalar()
        found["corrupt"] += said != "ok"
    happened = list(register.events())
    found += _of_cases(happened)
    found += _of_clients(happened, list(heard))
    found += _of_notifications(register, url, happened)
    before = projections(url)
    try:
        register.rebuild()
    except BdvError:
        found["unreadable"] += 1
    after = projections(url)
    found["torn"] += sum(((before - after) + (after - before)).values())
    return +found


def projections(url: str) -> Counter[tuple[object, ...]]:
    """Return every row that can be made again from the events."""
    return everything(url, storage.PROJECTIONS)


def everything(
    url: str, tables: Iterable[Table] = storage.metadata.sorted_tables
) -> Counter[tuple[object, ...]]:
    """Return every row of the register's tables."""
    with _engine(url).connect() as connection:
        return Counter((table.name, *row) for table in tables for row in _rows(connection, table))


def _rows(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table)))


@lru_cache(maxsize=4)
def _engine(url: str) -> Engine:
    """Return an engine that holds no connection: what asks may fork."""
    return create_engine(url, poolclass=NullPool)


def finish(register: CaseRegister) -> Counter[str]:
    """Complete all work there is; count what is then still open, or refuses."""
    found: Counter[str] = Counter()
    while work := register.worklist():
        for item in work:
            try:
                register.complete(item.id, by=WORKER[str(item.role)], data={"component": "website"})
            except BdvError:
                found["stuck"] += 1
        if found:
            return found
    found["open"] += len(register.cases(open_only=True))
    return +found


def _of_notifications(register: CaseRegister, url: str, happened: list[Event]) -> Counter[str]:
    """Hold the outbox, where nothing was delivered yet, to the events that it tells of."""
    told = [(event, register.template(event.template).by_id[event.activity]) for event in happened]
    due = outbox.notifications(told, "", register.clock())
    expected = Counter(str(row["id"]) for row in due)
    with _engine(url).connect() as connection:
        written = Counter(str(row.id) for row in _rows(connection, storage.outbox))
    lost, more = (expected - written).total(), (written - expected).total()
    return Counter({"notifications lost": lost, "notifications of nothing": more})


def _of_cases(happened: list[Event]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one, next_one in pairwise(happened):
        if one.case == next_one.case:
            found["gaps"] += next_one.seq != one.seq + 1
            found["backwards"] += next_one.timestamp < one.timestamp
    done = Counter(
        e.item for e in happened if e.item and e.lifecycle is Lifecycle.COMPLETE and e.resource
    )
    found["doubled"] += sum(times - 1 for times in done.values())
    return found


def _of_clients(happened: list[Event], heard: list[Heard]) -> Counter[str]:
    found: Counter[str] = Counter()
    carried = Counter(key for key in map(_key, happened) if key)
    found["lost"] += sum(carried[each.key] == 0 for each in heard)
    found["doubled"] += sum(times - 1 for times in carried.values())
    answers: dict[str, set[str]] = {}
    for each in heard:
        answers.setdefault(each.key, set()).add(each.result)
    found["answered twice"] += sum(len(results) > 1 for results in answers.values())
    return found


def _key(event: Event) -> str | None:
    filled: Any = event.data.get("call") if event.seq == 1 else event.data
    return filled.get("key") if isinstance(filled, dict) else None
