"""`bdv mine handovers` and `bdv mine value-stream`: how work moves on, and what it waits for."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli import naming
from bdv_process.cli.drawing import check_map, map_svg, model_option, picture_option, write_svg
from bdv_process.cli.parts import engine_option, mined
from bdv_process.cli.reading import column_options, log_options, spare
from bdv_process.cli.screen import (
    LocalPath,
    output_options,
    print_json,
    print_table,
    records,
    say,
)
from bdv_process.errors import InputRefused
from bdv_process.language import preferred, text

if TYPE_CHECKING:
    from bdv_process.mining.costs import Costs
    from bdv_process.mining.value_stream import ValueStreams

_BUSIEST = 10  #: activities shown


@click.command()
@log_options
@column_options
@click.option("--estimate", is_flag=True, help="Estimate when work began if the log does not say.")
@click.option("--causes", is_flag=True, help="Also divide the waiting over its causes.")
@click.option(
    "--shifts", type=LocalPath(), metavar="TOML",
    help="When people are at work: tells among the causes who was not there.",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="File to write: .csv or .csv.gz.",
)  # fmt: skip
@engine_option
@output_options
def handovers(
    target: Path,
    estimate: bool,
    causes: bool,
    shifts: Path | None,
    as_json: bool,
    **reading: Any,
) -> None:
    """Write who did the next step after whom, how often, and how long it waited in between.

    A log of another system needs no mapping: name its columns. Waiting is from the end of a step to
    the start of the one that it made possible.
    """
    from bdv_process.eventlog import delimited
    from bdv_process.eventlog.files import replaced
    from bdv_process.mining.handover import handovers as found_in
    from bdv_process.mining.shifts import Shifts

    if not target.name.endswith((".csv", ".csv.gz")):
        suffix = target.suffix or "-"
        raise InputRefused("BDV-208", where=target, suffix=suffix, known=".csv, .csv.gz")
    spare([target], reading["path"], reading["mapping"])
    told = Shifts.read(shifts) if shifts else None
    with mined(**reading) as (log, how):
        found = found_in(log, estimate=estimate, causes=causes or bool(told), shifts=told, **how)
    with replaced(target) as stream:
        if found.frame.empty:  # an answer too, though no log could be written so
            stream.write((",".join(found.frame.columns) + "\r\n").encode())
        else:
            delimited.write(found.frame, stream)
    if as_json:
        print_json(found.to_dict() | {"path": str(target)})
        return
    steps, others = (int(f["frequency"].sum()) for f in (found.frame, found.between_people))
    say("cli.handed", path=target, steps=steps, others=others)
    if found.reason:
        say(found.reason)


@click.command("value-stream")
@log_options
@column_options
@click.option(
    "--calendar",
    type=click.Choice(["none", "kantooruren"]),
    default="none",
    show_default=True,
    help="Which time counts: all of it, or Dutch office hours.",
)
@click.option("--organisation", metavar="COLUMN", help="Column that says whose case it is.")
@click.option(
    "--rates", type=LocalPath(), metavar="TOML",
    help="What an hour costs per role, and an activity besides: adds what it all cost.",
)  # fmt: skip
@click.option(
    "--map",
    "pattern",
    metavar="PATTERN",
    help="Also draw what happened in the streams of a pattern; '' for all.",
)
@picture_option
@model_option
@engine_option
@output_options
def value_stream(
    calendar: str,
    organisation: str | None,
    rates: Path | None,
    pattern: str | None,
    target: Path | None,
    model: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Show what the streams of linked cases took, per pattern, and what that time went to.

    A log of another system needs no mapping: name its columns.
    """
    from bdv_process.mining.calendar import Calendar
    from bdv_process.mining.rates import Rates
    from bdv_process.mining.value_stream import value_streams

    asked = pattern is not None
    check_map(target, reading["path"], reading["mapping"], asked=asked, model=model)
    with mined(**reading, keep=[organisation]) as (log, how):
        measured = partial(value_streams, log, calendar=calendar, organisation=organisation, **how)
        found = measured(rates=Rates.read(rates) if rates else None)
        recorded = measured(inferred=False) if found.inferred else found
        drawn = None if pattern is None else _map_of(found, pattern, model=model)
    if target and drawn:
        write_svg(drawn, target)
    if as_json:
        without = recorded.to_dict()["patterns"] if found.inferred else None
        told = {"without_inferred": without, "path": str(target) if target else None}
        print_json(found.to_dict() | told)
        return
    _print_patterns(found)
    _print_activities(found)
    if found.costs:
        _print_costs(found.costs)
    click.echo()
    if found.inferred:
        _print_inferred(found, recorded)
    for measure, reason in found.unseen.items():
        say("cli.unseen", measure=text(f"stream.{measure}"), reason=text(reason))
    if 0 < found.began < 1:
        say("cli.began", share=_percent(found.began))
    if found.calendar is Calendar.OFFICE:
        say("cli.office_hours")
    whole = found.flow.iloc[0]
    say("cli.flow", wip=whole["wip"], arrival=whole["arrival"], lead=whole["lead"])
    if target:
        say("cli.drawn", path=target)


