"""The register's tables, and an engine that commits durably on SQLite and PostgreSQL."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.types import NullType

from bdv_process.errors import Conflict, IntegrityBroken, StorageUnavailable
from bdv_process.eventlog.event import Event, Lifecycle, Term
from bdv_process.execution.moment import Deadline, Moment

PATIENCE = 30_000  #: milliseconds to wait for somebody else's transaction
_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)  # older ones can corrupt on a WAL reset
_LOST_A_RACE = ("40001", "40P01")  # SQLSTATE: serialization failure, deadlock


def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column whose values come as the database keeps them: moments as texts."""
    return type_coerce(column, NullType()).label(getattr(column, "name", None))


Bare = tuple[Any, ...]  # a row as the driver gives it
#: Asks a question, and returns all rows of the answer.
Read = Callable[[Select[Any]], list[Bare]]

metadata = MetaData()

#: Without a length, which only PostgreSQL would hold us to, and in the order SQLite sorts in.
Name = Text().with_variant(Text(collation="C"), "postgresql")

#: The truth: append-only. Everything else but `template`, `subject_key` and what stands beside it
#: as evidence (`head`, `audit`) can be made again from it. A new column comes at the end and may
#: be empty: the hashes of events that have none stay what they are (`chain`).
events = Table(
    "event",
    metadata,
    Column("case", Name, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("template", Name, nullable=False),
    Column("parent", Name),
    Column("root", Name, nullable=False),
    Column("requester", Name, nullable=False),
    Column("activity", Name, nullable=False),
    Column("label", Text, nullable=False),
    Column("item", Name, index=True),
    Column("lifecycle", Name, nullable=False),
    Column("timestamp", Moment, nullable=False),
    Column("recorded", Moment, nullable=False),
    Column("resource", Name),
    Column("role", Name),
    Column("behalf", Name),
    Column("touchpoint", Boolean, nullable=False),
    Column("outcome", Name),
    Column("linked", Text),
    Column("component", Text),
    Column("proposal", Text),
    Column("motivated", Boolean),
    Column("term", Name),
    Column("due", Moment),
    Column("data", Text, nullable=False),
    Column("personal", Text),
    Column("hash", Name),
)

#: The template versions that cases run on: a case keeps the version it started with.
templates = Table(
    "template",
    metadata,
    Column("version", Name, primary_key=True),
    Column("key", Name, nullable=False),
    Column("source", LargeBinary, nullable=False),
)

cases = Table(
    "case_file",
    metadata,
    Column("id", Name, primary_key=True),
    Column("template", Name, nullable=False),
    Column("parent", Name, index=True),
    Column("root", Name, nullable=False, index=True),
    Column("requester", Name, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
    Column("outcome", Name),
    Column("due", Moment),
    Column("seq", Integer, nullable=False),
)

items = Table(
    "work_item",
    metadata,
    Column("id", Name, primary_key=True),
    Column("case", Name, nullable=False, index=True),
    Column("template", Name, nullable=False),
    Column("activity", Name, nullable=False),
    Column("label", Text, nullable=False),
    Column("role", Name),
    Column("since", Moment, nullable=False),
    Column("state", Name, nullable=False),
    Column("claimed_by", Name),
    Column("claimed_as", Name),
    Column("claimed_for", Name),
    Column("due", Deadline, nullable=False),
)

timers = Table(
    "timer",
    metadata,
    Column("case", Name, primary_key=True),
    Column("element", Name, primary_key=True),
    Column("due", Moment, nullable=False),
)

commands = Table(
    "command",
    metadata,
    Column("key", Name, primary_key=True),
    Column("request", Text, nullable=False),
    Column("result", Text, nullable=False),
)

#: Notifications that have to leave the register; see `outbox`.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Name, primary_key=True),
    Column("envelope", Text, nullable=False),
    Column("due", Deadline, nullable=False, index=True),  # of the next attempt; never: given up
    Column("attempts", Integer, nullable=False),
    Column("problem", Text),
)

#: How many cases there are.
counters = Table(
    "counter",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Integer, nullable=False),
)

Index("work_item_role", items.c.role, items.c.since)
# Partial, so that no planner takes the one for the other; the free ones hold what a sieve asks.
_held = items.c.claimed_by.is_not(None)
Index("work_item_held", items.c.claimed_by, items.c.due, sqlite_where=_held, postgresql_where=_held)
_free = items.c.claimed_by.is_(None)
Index(
    "work_item_free", items.c.due, items.c.since, items.c.id, items.c.activity, items.c.template,
    items.c.role, items.c.claimed_by, sqlite_where=_free, postgresql_where=_free,
)  # fmt: skip
# In the order they are fired: at the end of a day many terms end at once.
Index("timer_order", timers.c.due, timers.c.case, timers.c.element)
Index("case_file_calls", cases.c.requester, cases.c.opened)
PROJECTIONS = (cases, items, timers)


#: The rest of an event's columns say nothing that `Event` does.
_TOLD = [column.name for column in events.c if column.name not in ("personal", "hash")]
_values = attrgetter(*_TOLD)


