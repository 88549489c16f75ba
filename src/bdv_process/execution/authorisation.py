"""The authorisation table: what `may` says of every workflow, step, role and action.

It is asked, not written: of a case in which nothing was done yet, for somebody with one role who is
not its requester, and for its requester. What deeds then forbid, the separations, stands in the
procedure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from bdv_process.execution.desk import matter_of
from bdv_process.execution.duty import ON_ITEMS, Action, Matter, Permit, may
from bdv_process.execution.organisation import Person
from bdv_process.template.model import Fork, Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.sibling import siblings

_SELF, _ANOTHER = "self", "another"
HOLDERS: Final = {"free": None, "own": _SELF, "other": _ANOTHER}
_ON_CASES: Final = tuple(action for action in Action if action not in ON_ITEMS)


@dataclass(frozen=True, kw_only=True)
class Right:
    """What a role may do with a workflow and its cases, or with the work items of one step."""

    template: str
    activity: str | None = None  #: None: with the workflow and its cases
    role: str | None  #: None: the requester, who needs no role
    holder: str | None = None  #: who has the item: nobody (free), oneself (own) or an other
    actions: tuple[Action, ...]


def rights(templates: Iterable[Template], procedure: Procedure) -> list[Right]:
    """Return every right there is, in the order of the templates; all else is denied."""
    found: list[Right] = []
    roles = [role.id for role in procedure.roles]
    every = tuple(templates)
    for template in every:
        case = matter_of(template)
        if not siblings(template, every):
            case = replace(case, before_forks=())  # its cases have nowhere to go
        for asker in (None, *roles):
            actions = _allowed(case, asker, _ON_CASES, procedure)
            found.append(Right(template=template.key, role=asker, actions=actions))
        for step in template.activities:
            item = replace(case, activity=step.id, waits=isinstance(step, Fork))
            for role in roles:
                for holder, who in HOLDERS.items():
                    actions = _allowed(replace(item, holder=who), role, ON_ITEMS, procedure)
                    found.append(Right(
                        template=template.key, activity=step.id, role=role, holder=holder,
                        actions=actions,
                    ))  # fmt: skip
    return [right for right in found if right.actions]


def _allowed(
    matter: Matter, role: str | None, actions: Iterable[Action], procedure: Procedure
) -> tuple[Action, ...]:
    person = Person(id=_SELF, name=_SELF, roles=(role,) if role else ())
    matter = replace(matter, requester=_ANOTHER if role else _SELF)
    return tuple(
        action
        for action in actions
        if isinstance(may(person, action, matter, (), procedure=procedure), Permit)
    )
