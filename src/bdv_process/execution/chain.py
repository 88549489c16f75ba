"""The audit chain: what is written down is bound to all that was written down before it.

The canonical form of a row is a JSON array of its columns in the order of the table, without the
hash itself and without the empty columns at its end: so `null` is not `""`, no value can run on
into the next, and a column that is added later, at the end, leaves older hashes as they are. Flags
are 0 and 1 and moments UTC texts, as SQLite stores them; PostgreSQL gives the same.

The hash of a row is the SHA-256 of the hash before it in hexadecimals, nothing for the first,
followed by its canonical form. Hashes that stand side by side become one by the Merkle tree of
RFC 6962, in which a leaf can never be taken for a node.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from json import JSONEncoder
from typing import Any, Final

from sqlalchemy import Boolean, Integer, Select, Table, cast, select

from bdv_process.execution.moment import moment_text
from bdv_process.execution.storage import raw

HASH: Final = "hash"
#: ASCII, and no space: what a line of any language's JSON library gives too.
canonical: Final = JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def link(before: str, fields: Sequence[object]) -> str:
    """Return the hash of a row, from the hash before it and its columns but the hash."""
    last = len(fields)
    while last and fields[last - 1] is None:
        last -= 1
    return sha256((before + canonical(fields[:last])).encode()).hexdigest()


def linked(table: Table, rows: Iterable[Mapping[str, Any]], before: str) -> list[dict[str, Any]]:
    """Return rows of a table, in order, each with its hash; the first follows `before`."""
    order = fields_of(table)
    made = []
    for row in rows:
        before = link(before, [_as_stored(row[name]) for name in order])
        made.append({**row, HASH: before})
    return made


@cache
def fields_of(table: Table) -> tuple[str, ...]:
    """Return the columns of a table that are hashed, in order: all but the hash."""
    return tuple(column.name for column in table.c if column.name != HASH)


def _as_stored(value: object) -> object:
    if isinstance(value, datetime):
        return moment_text(value)
    return int(value) if isinstance(value, bool) else value


def stored_in(table: Table, *, numbers: bool) -> Select[Any]:
    """Select the columns of a table as they are hashed, in that order, and last the hash.

    With `numbers` the database itself keeps flags as numbers.
    """
    columns = (table.c[name] for name in (*fields_of(table), HASH))
    return select(
        *(
            raw(cast(each, Integer) if isinstance(each.type, Boolean) and not numbers else each)
            for each in columns
        )
    )


def root_of(leaves: Iterable[bytes]) -> str:
    """Return the root of the Merkle tree over `leaves` (RFC 6962, 2.1), in hexadecimals."""
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return sha256(b"").hexdigest()
    while len(level) > 1:
        # What is left over moves up: the same tree as splitting at the largest power of two.
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()
