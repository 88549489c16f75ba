"""Whose a case is: each requester has a key of their own, and what is theirs is kept under it.

Events name a requester, and whoever else does not work here, by a random id that means nothing by
itself. What was filled in they keep encrypted (AES-256-GCM) under the key of the requester. The
chain is over the ciphertext, so to erase somebody the key and the name that goes with the id are
destroyed, and no event changes.
What a replay needs (version, fork, child, giver), and which components changed, is nobody's.

The keys stand in the register, wrapped by a master key from outside it and bound to the id and the
person that they stand beside. Only to seal or to show what is personal they are unwrapped: all else
goes on without the master key. Without one they stand bare: erasing works all the same, but whoever
has the database can read all that is in it.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import token_bytes, token_hex
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Table, Text, bindparam, insert, select, update

from bdv_process.errors import IntegrityBroken, StorageUnavailable
from bdv_process.eventlog.event import ERASED, Event, Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.moment import Moment
from bdv_process.execution.registration import FIELDS, REGISTERS

_WHO: Final = ("requester", "resource", "behalf")  # columns of events that name people
_GIVER: Final = "giver"  # who delegated work, in the data of that event
_ID: Final = re.compile("S[0-9a-f]{16}")
#: What people told in data that is otherwise ours: in what begins a case, or moves it.
_TOLD_BY_PEOPLE: Final = {"call", "reason"}
_NOTHING: Final[dict[str, object]] = {"call": {}}  # what a call says in which nothing was filled in
_AT_ONCE: Final = 500  # ids in one question to the database
_KEY: Final = 32  # bytes
_CHECK: Final = 4  # bytes
_NONCE: Final = 12  # bytes; a key seals far fewer than the 2**32 events that random ones allow

#: Who the ids in events are. What is erased has neither person nor key.
subjects = Table(
    "subject_key",
    storage.metadata,
    Column("id", storage.Name, primary_key=True),
    Column("person", storage.Name, unique=True, index=True),
    Column("key", Text),
    Column("erased", Moment),
)
_BY_PERSON = select(subjects).where(subjects.c.person == bindparam("who"))
_SOME = select(subjects).where(subjects.c.key.is_not(None)).limit(1)
_BY_IDS = select(subjects).where(subjects.c.id.in_(bindparam("several", expanding=True)))


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """Wraps the keys of subjects in a master key, or leaves them bare when there is none."""

    master: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Return by what a master key is recognised; nothing of it can be learned from that."""
        return sha256(b"bdv master key" + self.master).hexdigest()[:8] if self.master else ""

    def wrap(self, key: bytes, subject: str, person: str) -> str:
        """Return a key as it is stored beside the id of a subject and the person that it is."""
        if self.master is None:
            return f":{b64encode(key + _checksum(key, subject, person)).decode()}"
        return f"{self.name}:{sealed(self.master, key, f'{subject} {person}')}"

    def unwrap(self, kept: str, subject: str, person: str) -> bytes:
        """Return a key that was stored.

        Raises:
            StorageUnavailable: it is wrapped in another master key than this.
            IntegrityBroken: it was changed, or stood beside another id or person.
        """
        name, _, wrapped = kept.partition(":")
        if name and (name != self.name or self.master is None):
            raise StorageUnavailable("BDV-523", where=subject, name=name)
        try:
            if name and self.master:
                return opened(self.master, wrapped, f"{subject} {person}")
            bare = b64decode(wrapped)
        except (IntegrityBroken, ValueError):
            bare = b""
        key = bare[:_KEY]
        if bare[_KEY:] != _checksum(key, subject, person):
            raise IntegrityBroken("BDV-526", where=subject)
        return key


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Somebody: who the id in events is, and the key to what is theirs; neither when erased."""

    id: str
    person: str | None
    kept: str | None = field(repr=False)  #: the key as it is stored
    keyring: Keyring

    @property
    def key(self) -> bytes | None:
        """Return the key.

        Raises:
            StorageUnavailable: it is wrapped in another master key than that of now.
            IntegrityBroken: it was changed, or is not that of this person.
        """
        if self.kept is None or self.person is None:
            return None
        return self.keyring.unwrap(self.kept, self.id, self.person)

    def name(self, root: str | None = None) -> str:
        """Return who this is; erased, they go by the chain that they began, else by their id."""
        return self.person or f"{ERASED}-{root or self.id}"

    def to_row(
        self, happened: Event, others: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Any]:
        """Return an event of a case of this subject as a row of `events`, without its hash.

        `others` are the ids of who else is named by one.
        """
        ids = {**others, str(self.person): self.id}
        ours, theirs = _apart(happened)
        if (giver := str(ours.get(_GIVER))) in ids:
            ours[_GIVER] = ids[giver]
        row = storage.to_row(happened, ours)
        row |= {column: ids.get(row[column], row[column]) for column in _WHO}
        row["personal"] = None
        if theirs and theirs != _NOTHING:
            place = f"{happened.case} #{happened.seq}"
            key = self.key
            if key is None:
                raise IntegrityBroken("BDV-524", where=place)
            told = json.dumps(theirs, ensure_ascii=False, sort_keys=True).encode()
            row["personal"] = sealed(key, told, place)
        return row

    def to_event(
        self, row: Row[Any], known: Mapping[str, "Subject"], *, shown: bool = False
    ) -> Event:
        """Return a row of `events` as an event; only to be `shown` its personal data is opened.

        `known` are the subjects that it names, by their id.

        Raises:
            IntegrityBroken: it is no event that we could have written.
        """
        stored, filled = row._mapping, {}
        if shown and row.personal and (key := self.key):
            filled = json.loads(opened(key, row.personal, f"{row.case} #{row.seq}"))
        names = {
            column: known[id_].name(row.root if id_ == self.id else None)
            for column in _WHO
            if (id_ := stored[column]) in known
        }
        event = storage.to_event(row, names, filled)
        if "behalf" in names and _GIVER in event.data:
            return replace(event, data={**event.data, _GIVER: event.behalf})
        return event


class Subjects:
    """The subjects of the cases that a transaction is about."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._known: dict[str, Subject] = {}

    def of(self, person: str, *, first: bool) -> Subject:
        """Return the subject that a person is; with what may be `first` of them comes a key."""
        if person not in self._known:
            if first:
                # Who is being erased gets a new key, or has work here: one of them comes first.
                storage.wait_for(self._connection, f"subject {person}")
            found = self._connection.execute(_BY_PERSON, {"who": person}).first()
            self._known[person] = self._read(found) if found else self._make(person)
        return self._known[person]

    def by_id(self, ids: Collection[str]) -> dict[str, Subject]:
        """Return subjects by the id that events name them by.

        Raises:
            IntegrityBroken: the register does not know who that is, or was.
        """
        wanted, found = sorted(ids), {}
        for start in range(0, len(wanted), _AT_ONCE):
            several = {"several": wanted[start : start + _AT_ONCE]}
            for row in self._connection.execute(_BY_IDS, several):
                found[row.id] = self._read(row)
        if missing := sorted(set(ids) - set(found)):
            raise IntegrityBroken("BDV-525", where=missing[0], number=len(missing))
        return found

    def rows(
        self, happened: Iterable[Event], by_name: Callable[[str], bool]
    ) -> list[dict[str, Any]]:
        """Return events as rows of `events`, without hashes; who goes not `by_name` has an id."""
        happened = list(happened)
        others = {
            who
            for event in happened
            for who in (event.resource, event.behalf)
            if who and who != event.requester and not by_name(who)
        }
        begun = {event.requester for event in happened if event.seq == 1}
        # In order: who waits for one of them holds none that the other waits for.
        new = {who: self.of(who, first=True).id for who in sorted(others | begun)}
        ids = {who: new[who] for who in others}
        return [self.of(event.requester, first=False).to_row(event, ids) for event in happened]

    def events(self, rows: Iterable[Row[Any]], *, shown: bool = False) -> list[Event]:
        """Return rows of `events` as events."""
        rows = list(rows)
        others = {who for row in rows for who in (row.resource, row.behalf) if who}
        known = self.by_id({row.requester for row in rows} | set(filter(_ID.fullmatch, others)))
        return [known[row.requester].to_event(row, known, shown=shown) for row in rows]

    def wrap(self, before: Keyring) -> int:
        """Wrap all keys in the master key of now; return how many were not.

        Raises:
            StorageUnavailable: one is wrapped in neither that nor the one before.
        """
        now, key = self._keyring, subjects.c.key
        others = select(subjects).where(key.is_not(None), ~key.startswith(f"{now.name}:"))
        rows = self._connection.execute(others).all()
        wrapped = [
            {"whose": row.id, "kept": now.wrap(before.unwrap(row.key, *who), *who)}
            for row in rows
            for who in [(row.id, row.person)]
        ]
        if wrapped:
            whose = update(subjects).where(subjects.c.id == bindparam("whose"))
            self._connection.execute(whose.values(key=bindparam("kept")), wrapped)
        return len(wrapped)

    def _read(self, row: Row[Any]) -> Subject:
        return Subject(id=row.id, person=row.person, kept=row.key, keyring=self._keyring)

    def _make(self, person: str) -> Subject:
        self._refuse_another_master()
        (id_, _), row = new_subject(person, self._keyring)
        self._connection.execute(insert(subjects), row)
        return Subject(id=id_, person=person, kept=row["key"], keyring=self._keyring)

    def _refuse_another_master(self) -> None:
        """Refuse to begin with one master key, or none, beside keys that are wrapped in another."""
        some = self._connection.execute(_SOME).first()
        name = some.key.partition(":")[0] if some else ""
        if some and name not in ("", self._keyring.name):
            raise StorageUnavailable("BDV-523", where=some.id, name=name)


