"""A backup: all that a register cannot make again, in one file that either database takes back.

Lines of JSON, packed with gzip: what it is; of each table its name and columns, then its rows; last
how many rows and the SHA-256 of all lines before. Bytes stand as `{"base64": ...}`. Equal registers
give equal files.
"""

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, delete, insert, select

from bdv_process.errors import Conflict, InputRefused, IntegrityBroken, NotFound
from bdv_process.execution import schema, storage
from bdv_process.execution.new_file import new_file
from bdv_process.execution.snapshot import still

_FORMAT: Final = 1
_AT_ONCE: Final = 1000  # rows that are held in memory together
_LONGEST: Final = 64_000_000  # bytes of one line
_NO_SENSE: Final = (
    OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, RecursionError,
)  # fmt: skip
_KEPT: Final = set(storage.metadata.tables) - {table.name for table in storage.PROJECTIONS}


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What a backup holds."""

    schema: int
    rows: Mapping[str, int]  #: by table


def back_up(url: str, path: Path) -> Archive:
    """Write all of a register, as it is now, to a new file; others may go on writing.

    Raises:
        NotFound: there is no register, or no such folder.
        Conflict: the file exists: a backup replaces nothing.
        StorageUnavailable: the register cannot be read.
    """
    if not path.parent.is_dir():
        raise NotFound("BDV-201", where=path.parent)
    if path.exists():
        raise Conflict("BDV-385", where=path)
    engine = storage.open_engine(url)
    try:
        with still(engine, beside=path.parent) as connection, _new(path) as stream:
            return _write(connection, stream)
    finally:
        engine.dispose()


def look(path: Path) -> Archive:
    """Read a backup to its end, and return what it holds.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is no backup.
        IntegrityBroken: it is no longer what was written, or in a schema that no step made.
    """
    if not path.is_file():
        raise NotFound("BDV-201", where=path)
    try:
        with gzip.open(path) as stream:
            head = json.loads(stream.readline(_LONGEST))
            form, found = head["bdv-backup"], head["schema"]
            if type(found) is not int:
                raise TypeError(found)
    except _NO_SENSE as error:
        raise InputRefused("BDV-382", where=path) from error
    known = schema.steps()
    if form != _FORMAT or found not in known:
        told = ", ".join(map(str, known))
        raise IntegrityBroken("BDV-333", where=path, found=found, known=told)
    return Archive(schema=found, rows=Counter(name for name, _ in _read(path)))


def load(connection: Connection, path: Path, archive: Archive) -> None:
    """Put a backup that was looked at in an empty register, and bring that to our schema.

    Raises:
        Conflict: the register holds something.
        IntegrityBroken: the backup is damaged.
    """
    for name, table in _tables(connection).items():
        if name != storage.counters.name and connection.execute(select(table).limit(1)).first():
            where = storage.redacted(str(connection.engine.url))
            raise Conflict("BDV-384", where=where, table=name)
    schema.start_again(connection, archive.schema)
    tables = _tables(connection)
    connection.execute(delete(tables[storage.counters.name]))
    for name, rows in groupby(_read(path), key=itemgetter(0)):
        while some := [row for _, row in islice(rows, _AT_ONCE)]:
            if name not in tables or not set(some[0]) <= set(tables[name].c.keys()):
                raise IntegrityBroken("BDV-383", where=path, problem=name)
            connection.execute(insert(tables[name]), some)
    schema.take_steps(connection)


def _tables(connection: Connection) -> dict[str, Table]:
    """Return our tables as they are in this database, whatever its schema; no projections."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in _KEPT)
    return {name: found.tables[name] for name in sorted(found.tables)}


def _write(connection: Connection, stream: gzip.GzipFile) -> Archive:
    digest, counted, found = sha256(), Counter[str](), schema.found_in(connection)

    def line(value: object) -> None:
        said = json.dumps(value, ensure_ascii=False, default=_packed, separators=(",", ":"))
        stream.write(raw := said.encode() + b"\n")
        digest.update(raw)

    line({"bdv-backup": _FORMAT, "schema": found})
    for name, table in _tables(connection).items():
        line({"table": name, "columns": table.c.keys()})
        query = select(table).order_by(*table.primary_key)
        for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
            line(list(row))
            counted[name] += 1
    line({"rows": counted, "sha256": digest.hexdigest()})
    return Archive(schema=found or 0, rows=counted)


def _read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row with its table; whoever reads on to the end knows that all is whole."""
    try:
        yield from _rows(path)
    except _NO_SENSE as error:
        raise IntegrityBroken("BDV-383", where=path, problem=error) from error


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    digest, counted, name, columns = sha256(), Counter[str](), "", list[str]()
    with gzip.open(path) as stream:
        digest.update(stream.readline(_LONGEST))
        while raw := stream.readline(_LONGEST):
            value = json.loads(raw, object_hook=_unpacked)
            if isinstance(value, list):
                yield name, dict(zip(columns, value, strict=True))
                counted[name] += 1
            elif "sha256" in value:
                told = (value["sha256"], value["rows"])
                if (
                    told != (digest.hexdigest(), counted)
                    or not raw.endswith(b"\n")
                    or stream.read(1)
                ):
                    raise ValueError("SHA-256")
                return
            else:
                name, columns = value["table"], value["columns"]
            digest.update(raw)
    raise EOFError(".gz")


def _packed(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return {"base64": b64encode(value).decode()}
    raise TypeError(type(value))


def _unpacked(value: dict[str, Any]) -> object:
    return b64decode(value["base64"]) if set(value) == {"base64"} else value


@contextmanager
def _new(path: Path) -> Iterator[gzip.GzipFile]:
    """Write a file that was not there, for its owner's eyes only."""
    try:
        with (
            new_file(path, 0o600) as draft,
            gzip.GzipFile(filename="", mode="wb", fileobj=draft, mtime=0) as packed,
        ):
            yield packed
    except FileExistsError as error:
        raise Conflict("BDV-385", where=path) from error
