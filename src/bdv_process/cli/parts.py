"""Mine a log in parts: which engine does the work, of a file or of a stored log, under a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.reading import read_log
from bdv_process.cli.screen import stage
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.store import LogStore

engine_option = click.option(
    "--engine",
    default="local",
    show_default=True,
    metavar="ENGINE",
    help="What does the work: local, processes, processes:4, or dask://host:port for a log that "
    "is stored where all see it. LOG may be the folder of a stored log.",
)

_STEPS = 1000  # of a bar
_PLAIN = {"encoding": "utf-8"}  # how a log is read when nothing is asked


@contextmanager
def bar(key: str) -> Iterator[Callable[[float], None]]:
    """Show which share of long work is done; give what moves it."""
    with stage(text(key), _STEPS) as move:
        yield lambda share: move(round(share * _STEPS))


@contextmanager
def mined(
    path: Path, *, engine: str, **reading: Any
) -> Iterator[tuple["EventLog | LogStore", dict[str, Any]]]:
    """Give a log, or the stored log in a folder, and how to mine it."""
    if not path.is_dir():
        yield read_log(path, **reading), {"engine": engine}
        return
    with bar("cli.mining") as progress:
        yield open_store(path, **reading), {"engine": engine, "progress": progress}


def open_store(path: Path, **reading: Any) -> "LogStore":
    """Return the stored log in a folder: how it was read is settled."""
    from bdv_process.eventlog.store import LogStore

    if asked(**reading):
        raise click.UsageError(text("cli.stored_already"))
    return LogStore.open(path)


def asked(**reading: Any) -> bool:
    """Return whether anything is said of how to read a log; columns to keep are kept anyway."""
    said = {name: value for name, value in reading.items() if name != "keep"}
    return any(value and value != _PLAIN.get(name) for name, value in said.items())
