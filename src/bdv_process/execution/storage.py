"""The register's tables, and an engine that commits durably on SQLite and PostgreSQL."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Dialect,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.types import TypeDecorator

from bdv_process.errors import StorageUnavailable
from bdv_process.eventlog.event import Event, Lifecycle

SCHEMA_VERSION = 1
_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)  # older ones can corrupt on a WAL reset


class Moment(TypeDecorator[datetime]):
    """An aware moment as sortable UTC text: SQLite forgets zones, and people read these tables."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text that is stored."""
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment that was stored."""
        return datetime.fromisoformat(value) if value else None


metadata = MetaData()

#: The truth: append-only. Everything else but `template` can be made again from it.
events = Table(
    "event",
    metadata,
    Column("case", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("template", String(64), nullable=False),
    Column("parent", String(32)),
    Column("root", String(32), nullable=False),
    Column("requester", String(128), nullable=False),
    Column("activity", String(128), nullable=False),
    Column("label", Text, nullable=False),
    Column("item", String(48), index=True),
    Column("lifecycle", String(16), nullable=False),
    Column("timestamp", Moment, nullable=False),
    Column("recorded", Moment, nullable=False),
    Column("resource", String(128)),
    Column("role", String(64)),
    Column("touchpoint", Boolean, nullable=False),
    Column("outcome", String(64)),
    Column("data", Text, nullable=False),
)

#: The template versions that cases run on: a case keeps the version it started with.
templates = Table(
    "template",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("source", LargeBinary, nullable=False),
)

cases = Table(
    "case_file",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("template", String(64), nullable=False),
    Column("parent", String(32), index=True),
    Column("root", String(32), nullable=False, index=True),
    Column("requester", String(128), nullable=False),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
    Column("outcome", String(64)),
    Column("seq", Integer, nullable=False),
)

items = Table(
    "work_item",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("case", String(32), nullable=False, index=True),
    Column("template", String(64), nullable=False),
    Column("activity", String(128), nullable=False),
    Column("label", Text, nullable=False),
    Column("role", String(64)),
    Column("since", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("claimed_by", String(128)),
    Column("claimed_as", String(64)),
)

timers = Table(
    "timer",
    metadata,
    Column("case", String(32), primary_key=True),
    Column("element", String(128), primary_key=True),
    Column("due", Moment, nullable=False, index=True),
)

commands = Table(
    "command",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("request", Text, nullable=False),
    Column("result", Text, nullable=False),
)

counters = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)

Index("work_item_role", items.c.role, items.c.since)
PROJECTIONS = (cases, items, timers)


def to_row(happened: Event, recorded: datetime) -> dict[str, object]:
    """Return an event as a row of `events`."""
    row: dict[str, object] = {
        column.name: getattr(happened, column.name)
        for column in events.columns
        if column.name not in ("recorded", "data")
    }
    data = json.dumps(dict(happened.data), ensure_ascii=False, sort_keys=True)
    return row | {"lifecycle": happened.lifecycle.value, "recorded": recorded, "data": data}


def to_event(row: Row[Any]) -> Event:
    """Return a row of `events` as an event."""
    facts = dict(row._mapping)
    del facts["recorded"]
    facts["lifecycle"] = Lifecycle(facts["lifecycle"])
    facts["data"] = json.loads(facts["data"])
    return Event(**facts)


def open_engine(url: str) -> Engine:
    """Return an engine whose commits survive a power cut.

    Raises:
        StorageUnavailable: the URL names no database that can be opened.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StorageUnavailable("BDV-329", where=redacted(url)) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", _begin)
    return engine


def exists(engine: Engine) -> bool:
    """Return whether there is a database to read; asking makes no file."""
    path = engine.url.database
    return engine.dialect.name != "sqlite" or path in (None, "", ":memory:") or Path(path).exists()


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
        StorageUnavailable: it cannot be reached, is locked, full or read-only.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise StorageUnavailable(
                "BDV-316", where=redacted(str(engine.url)), problem=error.orig
            ) from error
        raise


def _durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late
    for pragma in (
        f"journal_mode={'WAL' if _WAL_IS_SAFE else 'DELETE'}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
