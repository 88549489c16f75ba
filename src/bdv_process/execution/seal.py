"""Seals: what the register held at a moment, in one hash that can be kept somewhere else.

A chain alone does not show that its tail was cut off. So now and then the heads of all cases (case,
number of its last event, hash) are rolled into one Merkle root, with where the audit log was. The
statement of that is signed and goes out of the house as a small file, a *head*. Each head names the
hash of the head before it. The leaves are kept in the register, those that moved since the last
head; they are believed only as far as they give the root that was signed.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
)

from bdv_process.errors import InputRefused, NotFound
from bdv_process.execution import storage
from bdv_process.execution.audit import audits
from bdv_process.execution.chain import canonical, root_of
from bdv_process.execution.keys import Signer, signed_by
from bdv_process.execution.moment import Moment, moment_text
from bdv_process.execution.new_file import new_file
from bdv_process.execution.storage import Read, blocks

Leaf = tuple[str, int, str]  # case, number of its last event, hash of that
FORMAT: Final = "bdv-head-1"
_MOST: Final = 100_000  # bytes of a file with a head

heads = Table(
    "head",
    storage.metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("root", storage.Name, nullable=False),
    Column("audit", Integer, nullable=False),
    Column("audit_hash", storage.Name, nullable=False),
    Column("previous", storage.Name, nullable=False),
    Column("key", Text),
    Column("signature", Text),
)
#: The cases that had moved on when a head was made.
leaves = Table(
    "head_case",
    storage.metadata,
    Column("case", storage.Name, primary_key=True),
    Column("head", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", storage.Name, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Head:
    """What was sealed at a moment, and who signed it."""

    number: int
    at: str  #: UTC, as stored
    cases: int
    root: str
    audit: int  #: number of the last row of the audit log; 0: there was none
    audit_hash: str
    previous: str  #: hash of the head before it; empty for the first
    key: str | None = None  #: public key, base64; None: nobody signed
    signature: str | None = None  #: Ed25519 under the statement, base64

    @property
    def statement(self) -> bytes:
        """Return what is signed."""
        return canonical([
            FORMAT, self.number, self.at, self.cases, self.root, self.audit, self.audit_hash,
            self.previous,
        ]).encode()  # fmt: skip

    @property
    def hash(self) -> str:
        """Return by what the next head names this one."""
        return sha256(self.statement).hexdigest()

    def signed(self, by: Collection[bytes] | None) -> bool:
        """Return whether the signature is right: under this statement, with one of the keys `by`.

        None: with any key.
        """
        if self.key is None or self.signature is None:
            return False
        try:
            key, signature = b64decode(self.key), b64decode(self.signature)
        except ValueError:
            return False
        return (by is None or key in by) and signed_by(key, signature, self.statement)

    def write(self, file: Path) -> None:
        """Write it to a new file, to keep elsewhere.

        Raises:
            FileExistsError: something is there; it stays.
            OSError: it cannot be written.
        """
        told = {"format": FORMAT, **vars(self)}
        with new_file(file) as stream:
            stream.write(json.dumps(told, indent=2).encode("ascii") + b"\n")

    @staticmethod
    def read(file: Path) -> "Head":
        """Read what `write` wrote.

        Raises:
            NotFound: there is no such file.
            InputRefused: it holds no head.
        """
        if not file.is_file():
            raise NotFound("BDV-201", where=file)
        try:
            with file.open("rb") as stream:
                told = json.loads(stream.read(_MOST))
            form, head = told.pop("format"), Head(**told)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise InputRefused("BDV-527", where=file) from None
        kinds = {name: type(value) for name, value in vars(head).items() if value is not None}
        if form != FORMAT or kinds != {name: _KINDS[name] for name in kinds}:
            raise InputRefused("BDV-527", where=file)
        return head


def seal(
    connection: Connection, now: datetime, signer: Signer | None, since: datetime | None = None
) -> Head | None:
    """Make the next head, in the transaction of `connection`; none when one was made `since`."""
    storage.wait_for(connection, "head")
    before = last_head(connection)
    if before and since and before.at > moment_text(since):
        return None  # another worker was first
    number = before.number + 1 if before else 1
    case, event, leaf = storage.cases.c, storage.events.c, leaves.c
    known = select(leaf.case, func.max(leaf.seq).label("seq")).group_by(leaf.case).subquery()
    moved = (
        select(case.id, event.seq, event.hash)
        .join(storage.events, and_(event.case == case.id, event.seq == case.seq))
        .outerjoin(known, known.c.case == case.id)
        .where(or_(known.c.seq.is_(None), known.c.seq < case.seq))
    )
    rows = [
        {"case": row.id, "head": number, "seq": row.seq, "hash": row.hash}
        for row in connection.execute(moved)
    ]
    if rows:
        connection.execute(insert(leaves), rows)
    noted = connection.execute(
        select(audits.c.seq, audits.c.hash).order_by(audits.c.seq.desc()).limit(1)
    ).first()
    cases, root = root_over(leaves_of(partial(storage.rows_of, connection), number))
    made = Head(
        number=number,
        at=moment_text(now),
        cases=cases,
        root=root,
        audit=noted.seq if noted else 0,
        audit_hash=noted.hash if noted else "",
        previous=before.hash if before else "",
    )
    made = _signed(made, signer)
    connection.execute(insert(heads), {**vars(made), "at": now})
    return made


def last_head(connection: Connection) -> Head | None:
    """Return the head that was made last."""
    last = connection.execute(_ALL.order_by(heads.c.number.desc()).limit(1)).first()
    return Head(**dict(zip(_FIELDS, last, strict=True))) if last else None


def all_heads(read: Read) -> list[Head]:
    """Return all heads, oldest first."""
    rows = read(_ALL.order_by(heads.c.number))
    return [Head(**dict(zip(_FIELDS, row, strict=True))) for row in rows]


def leaves_of(read: Read, number: int) -> Iterator[Leaf]:
    """Yield the heads of all cases that a head was made of, by case."""
    for case, kept in kept_leaves(read):
        known = [(seq, hash_) for head, seq, hash_ in kept if head <= number]
        if known:
            yield case, *known[-1]


def kept_leaves(read: Read) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Yield all that was ever sealed, by case: number of the head, of the event, its hash."""
    leaf = leaves.c
    query = select(leaf.case, leaf.head, leaf.seq, leaf.hash)
    rows = (row for rows in blocks(read, query, (leaf.case, leaf.head)) for row in rows)
    for case, group in groupby(rows, key=itemgetter(0)):
        yield case, [row[1:] for row in group]


def root_over(known: Iterable[Leaf]) -> tuple[int, str]:
    """Return how many heads of cases there are, and their root."""
    count = 0

    def told() -> Iterator[bytes]:
        nonlocal count
        for count, leaf in enumerate(known, start=1):  # noqa: B007
            yield canonical(leaf).encode()

    root = root_of(told())
    return count, root


_NUMBERS: Final = ("number", "cases", "audit")
_KINDS: Final = {column.name: int if column.name in _NUMBERS else str for column in heads.c}
_FIELDS: Final = [column.name for column in heads.c]
_ALL: Final = select(*map(storage.raw, heads.c))


def _signed(made: Head, signer: Signer | None) -> Head:
    if signer is None or signer.private is None:
        return made
    signature = b64encode(signer.private.sign(made.statement)).decode()
    key = b64encode(signer.public).decode()
    return Head(**{**vars(made), "key": key, "signature": signature})