def to_row(happened: Event, data: Mapping[str, object]) -> dict[str, Any]:
    """Return what an event tells, and these data of it, as a row of `events`."""
    row = dict(zip(_TOLD, _values(happened), strict=True))
    row["data"] = json.dumps(dict(data), ensure_ascii=False, sort_keys=True)
    row["lifecycle"] = happened.lifecycle.value
    row["term"] = happened.term.value if happened.term else None
    return row


def to_event(
    row: Row[Any], names: Mapping[str, str], filled: Mapping[str, object] = MappingProxyType({})
) -> Event:
    """Return a row of `events` as an event, with who it names and what was filled in.

    Raises:
        IntegrityBroken: it is no event that we could have written.
    """
    stored = row._mapping
    facts = {name: stored[name] for name in _TOLD} | dict(names)
    try:
        facts["lifecycle"] = Lifecycle(facts["lifecycle"])
        facts["term"] = Term(facts["term"]) if facts["term"] else None
        facts["data"] = {**json.loads(facts["data"]), **filled}
    except (ValueError, TypeError, RecursionError) as error:
        where = f"{facts['case']} #{facts['seq']}"
        raise IntegrityBroken("BDV-334", where=where, problem=error) from error
    return Event(**facts)


def open_engine(url: str) -> Engine:
    """Return an engine whose commits survive a power cut.

    Raises:
        StorageUnavailable: the URL names no database that can be opened.
    """
    try:
        # A connection that the database broke off while nobody used it is made again.
        engine = create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StorageUnavailable("BDV-329", where=redacted(url)) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _private)
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _patient)
    return engine


def exists(engine: Engine) -> bool:
    """Return whether there is a database to read; asking makes no file."""
    path = engine.url.database or ":memory:"
    return (
        engine.dialect.name != "sqlite"
        or path.startswith((":memory:", "file:"))
        or Path(path).exists()
    )


def rows_of(connection: Connection, query: Select[Any]) -> list[Bare]:
    """Return the rows of an answer as the driver gives them: half the work for who reads many."""
    cursor: Any = connection.execute(query).cursor
    return list(cursor.fetchall())


def blocks(
    read: Read, query: Select[Any], keys: Sequence[Column[Any]], at_once: int = 20_000
) -> Iterator[list[Bare]]:
    """Yield all rows of a query in order of the keys it begins with, `at_once` at a time.

    Each block is a question of its own: on SQLite a reader that lingers would keep writers waiting.
    """
    query = query.order_by(*keys).limit(at_once)
    last: list[Bare] | None = None
    while last is None or len(last) == at_once:
        after = query
        if last:
            after = query.where(tuple_(*keys) > tuple_(*map(literal, last[-1][: len(keys)])))
        last = read(after)
        if last:
            yield last


def wait_for(connection: Connection, name: str) -> None:
    """Wait until nobody else works under `name`, and keep it until the commit.

    SQLite has one writer at a time, so there is nobody else.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def wait_for_all(connection: Connection) -> None:
    """Wait until nobody else changes any case, and keep it so until the commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {cases.name} IN EXCLUSIVE MODE"))


def redacted(url: str) -> str:
    """Return a database URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.split(":", 1)[0]


@contextmanager
def storage_errors(engine: Engine) -> Iterator[None]:
    """Turn what a database says into a refusal that says what to do.

    Raises:
        Conflict: somebody else changed the same thing first.
        StorageUnavailable: it cannot be reached, is locked, full, damaged or read-only.
    """
    driver: Any = engine.dialect.loaded_dbapi
    where = redacted(str(engine.url))
    try:
        yield
    except DBAPIError as error:
        sqlstate = getattr(error.orig, "sqlstate", None)
        if isinstance(error, IntegrityError) or sqlstate in _LOST_A_RACE:
            raise Conflict("BDV-318") from error
        raise StorageUnavailable("BDV-316", where=where, problem=error.orig) from error
    except (driver.Error, UnicodeDecodeError) as error:
        # What did not come by SQLAlchemy; of a damaged file not even the complaint can be read.
        raise StorageUnavailable("BDV-316", where=where, problem=error) from error


def _private(_dialect: object, _record: object, where: Sequence[str], _how: object) -> None:
    """Make a new file for its owner's eyes only; SQLite would do as the umask says."""
    if not where[0].startswith((":memory:", "file:")):
        with suppress(OSError):  # it is there; or SQLite will say what is wrong
            os.close(os.open(where[0], os.O_CREAT | os.O_EXCL, 0o600))


def _durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late
    for pragma in (
        f"busy_timeout={PATIENCE}",
        f"journal_mode={'WAL' if _WAL_IS_SAFE else 'DELETE'}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # not every build overwrites by itself what it deletes
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _patient(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {PATIENCE}")
        # What we read after a lock must be what its last holder wrote.
        cursor.execute("SET default_transaction_isolation = 'read committed'")
    connection.commit()
