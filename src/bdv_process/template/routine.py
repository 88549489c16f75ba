"""A routine: how an organisation does one service, derived from a template.

Its folder holds `procedure.toml` (who and how, as far as it differs) and a diagram of its own where
the routine refines a step. Without one, the routine goes by the template as it is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bdv_process.errors import InputRefused
from bdv_process.template.bpmn import read_template
from bdv_process.template.model import Template, by_key, of_key
from bdv_process.template.procedure import Procedure
from bdv_process.template.procedure_file import derived_from
from bdv_process.template.rules import across

PROCEDURE = "procedure.toml"


@dataclass(frozen=True, kw_only=True)
class Routine:
    """What, who and how of one service."""

    name: str  #: of its folder
    template: Template  #: its own diagram, or the template it derives from
    procedure: Procedure

    @property
    def origin(self) -> str:
        """Return the key of the template it keeps within."""
        return self.template.derives or self.template.key


def holds_routine(path: Path) -> bool:
    """Return whether a folder is that of one routine, not of the templates and their procedure."""
    return (path / PROCEDURE).is_file() and len(list(path.glob("*.bpmn"))) < 2


def read_routine(path: Path, templates: Iterable[Template], base: Procedure) -> Routine:
    """Return the routine in a folder, held against the templates and the default procedure.

    Raises:
        NotFound: it has no procedure, or derives from a template that is not there.
        InputRefused: it has two diagrams, leaves its template, or its procedure is not right.
        LimitExceeded: a file is larger than the limits.
    """
    given = by_key(templates)
    drawn = [read_template(file) for file in sorted(path.glob("*.bpmn"))]
    if len(drawn) > 1:
        raise InputRefused("BDV-148", where=path, number=len(drawn))
    for own in drawn:
        if not own.derives:
            raise InputRefused("BDV-149", where=own.path)
    for finding in across(drawn, beside=given.values()):
        raise finding.refusal()
    file = path / PROCEDURE
    template = drawn[0] if drawn else of_key(given, derived_from(file))
    return Routine(name=path.name, template=template, procedure=base.derive(file, template))
