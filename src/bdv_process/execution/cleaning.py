"""Letting a database forget what was overwritten or deleted: what its files still hold of it."""

import time
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from sqlalchemy import Connection, Engine, Table, text

_PATIENCE: Final = 1.0  # seconds for transactions that began before and end by themselves
#: Whether somebody may still see what was committed up to now and replaced before: readers,
#: writers, standbys that say what they read, and transactions that were prepared.
_SEEN: Final = text("""
    WITH session AS (
        SELECT backend_xmin, backend_xid FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND coalesce(datname, current_database()) = current_database()
    ), held (by) AS (
        SELECT backend_xmin FROM session UNION ALL SELECT backend_xid FROM session
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
    )
    SELECT EXISTS (SELECT FROM held WHERE age(by) > age(CAST(CAST(:now AS text) AS xid)))
""")
_NOW: Final = text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS xid) AS text)")


def clean(engine: Engine, tables: Iterable[Table]) -> bool:
    """Let a database forget what tables held before; return whether nothing of it is left.

    SQLite overwrote it when that was committed, so there only its write-ahead log is emptied.
    PostgreSQL keeps old rows while somebody may see them, and their values in its statistics.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = _wait(connection)
        for table in tables:
            connection.execute(text(f"VACUUM (ANALYZE) {table.name}"))
    return alone


def _wait(connection: Connection) -> bool:
    """Wait a little for who was at work when we came; return whether all of them are done."""
    now, until = connection.execute(_NOW).scalar_one(), time.monotonic() + _PATIENCE
    while connection.execute(_SEEN, {"now": now}).scalar_one():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
