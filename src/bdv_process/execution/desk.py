"""The desk where work is handed out: which item, to whom, in what role."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from bdv_process.errors import Conflict, InputRefused, NotFound
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.case import Case, WorkItem
from bdv_process.execution.duty import Denial, decide
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.unit import Unit
from bdv_process.template.model import Activity, Fork, Node
from bdv_process.template.procedure import Procedure


class Desk:
    """Looks up cases and items for a command, and asks who may do them."""

    def __init__(
        self, procedure: Procedure, organisation: Organisation, names: Mapping[str, Node]
    ) -> None:
        self._procedure = procedure
        self._organisation = organisation
        self._names = names

    def open_case(self, unit: Unit, case: str) -> Case:
        """Return a case that is not closed.

        Raises:
            NotFound: no such case.
            Conflict: it is closed.
        """
        found = unit.load(case)
        if found.closed is not None:
            raise Conflict("BDV-310", where=case, when=_moment(found.closed))
        return found

    def item(self, unit: Unit, item: str) -> tuple[Case, WorkItem]:
        """Return an open item with its case.

        Raises:
            NotFound: no such item.
            Conflict: it was completed or withdrawn, or waits for a child case.
        """
        case_id, _, _ = item.rpartition(".")
        try:
            case = unit.load(case_id)
        except NotFound:
            raise NotFound("BDV-302", where=item) from None
        if item in case.items:
            work = case.items[item]
            if isinstance(case.template.by_id[work.activity], Fork):
                raise Conflict("BDV-312", where=item, activity=work.activity)
            return case, work
        unit.flush()  # in a batch, what became of it may not have been written yet
        query = select(storage.events).where(storage.events.c.item == item)
        last = unit.connection.execute(query.order_by(storage.events.c.seq.desc())).first()
        if last is None:
            raise NotFound("BDV-302", where=item)
        code = "BDV-303" if last.lifecycle == Lifecycle.COMPLETE else "BDV-304"
        raise Conflict(code, where=item, who=last.resource or "-", when=_moment(last.timestamp))

    def held(self, unit: Unit, item: str, by: str) -> tuple[Case, WorkItem]:
        """Return an item that `by` holds, claiming it first when nobody does."""
        case, work = self.item(unit, item)
        if work.claimed_by is None:
            work = self.assign(unit, case, work, by)
        elif work.claimed_by != by:
            raise Conflict("BDV-305", where=item, who=work.claimed_by)
        return case, work

    def assign(self, unit: Unit, case: Case, work: WorkItem, by: str) -> WorkItem:
        """Give an item to `by`, in the role that allows it.

        Raises:
            Conflict: somebody has it.
            NotAllowed: a role or a separation of duties forbids it.
        """
        if work.claimed_by is not None:
            raise Conflict("BDV-305", where=work.id, who=work.claimed_by)
        role = self.role(unit, case, work.activity, by, where=work.id)
        node = case.template.by_id[work.activity]
        unit.happen(
            case,
            case.event(node, Lifecycle.ASSIGN, unit.now, item=work, resource=by, role=role),
        )
        return case.items[work.id]

    def answers_for(self, activities: Iterable[str], by: str) -> bool:
        """Return whether `by` is accountable for one of the activities."""
        roles, raci = self._organisation.person(by).roles, self._procedure.raci
        return any(raci[known].accountable in roles for known in activities if known in raci)

    def role(self, unit: Unit, case: Case, activity: str, by: str, *, where: str) -> str:
        """Return the role in which `by` may do an activity of this case now.

        Raises:
            NotAllowed: a role or a separation of duties forbids it.
        """
        decision = decide(
            self._organisation.person(by),
            activity,
            requester=case.requester,
            deeds=(deed for kin in unit.lineage(case) for deed in kin.deeds),
            procedure=self._procedure,
        )
        if isinstance(decision, Denial):
            raise decision.error(where, self._names)
        return decision


def outcome_of(activity: Activity, outcome: str | None, *, where: str) -> str | None:
    """Return the outcome to record: the one given, or the happy one."""
    known = [declared.id for declared in activity.outcomes]
    if outcome is None:
        return known[0] if known else None
    if outcome not in known:
        raise InputRefused(
            "BDV-309", where=where, outcome=outcome, activity=activity.id,
            known=", ".join(known) or "-",
        )  # fmt: skip
    return outcome


def _moment(when: datetime) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M")
