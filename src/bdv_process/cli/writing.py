"""How a command that writes a log is told where to, and says what it wrote."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import catch_warnings

import click

from bdv_process.cli.screen import LocalPath, print_json, say
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.eventlog.table import Note

target_option = click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="File to write: .xes, .csv (each also .gz), .parquet, .jsonocel, .xmlocel or .sqlite.",
)  # fmt: skip


def tell_written(made: "EventLog | ObjectLog", target: Path, as_json: bool) -> None:
    """Say what was written, and of a log made of others what a reader of it should know."""
    from bdv_process.eventlog.log import EventLog

    if isinstance(made, EventLog):
        key, counted, notes = "cli.log", {"cases": made.cases}, made.provenance.notes
    else:
        key, counted, notes = "cli.objects", {"objects": len(made.objects)}, made.notes
    tell(target, as_json, key, notes, events=len(made), **counted)


def tell(
    target: Path, as_json: bool, key: str, notes: "Iterable[Note]" = (), /, **counted: int
) -> None:
    """Say how much was written where."""
    said = [text(name, **facts) for name, facts in notes]
    if as_json:
        print_json({"path": str(target), **counted, "notes": said})
        return
    say(key, path=target, **counted)
    for note in said:
        click.echo(note)


def write_told(made: "EventLog | ObjectLog", target: Path) -> None:
    """Write a log, and say on standard error what its file has no place for."""
    with catch_warnings(record=True, action="always") as told:
        made.write(target)
    for one in told:
        click.echo(str(one.message), err=True)