def _map_of(found: "ValueStreams", pattern: str, *, model: bool) -> str:
    from bdv_process.picture import words

    name = words.pattern(pattern, preferred()) if pattern else text("cli.all_patterns")
    return map_svg(found.map(pattern), name, model=model)


def _print_patterns(found: "ValueStreams") -> None:
    """Print a row per pattern; waits as parts of the throughput of all its closed streams."""
    waits = ("before_start", "between", "requester", "child", "partner")
    print_table(
        ("pattern", "streams", "median", "efficiency", *waits, "handovers", "rework", "right"),
        [
            (
                row.pattern or text("cli.all_patterns"), row.streams, _days(found, row.median),
                _percent(row.efficiency),
                *(_percent(getattr(row, wait) / row.throughput) for wait in waits),
                _number(row.handovers), _percent(row.rework), _percent(row.right),
            )
            for row in records(found.patterns)
        ],
    )  # fmt: skip


def _print_costs(costs: "Costs") -> None:
    """Print what the closed streams of each pattern cost, in euros."""
    click.echo()
    if costs.reason:
        say("cli.unseen", measure=text("stream.costs"), reason=text(costs.reason))
        return
    print_table(
        ("pattern", "closed", "cost", "mean_cost"),
        [
            (
                row.pattern or text("cli.all_patterns"), row.streams,
                *(f"{cents / 100:.2f}" for cents in (row.cents, row.mean)),
            )
            for row in records(costs.patterns)
        ],
    )  # fmt: skip


def _print_inferred(found: "ValueStreams", recorded: "ValueStreams") -> None:
    """Print what all streams took without the links that were only inferred."""
    whole = recorded.patterns.iloc[0]
    say(
        "cli.without_inferred",
        links=found.inferred,
        streams=whole["streams"],
        median=_days(recorded, whole["median"]) or "-",
        efficiency=_percent(whole["efficiency"]) or "-",
    )


def _print_activities(found: "ValueStreams") -> None:
    """Print where most time was waited."""
    from bdv_process.picture import words

    named, known = naming.steps(), naming.templates().values()
    process = {node.id: template.process for template in known for node in template.nodes}
    click.echo()
    print_table(
        ("activity", "process", "count", "waited", "median"),
        [
            (
                named(row.activity, ""),
                words.pattern(process.get(row.activity, ""), preferred()) or None,
                row.times, _days(found, row.waiting), _days(found, row.median_waiting),
            )
            for row in records(found.activities.head(_BUSIEST))
        ],
    )  # fmt: skip


def _days(found: "ValueStreams", lasted: Any) -> str | None:
    from bdv_process.mining.calendar import DAYS

    return _number(lasted / DAYS[found.calendar])


def _percent(share: float) -> str | None:
    return None if share != share else f"{share:.0%}"


def _number(value: float) -> str | None:
    return None if value != value else f"{value:.1f}"
