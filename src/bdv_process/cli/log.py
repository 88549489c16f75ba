"""`bdv log`: take the event log out of the register, look at one, make one up."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.reading import log_options, read_log
from bdv_process.cli.screen import (
    LocalPath,
    output_options,
    print_json,
    print_table,
    records,
    run_options,
    say,
    stage,
)
from bdv_process.language import text

_TARGET = click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="File to write: .xes, .xes.gz, .csv, .csv.gz or .parquet.",
)  # fmt: skip


@click.group()
def log() -> None:
    """Export, inspect and make event logs."""


@log.command()
@_TARGET
@output_options
def export(target: Path, as_json: bool) -> None:
    """Write the register's event log."""
    from bdv_process.eventlog.log import EventLog

    with open_register() as register:
        made = EventLog.of(register.events())
    made.write(target)
    _tell_written(made, target, as_json)


@log.command()
@log_options
@output_options
def show(as_json: bool, **reading: Any) -> None:
    """Show what is in a log: rows in and out, span, and the commonest paths."""
    from bdv_process.eventlog.event import TIMESTAMP

    found = read_log(**reading)
    origin, ways = found.provenance, found.variants()
    times = found.frame[TIMESTAMP].dropna()
    first, last = (times.min(), times.max()) if len(times) else (None, None)
    notes = [text(key, **facts) for key, facts in origin.notes]
    if as_json:
        has = origin.rejected.notna()
        print_json(
            {
                "rows": origin.rows_in,
                "used": origin.used,
                "rejected": origin.rejected.astype(object).where(has, None).to_dict("records"),
                "events": len(found),
                "cases": found.cases,
                "first": first,
                "last": last,
                "variants": len(ways),
                "notes": notes,
            }
        )
        return
    say("cli.log", path=reading["path"], events=len(found), cases=found.cases)
    if first:
        say("cli.span", first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
    say("cli.rows", rows=origin.rows_in, used=origin.used, rejected=len(origin.rejected))
    for note in notes:
        click.echo(note)
    click.echo()
    print_table(
        ("template", "cases", "variant"),
        [(w.template, w.cases, " → ".join(w.variant)) for w in records(ways.head(10))],
    )


@log.command()
@_TARGET
@run_options(cases=5)
@output_options
def synthesise(target: Path, cases: int, seed: int, as_json: bool) -> None:
    """Make up a log: run cases of each workflow in virtual time, in a register of their own."""
    from bdv_process.demo.run import synthesise as run

    with TemporaryDirectory() as workshop:
        made = run(Path(workshop) / "register.db", cases=cases, seed=seed, stage=stage)
    made.write(target)
    _tell_written(made, target, as_json)


def _tell_written(made: Any, target: Path, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(target), "events": len(made), "cases": made.cases})
    else:
        say("cli.log", path=target, events=len(made), cases=made.cases)
