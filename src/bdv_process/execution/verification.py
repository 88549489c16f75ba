"""Whether what the register holds is what was written down: every event, every head, every audit.

It reads rows as the database keeps them, in blocks, and makes no events of them: ten million take
a minute or so. Work goes on meanwhile; what moved between two blocks is looked at again.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Select, func, select, tuple_

from bdv_process.errors import StorageUnavailable
from bdv_process.execution import storage
from bdv_process.execution.audit import audits
from bdv_process.execution.chain import link, stored_in
from bdv_process.execution.seal import Head, all_heads, kept_leaves, leaves_of, root_over
from bdv_process.execution.storage import Bare, Read, blocks

_MOST: Final = 1_000  # findings that are kept; who has more knows enough


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Something that is not as it was written down."""

    problem: str  #: key of the words for it, `db.broken.<problem>`
    case: str | None = None  #: or what else it is about: a head, a row of the audit log
    seq: int | None = None


@dataclass(kw_only=True)
class Verification:
    """What was looked at, and what of it is broken; the first finding first."""

    events: int = 0
    cases: int = 0
    heads: int = 0
    signed: int = 0  #: of the heads
    audits: int = 0
    broken: list[Broken] = field(default_factory=list)
    number: int = 0  #: of findings, when there are more than are kept

    def add(self, problem: str, case: str | None = None, seq: int | None = None) -> None:
        """Note that something is broken."""
        self.number += 1
        if len(self.broken) < _MOST:
            self.broken.append(Broken(problem=problem, case=case, seq=seq))


def verify(
    read: Read,
    *,
    since: Head | None = None,
    trusted: Collection[bytes] | None = None,
    numbers: bool = True,
    progress: Callable[[int], None] = lambda _done: None,
) -> Verification:
    """Return what is broken in the register that `read` reads from.

    Args:
        read: asks the database a question.
        since: a head from elsewhere; what it sealed must be there.
        trusted: the keys of which one has to have signed each head, from the first that is signed
            to the last of all; None: any that they name, or none.
        numbers: whether the database keeps flags as numbers, as SQLite does.
        progress: is told how many events were verified.
    """
    found, known = Verification(), all_heads(read)
    _heads(read, found, known, since, trusted)
    _Walk(read, found).events(numbers, progress)
    _tables(read, found)
    _templates(read, found)
    _audit(read, found, numbers, [each for each in (since, *reversed(known)) if each])
    return found


def _heads(
    read: Read,
    found: Verification,
    known: list[Head],
    since: Head | None,
    trusted: Collection[bytes] | None,
) -> None:
    """Verify the heads that are kept and the one from elsewhere, and what they were made of."""
    found.heads, found.signed = len(known), sum(head.key is not None for head in known)
    before, signs = "", False
    for number, head in enumerate(known, start=1):
        name = f"head {head.number}"
        if head.number != number or head.previous != before:
            found.add("head_chain", name)
        if head.key is not None and not head.signed(trusted):
            found.add("signature", name)
        signs |= head.key is not None
        # Those from before there was a key are followed by one that is signed.
        if trusted and head.key is None and (signs or head is known[-1]):
            found.add("unsigned", name)
        before = head.hash
    if since is not None:
        name = f"head {since.number}"
        if (since.key or trusted) and not since.signed(trusted):
            found.add("signature", name)
        kept = next((head for head in known if head.number == since.number), None)
        if kept is None or kept.statement != since.statement:
            found.add("head_gone", name)
    checked = {head.number: head for head in (*known[-1:], since) if head}
    for number, head in checked.items():
        if root_over(leaves_of(read, number)) != (head.cases, head.root):
            found.add("root", f"head {number}")


def _tables(read: Read, found: Verification) -> None:
    """Verify that every table is there with its columns, also where we look seldom."""
    for table in storage.metadata.sorted_tables:
        try:
            read(select(table).limit(1))
        except StorageUnavailable:
            found.add("table", table.name)


def _templates(read: Read, found: Verification) -> None:
    """Verify the files that running cases keep to: each is named by its own hash."""
    kept = storage.templates.c
    for version, key, source in read(select(kept.version, kept.key, kept.source)):
        if sha256(source).hexdigest() != version:
            found.add("template", f"{key} {str(version)[:12]}")


