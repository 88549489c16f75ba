"""A register that keeps none of its promises, to see that a fault test has teeth.

It is the product itself, with the promises taken out on the way to the database: events and
projections are two transactions, a key is never found again, nothing is unique, nobody waits for a
lock, what was read is let go of before something is decided on it, and moments are noted in local
time as the clock on the wall has it, which knows no order.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    inspect,
    text,
)

from bdv_process.execution import storage

_ZONE = ZoneInfo("Europe/Amsterdam")
_LOCK = re.compile(r" FOR UPDATE( OF \w+)?( SKIP LOCKED)?")


@contextmanager
def promises_broken() -> Iterator[None]:
    """Let every register in this process be naive, and those of its forks."""
    event.listen(Engine, "before_cursor_execute", _before, retval=True)
    event.listen(Engine, "after_cursor_execute", _after)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", _before)
        event.remove(Engine, "after_cursor_execute", _after)


@contextmanager
def without_words() -> Iterator[None]:
    """Let what the database says be passed on as it is."""
    in_words, storage.storage_errors = storage.storage_errors, nullcontext
    try:
        yield
    finally:
        storage.storage_errors = in_words


def without_keys(url: str) -> None:
    """Take from the tables of a register that was just made all that is unique."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            columns = inspect(connection).get_columns(name)
            plain = [Column(column["name"], column["type"]) for column in columns]
            Table("naive", MetaData(), *plain).create(connection)
            for statement in (
                f'INSERT INTO naive SELECT * FROM "{name}"',
                f'DROP TABLE "{name}"',
                f'ALTER TABLE naive RENAME TO "{name}"',
            ):
                connection.execute(text(statement))
    engine.dispose()


def _before(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_more: Any
) -> tuple[str, Any]:
    if "pg_advisory" in statement or "LOCK TABLE" in statement:
        return "SELECT 1", ()
    if "WHERE command.key" in statement:
        return f"{statement} AND 1 = 0", parameters
    if connection.dialect.name == "sqlite" and statement.startswith(("INSERT", "UPDATE", "DELETE")):
        raw = connection.connection.driver_connection
        assert raw is not None
        if not raw.in_transaction:
            raw.execute("BEGIN IMMEDIATE")
    if statement.startswith("INSERT INTO event"):
        names = statement[statement.index("(") + 1 : statement.index(")")].split(", ")
        many = isinstance(parameters, list)
        rows = [_local(row, names) for row in (parameters if many else [parameters])]
        return statement, rows if many else rows[0]
    return _LOCK.sub("", statement), parameters


def _after(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    decided_on = statement.startswith("SELECT case_file.seq")
    if decided_on or statement.startswith("INSERT INTO event"):
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.commit()


def _local(row: Any, names: list[str]) -> Any:
    """Return a row with the moment as the clock on the wall shows it, taken for a moment."""
    if isinstance(row, dict):
        return row | {"timestamp": _on_the_wall(row["recorded"])}
    values = list(row)
    at, recorded = names.index("timestamp"), names.index("recorded")
    values[at] = _on_the_wall(values[recorded])
    return tuple(values)


def _on_the_wall(moment: str) -> str:
    shown = datetime.fromisoformat(moment).astimezone(_ZONE).replace(tzinfo=None, fold=0)
    return shown.replace(tzinfo=_ZONE).astimezone(UTC).isoformat(timespec="microseconds")
