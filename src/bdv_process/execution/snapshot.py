"""A register that stands still: all of it as it was at one moment, while others go on writing."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine

from bdv_process.errors import NotFound, StorageUnavailable
from bdv_process.execution import schema, storage


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
            with TemporaryDirectory(prefix=".bdv-", dir=beside) as folder:
                copy = Path(folder) / "still.db"
                _copy(engine, copy)
                yield from _read(storage.open_engine(f"sqlite:///{copy}"), engine)
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


def _copy(engine: Engine, to: Path) -> None:
    """Copy in one go; between steps somebody could write, and then it would begin again."""
    until = time.monotonic() + storage.PATIENCE / 1000

    def waited(_status: int, remaining: int, _total: int) -> None:
        if remaining and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    with closing(engine.raw_connection()) as source, closing(sqlite3.connect(to)) as target:
        try:
            source.driver_connection.backup(target, progress=waited)  # type: ignore[union-attr]
        except sqlite3.Error as error:
            where = storage.redacted(str(engine.url))
            raise StorageUnavailable("BDV-316", where=where, problem=error) from error


def _nothing(engine: Engine) -> NotFound:
    return NotFound("BDV-381", where=storage.redacted(str(engine.url)))
