"""`bdv log`: take the event log out of the register, look at one, make one up."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.reading import column_options, log_options, read_log, spare
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

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.object_log import ObjectLog

_TARGET = click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="File to write: .xes, .csv (each also .gz), .parquet, .jsonocel, .xmlocel or .sqlite.",
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
@_TARGET
@click.option(
    "--flatten",
    "kind",
    metavar="TYPE",
    help="Of an object-centric log: make a case of each object of this type.",
)
@click.option("--qualifier", metavar="TEXT", help="How an event must relate to be in that case.")
@output_options
def convert(
    target: Path, kind: str | None, qualifier: str | None, as_json: bool, **reading: Any
) -> None:
    """Write a log in another form; the suffixes say from which and to which.

    Of an object-centric log (OCEL 2.0) all events go along to another form of it. To become an
    event log it has to be ours, or TYPE says which objects are the cases.
    """
    from bdv_process.eventlog.object_log import ObjectLog

    made: EventLog | ObjectLog
    if ObjectLog.reads(reading["path"]) and (kind or ObjectLog.reads(target)):
        if reading["mapping"] or reading["date_format"]:
            raise click.UsageError(text("cli.no_mapping"))
        taken = {name: reading[name] for name in ("path", "timezone", "skip_bad")}
        made = ObjectLog.read(**taken)
    else:
        made = read_log(**reading)
    if kind:
        objects = made if isinstance(made, ObjectLog) else ObjectLog.of(made)
        made = objects.flatten(kind, qualifier=qualifier)
    made.write(target)
    _tell_written(made, target, as_json)


@log.command()
@click.argument("sources", metavar="ORGANISATION=LOG...", nargs=-1, required=True)
@_TARGET
@click.option(
    "--reference",
    metavar="COLUMN",
    help="Names the case elsewhere that asked for a case.",
)
@click.option("--trace", metavar="COLUMN", help="Has the same value in the whole chain.")
@output_options
def join(
    sources: tuple[str, ...],
    target: Path,
    reference: str | None,
    trace: str | None,
    as_json: bool,
) -> None:
    """Join the logs of several organisations into one, in which streams run on."""
    from bdv_process.eventlog.event import PARENT
    from bdv_process.eventlog.joining import join as joined
    from bdv_process.eventlog.log import EventLog

    named = dict(source.partition("=")[::2] for source in sources)
    if len(named) < len(sources) or not all(named.values()):
        raise click.UsageError(text("cli.organisations"))
    logs = {name: EventLog.read(path) for name, path in named.items()}
    made = joined(logs, reference=reference or PARENT, trace=trace)
    made.write(target)
    _tell_written(made, target, as_json)


def _window(_ctx: click.Context, _option: click.Parameter, given: str | None) -> timedelta | None:
    """Read `--window`: days, or a duration."""
    if given is None:
        return None
    from bdv_process.template.duration import read_duration

    return read_duration(f"P{given}D" if given.isdecimal() else given)


def _references(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """Read `--by COLUMN` and `--by COLUMN=OWN`."""
    from bdv_process.eventlog.event import CASE

    return {name: own or CASE for name, _, own in (each.partition("=") for each in given)}


@log.command()
@log_options
@column_options
@_TARGET
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN[=OWN]",
    callback=_references,
    help="Names the case that asked for this one: by its id, or by its value in column OWN.",
)
@click.option("--infer", is_flag=True, help="Also take the likeliest open call of a fork.")
@click.option("--service", metavar="COLUMN", help="Equal in a case and in what it calls.")
@click.option(
    "--window",
    metavar="DURATION",
    callback=_window,
    help="How long after a call a case begins at the latest: days, or as PT4H.",
)
@output_options
def link(
    target: Path,
    by: dict[str, str],
    infer: bool,
    service: str | None,
    window: timedelta | None,
    as_json: bool,
    **reading: Any,
) -> None:
    """Link cases to the case that asked for them, by what they refer to or by what is likely.

    The columns case:bdv:link and case:bdv:confidence say how each link is known.
    """
    from bdv_process.mining.linking import link as linked

    if not by and not infer:
        raise click.UsageError(text("cli.by_or_infer"))
    spare([target], reading["path"], reading["mapping"])
    given = read_log(**reading, keep=[*by, *by.values(), service])
    made = linked(given, by, infer=infer, service=service, window=window)
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

    made = run(cases=cases, seed=seed, stage=stage)
    made.write(target)
    _tell_written(made, target, as_json)


def _tell_written(made: "EventLog | ObjectLog", target: Path, as_json: bool) -> None:
    """Say what was written, and of a log made of others what a reader of it should know."""
    from bdv_process.eventlog.log import EventLog

    if isinstance(made, EventLog):
        key, counted, notes = "cli.log", {"cases": made.cases}, made.provenance.notes
    else:
        key, counted, notes = "cli.objects", {"objects": len(made.objects)}, made.notes
    said = [text(name, **facts) for name, facts in notes]
    if as_json:
        print_json({"path": str(target), "events": len(made), **counted, "notes": said})
        return
    say(key, path=target, events=len(made), **counted)
    for note in said:
        click.echo(note)
