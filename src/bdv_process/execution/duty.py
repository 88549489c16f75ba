"""Who may do what: one decision, from roles, separations and what was done before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bdv_process.errors import NotAllowed
from bdv_process.execution.organisation import Person
from bdv_process.template.model import Node
from bdv_process.template.procedure import Procedure, Separation


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An activity that somebody completed earlier, in this case or one of its lineage."""

    case: str
    activity: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Denial:
    """Why somebody may not do something: the rule, in words."""

    code: str
    rule: str  #: id of the rule: `raci`, `requester` or a separation
    facts: dict[str, object]

    def error(self, where: object, names: Mapping[str, Node]) -> NotAllowed:
        """Return the refusal to raise, with activities by the names that people know."""
        facts = dict(self.facts)
        for fact in {"activity", "earlier"} & set(facts):
            known = names.get(str(facts[fact]))
            facts[f"{fact}_en"] = known.name_en if known else facts[fact]
            facts[fact] = known.name if known else facts[fact]
        return NotAllowed(self.code, where=where, **facts)


def decide(
    person: Person,
    activity: str,
    *,
    requester: str,
    deeds: Iterable[Deed],
    procedure: Procedure,
) -> str | Denial:
    """Return the role in which `person` may do `activity`, or the rule that denies it.

    `deeds` are those of the case, its ancestors and its descendants. Denied by default.
    """
    raci = procedure.raci.get(activity)
    roles = raci.responsible if raci else ()
    role = next((role for role in roles if role in person.roles), None)
    if role is None:
        return Denial(
            code="BDV-306",
            rule="raci",
            facts={
                "person": person.id,
                "activity": activity,
                "needed": ", ".join(roles) or "-",
                "roles": ", ".join(person.roles) or "-",
            },
        )
    if procedure.requester_separated and person.id == requester:
        return Denial(
            code="BDV-308", rule="requester", facts={"person": person.id, "activity": activity}
        )
    own = [deed for deed in deeds if deed.person == person.id]
    for separation in procedure.separations:
        opposite = _opposite(separation, activity)
        clash = next((deed for deed in own if deed.activity in opposite), None)
        if clash:
            return Denial(
                code="BDV-307",
                rule=separation.id,
                facts={
                    "person": person.id,
                    "activity": activity,
                    "rule": separation.id,
                    "name": separation.name.rstrip("."),
                    "name_en": separation.name_en.rstrip("."),
                    "earlier": clash.activity,
                    "case": clash.case,
                },
            )
    return role


def _opposite(separation: Separation, activity: str) -> frozenset[str]:
    """Return what nobody who does `activity` may have done."""
    opposite: frozenset[str] = frozenset()
    if activity in separation.one:
        opposite |= separation.other
    if activity in separation.other:
        opposite |= separation.one
    return opposite
