"""Read a log the way all commands do: with a mapping, a zone or a format when it needs one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.screen import LocalPath

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog

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


def read_log(
    path: Path,
    *,
    mapping: Path | None,
    timezone: str | None,
    date_format: str | None,
    encoding: str,
    skip_bad: bool,
) -> "EventLog":
    """Return the log, mapped to the activities of the shipped templates."""
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.mapping import Mapping
    from bdv_process.template.library import vocabulary

    return EventLog.read(
        path,
        mapping=Mapping.read(mapping, **vocabulary()) if mapping else None,
        timezone=timezone,
        date_format=date_format,
        encoding=encoding,
        skip_bad=skip_bad,
    )
