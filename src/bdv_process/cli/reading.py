"""Read a log the way all commands do: with a mapping, a zone or a format when it needs one."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.screen import LocalPath
from bdv_process.errors import InputRefused
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog

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
    path: Path,
    *,
    mapping: Path | None,
    timezone: str | None,
    date_format: str | None,
    encoding: str,
    skip_bad: bool,
    keep: Iterable[str | None] = (),
    **columns: Any,
) -> "EventLog":
    """Return the log, mapped to the activities of the shipped templates.

    With `columns` (see `column_options`) its own activities stay, under those columns, and so do
    the columns in `keep`.
    """
    from bdv_process.reading import read

    if mapping and any(columns.values()):
        raise click.UsageError(text("cli.mapping_or_columns"))
    return read(
        path,
        mapping=mapping,
        **columns,
        keep=dict.fromkeys(filter(None, keep)),
        timezone=timezone,
        date_format=date_format,
        encoding=encoding,
        skip_bad=skip_bad,
    )
