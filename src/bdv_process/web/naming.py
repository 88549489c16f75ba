"""What people call the steps, workflows, roles and people behind the ids."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import ERASED, MOVES, Event, Lifecycle
from bdv_process.execution.duty import Action
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, catalogue, text
from bdv_process.template.model import Activity

#: What turns the direction of the words after it.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_APART: Final = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class Names:
    """Names in one language; what has none is called by its id."""

    register: CaseRegister
    lang: Language

    def step(self, template: str, element: str) -> str:
        """Return the name of an element of a workflow."""
        node = self.register.template(template).by_id.get(element)
        return (node.label(self.lang) if node else "") or element

    def told(self, event: Event) -> str:
        """Return what an event is about: a step, or the case that moved."""
        if event.activity in MOVES:
            facts = {"old": event.data.get("from"), "new": event.data.get("to")}
            return text(f"move.{event.activity}", self.lang, **facts)
        return self.step(event.template, event.activity)

    def workflow(self, template: str) -> str:
        """Return the name of a workflow."""
        return self.register.template(template).label(self.lang)

    def runs(self, way: str) -> bool:
        """Return whether what delivers a service is a workflow here."""
        return any(each.key == way for each in self.register.templates())

    def way(self, way: str) -> str:
        """Return the name of what delivers a service: a workflow; a routine is called by its id."""
        return f"{way} {self.workflow(way)}" if self.runs(way) else way

    def person(self, person: str | None) -> str:
        """Return the name of a person; nobody is the system, and who was erased is that."""
        if person and person.startswith(f"{ERASED}-"):
            return text("person.erased", self.lang)
        known = self.register.organisation.people.get(person or "")
        return _isolated(known.name if known else person or "")

    def doer(self, event: Event) -> str:
        """Return who did it, in which role, and in whose stead."""
        who, role = self.person(event.resource), self.role(event.role)
        given = event.lifecycle is Lifecycle.ASSIGN and "giver" in event.data
        if event.behalf and not given:
            who = text("web.in_stead", self.lang, who=who, behalf=self.person(event.behalf))
        return f"{who} ({role})" if role and who else who

    def role(self, role: str | None) -> str:
        """Return the name of a role."""
        named = {each.id: each for each in self.register.procedure.roles}
        known = named.get(role or "")
        return known.label(self.lang) if known else role or ""

    def roles(self, roles: Iterable[str]) -> str:
        """Return the names of roles in a row."""
        return ", ".join(map(self.role, roles))

    def field(self, name: str) -> str:
        """Return what people call a field of a form."""
        return catalogue().get(f"web.field.{name}", {}).get(self.lang, name)

    def refused(self, by: str, action: Action, about: str) -> BdvError | None:
        """Return why somebody may not do this now; None when they may."""
        return self.refusals(by, [(action, about)])[0]

    def refusals(self, by: str, asked: Iterable[tuple[Action, str]]) -> list[BdvError | None]:
        """Return why somebody may not do each of these now; None where they may."""
        found = self.register.refusals(by, asked)
        return [self.refusal(refused) if refused else None for refused in found]

    def refusal(self, refused: BdvError) -> BdvError:
        """Return a refusal that calls people and roles by their names."""
        facts = dict(refused.facts)
        for fact in {"person", "who"} & set(facts):
            facts[fact] = self.person(str(facts[fact]))
        for fact in {"needed", "roles"} & set(facts):
            facts[fact] = self.roles(str(facts[fact]).split(", "))
        return type(refused)(refused.code, where=refused.where, **facts)

    def outcome(self, template: str, element: str, outcome: str | None) -> str:
        """Return how a step or a case ended."""
        node = self.register.template(template).by_id.get(element)
        declared = node.outcomes if isinstance(node, Activity) else ()
        names = {each.id: each.label(self.lang) for each in declared}
        said = catalogue().get(f"cli.outcome.{outcome}", {}).get(self.lang)
        return names.get(outcome or "") or said or outcome or ""


def _isolated(name: str) -> str:
    """Return a name that keeps its direction to itself."""
    return _APART.format(name) if _TURNING.search(name) else name
