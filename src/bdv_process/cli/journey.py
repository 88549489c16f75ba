"""`bdv mine journey`: what citizens go through, in groups; one subject only when asked for."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli import naming
from bdv_process.cli.drawing import check_map, map_svg, model_option, picture_option, write_svg
from bdv_process.cli.parts import engine_option, mined
from bdv_process.cli.reading import log_options
from bdv_process.cli.screen import output_options, print_json, print_table, records, say
from bdv_process.language import preferred, text

if TYPE_CHECKING:
    from pandas import Timedelta

    from bdv_process.mining.journey import Journeys

_DAY = 86_400  # seconds
_STRONGEST = 10  #: moments shown


@click.command()
@log_options
@click.option("--subject", metavar="PSEUDONYM", help="Show every contact of this one citizen.")
@click.option("--organisation", metavar="COLUMN", help="Column that says whose event it is.")
@click.option("--channel", metavar="COLUMN", help="Column that says by which way they met.")
@click.option(
    "--complaint", "complaints", multiple=True, metavar="ACTIVITY", help="What is a complaint."
)
@click.option(
    "--chaser", "chasers", multiple=True, metavar="ACTIVITY", help="What asks how it stands."
)
@click.option(
    "--map", "group", type=int, metavar="GROUP",
    help="Also draw which contact follows which in the journeys of a group; 0 for all.",
)  # fmt: skip
@picture_option
@model_option
@engine_option
@output_options
def journey(
    subject: str | None,
    organisation: str | None,
    channel: str | None,
    complaints: tuple[str, ...],
    chasers: tuple[str, ...],
    group: int | None,
    target: Path | None,
    model: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Show what citizens go through: their contacts over all they asked, and the silences between.

    Journeys that are alike stand together under the path in their middle; groups of fewer than five
    are not shown.
    """
    from bdv_process.mining.journeying import journeys

    asked = group is not None
    check_map(target, reading["path"], reading["mapping"], asked=asked, model=model)
    with mined(**reading) as (log, how):
        found = journeys(
            log, organisation=organisation, channel=channel, complaints=complaints,
            chasers=chasers, **how,
        )  # fmt: skip
    if target and group is not None:
        name = f"{text('cli.column.group')} {group}" if group else text("cli.all_journeys")
        write_svg(map_svg(found.map(group), name, model=model), target)
    if as_json:
        print_json(found.to_dict(subject) | {"path": str(target) if target else None})
        return
    if subject is None:
        _print_groups(found)
        _print_workflows(found)
        _print_preceding(found)
    else:
        _print_contacts(found, subject)
    click.echo()
    for measure, reason in found.unseen.items():
        say("cli.unseen", measure=text(f"journey.{measure}"), reason=text(reason))
    for key, facts in found.notes:
        say(key, **facts)
    if target:
        say("cli.drawn", path=target)


def _print_groups(found: "Journeys") -> None:
    """Print a row per group that is large enough."""
    name = naming.steps()
    print_table(
        (
            "group", "journeys", "median", "first_response", "silence", "citizen", "repeated",
            "sent_on", "withdrawn", "without_outcome", "failure_demand", "path",
        ),
        [
            (
                row.group or text("cli.all_journeys"), row.journeys, _days(row.median),
                _days(row.first_response), _days(row.longest_silence), _turn(row),
                *(_few(getattr(row, trouble), row.journeys) for trouble in _TROUBLES), _failed(row),
                _way(row.path, name),
            )
            for row in records(found.shown)
        ],
    )  # fmt: skip
    small = found.groups.loc[~found.groups["group"].isin([0, *found.shown["group"]]), "journeys"]
    if len(small):
        say("cli.small_groups", groups=len(small), journeys=_few(small.sum()))


def _print_workflows(found: "Journeys") -> None:
    """Print per workflow how long it took until citizens were answered, told, and forgotten."""
    known = naming.templates()
    rows = [
        (
            known[row.template].label(preferred()) if row.template in known else row.template,
            row.needs, *(_days(getattr(row, name)) for name in _LASTING),
        )
        for row in records(found.waited)
    ]  # fmt: skip
    if rows:
        click.echo()
        print_table(("template", "needs", *_LASTING[:-1], "unaware"), rows)


def _print_preceding(found: "Journeys") -> None:
    """Print after what people withdrew or complained, most often first."""
    if found.preceding.empty:
        return
    name = naming.steps()
    click.echo()
    print_table(
        ("moment", "times", "left", "interval", "elsewhere", "lift", "remark"),
        [
            (
                name(row.moment, row.label) if row.label else text(f"silence.{row.moment}"),
                row.times, _few(row.left, row.times), *_strength(row),
            )
            for row in records(found.preceding.head(_STRONGEST))
        ],
    )  # fmt: skip


def _strength(row: Any) -> tuple[str | None, ...]:
    """Return the share with its interval, the share elsewhere and the lift; none of a few."""
    if isinstance(_few(row.left, row.times), str):
        return (None,) * 4
    return (
        f"{row.low:.1%} - {row.high:.1%}",
        f"{row.elsewhere:.1%}" if row.elsewhere == row.elsewhere else None,
        f"{row.lift:.1f}" if row.lift == row.lift else None,
        text("cli.more") if row.more else None,
    )


def _print_contacts(found: "Journeys", subject: str) -> None:
    """Print the contacts of one subject in order."""
    known = naming.templates()
    print_table(
        (
            "journey", "moment", "silent", "turn", "label", "direction", "channel",
            "organisation", "role", "outcome",
        ),
        [
            (
                row.journey.rpartition("/")[2], row.moment.to_pydatetime(), _days(row.silence),
                text(f"turn.{row.turn}") if row.turn and row.turn == row.turn else None,
                naming.step(known, row.template, row.activity, row.label),
                text(f"direction.{row.direction}") if row.direction == row.direction else None,
                row.channel, row.organisation, row.role, naming.outcome(known, row),
            )
            for row in records(found.of(subject))
        ],
    )  # fmt: skip


def _way(path: tuple[str, ...], name: Callable[[str, str], str]) -> str:
    """Return a path in words; what comes again at once stands there once, with how often."""
    runs = [(step, len([*again])) for step, again in groupby(name(each, "") for each in path)]
    return " > ".join(step if times == 1 else f"{step} ({times}x)" for step, times in runs)


def _turn(row: Any) -> str | None:
    """Return which part of the waiting was the citizen's turn."""
    waited = row.citizen + row.government
    return f"{row.citizen / waited:.0%}" if waited == waited and waited.value else None


def _few(count: float, whole: float = 0) -> int | str | None:
    """Return a count, hidden when it, or the rest of a whole, is few; None if not measured."""
    from bdv_process.privacy import FEW

    if count != count:
        return None
    if 0 < whole - count < FEW:
        return f"> {whole - FEW}"
    return "< 5" if 0 < count < FEW else int(count)


def _failed(row: Any) -> str | None:
    """Return which part of the inbound contacts is demand by failure, of few journeys nothing."""
    few, share = _few(row.failure_demand, row.journeys), row.failure_demand_share
    if isinstance(few, str):
        return few
    return f"{share:.0%}" if share == share else None


def _days(lasted: "Timedelta") -> str | None:
    return None if lasted != lasted else f"{lasted.total_seconds() / _DAY:.1f}"


_LASTING = ("first_response", "lead_time", "administrative", "after")
_TROUBLES = ("repeated", "sent_on", "withdrawn", "without_outcome")
