"""Which open work somebody looks at: three piles, and what is sieved out of them, as conditions.

Every pile is in the order of its deadlines and has an index in that order, so that the first page
takes no longer when there is more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select

from bdv_process.execution import storage
from bdv_process.execution.organisation import Person
from bdv_process.template.procedure import Procedure

_ITEM, _CASE = storage.items.c, storage.cases.c
ORDER = (_ITEM.due, _ITEM.since, _ITEM.id)  #: first due first


class Pile(StrEnum):
    """Whose move it is."""

    MINE = "mine"  #: held by the person, or by an absent colleague who is stood in for
    FREE = "free"  #: nobody holds it, and a role of the person does it
    WAITING = "waiting"  #: in cases that the person called for, and in other hands


@dataclass(frozen=True, kw_only=True)
class Sieve:
    """What is left of a pile."""

    template: str | None = None
    activity: str | None = None
    who: str | None = None  #: who called for it or holds it
    due_before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds of the items that are left."""
        held: list[ColumnElement[bool]] = []
        if self.template is not None:
            held.append(_ITEM.template == self.template)
        if self.activity is not None:
            held.append(_ITEM.activity == self.activity)
        if self.who is not None:
            called = select(_CASE.id).where(_CASE.requester == self.who)
            held.append(or_(_ITEM.claimed_by == self.who, _ITEM.case.in_(called)))
        if self.due_before is not None:
            held.append(_ITEM.due < self.due_before)
        return held


ALL = Sieve()


def in_pile(
    pile: Pile, person: Person, absent: Collection[Person], procedure: Procedure
) -> ColumnElement[bool]:
    """Return what holds of the items in a pile of somebody who stands in for `absent`."""
    people = {person, *absent}
    names = sorted(each.id for each in people)
    if pile is Pile.MINE:
        return _ITEM.claimed_by.in_(names)
    if pile is Pile.FREE:
        roles = {role for each in people for role in each.roles}
        steps = [step for step, raci in procedure.raci.items() if roles & {*raci.responsible}]
        # A fork is nobody's work. Put so, no planner takes the index on roles: this one has all.
        work = func.coalesce(_ITEM.role, "") != ""
        return and_(_ITEM.claimed_by.is_(None), _ITEM.activity.in_(steps), work)
    called = select(_CASE.id).where(_CASE.requester == person.id, _CASE.closed.is_(None))
    elsewhere = or_(_ITEM.claimed_by.is_(None), _ITEM.claimed_by.not_in(names))
    return and_(_ITEM.case.in_(called), _ITEM.role.is_not(None), elsewhere)
