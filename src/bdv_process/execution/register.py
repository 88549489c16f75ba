"""The case register (zaakregister): every command is one transaction that appends events.

Events are the only truth. The live case is replayed from them and kept hot; the case list, the
work list and the timers are projections that `rebuild` makes again. `(case, seq)` is the key of an
event, so of two writers one wins; a command that carries a key is done once, however often asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from sqlalchemy import delete, insert, select

from bdv_process.errors import (
    BdvError,
    Conflict,
    IntegrityBroken,
    NotAllowed,
)
from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.clock import Clock, wall_clock
from bdv_process.execution.desk import Desk, outcome_of
from bdv_process.execution.evidence import evidence_in
from bdv_process.execution.ledger import Ledger
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.reader import CaseReader, Timer
from bdv_process.execution.request import canonical, form
from bdv_process.execution.unit import Unit
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A timer that came due, and why it could not be fired when it could not."""

    timer: Timer
    refusal: BdvError | None = None


class CaseRegister(CaseReader):
    """Starts cases, hands out work, and keeps what happened."""

    def __init__(
        self,
        url: str,
        *,
        templates: Iterable[Template],
        procedure: Procedure,
        organisation: Organisation,
        clock: Clock = wall_clock,
        hot: int = 10_000,
    ) -> None:
        super().__init__(Ledger(url, templates, procedure, hot), organisation)
        self.clock = clock

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Tell `listener` every event from now on: after its commit, or in a batch its command."""
        self._ledger.listeners.append(listener)

    # Commands: each takes `by`, who does it, and `key`, under which it is done once.

    def start(
        self,
        template: str,
        *,
        by: str,
        data: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> str:
        """Start a case of `template` on the call of `by`; return its id.

        Raises:
            NotFound: no such template or person.
        """
        called, person = self._ledger.template(template), self.organisation.person(by)
        given = form(data)

        def act(unit: Unit) -> str:
            return unit.open(called, person.id, data=given).id

        return self._do(("start", template, by, given), key, act)

    def claim(self, item: str, *, by: str, key: str | None = None) -> str:
        """Take an offered work item for `by`; return its id."""

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            self._desk.assign(unit, case, work, by)
            return item

        return self._do(("claim", item, by), key, act)

    def release(self, item: str, *, by: str, key: str | None = None) -> str:
        """Give a claimed work item back to everybody who may do it; return its id.

        Who holds it may, and who is accountable for the activity: people fall ill.

        Raises:
            Conflict: `by` is neither.
        """

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            answers = self._desk.answers_for([work.activity], by)
            if work.claimed_by is None or not (work.claimed_by == by or answers):
                raise Conflict("BDV-320", where=item, who=work.claimed_by or "-")
            node = case.template.by_id[work.activity]
            unit.happen(case, case.event(
                node, Lifecycle.SCHEDULE, unit.now, item=work, resource=by, role=work.role
            ))  # fmt: skip
            return item

        return self._do(("release", item, by), key, act)

    def begin(self, item: str, *, by: str, key: str | None = None) -> str:
        """Start to work on an item, claiming it first when nobody has; return its id."""

        def act(unit: Unit) -> str:
            case, work = self._desk.held(unit, item, by)
            if work.state is Lifecycle.START:
                return item
            node = case.template.by_id[work.activity]
            unit.happen(case, case.event(
                node, Lifecycle.START, unit.now, item=work, resource=by, role=work.claimed_as
            ))  # fmt: skip
            return item

        return self._do(("begin", item, by), key, act)

    def complete(
        self,
        item: str,
        *,
        by: str,
        outcome: str | None = None,
        data: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> str:
        """Finish a work item, claiming it first when nobody has; return its case.

        Without an outcome the happy one, the first that the template declares.

        Raises:
            NotFound: no such item or person.
            Conflict: it is done, withdrawn, or held by somebody else.
            NotAllowed: a role or a separation of duties forbids it.
            InputRefused: the activity has no such outcome, or no log could show what was filled in.
        """
        given = form(data)
        evidence = evidence_in(given)

        def act(unit: Unit) -> str:
            case, work = self._desk.held(unit, item, by)
            activity = case.template.activity(work.activity)
            role = self._desk.role(unit, case, activity.id, by, where=item)
            unit.happen(case, case.event(
                activity, Lifecycle.COMPLETE, unit.now, item=work, resource=by, role=role,
                outcome=outcome_of(activity, outcome, where=item), data=given, evidence=evidence,
            ))  # fmt: skip
            return case.id

        return self._do(("complete", item, by, outcome, given), key, act)

    def answer(
        self,
        case: str,
        *,
        by: str,
        data: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> str:
        """Take in the requester's answer to a question; return the case.

        Raises:
            Conflict: the case waits for no answer.
            NotAllowed: `by` is neither the requester nor somebody who may take in calls.
        """
        given = form(data)

        def act(unit: Unit) -> str:
            found = self._desk.open_case(unit, case)
            asked = found.question
            if asked is None:
                raise Conflict("BDV-311", where=case)
            intake = found.template.activities[0]
            if by != found.requester:
                self._desk.role(unit, found, intake.id, by, where=case)
            unit.happen(found, found.event(
                asked, Lifecycle.COMPLETE, unit.now, resource=by, data=given
            ))  # fmt: skip
            return case

        return self._do(("answer", case, by, given), key, act)

    def withdraw(
        self, case: str, *, by: str, reason: str | None = None, key: str | None = None
    ) -> str:
        """End a case at its requester's wish, and its child cases with it; return the case.

        Raises:
            Conflict: the case is closed.
            NotAllowed: `by` is neither the requester nor accountable in this workflow.
        """

        def act(unit: Unit) -> str:
            found = self._desk.open_case(unit, case)
            steps = [activity.id for activity in found.template.activities]
            answers = self._desk.answers_for(steps, by)
            if by != found.requester and not answers:
                raise NotAllowed("BDV-321", where=case, person=by)
            unit.withdraw(found, by, {"reason": reason} if reason else {})
            return case

        return self._do(("withdraw", case, by, reason), key, act)

    def fire_due(self) -> list[Fired]:
        """Fire every timer that is due, first due first; one that cannot stops no other."""
        now, fired = self.clock(), []
        agenda = self.timers(due_by=now)
        while agenda:
            timer = heappop(agenda)
            try:
                with self._unit() as unit:
                    case = unit.load(timer.case)
                    if case.timers.get(timer.element) != timer.due:
                        unit.project(case)  # another worker fired it, or the list is behind
                        continue
                    before = set(case.timers.items())
                    node = case.template.by_id[timer.element]
                    unit.happen(case, case.event(node, Lifecycle.COMPLETE, unit.now))
                    # What follows from one timer may come before the next in time.
                    for element, due in set(case.timers.items()) - before:
                        if due <= now:
                            heappush(agenda, replace(timer, element=element, due=due))
                fired.append(Fired(timer=timer))
            except BdvError as refusal:
                fired.append(Fired(timer=timer, refusal=refusal))
        return fired

    def rebuild(self) -> int:
        """Make all projections again from the events; return the number of cases.

        Raises:
            IntegrityBroken: events of cases do not follow from each other; nothing is changed.
        """
        with self._unit() as unit:
            storage.wait_for_all(unit.connection)
            found = unit.connection.execute(
                select(storage.events.c.case).where(storage.events.c.seq == 1)
            )
            ids, broken = found.scalars().all(), []
            for table in storage.PROJECTIONS:
                unit.connection.execute(delete(table))
            for case in ids:
                try:
                    unit.project(unit.replay(case))
                except IntegrityBroken as error:
                    broken.append(error)
            if broken:
                raise broken[0] if len(broken) == 1 else IntegrityBroken(
                    "BDV-336", where=", ".join(error.where for error in broken[:20]),
                    number=len(broken), first=broken[0].what(),
                )  # fmt: skip
            return len(ids)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let all commands inside share one transaction: all of them count, or none."""
        with self._ledger.batch(self.clock):
            yield

    @property
    def _desk(self) -> Desk:
        return Desk(self._ledger.procedure, self.organisation, self._ledger.names)

    def _unit(self) -> AbstractContextManager[Unit]:
        return self._ledger.command(self.clock())

    def _do(
        self, request: tuple[str, *tuple[object, ...]], key: str | None, act: Callable[[Unit], str]
    ) -> str:
        """Carry out a command once: the same key gives the first result again."""
        asked = canonical(*request, key)
        with self._unit() as unit:
            if key is None:
                return act(unit)
            storage.wait_for(unit.connection, f"key {key}")
            query = select(storage.commands).where(storage.commands.c.key == key)
            done = unit.connection.execute(query).first()
            if done is not None:
                if done.request != asked:
                    raise Conflict("BDV-315", where=key)
                return str(done.result)
            result = act(unit)
            row = {"key": key, "request": asked, "result": result}
            unit.connection.execute(insert(storage.commands), row)
            return result
