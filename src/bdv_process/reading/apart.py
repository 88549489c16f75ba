"""Read a file in a process of its own, as the reader in this process would.

Nothing that reads is loaded here but while the other process is busy.
"""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bdv_process.reading.sandbox import finding_in, handed_back

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.template.finding import Finding

_COLUMNS = "bdv_process.reading.answer"


def read_log(path: str | Path, **given: Any) -> "EventLog":
    """Return the log that `logs.read` returns of the same arguments, all in what JSON has.

    Raises:
        BdvError: as `logs.read` does.
        LimitExceeded: it took too much time or memory.
        InputRefused: it died of the file.
    """
    with handed_back("log", path, _load_columns, path=str(path), **given) as (found, folder):
        log: EventLog = _load_columns().read_log(found, folder)
        return log


def read_objects(path: str | Path, **given: Any) -> "ObjectLog":
    """Return the object-centric log that `ObjectLog.read` returns; see `read_log`."""
    with handed_back("objects", path, _load_columns, path=str(path), **given) as (found, folder):
        log: ObjectLog = _load_columns().read_objects(found, folder)
        return log


def rehearse_net(path: Path) -> None:
    """Read a Petri net or process tree elsewhere; what can be read there, can be read here.

    Raises:
        BdvError: as `read_pnml` and `read_ptml` do; see `read_log` for more.
    """
    with handed_back("net", path, path=str(path)):
        pass


def rehearse_template(path: Path) -> None:
    """Read a diagram elsewhere, as `Template.read` does; see `rehearse_net`."""
    with handed_back("template", path, path=str(path)):
        pass


def check(paths: Iterable[Path]) -> "tuple[Finding, ...]":
    """Return what `template.rules.check` finds beside the shipped templates; see `read_log`."""
    given = list(map(str, paths))
    with handed_back("diagrams", ", ".join(given), paths=given) as (found, _):
        return tuple(map(finding_in, found))


def _load_columns() -> Any:
    return import_module(_COLUMNS)