class _Walk:
    """One pass along all events by case, beside the case list and what was sealed."""

    def __init__(self, read: Read, found: Verification) -> None:
        self._read = read
        self._found = found
        self._sealed = _Beside(kept_leaves(read))
        case = storage.cases.c
        listed = blocks(read, select(case.id, case.seq), (case.id,))
        self._listed = _Beside(row for rows in listed for row in rows)
        self._doubtful: list[str] = []  # cases that moved while we looked, or are listed wrongly

    def events(self, numbers: bool, progress: Callable[[int], None]) -> None:
        """Verify the chain of every case."""
        found, link_ = self._found, link
        case: str | None = None
        before, seq, whole = "", 0, True
        sealed: dict[int, str] = {}
        for rows in self._rows(stored_in(storage.events, numbers=numbers)):
            for row in rows:
                if row[0] != case:
                    if case is not None:
                        self._end(case, seq, sealed)
                    case, before, seq, whole = str(row[0]), "", 0, True
                    found.cases += 1
                    sealed = self._begin(case)
                seq += 1
                if not whole:
                    continue
                if row[1] != seq:
                    found.add("gap", case, seq)
                    whole = False
                    continue
                try:
                    before = link_(before, row[:-1])
                except (TypeError, ValueError):  # no text, no number: nothing that we write
                    before = ""
                if before != row[-1]:
                    found.add("hash" if row[-1] else "no_hash", case, seq)
                    whole = False
                elif seq in sealed and before != sealed[seq]:
                    found.add("rewritten", case, seq)
                    whole = False
            found.events += len(rows)
            progress(found.events)
        if case is not None:
            self._end(case, seq, sealed)
        for gone, *_ in self._sealed.rest():
            found.add("gone", gone, 1)
        self._doubtful += [listed for listed, *_ in self._listed.rest()]
        self._look_again()

    def _begin(self, case: str) -> dict[int, str]:
        """Return what was sealed of a case, by event; note which cases were and have no events."""
        for gone, *_ in self._sealed.before(case):
            self._found.add("gone", gone, 1)
        self._doubtful += [listed for listed, *_ in self._listed.before(case)]
        _, kept = self._sealed.at(case) or (case, [])
        sealed = {seq: hash_ for _, seq, hash_ in kept}
        if list(sealed) != sorted(sealed) or len(sealed) != len(kept):
            self._found.add("rewritten", case, min(sealed))
        return sealed

    def _end(self, case: str, seq: int, sealed: dict[int, str]) -> None:
        if sealed and seq < max(sealed):
            self._found.add("cut_off", case, seq + 1)
        listed = self._listed.at(case)
        if listed is None or listed[1] != seq:
            self._doubtful.append(case)

    def _look_again(self) -> None:
        """Hold the case list against the events once more, where they differed."""
        event, listed = storage.events.c, storage.cases.c
        for case in self._doubtful[:_MOST]:
            last = select(func.max(event.seq)).where(event.case == case).scalar_subquery()
            told = select(listed.seq).where(listed.id == case).scalar_subquery()
            ((happened, told_of),) = self._read(select(last, told))
            if happened is None:
                self._found.add("no_events", case)
            elif told_of is None:
                self._found.add("unlisted", case)
            elif happened != told_of:
                self._found.add("listed", case, told_of)

    def _rows(self, query: Select[Any]) -> Iterator[list[Bare]]:
        """Yield all events in blocks; what the database cannot read is noted and left out."""
        event = storage.events.c
        keys = (event.case, event.seq)
        after: Bare | None = None
        while True:
            rest = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
            try:
                for rows in blocks(self._read, rest, keys):
                    after = tuple(rows[-1][:2])
                    yield rows
            except StorageUnavailable:
                rest = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
                good, bad = self._up_to_damage(rest.order_by(*keys))
                if good:
                    yield good
                elif bad is None:
                    all_heads(self._read)  # or the database is away, and nothing is known
                case, seq = bad or tuple(good[-1][:2] if good else after or (None, None))
                self._found.add("unreadable", case, seq)
                if bad is None:
                    return
                after = bad
            else:
                return

    def _up_to_damage(self, query: Select[Any]) -> tuple[list[Bare], Bare | None]:
        """Return the events before one that cannot be read, and which that is, if it tells."""
        low, high = 0, 20_000
        good: list[Bare] = []
        while low + 1 < high:  # the last block of `low` rows was read, that of `high` was not
            middle = (low + high) // 2
            try:
                good = self._read(query.limit(middle))
                low = middle
            except StorageUnavailable:
                high = middle
        event = storage.events.c
        key = query.with_only_columns(event.case, event.seq).offset(low).limit(1)
        try:
            rows = self._read(key)
        except StorageUnavailable:
            rows = []
        return good, tuple(rows[0]) if rows else None


class _Beside:
    """Rows by case, walked along with those of another table in the same order."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self._next: Any = next(rows, None)

    def before(self, case: str) -> Iterator[Any]:
        """Yield the rows of cases that come before one."""
        while self._next is not None and self._next[0] < case:
            row, self._next = self._next, next(self._rows, None)
            yield row

    def at(self, case: str) -> Any:
        """Return the row of a case, if there is one."""
        for _ in self.before(case):
            pass
        if self._next is None or self._next[0] != case:
            return None
        row, self._next = self._next, next(self._rows, None)
        return row

    def rest(self) -> Iterator[Any]:
        """Yield what is left."""
        while self._next is not None:
            row, self._next = self._next, next(self._rows, None)
            yield row


def _audit(read: Read, found: Verification, numbers: bool, heads: list[Head]) -> None:
    """Verify the chain of the audit log, and that what heads sealed of it is there."""
    sealed = {head.audit: head.audit_hash for head in heads if head.audit}
    before, seq = "", 0
    for rows in blocks(read, stored_in(audits, numbers=numbers), (audits.c.seq,)):
        for row in rows:
            seq += 1
            name = f"audit {seq}"
            if row[0] != seq:
                found.add("audit_gap", name)
                return
            try:
                before = link(before, row[:-1])
            except (TypeError, ValueError):
                before = ""
            if before != row[-1]:
                found.add("audit_hash", name)
                return
            if sealed.get(seq, before) != before:
                found.add("audit_rewritten", name)
                return
        found.audits = seq
    if sealed and seq < max(sealed):
        found.add("audit_cut_off", f"audit {seq + 1}")
