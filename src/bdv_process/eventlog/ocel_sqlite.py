"""Read and write object-centric logs as SQLite (OCEL 2.0); nothing in a file is ever executed.

A file is opened read-only and immutable. What would run when it is read (a view, a trigger, a
virtual table, a generated column) is refused; SQLite may only select, ten seconds at a time.
"""

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Any, BinaryIO, Final

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.files import MAX_BYTES, MAX_EVENTS, MAX_TEXT, opened
from bdv_process.eventlog.ocel import ALWAYS, ID, TIME, TYPE, Draft, Ocel, Row, Types

MAX_SECONDS: Final = 10

_MAP: Final = "ocel_type_map"
_CHANGED: Final = "ocel_changed_field"
_TABLES: Final = {
    "event": (ID, TYPE),
    "object": (ID, TYPE),
    "event_map_type": (TYPE, _MAP),
    "object_map_type": (TYPE, _MAP),
    "event_object": ("ocel_event_id", "ocel_object_id", "ocel_qualifier"),
    "object_object": ("ocel_source_id", "ocel_target_id", "ocel_qualifier"),
}
_ALLOWED: Final = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}
_STEPS: Final = 10_000  # of SQLite, between two looks at the clock
#: By the kind of an attribute (ours): the type of its column.
_COLUMN: Final = {
    "": "TEXT", "date": "TIMESTAMP", "int": "INTEGER", "float": "REAL", "boolean": "BOOLEAN",
}  # fmt: skip
_KIND: Final = {
    "TIMESTAMP": "date", "DATETIME": "date", "DATE": "date", "INTEGER": "int", "INT": "int",
    "BIGINT": "int", "REAL": "float", "FLOAT": "float", "DOUBLE": "float", "BOOLEAN": "boolean",
}  # fmt: skip

#: SQLite tells names apart by their letters, but only of these not by their case.
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_FIXED_SUFFIXES: Final = {"map_type", "object"}  # event_object is a table of its own, and so on

_Filled = tuple[str, Row, dict[str, Any]]  # type, first columns, attributes


def read(path: Path, *, limit: int = MAX_EVENTS) -> Ocel:
    """Read a log in SQLite.

    Raises:
        InputRefused: no SQLite, damaged, something in it that would run, or no OCEL 2.0.
        LimitExceeded: larger or slower than we promise to handle.
    """
    size = _whole(path)
    if size > MAX_BYTES:
        raise LimitExceeded("BDV-207", where=path, bytes=size, limit=MAX_BYTES, ratio="-")
    with _connected(path) as connection:
        return _Reader(connection, path).read().done(path.name, limit)


def _whole(path: Path) -> int:
    """Return the size of a database; SQLite itself reads a last page that is cut off as zeros."""
    with opened(path) as stream:
        head = stream.read(18)
    size = path.stat().st_size
    if not head.startswith(b"SQLite format 3\0") or len(head) < 18:
        raise InputRefused("BDV-277", where=path, detail=ascii(head[:15].decode("latin-1")))
    page = int.from_bytes(head[16:], "big")
    if page == 0 or size % (65_536 if page == 1 else page):
        raise InputRefused("BDV-277", where=path, detail=f"{size} % {page}")
    return size


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10 * MAX_TEXT)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.set_authorizer(_authorised)
        try:
            yield connection
        except sqlite3.DataError as error:
            raise LimitExceeded("BDV-227", where=path, limit=MAX_TEXT) from error
        except (sqlite3.Error, UnicodeDecodeError) as error:  # a complaint may quote what is broken
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise LimitExceeded("BDV-282", where=path, limit=MAX_SECONDS) from error
            raise InputRefused("BDV-277", where=path, detail=error) from error


