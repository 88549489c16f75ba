"""Keeping the register: who looked is noted, what it holds is sealed, verified and erased."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select, update

from bdv_process.errors import Conflict, InputRefused, NotFound, StorageUnavailable
from bdv_process.eventlog.event import ERASED
from bdv_process.execution import seal, storage
from bdv_process.execution.audit import DONE, ORIGIN, Act, Entry, append, audits
from bdv_process.execution.infrastructure_reader import InfrastructureReader
from bdv_process.execution.keys import Signer
from bdv_process.execution.seal import Head
from bdv_process.execution.subject import Keyring, Subjects, misfits, subjects
from bdv_process.execution.unit import Unit
from bdv_process.execution.verification import Verification, verify

_LOG: Final = logging.getLogger(__name__)
_AT_ONCE: Final = 100  # cases in one question to the database


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What is erased with a subject, or would be."""

    subject: str  #: the id that stays in events
    cases: tuple[str, ...]
    wrapped: bool  #: whether the key was wrapped in a master key
    lingers: bool = False  #: whether the database cannot let go of it yet: somebody reads


class Custody(InfrastructureReader):
    """Writes down who looked, seals and verifies what is kept, and erases whom it is about."""

    def note(
        self,
        actor: str,
        action: str,
        about: str | None = None,
        *,
        result: str = DONE,
        reason: str | None = None,
        must: bool = False,
    ) -> None:
        """Write down in the audit log that somebody did something.

        When that cannot be done it is said in the program's log: a disk that is full must not keep
        anybody from the case that they need. What `must` be written down is refused instead.

        Raises:
            StorageUnavailable: it must, and cannot.
        """
        now, told = self.clock(), (str(action), about, result, reason)
        origin = ORIGIN.get()

        def write() -> None:
            try:
                with self._ledger.command(now) as unit:
                    append(unit.connection, [self._entry(unit, actor, *told, now, origin)])
            except (StorageUnavailable, Conflict) as refusal:
                if must:
                    raise
                who = actor if self._ledger.works_here(actor) else "-"
                _LOG.warning("%s %s %s: %s", who, action, about, refusal.render())

        self._ledger.after_batch(write)

    def audit(
        self, *, since: datetime | None = None, person: str | None = None, case: str | None = None
    ) -> list[Entry]:
        """Return what was written down, oldest first: from a moment on, of a person, of a case."""
        row = audits.c
        query = select(audits).order_by(row.seq)
        if since is not None:
            query = query.where(row.at >= since)
        if case is not None:
            query = query.where(
                or_(row.object == case, row.object.startswith(f"{case}.", autoescape=True))
            )
        known = {each.id: each.person for each in self._ledger.read(select(subjects))}
        if person is not None:
            ids = [person, *(id_ for id_, named in known.items() if named == person)]
            query = query.where(row.actor.in_(ids))
        return [
            Entry(
                at=found.at, actor=known.get(found.actor, found.actor) or f"{ERASED}-{found.actor}",
                action=found.action, object=found.object, result=found.result,
                origin=found.origin, reason=found.reason,
            )
            for found in self._ledger.read(query)
        ]  # fmt: skip

    def seal(self, signer: Signer | None = None) -> Head:
        """Make a head of what the register holds now, signed by `signer` if there is one.

        Raises:
            StorageUnavailable: it cannot be written down.
        """
        made = self.seal_after(None, signer)
        assert made is not None  # noqa: S101
        return made

    def seal_after(self, moment: datetime | None, signer: Signer | None) -> Head | None:
        """Make a head, unless one was made after a moment.

        Raises:
            StorageUnavailable: it cannot be written down.
        """
        now = self.clock()
        with self._ledger.command(now) as unit:
            unit.flush()
            return seal.seal(unit.connection, now, signer, moment)

    def sealed(self) -> datetime | None:
        """Return when the last head was made; None when there is none."""
        last = select(seal.heads.c.at).order_by(seal.heads.c.number.desc()).limit(1)
        return next((row.at for row in self._ledger.read(last)), None)

    def heads(self) -> list[Head]:
        """Return all heads, oldest first."""
        return seal.all_heads(self._ledger.bare)

    def size(self) -> int:
        """Return how many events there are, by the case list."""
        rows = self._ledger.bare(select(func.sum(storage.cases.c.seq)))
        return int(rows[0][0] or 0) if rows else 0

    def verify(
        self,
        *,
        since: Head | None = None,
        trusted: Collection[bytes] | None = None,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> Verification:
        """Return what is broken in the register, and in its file; see `verification.verify`."""
        found = verify(
            self._ledger.bare, since=since, trusted=trusted, progress=progress,
            numbers=self._ledger.numbers,
        )  # fmt: skip
        for subject in misfits(self._ledger.bare, self._ledger.keyring):
            found.add("subject", subject)
        for complaint in self._ledger.damage():
            found.add("file", complaint)
        return found

    def erase(self, person: str, *, by: str, reason: str, dry_run: bool = False) -> Erasure:
        """Destroy the key and the name of a requester; their cases stay, and tell nothing of them.

        Backups made before keep both.

        Raises:
            NotFound: the register knows no requester of that name.
            Conflict: a case of theirs is open, or they hold work for somebody else.
            InputRefused: no reason was given.
        """
        if not reason.strip():
            raise InputRefused("BDV-530", where=person)
        now, case = self.clock(), storage.cases.c
        with self._ledger.command(now) as unit:
            unit.flush()
            connection = unit.connection
            storage.wait_for(connection, f"subject {person}")
            whose = select(subjects).where(subjects.c.person == person)
            subject = connection.execute(whose).first()
            if subject is None:
                raise NotFound("BDV-528", where=person)
            theirs = select(case.id, case.closed).where(case.requester == person).order_by(case.id)
            rows = connection.execute(theirs).all()
            if still := [row.id for row in rows if row.closed is None]:
                raise Conflict("BDV-529", where=person, cases=", ".join(still[:10]))
            held = select(storage.items.c.id).where(storage.items.c.claimed_by == person)
            if not self._ledger.works_here(person) and (
                work := connection.execute(held.order_by(storage.items.c.id)).scalars().all()
            ):
                raise Conflict("BDV-534", where=person, items=", ".join(work[:10]))
            found = Erasure(
                subject=subject.id,
                cases=tuple(row.id for row in rows),
                wrapped=not subject.key.startswith(":"),
            )
            if not dry_run:
                self._forget(unit, person, found, now)
                entry = self._entry(unit, by, Act.ERASE.value, found.subject, DONE, reason, now,
                                    ORIGIN.get())  # fmt: skip
                append(connection, [entry])
        if not dry_run:
            self._ledger.hot.clear()  # live cases know who did what
            clean = self._ledger.clean(storage.cases, storage.items, subjects, storage.commands)
            return replace(found, lingers=not clean)
        return found

    def wrap(self, *, by: str, before: bytes | None = None) -> tuple[int, bool]:
        """Wrap the keys of all requesters in the master key of now; return how many were not.

        And whether the database cannot let go yet of how they were: somebody reads.

        Nothing may write meanwhile: who goes by another master key cannot open them any more.

        Args:
            by: who has it done, for the audit log.
            before: the master key that they may be wrapped in.

        Raises:
            InputRefused: there is no master key of now.
            StorageUnavailable: a key is wrapped in neither of these.
        """
        now, keyring = self.clock(), self._ledger.keyring
        if keyring.master is None:
            raise InputRefused("BDV-532")
        with self._ledger.command(now) as unit:
            unit.flush()
            connection = unit.connection
            count = Subjects(connection, keyring).wrap(Keyring(master=before))
            entry = self._entry(unit, by, Act.WRAP.value, None, DONE, None, now, ORIGIN.get())
            append(connection, [entry])
        return count, not self._ledger.clean(subjects)

    def _forget(self, unit: Unit, person: str, found: Erasure, now: datetime) -> None:
        nobody = {"person": None, "key": None, "erased": now}
        whose = update(subjects).where(subjects.c.id == found.subject)
        unit.connection.execute(whose.values(nobody))
        event = storage.events.c
        theirs = or_(event.resource == found.subject, event.behalf == found.subject)
        acted = unit.connection.execute(select(event.case).where(theirs)).scalars()
        touched = sorted({*found.cases, *acted})
        case, command = storage.cases.c, storage.commands.c
        listed = update(storage.cases).where(case.requester == person)
        unit.connection.execute(listed.values(requester=f"{ERASED}-" + case.root))
        for start in range(0, len(touched), _AT_ONCE):
            # The hash of what was asked could be guessed by who knows what to look for.
            about = (
                or_(command.result == each, command.result.startswith(f"{each}.", autoescape=True))
                for each in touched[start : start + _AT_ONCE]
            )
            told = update(storage.commands).where(or_(*about))
            unit.connection.execute(told.values(request=""))

    def _entry(
        self, unit: Unit, actor: str, action: str, about: str | None, result: str,
        reason: str | None, now: datetime, origin: str,
    ) -> Entry:  # fmt: skip
        """Return an entry, in which a citizen goes by their id, and came from no address."""
        if not self._ledger.works_here(actor):
            known = Subjects(unit.connection, self._ledger.keyring)
            actor, (origin, *_) = known.of(actor, first=True).id, origin.split()
        return Entry(
            at=now, actor=actor, action=action, object=about, result=result, origin=origin,
            reason=reason,
        )  # fmt: skip
