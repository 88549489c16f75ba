"""The templates and the procedure that come with the package, and those of an organisation."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from bdv_process.errors import InputRefused, NotFound
from bdv_process.template.bpmn import read_template
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.rules import across


@cache
def shipped() -> tuple[Template, ...]:
    """Return the eight universal workflows, W1 to W8."""
    return read_folder(_data())


@cache
def shipped_procedure() -> Procedure:
    """Return the default profile of roles, duties and norms."""
    activities = {activity.id for template in shipped() for activity in template.activities}
    return Procedure.read(_data() / "procedure.toml", activities)


def read_folder(folder: Path | str) -> tuple[Template, ...]:
    """Return the templates in a folder by name of file; they may call each other only.

    Raises:
        NotFound: there is no such folder, or it holds no BPMN file.
        InputRefused: a file is refused or leads out of the folder, or files contradict each other.
        LimitExceeded: a file is larger than the limits.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*.bpmn"))
    if not paths:
        raise NotFound("BDV-119", where=folder)
    for path in paths:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputRefused("BDV-117", where=path)
    templates = tuple(read_template(path) for path in paths)
    for finding in across(templates):
        raise finding.refusal()
    return templates


def _data() -> Path:
    """Return the folder `bpmn`: inside an installed package, at the top of a checkout."""
    package = Path(str(files("bdv_process")))
    installed = package / "data" / "bpmn"
    return installed if installed.is_dir() else package.parents[1] / "bpmn"
