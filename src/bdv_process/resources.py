"""The files that come with the package: templates and event logs."""

from importlib.resources import files
from pathlib import Path


def folder(name: str) -> Path:
    """Return `bpmn` or `eventlogs`: inside an installed package, at the top of a checkout."""
    package = Path(str(files("bdv_process")))
    installed = package / "data" / name
    return installed if installed.is_dir() else package.parents[1] / name
