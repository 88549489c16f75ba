"""A register that stands still: all of it as it was at one moment, while others go on writing."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Connection, Engine, StaticPool, create_engine
from sqlalchemy.exc import DBAPIError

from bdv_process.errors import NotFound, StorageUnavailable
from bdv_process.execution import schema, storage

_FORMS: Final = 18  # where a file of SQLite says in which form it is written, and read


@contextmanager
def still(engine: Engine, *, beside: Path | None = None) -> Iterator[Connection]:
    """Yield a connection on which nothing changes any more.

    A file of SQLite is copied and the copy read: a reader that lingers would keep its writers
    waiting. `beside` is the folder for that copy.

    Raises:
        NotFound: there is no register.
        StorageUnavailable: it cannot be read, or not be copied.
    """
    with storage.storage_errors(engine):
        if not storage.exists(engine):
            raise _nothing(engine)
        if engine.dialect.name == "sqlite":
            yield from _read(_copy(engine, beside), engine)
        else:
            yield from _read(engine, engine)


def _read(engine: Engine, asked: Engine) -> Iterator[Connection]:
    options = {"reads": True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    if engine.dialect.name == "sqlite":
        del options["isolation_level"]  # a copy is isolated
    try:
        with engine.connect().execution_options(**options) as connection:
            if schema.found_in(connection) is None:
                raise _nothing(asked)
            yield connection
    finally:
        if engine is not asked:
            engine.dispose()


def damage(connection: Connection) -> list[str]:
    """Return what SQLite finds broken in its file: pages, and indexes beside their tables."""
    try:
        found = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
    except (DBAPIError, UnicodeDecodeError) as error:  # too broken to be told of
        found = [str(getattr(error, "orig", error))]
    return [" ".join(line.split()) for line in found if line != "ok"]


def _copy(engine: Engine, beside: Path | None) -> Engine:
    """Copy in one go; between steps somebody could write, and then it would begin again.

    The file has no name by the time that something is in it: who is killed leaves nothing.
    """
    until = time.monotonic() + storage.PATIENCE / 1000

    def waited(_status: int, remaining: int, _total: int) -> None:
        if remaining and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    with closing(engine.raw_connection()) as source:
        with TemporaryDirectory(prefix=".bdv-", dir=beside) as folder:
            file = Path(folder) / "still.db"
            target, copy, own = sqlite3.connect(file), sqlite3.connect(file), file.open("r+b")
        with closing(target), own:
            try:
                target.execute("PRAGMA journal_mode=OFF")
                source.driver_connection.backup(  # type: ignore[union-attr]
                    target, progress=waited
                )
            except sqlite3.Error as error:
                copy.close()
                where = storage.redacted(str(engine.url))
                raise StorageUnavailable("BDV-316", where=where, problem=error) from error
            if own.seek(0, os.SEEK_END):
                own.seek(_FORMS)
                own.write(b"\1\1")  # no write-ahead log, for which a name would be needed
    return create_engine(engine.url, creator=lambda: copy, poolclass=StaticPool)


def _nothing(engine: Engine) -> NotFound:
    return NotFound("BDV-381", where=storage.redacted(str(engine.url)))
