"""A command: one transaction, carried out once however often it is asked with the same key."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import insert, or_, select

from bdv_process.errors import BdvError, Conflict, NotAllowed, Stale
from bdv_process.eventlog.event import Event
from bdv_process.execution import storage
from bdv_process.execution.audit import DENIED, Act
from bdv_process.execution.clock import Clock, wall_clock
from bdv_process.execution.custody import Custody
from bdv_process.execution.desk import Desk, matter_of
from bdv_process.execution.duty import Action, Deed, Denial, Matter, Permit
from bdv_process.execution.infrastructure import Infrastructure
from bdv_process.execution.ledger import Ledger
from bdv_process.execution.organisation import Organisation, Person
from bdv_process.execution.reader import CaseFile
from bdv_process.execution.request import canonical
from bdv_process.execution.subject import Keyring, subjects
from bdv_process.execution.unit import Unit
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import local_day


class Commander(Custody):
    """Carries out commands, says who may give them, and tells who listens what happened."""

    def __init__(
        self,
        url: str,
        *,
        templates: Iterable[Template],
        procedure: Procedure,
        organisation: Organisation,
        infrastructure: Infrastructure | None = None,  # the sample that ships with the product
        clock: Clock = wall_clock,
        hot: int = 10_000,
        source: str | None = None,
        keyring: Keyring = Keyring(),  # noqa: B008 - frozen, and without a key
    ) -> None:
        ledger = Ledger(url, templates, procedure, organisation, hot, keyring, source)
        super().__init__(ledger, clock, infrastructure or Infrastructure.read())
        self._seen: tuple[str, int] | None = None

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Tell `listener` every event from now on: after its commit, or in a batch its command."""
        self._ledger.listeners.append(listener)

    def may(self, by: str, action: Action, about: str) -> Permit | Denial:
        """Return the rule that lets `by` do this now, or the one that denies it.

        `about` is a work item or a case; to start one, the key of a workflow. That a command is
        permitted does not mean that its moment is there: a case may be closed, an item done.

        Raises:
            NotFound: no such item, case, workflow or person.
        """
        return self._found(by, [(action, about)])[0]

    def refusal(self, by: str, action: Action, about: str) -> BdvError | None:
        """Return what `may` denies `by`, as the refusal that says why; None when it permits.

        Raises:
            NotFound: no such item, case, workflow or person.
        """
        return self.refusals(by, [(action, about)])[0]

    def refusals(self, by: str, asked: Iterable[tuple[Action, str]]) -> list[BdvError | None]:
        """Return `refusal` of each of these; what decides is read at once, however many they are.

        Raises:
            NotFound: no such item, case, workflow or person.
        """
        asked, names = list(asked), self._ledger.names
        return [
            found.error(about, names) if isinstance(found, Denial) else None
            for (_, about), found in zip(asked, self._found(by, asked), strict=True)
        ]

    def _found(self, by: str, asked: Sequence[tuple[Action, str]]) -> list[Permit | Denial]:
        """Return what `may` says of each of these."""
        decides, desk, now = self._matters(asked), self._desk, self.clock()
        return [desk.ask(by, action, *decides[about], now) for action, about in asked]

    def admit(self, by: str, case: str, *, reads: bool = True) -> None:
        """Let somebody to a case who may read it; write down that they read it, or may not.

        Raises:
            NotFound: no such case or person.
            NotAllowed: they may not.
        """
        if denied := self.refusal(by, Action.READ, case):
            self.note(by, Act.READ, case, result=f"{DENIED} {denied.code}")
            raise denied
        if reads:
            self.note(by, Act.READ, case)

    def admit_intake(self, by: str) -> None:
        """Let somebody to the calls of others who may take in calls; write down who may not.

        Raises:
            NotFound: nobody here has that name.
            NotAllowed: they may take in calls of no workflow.
        """
        may = (self.may(by, Action.INTAKE, each.key) for each in self.templates())
        if not any(isinstance(found, Permit) for found in may):
            denied = NotAllowed("BDV-610", person=by)
            self.note(by, Action.INTAKE, result=f"{DENIED} {denied.code}")
            raise denied

    def readable(self, by: str, *, open_only: bool = False) -> list[CaseFile]:
        """Return the cases that `by` may read, or the open ones of these, oldest first.

        Raises:
            NotFound: nobody here has that name.
        """
        now, event, seen = self.clock(), storage.events.c, {}
        both = {by, *(p.id for p in self.organisation.stood_in_for(by, local_day(now)))}
        ids = select(subjects.c.id).where(subjects.c.person.in_(both))
        theirs = or_(event.resource.in_(both), event.resource.in_(ids))
        worked = select(event.root).where(theirs, event.item.is_not(None))
        chains = {row.root for row in self._ledger.read(worked.distinct())}

        def reads(case: CaseFile) -> bool:
            kind = (case.template, case.requester if case.requester in both else "")
            if kind not in seen:
                matter = matter_of(self.template(case.template), kind[1])
                seen[kind] = isinstance(self._desk.ask(by, Action.READ, matter, (), now), Permit)
            # What somebody did can only decide where somebody did something.
            return seen[kind] or (
                case.root in chains and isinstance(self.may(by, Action.READ, case.id), Permit)
            )

        return [case for case in self.cases(open_only=open_only) if reads(case)]

    def takers(self, item: str) -> tuple[Person, ...]:
        """Return everybody to whom a work item could be delegated now.

        Raises:
            NotFound: no such item, or it is done.
        """
        matter, deeds = self._matters([(Action.CLAIM, item)])[item]
        free, now = replace(matter, holder=None, stead=None), self.clock()
        return tuple(
            person
            for person in self.organisation.people.values()
            if person.id != matter.holder
            and isinstance(self._desk.ask(person.id, Action.CLAIM, free, deeds, now), Permit)
        )

    def _matters(self, asked: Iterable[tuple[Action, str]]) -> dict[str, tuple[Matter, list[Deed]]]:
        """Return by what each is about what decides who may, and what was done before."""
        found: dict[str, tuple[Matter, list[Deed]]] = {}
        named = []
        for action, about in asked:
            if action in (Action.START, Action.INTAKE):
                found[about] = matter_of(self.template(about)), []
            else:
                named.append(about)
        work = self._each_item([about for about in named if "." in about])
        of = {about: work[about].case if about in work else about for about in named}
        cases = self._each_case(list(of.values()))
        deeds = self.deeds(cases.values())
        for about, id_ in of.items():
            template, requester = self.template(cases[id_].template), cases[id_].requester
            found[about] = matter_of(template, requester, work.get(about)), deeds[id_]
        return found

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let all commands inside share one transaction: all of them count, or none."""
        with self._ledger.batch(self.clock):
            yield

    @contextmanager
    def as_seen(self, case: str, seq: int) -> Iterator[None]:
        """Let commands inside count only while the last event of a case is still `seq`.

        A command that was carried out before, under the same key, gives its first result all the
        same. Others are refused with `Stale`.
        """
        self._seen = (case, seq)
        try:
            yield
        finally:
            self._seen = None

    @property
    def _desk(self) -> Desk:
        return Desk(self._ledger.procedure, self.organisation, self._ledger.names)

    def _unit(self) -> AbstractContextManager[Unit]:
        return self._ledger.command(self.clock())

    def _do(
        self, request: tuple[str, *tuple[object, ...]], key: str | None, act: Callable[[Unit], str]
    ) -> str:
        """Carry out a command once: the same key gives the first result again.

        That it was denied is written down; nothing else of it is.
        """
        try:
            return self._done(request, key, act)
        except NotAllowed as denied:
            verb, *given = request
            self.note(str(given[1]), verb, denied.where or None, result=f"{DENIED} {denied.code}")
            raise

    def _done(
        self, request: tuple[str, *tuple[object, ...]], key: str | None, act: Callable[[Unit], str]
    ) -> str:
        # What somebody asked holds what they filled in; to recognise it again its hash is enough.
        asked = sha256(canonical(*request, key).encode()).hexdigest()
        with self._unit() as unit:
            if key is None:
                return self._acted(unit, act)
            storage.wait_for(unit.connection, f"key {key}")
            query = select(storage.commands).where(storage.commands.c.key == key)
            done = unit.connection.execute(query).first()
            if done is not None:
                if done.request != asked:
                    raise Conflict("BDV-315", where=key)
                return str(done.result)
            result = self._acted(unit, act)
            row = {"key": key, "request": asked, "result": result}
            unit.connection.execute(insert(storage.commands), row)
            return result

    def _acted(self, unit: Unit, act: Callable[[Unit], str]) -> str:
        if self._seen:
            case, seq = self._seen
            if unit.load(case).seq != seq:
                raise Stale("BDV-390", where=case)
        return act(unit)
