"""The templates and the procedure that come with the package, and those of an organisation."""

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from bdv_process.errors import InputRefused, NotFound
from bdv_process.resources import folder
from bdv_process.template.bpmn import read_template
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.routine import Routine, read_routine
from bdv_process.template.rules import across


@cache
def shipped() -> tuple[Template, ...]:
    """Return the eight universal workflows, W1 to W8."""
    return read_folder(folder("bpmn"))


def or_shipped(templates: Iterable[Template] | None) -> tuple[Template, ...]:
    """Return these templates; the eight universal workflows when none are named (None).

    Raises:
        InputRefused: it is one template, or holds something else, as their keys.
    """
    if templates is None:
        return shipped()
    given = tuple(templates) if isinstance(templates, Iterable) else (None,)
    if not all(isinstance(each, Template) for each in given):
        raise InputRefused("BDV-199")
    return given


@cache
def shipped_procedure() -> Procedure:
    """Return the default profile of roles, duties and norms."""
    activities = {activity.id for template in shipped() for activity in template.activities}
    return Procedure.read(folder("bpmn") / "procedure.toml", activities)


@cache
def shipped_routines() -> tuple[Routine, ...]:
    """Return the routines that come with the package, by name of folder."""
    return read_routines(shipped_procedure())


def read_routines(base: Procedure) -> tuple[Routine, ...]:
    """Return the routines that come with the package, derived from another procedure."""
    return tuple(read_routine(path, shipped(), base) for path in _routine_folders())


def routine_names() -> tuple[str, ...]:
    """Return the names of the routines that come with the package, without reading them."""
    return tuple(path.name for path in _routine_folders())


def _routine_folders() -> list[Path]:
    return sorted(file.parent for file in folder("bpmn").glob("routines/*/procedure.toml"))


@cache
def vocabulary() -> dict[str, Collection[str]]:
    """Return what a mapping may name: ids of elements (`known`) and keys (`templates`)."""
    known = {node.id for template in shipped() for node in template.nodes}
    return {"known": known, "templates": [template.key for template in shipped()]}


def read_folder(path: Path | str) -> tuple[Template, ...]:
    """Return the templates in a folder by name of file; they may call each other only.

    Raises:
        NotFound: there is no such folder, or it holds no BPMN file.
        InputRefused: a file is refused or leads out of the folder, or files contradict each other.
        LimitExceeded: a file is larger than the limits.
    """
    paths = sorted(Path(path).glob("*.bpmn"))
    if not paths:
        raise NotFound("BDV-119", where=path)
    for file in paths:
        if not file.resolve().is_relative_to(Path(path).resolve()):
            raise InputRefused("BDV-117", where=file)
    templates = tuple(map(read_template, paths))
    for finding in across(templates):
        raise finding.refusal()
    return templates
