"""What people call the steps, workflows, roles and people behind the ids."""

from collections.abc import Iterable
from dataclasses import dataclass

from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, catalogue
from bdv_process.template.model import Activity


@dataclass(frozen=True)
class Names:
    """Names in one language; what has none is called by its id."""

    register: CaseRegister
    lang: Language

    def step(self, template: str, element: str) -> str:
        """Return the name of an element of a workflow."""
        node = self.register.template(template).by_id.get(element)
        return (node.label(self.lang) if node else "") or element

    def workflow(self, template: str) -> str:
        """Return the name of a workflow."""
        return self.register.template(template).label(self.lang)

    def person(self, person: str | None) -> str:
        """Return the name of a person; nobody is the system."""
        known = self.register.organisation.people.get(person or "")
        return known.name if known else person or ""

    def role(self, role: str | None) -> str:
        """Return the name of a role."""
        named = {each.id: each for each in self.register.procedure.roles}
        known = named.get(role or "")
        return (known.name_en if self.lang == "en" else known.name) if known else role or ""

    def roles(self, roles: Iterable[str]) -> str:
        """Return the names of roles in a row."""
        return ", ".join(map(self.role, roles))

    def outcome(self, template: str, element: str, outcome: str | None) -> str:
        """Return how a step or a case ended."""
        node = self.register.template(template).by_id.get(element)
        declared = node.outcomes if isinstance(node, Activity) else ()
        names = {each.id: each.label(self.lang) for each in declared}
        said = catalogue().get(f"cli.outcome.{outcome}", {}).get(self.lang)
        return names.get(outcome or "") or said or outcome or ""
