"""Work items: claimed, begun, put aside and taken up again, handed on, given back, completed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bdv_process.errors import Conflict
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.case import Case, WorkItem
from bdv_process.execution.command import Commander
from bdv_process.execution.desk import outcome_of
from bdv_process.execution.duty import Action, Permit
from bdv_process.execution.evidence import Evidence, evidence_in
from bdv_process.execution.registration import REGISTERS, Registration
from bdv_process.execution.request import form
from bdv_process.execution.unit import Unit

_AT_WORK = (Lifecycle.START, Lifecycle.RESUME)


class WorkCommands(Commander):
    """Hands out work and takes it in; who does it holds it from the first of these on."""

    def claim(self, item: str, *, by: str, key: str | None = None) -> str:
        """Take an offered work item for `by`; return its id.

        Raises:
            NotFound: no such item or person.
            Conflict: it is done, withdrawn, or claimed.
            NotAllowed: a role or a separation of duties forbids it.
        """

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            permit = self._desk.permit(unit, by, Action.CLAIM, case, work)
            self._desk.held(unit, case, work, by, permit)
            return item

        return self._do(("claim", item, by), key, act)

    def delegate(self, item: str, *, by: str, to: str, key: str | None = None) -> str:
        """Hand a work item to a colleague who may do it; return its id.

        Who holds it may, and who is accountable for the activity. A stand-in takes it over first,
        so that the history names everybody whose hands it went through.

        Raises:
            Conflict: `by` is neither, or `to` has it already.
            NotAllowed: a role or a separation forbids it to `to`, or `by` is the requester.
        """

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            permit = self._desk.permit(unit, by, Action.DELEGATE, case, work)
            if work.claimed_by == to:
                raise Conflict("BDV-305", where=item, who=to)
            free = replace(work, claimed_by=None, claimed_for=None)
            role = self._desk.permit(unit, to, Action.CLAIM, case, free).role
            if permit.behalf and work.claimed_by == permit.behalf:
                permit = replace(permit, role=work.claimed_as)
                work = self._desk.held(unit, case, work, by, permit)
            self._desk.assign(unit, case, work, to, giver=by, role=role)
            return item

        return self._do(("delegate", item, by, to), key, act)

    def release(self, item: str, *, by: str, key: str | None = None) -> str:
        """Give a claimed work item back to everybody who may do it; return its id.

        Who holds it may, and who is accountable for the activity: people fall ill.

        Raises:
            Conflict: `by` is neither.
        """

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            permit = self._desk.permit(unit, by, Action.RELEASE, case, work)
            _told(unit, case, work, Lifecycle.SCHEDULE, by, permit, role=work.role)
            return item

        return self._do(("release", item, by), key, act)

    def begin(self, item: str, *, by: str, key: str | None = None) -> str:
        """Start to work on an item, claiming it first when nobody has; return its id.

        Raises:
            Conflict: it is done, withdrawn, put aside, or held by somebody else.
            NotAllowed: a role or a separation of duties forbids it.
        """
        return self._move(item, by, key, Action.BEGIN)

    def suspend(self, item: str, *, by: str, key: str | None = None) -> str:
        """Put work aside that was begun; return the item's id.

        Raises:
            Conflict: nobody has begun, or somebody else holds it.
        """
        return self._move(item, by, key, Action.SUSPEND)

    def resume(self, item: str, *, by: str, key: str | None = None) -> str:
        """Take up work again that was put aside; return the item's id.

        Raises:
            Conflict: it was not put aside, or somebody else holds it.
        """
        return self._move(item, by, key, Action.RESUME)

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
            InputRefused: the activity has no such outcome, no log could show what was filled in, or
                a change names no component that it can have touched.
        """
        given = form(data)
        evidence = evidence_in(given)

        def act(unit: Unit) -> str:
            return self._complete(unit, item, by, outcome, given, evidence)

        return self._do(("complete", item, by, outcome, given), key, act)

    def _complete(
        self, unit: Unit, item: str, by: str, outcome: str | None, given: Mapping[str, object],
        left: Evidence,
    ) -> str:  # fmt: skip
        case, work = self._desk.item(unit, item)
        permit = self._desk.permit(unit, by, Action.COMPLETE, case, work)
        activity = case.template.activity(work.activity)
        ended = outcome_of(activity, outcome, where=item)
        if activity.id == REGISTERS:
            left = replace(left, component=self._registered(unit, Registration.of(given)))
        aside = work.state is Lifecycle.SUSPEND
        work = self._desk.held(unit, case, work, by, permit)
        if aside:
            _told(unit, case, work, Lifecycle.RESUME, by, permit)
        _told(
            unit, case, work, Lifecycle.COMPLETE, by, permit,
            outcome=ended, data=given, evidence=left,
        )  # fmt: skip
        return case.id

    def _move(self, item: str, by: str, key: str | None, action: Action) -> str:
        """Let work begin, stop or go on; what is so already stays so."""
        said, after, already = _MOVES[action]

        def act(unit: Unit) -> str:
            case, work = self._desk.item(unit, item)
            permit = self._desk.permit(unit, by, action, case, work)
            if work.state in already and work.claimed_by == by:
                return item
            if work.state not in after:
                raise Conflict("BDV-346" if action is Action.BEGIN else "BDV-347", where=item)
            work = self._desk.held(unit, case, work, by, permit)
            _told(unit, case, work, said, by, permit)
            return item

        return self._do((action, item, by), key, act)


def timely(item: WorkItem) -> tuple[Action, ...]:
    """Return what can be done with an item as it stands, by those who may."""
    moves = [
        action
        for action, (_, after, already) in _MOVES.items()
        if item.state in after and item.state not in already
    ]
    holds = [Action.RELEASE] if item.claimed_by else []
    return (Action.CLAIM, *moves, Action.COMPLETE, *holds, Action.DELEGATE)


def _told(
    unit: Unit, case: Case, work: WorkItem, what: Lifecycle, by: str, permit: Permit, **more: Any
) -> None:
    """Record what somebody did with an item."""
    node, role = case.template.by_id[work.activity], more.pop("role", permit.role)
    unit.happen(case, case.event(
        node, what, unit.now, item=work, resource=by, role=role, behalf=permit.behalf, **more
    ))  # fmt: skip


#: What is said of the item, what has to be so before, and what is so already.
_MOVES = {
    Action.BEGIN: (
        Lifecycle.START,
        (Lifecycle.SCHEDULE, Lifecycle.ASSIGN, *_AT_WORK),
        _AT_WORK,
    ),
    Action.SUSPEND: (Lifecycle.SUSPEND, _AT_WORK, (Lifecycle.SUSPEND,)),
    Action.RESUME: (Lifecycle.RESUME, (Lifecycle.SUSPEND,), _AT_WORK),
}