def _checksum(key: bytes, subject: str, person: str) -> bytes:
    """Return what finds an accident to a key that stands bare; it is no secret."""
    return sha256(key + f"{subject} {person}".encode()).digest()[:_CHECK]


def misfits(read: storage.Read, keyring: Keyring) -> Iterator[str]:
    """Yield the ids of subjects whose key is not what stood beside that id and that person.

    Keys that are wrapped cannot be tried without a master key.
    """
    row = subjects.c
    for some in storage.blocks(read, select(row.id, row.person, row.key), (row.id,)):
        for id_, person, kept in some:
            wrapped = bool(kept) and not kept.startswith(":")
            if (person is None) != (kept is None):
                yield id_
            elif kept is not None and (keyring.master or not wrapped):
                try:
                    keyring.unwrap(kept, id_, person)
                except (IntegrityBroken, StorageUnavailable):
                    yield id_


def new_subject(person: str, keyring: Keyring) -> tuple[tuple[str, bytes], dict[str, str]]:
    """Return an id and a key for a person, and the row that says so."""
    id_, key = f"S{token_hex(8)}", token_bytes(_KEY)
    return (id_, key), {"id": id_, "person": person, "key": keyring.wrap(key, id_, person)}


def _apart(happened: Event) -> tuple[dict[str, object], dict[str, object]]:
    """Return what the register needs of the data of an event, and what is the requester's."""
    data = happened.data
    if happened.seq > 1 and happened.lifecycle is Lifecycle.COMPLETE and happened.resource:
        # What was filled in, but not which components changed: those outlive who asked.
        names = set(data) - set(FIELDS if happened.activity == REGISTERS else ())
    else:
        names = _TOLD_BY_PEOPLE
    theirs = {name: value for name, value in data.items() if name in names}
    return {name: value for name, value in data.items() if name not in names}, theirs


def sealed(key: bytes, told: bytes, place: str) -> str:
    """Return what is told, encrypted for this place and no other."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = token_bytes(_NONCE)
    return b64encode(nonce + AESGCM(key).encrypt(nonce, told, place.encode())).decode()


def opened(key: bytes, kept: str, place: str) -> bytes:
    """Open what was sealed for a place.

    Raises:
        IntegrityBroken: it was sealed for another, under another key, or changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = b64decode(kept)
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise IntegrityBroken("BDV-526", where=place) from error
