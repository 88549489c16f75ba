"""`bdv log`: take the event log out of the register, look at one, make one up."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings

import click

from bdv_process.cli.custody import myself
from bdv_process.cli.opening import open_register
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
from bdv_process.errors import InputRefused
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.eventlog.store import LogStore
    from bdv_process.eventlog.table import Note
    from bdv_process.execution.register import CaseRegister

_TARGET = click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="File to write: .xes, .csv (each also .gz), .parquet, .jsonocel, .xmlocel or .sqlite.",
)  # fmt: skip


@click.group()
def log() -> None:
    """Export, inspect and make event logs."""


@log.command()
@_TARGET
@click.option("--clear", is_flag=True, help="Name people as the register does; say why.")
@click.option("--reason", metavar="TEXT", help="Why --clear; it is kept in the audit log.")
@output_options
def export(target: Path, clear: bool, reason: str | None, as_json: bool) -> None:
    """Write the register's event log; people and citizens go by pseudonyms.

    With a key in BDV_PSEUDONYM_KEY the same person has the same pseudonym in every export (bdv db
    key --for pseudonym makes one); without, in this one only. The export is audited.
    """
    from bdv_process.eventlog.log import EventLog

    if clear != bool(reason and reason.strip()):
        raise click.UsageError(text("cli.clear_pair"))
    with open_register() as register:
        made = EventLog.of(register.events(shown=False))
        if not clear:
            made = _pseudonymised(made)
        made.write(target, first=lambda: _audit(register, target, reason))
    _tell_written(made, target, as_json)


def _pseudonymised(made: "EventLog") -> "EventLog":
    """Name people by a key of ours, or by one that is thrown away."""
    from dataclasses import replace
    from secrets import token_bytes

    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.pseudonym import pseudonymised
    from bdv_process.execution.keys import Purpose, secret

    key = secret(Purpose.PSEUDONYM)
    named = pseudonymised(made, key or token_bytes(32))
    note: Note = ("cli.pseudonyms_kept" if key else "cli.pseudonyms_once", {})
    origin = replace(named.provenance, notes=(*named.provenance.notes, note))
    return EventLog.kept(named.coded, origin)


def _audit(register: "CaseRegister", target: Path, reason: str | None) -> None:
    """Write down that a log is taken out, before it is: what nobody may know of is not made."""
    from bdv_process.execution.audit import Act

    deed = Act.EXPORT_CLEAR if reason else Act.EXPORT
    register.note(myself(), deed, str(target), reason=reason, must=True)


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
        made = read_object_log(**reading)
    else:
        made = read_log(**reading)
    if kind:
        objects = made if isinstance(made, ObjectLog) else ObjectLog.of(made)
        made = objects.flatten(kind, qualifier=qualifier)
    _write(made, target)
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

    named = dict(source.partition("=")[::2] for source in sources)
    if len(named) < len(sources) or not all(named.values()):
        raise click.UsageError(text("cli.organisations"))
    logs = {name: read_log(path) for name, path in named.items()}
    made = joined(logs, reference=reference or PARENT, trace=trace)
    _write(made, target)
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
    _write(made, target)
    _tell_written(made, target, as_json)


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
@_TARGET
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
    _tell(target, as_json, "cli.log", events=times * len(made), cases=times * made.cases)


def _write(made: "EventLog | ObjectLog", target: Path) -> None:
    """Write a log, and say on standard error what its file has no place for."""
    with catch_warnings(record=True, action="always") as told:
        made.write(target)
    for one in told:
        click.echo(str(one.message), err=True)


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


def _tell_written(made: "EventLog | ObjectLog", target: Path, as_json: bool) -> None:
    """Say what was written, and of a log made of others what a reader of it should know."""
    from bdv_process.eventlog.log import EventLog

    if isinstance(made, EventLog):
        key, counted, notes = "cli.log", {"cases": made.cases}, made.provenance.notes
    else:
        key, counted, notes = "cli.objects", {"objects": len(made.objects)}, made.notes
    _tell(target, as_json, key, notes, events=len(made), **counted)


def _tell(
    target: Path, as_json: bool, key: str, notes: "Iterable[Note]" = (), /, **counted: int
) -> None:
    said = [text(name, **facts) for name, facts in notes]
    if as_json:
        print_json({"path": str(target), **counted, "notes": said})
        return
    say(key, path=target, **counted)
    for note in said:
        click.echo(note)
