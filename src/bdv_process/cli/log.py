"""`bdv log`: take the event log out of the register, look at one, make one up."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.export import export
from bdv_process.cli.parts import asked, bar, open_store
from bdv_process.cli.reading import (
    column_options,
    log_options,
    read_log,
    read_object_log,
    spare,
)
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
from bdv_process.cli.writing import target_option, tell, tell_written, write_told
from bdv_process.errors import InputRefused
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.store import LogStore


@click.group()
def log() -> None:
    """Export, inspect and make event logs."""


log.add_command(export)


@log.command()
@log_options
@target_option
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
        made = read_object_log(**reading)
    else:
        made = read_log(**reading)
    if kind:
        objects = made if isinstance(made, ObjectLog) else ObjectLog.of(made)
        made = objects.flatten(kind, qualifier=qualifier)
    write_told(made, target)
    tell_written(made, target, as_json)


@log.command()
@click.argument("sources", metavar="ORGANISATION=LOG...", nargs=-1, required=True)
@target_option
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

    named = dict(source.partition("=")[::2] for source in sources)
    if len(named) < len(sources) or not all(named.values()):
        raise click.UsageError(text("cli.organisations"))
    logs = {name: read_log(path) for name, path in named.items()}
    made = joined(logs, reference=reference or PARENT, trace=trace)
    write_told(made, target)
    tell_written(made, target, as_json)


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
@target_option
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
    write_told(made, target)
    tell_written(made, target, as_json)


@log.command()
@log_options
@output_options
def show(as_json: bool, **reading: Any) -> None:
    """Show what is in a log: rows in and out, span, and the commonest paths.

    LOG may be the folder of a stored log; of that, only what was written down of it is shown.
    """
    if reading["path"].is_dir():
        _tell_stored(open_store(**reading), as_json)
        return
    from bdv_process.eventlog.event import TIMESTAMP

    found = read_log(**reading)
    origin, ways = found.provenance, found.variants()
    times = found.frame[TIMESTAMP].dropna()
    first, last = (times.min(), times.max()) if len(times) else (None, None)
    notes = origin.told()
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
@log_options
@click.option(
    "-o", "--output", "target", required=True, type=LocalPath(), metavar="FOLDER",
    help="Folder to write; a stored log that is there is replaced.",
)  # fmt: skip
@click.option(
    "--parts", type=click.IntRange(1, 500), help="In how many parts; by its size unless told."
)
@output_options
def store(target: Path, parts: int | None, as_json: bool, **reading: Any) -> None:
    """Store a log in parts, to mine what is larger than memory, or with several processes.

    All cases of a requester are in one part. A Parquet file of any size is taken in bit by bit, if
    it needs no option to be read; any other log has to fit in memory.
    """
    from bdv_process.eventlog.store import LogStore

    path = reading.pop("path")
    if path.suffix == ".parquet" and not asked(**reading):
        with bar("cli.storing") as progress:
            made = LogStore.of_file(path, target, parts=parts, progress=progress)
    else:
        made = LogStore.write(read_log(path, **reading), target, parts=parts)
    _tell_stored(made, as_json)


@log.command()
@target_option
@run_options(cases=5)
@click.option(
    "--times", type=click.IntRange(1, 1_000_000), default=1, show_default=True,
    help="Write the run so many times over, to a .parquet of any size: each copy with cases and "
    "requesters of its own, begun some weeks and seconds earlier. It repeats what happened in the "
    "run; nothing new happens in it.",
)  # fmt: skip
@output_options
def synthesise(target: Path, cases: int, seed: int, times: int, as_json: bool) -> None:
    """Make up a log: run cases of each workflow in virtual time, in a register of their own."""
    from bdv_process.demo.repetition import repeat
    from bdv_process.demo.run import synthesise as run

    if times > 1 and target.suffix != ".parquet":
        suffix = target.suffix or "-"
        raise InputRefused("BDV-208", where=target, suffix=suffix, known=".parquet (--times)")
    made = run(cases=cases, seed=seed, stage=stage)
    if times == 1:
        made.write(target)
    else:
        with bar("cli.repeating") as progress:
            repeat(made, times, target, progress)
    tell(target, as_json, "cli.log", events=times * len(made), cases=times * made.cases)


def _tell_stored(stored: "LogStore", as_json: bool) -> None:
    """Say what is stored where."""
    origin = stored.provenance
    counted = {"events": len(stored), "cases": stored.cases, "parts": stored.parts}
    rows = {"rows": origin.rows_in, "used": origin.used, "rejected": len(origin.rejected)}
    said = origin.told()
    if as_json:
        print_json({"path": str(stored.folder), **counted, **rows, "notes": said})
        return
    say("cli.stored", path=stored.folder, **counted)
    say("cli.rows", **rows)
    for note in said:
        click.echo(note)
