"""The case register (zaakregister): every command is one transaction that appends events.

Events are the only truth. The live case is replayed from them and kept hot; the case list, the
work list and the timers are projections that `rebuild` makes again. `(case, seq)` is the key of an
event, so of two writers one wins; a command that carries a key is done once, however often asked.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bdv_process.errors import (
    BdvError,
    Conflict,
    InputRefused,
    IntegrityBroken,
)
from bdv_process.eventlog.event import Lifecycle, Term
from bdv_process.execution import storage
from bdv_process.execution.agenda import Fired, fire, first_due
from bdv_process.execution.desk import matter_of
from bdv_process.execution.duty import Action, Denial
from bdv_process.execution.evidence import evidence_in, linked_with
from bdv_process.execution.fork import ForkCommands
from bdv_process.execution.intake import Answers
from bdv_process.execution.outbox import Delivery, retry, settle, take
from bdv_process.execution.projection import broken_histories
from bdv_process.execution.reader import Timer
from bdv_process.execution.request import form
from bdv_process.execution.unit import Unit
from bdv_process.template.term import end_of, local_day, next_working_day

if TYPE_CHECKING:
    from bdv_process.execution.health import Health
    from bdv_process.execution.post import Sink


class CaseRegister(ForkCommands):
    """Starts cases, hands out work, and keeps what happened."""

    # Commands: each takes `by`, who does it, and `key`, under which it is done once.

    def start(
        self,
        template: str,
        *,
        by: str,
        requester: str | None = None,
        answers: Answers | None = None,
        service: str | None = None,
        component: str | None = None,
        data: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> str:
        """Start a case of `template` on the call of `by`, or of the requester who called `by`.

        With the answers at intake, what they lead to is recorded too; so are the service and the
        component that the call is about. Return the id of the case.

        Raises:
            NotFound: no such template or person.
            NotAllowed: it is a risk, and `by` does not work here; or it is the call of somebody
                else, and `by` may not take in calls.
            InputRefused: the answers lead to another workflow, and `data` holds no motivation; or
                there is no such service or component.
        """
        called = self._ledger.template(template)
        given, asks = form(data), requester or by
        evidence, concern = evidence_in(given), self.concern(service, component)
        about: dict[str, object] = concern.ids
        if concern.component:
            evidence = replace(evidence, linked=linked_with(given, concern.component.id))
        if answers:
            proposed = self.propose(answers, concern).template
            if proposed is not called and not evidence.motivated:
                raise InputRefused("BDV-361", where=template, proposed=proposed.key)
            about["intake"] = {**vars(answers), "proposed": proposed.key}

        def act(unit: Unit) -> str:
            action = Action.START if asks == by else Action.INTAKE
            permit = self._desk.ask(by, action, matter_of(called), (), unit.now)
            if isinstance(permit, Denial):
                raise permit.error(template, self._ledger.names)
            self.organisation.person(asks)  # whom there are is for who may take in their calls
            case = unit.open(
                called, asks, data=given, caller=(by, permit), evidence=evidence, about=about
            )
            return case.id

        return self._do(("start", template, by, given, asks, about), key, act)

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
            permit = self._desk.permit(unit, by, Action.ANSWER, found)
            unit.happen(found, found.event(
                asked, Lifecycle.COMPLETE, unit.now, resource=by, role=permit.role,
                behalf=permit.behalf, data=given,
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
            permit = self._desk.permit(unit, by, Action.WITHDRAW, found)
            unit.withdraw(found, by, {"reason": reason} if reason else {}, permit)
            return case

        return self._do(("withdraw", case, by, reason), key, act)

    def extend(
        self, case: str, *, by: str, until: date, reason: str | None = None, key: str | None = None
    ) -> str:
        """Put off the decision once, with notice to the requester (Awb 4:14); return the case.

        Until a working day: `until` or the first one after it; at most as long again as the term.

        Raises:
            Conflict: the case is closed, has no term, or its term is over or was put off before.
            NotAllowed: `by` is not accountable in this workflow, or is the requester.
            InputRefused: that is no later than the term already runs, or later than it can be.
        """

        def act(unit: Unit) -> str:
            found = self._desk.open_case(unit, case)
            permit = self._desk.permit(unit, by, Action.EXTEND, found)
            clock = found.clock
            if clock is None:
                raise Conflict("BDV-349", where=case)
            if clock.extended:
                raise Conflict("BDV-350", where=case, day=clock.extended)
            today = local_day(unit.now)
            if clock.lapsed(today):
                raise Conflict("BDV-351", where=case, day=clock.last)
            if until <= (clock.last or today):
                raise InputRefused("BDV-352", where=case, day=clock.last or today)
            if until > (furthest := clock.furthest(today)):
                raise InputRefused("BDV-391", where=case, day=furthest)
            unit.happen(found, found.event(
                found.template.watch, Lifecycle.COMPLETE, unit.now, resource=by, role=permit.role,
                behalf=permit.behalf, term=Term.EXTENDED, due=end_of(next_working_day(until)),
                data={"reason": reason} if reason else {},
            ))  # fmt: skip
            return case

        return self._do(("extend", case, by, until.isoformat(), reason), key, act)

    def notice(self, case: str, *, by: str, key: str | None = None) -> str:
        """Take in a notice of default: the term is over and the requester says so (Awb 4:17).

        Raises:
            Conflict: the case is closed or has no term, it is not over, or notice was given.
            NotAllowed: `by` is neither the requester nor somebody who may take in calls.
        """

        def act(unit: Unit) -> str:
            found = self._desk.open_case(unit, case)
            permit = self._desk.permit(unit, by, Action.NOTICE, found)
            clock = found.clock
            if clock is None:
                raise Conflict("BDV-349", where=case)
            if not clock.lapsed(local_day(unit.now)):
                raise Conflict("BDV-353", where=case, day=clock.last or "-")
            if clock.noticed:
                raise Conflict("BDV-354", where=case, day=clock.noticed)
            unit.happen(found, found.event(
                found.template.watch, Lifecycle.COMPLETE, unit.now, resource=by, role=permit.role,
                behalf=permit.behalf, term=Term.NOTICE,
            ))  # fmt: skip
            return case

        return self._do(("notice", case, by), key, act)

    def fire_due(self) -> list[Fired]:
        """Fire every timer that is due, first due first; one that cannot stops no other."""
        fired: list[Fired] = []
        while found := self.fire_next(besides={f.timer.case for f in fired if f.refusal}):
            fired.append(found)
        return fired

    def fire_next(self, *, besides: Collection[str] = ()) -> Fired | None:
        """Fire the timer that is due first and that nobody else fires; None when there is none.

        Timers of the cases `besides` are left alone.
        """
        while (first := self.next_timer(besides=besides)) and first <= self.clock():
            timer: Timer | None = None
            try:
                with self._unit() as unit:
                    timer = first_due(unit, besides)
                    if timer is None or fire(unit, timer):
                        return Fired(timer=timer) if timer else None
            except BdvError as refusal:
                if timer is None:
                    raise
                return Fired(timer=timer, refusal=refusal)
        return None

    def deliver_next(self, sink: "Sink") -> Delivery | None:
        """Deliver the notification that waits longest; None when none is due.

        No transaction is open while it is on its way; who dies then lets it come again.
        """
        first = self.next_notification()
        if first is None or first > self.clock():
            return None
        with self._unit() as unit:
            notification = take(unit.connection, unit.now)
        if notification is None:
            return None
        problem = sink(notification)
        with self._unit() as unit:
            given_up = settle(unit.connection, notification, problem, unit.now)
        return Delivery(notification=notification, problem=problem, given_up=given_up)

    def retry_notifications(self) -> int:
        """Let every notification that was given up be delivered after all; return how many."""
        with self._unit() as unit:
            return retry(unit.connection, unit.now)

    def rebuild(self) -> int:
        """Make all projections again from the events; return the number of cases.

        Raises:
            IntegrityBroken: events of cases do not follow from each other; nothing is changed.
        """
        with self._unit() as unit:
            return _rebuilt(unit)

    def restore(self, path: Path) -> int:
        """Fill an empty register from a backup, of either database; return the number of cases.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is no backup.
            Conflict: the register is not empty.
            IntegrityBroken: the backup is damaged, or newer than this program.
        """
        from bdv_process.execution.archive import load, look

        archive = look(path)
        with self._unit() as unit:
            load(unit.connection, path, archive)
            return _rebuilt(unit)

    def check(self, told: Callable[[float], None] = lambda _: None) -> "Health":
        """Return how the register is doing at this moment; others may go on writing.

        `told` hears which share of the cases was looked at, 0..1.

        Raises:
            NotFound: there is no register.
        """
        from bdv_process.execution.health import examined

        with self._ledger.still(self.clock()) as unit:
            return examined(unit, told)


def _rebuilt(unit: Unit) -> int:
    storage.wait_for_all(unit.connection)
    found = unit.connection.execute(select(storage.events.c.case).where(storage.events.c.seq == 1))
    ids, broken = found.scalars().all(), []
    for table in storage.PROJECTIONS:
        unit.connection.execute(delete(table))
    for case in ids:
        try:
            unit.project(unit.replay(case))
        except IntegrityBroken as error:
            broken.append(error)
    if broken:
        raise broken_histories(broken)
    return len(ids)
