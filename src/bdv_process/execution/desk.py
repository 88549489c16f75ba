"""The desk where work is handed out: which item, to whom, in what role."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from bdv_process.errors import Conflict, InputRefused, NotFound
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.case import Case, WorkItem
from bdv_process.execution.duty import Action, Deed, Denial, Matter, Permit, may
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.unit import Unit
from bdv_process.template.model import Activity, Fork, Node, Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import HERE, local_day


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
            raise Conflict("BDV-310", where=case, when=moment(found.closed))
        return found

    def item(self, unit: Unit, item: str) -> tuple[Case, WorkItem]:
        """Return an open item with its case.

        Raises:
            NotFound: no such item.
            Conflict: it was completed or withdrawn.
        """
        case_id, _, _ = item.rpartition(".")
        try:
            case = unit.load(case_id)
        except NotFound:
            raise NotFound("BDV-302", where=item) from None
        if item in case.items:
            return case, case.items[item]
        unit.flush()  # in a batch, what became of it may not have been written yet
        query = select(storage.events).where(storage.events.c.item == item)
        found = unit.events(query.order_by(storage.events.c.seq.desc()).limit(1))
        if not found:
            raise NotFound("BDV-302", where=item)
        (last,) = found
        code = "BDV-303" if last.lifecycle == Lifecycle.COMPLETE else "BDV-304"
        raise Conflict(code, where=item, who=last.resource or "-", when=moment(last.timestamp))

    def held(self, unit: Unit, case: Case, work: WorkItem, by: str, permit: Permit) -> WorkItem:
        """Return an item as `by`, who may, holds it: claimed when that was not so yet."""
        if work.claimed_by == by:
            return work
        return self.assign(unit, case, work, by, role=permit.role, behalf=permit.behalf)

    def assign(
        self, unit: Unit, case: Case, work: WorkItem, to: str, *, giver: str | None = None,
        role: str | None, behalf: str | None = None,
    ) -> WorkItem:  # fmt: skip
        """Give an item to `to`, who claimed it or, from a giver, got it; return it as it is now."""
        unit.happen(case, case.event(
            case.template.by_id[work.activity], Lifecycle.ASSIGN, unit.now, item=work, resource=to,
            role=role, behalf=giver or behalf, data={"giver": giver} if giver else {},
        ))  # fmt: skip
        return case.items[work.id]

    def permit(
        self, unit: Unit, by: str, action: Action, case: Case, work: WorkItem | None = None
    ) -> Permit:
        """Return what lets `by` do this with a case or an item of it now.

        Raises:
            NotFound: nobody here has that name.
            NotAllowed: a rule denies it.
            Conflict: somebody else holds the item.
        """
        deeds = (deed for kin in unit.lineage(case) for deed in kin.deeds)
        matter = matter_of(case.template, case.requester, work)
        found = self.ask(by, action, matter, deeds, unit.now)
        if isinstance(found, Denial):
            raise found.error(work.id if work else case.id, self._names)
        return found

    def ask(
        self, by: str, action: Action, matter: Matter, deeds: Iterable[Deed], now: datetime
    ) -> Permit | Denial:
        """Return what `may` says of a person here, with the colleagues who are away today.

        Raises:
            NotFound: nobody here has that name.
        """
        return may(
            self._organisation.person(by), action, matter, deeds, procedure=self._procedure,
            absent=self._organisation.stood_in_for(by, local_day(now)),
        )  # fmt: skip


def matter_of(
    template: Template, requester: str | None = None, work: WorkItem | None = None
) -> Matter:
    """Return what decides who may: of a workflow, of a case when it has a requester, of an item."""
    return Matter(
        steps=tuple(activity.id for activity in template.activities),
        proactive=template.proactive,
        before_forks=template.before_forks,
        requester=requester,
        activity=work.activity if work else None,
        waits=bool(work and isinstance(template.by_id.get(work.activity), Fork)),
        holder=work.claimed_by if work else None,
        stead=work.claimed_for if work else None,
    )


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


def moment(when: datetime) -> str:
    """Return a moment as refusals tell it: in the Netherlands, to the minute."""
    return when.astimezone(HERE).strftime("%Y-%m-%d %H:%M")
