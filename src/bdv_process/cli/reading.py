"""Read a log the way all commands do: with a mapping, a zone or a format when it needs one."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.screen import LocalPath
from bdv_process.errors import InputRefused
from bdv_process.language import text
from bdv_process.reading import apart

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.object_log import ObjectLog

_COLUMNS = {
    "case": "the case",
    "activity": "the activity",
    "start": "the moment at which work on it began",
    "end": "the moment at which it was done",
    "resource": "who did it",
}
_OPTIONS = (
    click.argument("path", metavar="LOG", type=LocalPath()),
    click.option(
        "--mapping", type=LocalPath(), metavar="TOML",
        help="How a foreign log's columns and states become ours.",
    ),
    click.option("--timezone", metavar="ZONE", help="Zone of moments that state none."),
    click.option("--date-format", metavar="FORMAT", help="strptime format of moments."),
    click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV file."),
    click.option("--skip-bad", is_flag=True, help="Leave out rows that cannot be used."),
)  # fmt: skip


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument LOG and the options to read it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command options that name the columns of a foreign log, in place of a mapping."""
    for name, what in reversed(_COLUMNS.items()):
        command = click.option(f"--{name}", metavar="COLUMN", help=f"Column with {what}.")(command)
    return command


def spare(targets: Iterable[Path], *sources: Path | None) -> None:
    """Refuse to write over a file that is read.

    Raises:
        InputRefused: a target is one of the sources.
    """
    read = [source for source in sources if source and source.exists()]
    for target in targets:
        if target.exists() and any(map(target.samefile, read)):
            raise InputRefused("BDV-604", where=target)


def read_log(
    path: Path | str,
    *,
    mapping: Path | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    encoding: str = "utf-8",
    skip_bad: bool = False,
    keep: Iterable[str | None] = (),
    **columns: Any,
) -> "EventLog":
    """Return the log, mapped to the activities of the shipped templates.

    With `columns` (see `column_options`) its own activities stay, under those columns, and so do
    the columns in `keep`.
    """
    if mapping and any(columns.values()):
        raise click.UsageError(text("cli.mapping_or_columns"))
    given: dict[str, Any] = {
        **columns,
        "keep": list(dict.fromkeys(filter(None, keep))),
        "timezone": timezone,
        "date_format": date_format,
        "encoding": encoding,
        "skip_bad": skip_bad,
    }
    if sandboxed():
        return apart.read_log(path, mapping=mapping and str(mapping), **given)
    from bdv_process.reading.logs import read

    return read(path, mapping=mapping, **given)


def read_object_log(
    path: Path,
    *,
    mapping: Path | None,
    timezone: str | None,
    date_format: str | None,
    skip_bad: bool,
    **_: object,
) -> "ObjectLog":
    """Return an object-centric log, which needs no mapping and takes no format of moments."""
    if mapping or date_format:
        raise click.UsageError(text("cli.no_mapping"))
    if sandboxed():
        return apart.read_objects(path, timezone=timezone, skip_bad=skip_bad)
    from bdv_process.eventlog.object_log import ObjectLog

    return ObjectLog.read(path, timezone=timezone, skip_bad=skip_bad)


def sandboxed() -> bool:
    """Return whether files are read in a process of their own: all are, unless BDV_SANDBOX is off.

    A file cannot prove that it is ours, so none is excepted.
    """
    return os.environ.get("BDV_SANDBOX", "on").lower() != "off"