def _authorised(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


class _Reader:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._draft = Draft()

    def read(self) -> Draft:
        """Read all tables that the standard names; others are counted."""
        self._refuse_what_runs()
        known = set(_TABLES)
        for name, columns in _TABLES.items():
            self._refuse_lacking(name, columns)
        draft = self._draft
        draft.event_object = list(self._rows("event_object", _TABLES["event_object"]))
        draft.object_object = list(self._rows("object_object", _TABLES["object_object"]))
        draft.objects = list(self._rows("object", (ID, TYPE)))
        when: dict[str, str] = {}
        for types, what in ((draft.event_types, "event"), (draft.object_types, "object")):
            for name, suffix in self._rows(f"{what}_map_type", (TYPE, _MAP)):
                table = f"{what}_{suffix}"
                known.add(table)
                self._refuse_lacking(table, (ID, TIME))
                has = draft.declare(types, str(name), f"{self._path}: {what}_map_type")
                has |= {
                    column: _KIND.get(declared.upper(), "")
                    for column, declared in self._columns(table).items()
                    if column not in (ID, TIME, _CHANGED)
                }
                if what == "event":
                    self._take_events(table, list(has), when)
                else:
                    self._take_objects(table, list(has))
        rows = self._rows("event", (ID, TYPE))
        draft.events = [(one, which, when.pop(str(one), None)) for one, which in rows]
        # What is left is in no table `event`: an attribute of nothing, refused as such.
        draft.event_values += [(one, TIME, moment or "-") for one, moment in when.items()]
        draft.unkept = len(self._names - known)
        return draft

    def _take_events(self, table: str, attributes: list[str], when: dict[str, str]) -> None:
        for one, moment, *values in self._rows(table, (ID, TIME, *attributes)):
            if str(one) in when:
                raise InputRefused("BDV-274", where=f"{self._path}: {table}", count=1, ids=one)
            when[str(one)] = moment
            self._draft.event_values += [
                (one, name, value)
                for name, value in zip(attributes, values, strict=True)
                if value is not None
            ]

    def _take_objects(self, table: str, attributes: list[str]) -> None:
        tracked = _CHANGED in self._columns(table)
        columns = (ID, TIME, *attributes, *([_CHANGED] if tracked else []))
        for one, since, *values in self._rows(table, columns):
            changed = values.pop() if tracked else None
            self._draft.object_values += [
                (one, name, value, since)
                for name, value in zip(attributes, values, strict=True)
                if value is not None and changed in (None, name)
            ]

    def _rows(self, table: str, columns: Iterable[str]) -> Iterator[Row]:
        names = ", ".join(map(_quoted, columns))
        # The name of a table cannot be a parameter; it is one that the file has, and quoted.
        for row in self._ask(f"SELECT {names} FROM {_quoted(table)}"):  # noqa: S608
            yield tuple(map(self._text, row))

    def _ask(self, question: str) -> list[Row]:
        """Return the whole answer; what takes SQLite too long is interrupted."""
        end = time.monotonic() + MAX_SECONDS
        self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        return self._connection.execute(question).fetchall()

    def _text(self, value: Any) -> str | None:
        if isinstance(value, bytes):
            raise InputRefused("BDV-270", where=self._path, found="BLOB", expected="TEXT")
        return value if value is None else str(value)

    def _columns(self, table: str) -> dict[str, str]:
        found = self._ask(f"PRAGMA table_xinfo({_quoted(table)})")
        return {name: declared for _, name, declared, *_ in found}

    def _refuse_lacking(self, table: str, columns: Iterable[str]) -> None:
        lacking = set(columns) - self._columns(table).keys()
        if lacking:
            where = f"{self._path}: {table}"
            raise InputRefused("BDV-279", where=where, names=", ".join(sorted(lacking)))

    def _refuse_what_runs(self) -> None:
        """Refuse whatever would run when a table is read, then what is damaged."""
        self._names: set[str] = set()
        for what, name, sql in self._ask("SELECT type, name, sql FROM sqlite_master"):
            if what == "table":
                self._names.add(name)
            virtual = re.match(r"\s*create\s+virtual", sql or "", re.IGNORECASE)
            if what in ("view", "trigger") or virtual:
                raise self._runs("virtual table" if virtual else what, name)
        for table in self._names:
            for row in self._ask(f"PRAGMA table_xinfo({_quoted(table)})"):
                if row[-1]:
                    raise self._runs("generated column", f"{table}.{row[1]}")
        ((said,),) = self._ask("PRAGMA quick_check(1)")
        if said != "ok":
            raise InputRefused("BDV-277", where=self._path, detail=said)

    def _runs(self, what: str, name: str) -> InputRefused:
        return InputRefused("BDV-278", where=f"{self._path}: {name}", what=what)


def write(ocel: Ocel, stream: BinaryIO) -> None:
    """Write a log as a database: a table per type, with a column per attribute.

    Raises:
        InputRefused: SQLite takes the names of two attributes of a type for one.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        for table, columns in _TABLES.items():
            _create(connection, table, dict.fromkeys(columns, "TEXT"))
        for table, rows in (
            ("event", ocel.events[[ID, TYPE]]),
            ("object", ocel.objects),
            ("event_object", ocel.event_object),
            ("object_object", ocel.object_object),
        ):
            _fill(connection, table, rows.astype(object).itertuples(index=False, name=None))
        _write_types(connection, "event", ocel.event_types, _event_rows(ocel))
        _write_types(connection, "object", ocel.object_types, _object_rows(ocel))
        connection.commit()
        stream.write(connection.serialize())


def _event_rows(ocel: Ocel) -> Iterator[_Filled]:
    for (one, which, when), values, _ in ocel.each_event():
        yield which, (one, when), dict(values)


def _object_rows(ocel: Ocel) -> Iterator[_Filled]:
    """Yield a row with what each object had from the start, then one for each later value."""
    for (one, which), values, _ in ocel.each_object():
        first = {name: value for name, value, since in values if since == ALWAYS}
        yield which, (one, ALWAYS, None), first
        for name, value, since in values:
            if since != ALWAYS:
                yield which, (one, since, name), {name: value}


def _write_types(
    connection: sqlite3.Connection, what: str, types: Types, rows: Iterable[_Filled]
) -> None:
    fixed = {ID: "TEXT", TIME: "TIMESTAMP"} | ({_CHANGED: "TEXT"} if what == "object" else {})
    by_type: dict[str, list[Row]] = {name: [] for name in types}
    for which, start, values in rows:
        by_type[which].append((*start, *map(values.get, types[which])))
    suffixes: set[str] = set()
    for name, has in types.items():
        suffix = _suffix(name, suffixes)
        _fill(connection, f"{what}_map_type", [(name, suffix)])
        table = f"{what}_{suffix}"
        _create(connection, table, fixed | {a: _COLUMN[kind] for a, kind in has.items()})
        _fill(connection, table, by_type[name])


def _suffix(name: str, taken: set[str]) -> str:
    """Return how the table of a type is named: letters and digits, unlike all before it."""
    start = re.sub(r"\W", "", name, flags=re.ASCII) or "type"
    number = 1
    # Not map_type either: that table is there for all types.
    while (found := f"{start}{number if number > 1 else ''}").lower() in {*taken, *_FIXED_SUFFIXES}:
        number += 1
    taken.add(found.lower())
    return found


def _create(connection: sqlite3.Connection, table: str, columns: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.translate(_LOWER), name)
        if other != name:
            raise InputRefused("BDV-286", where=table, one=other, two=name)
    named = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE TABLE {_quoted(table)} ({named})")


def _fill(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    (columns,) = connection.execute(
        "SELECT count(*) FROM pragma_table_info(?)", (table,)
    ).fetchone()
    marks = ", ".join("?" * columns)
    connection.executemany(f"INSERT INTO {_quoted(table)} VALUES ({marks})", rows)  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
