"""`bdv mine chart`: what was found as a picture, the one that its result in Python draws."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bdv_process.cli.drawing import check_picture, required_picture, tell_picture
from bdv_process.cli.opening import open_procedure
from bdv_process.cli.parts import engine_option, mined
from bdv_process.cli.reading import column_options, log_options
from bdv_process.cli.screen import output_options
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.store import LogStore
    from bdv_process.picture.picture import Picture

#: What there are pictures of, by the name of the command, and what can be asked of each.
_RESULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "conformance": ("template",),
    "drift": ("template",),
    "handovers": (),
    "journey": ("kind", "group", "subject"),
    "value-stream": ("kind", "pattern", "stream", "calendar"),
}


@click.command()
@click.argument("result", type=click.Choice([*_RESULTS]))
@log_options
@column_options
@required_picture
@click.option(
    "--kind",
    help="Which picture: map, tree, distribution or trend of a value-stream; map or funnel of a "
    "journey.",
)
@click.option("--pattern", help="Of a value-stream: of the streams of this pattern.")
@click.option("--stream", metavar="CASE", help="Of a value-stream: the one that this case began.")
@click.option(
    "--calendar", type=click.Choice(["none", "kantooruren"]),
    help="Of a value-stream: which time counts.",
)  # fmt: skip
@click.option("--group", type=int, help="Of a journey: of the journeys of this group.")
@click.option("--subject", metavar="PSEUDONYM", help="Of a journey: that of this one citizen.")
@click.option("--template", metavar="KEY", help="Of conformance or drift: of this workflow.")
@engine_option
@output_options
def chart(result: str, target: Path, as_json: bool, **given: Any) -> None:
    """Draw what another command finds: RESULT is its name.

    A picture may be passed on: what fewer than five cases or people share is in none, but for the
    tree of one stream and the journey of one citizen.
    """
    asked = {
        option: value
        for option in sorted({each for every in _RESULTS.values() for each in every})
        if (value := given.pop(option)) is not None
    }
    for option in asked.keys() - set(_RESULTS[result]):
        raise click.UsageError(text("cli.chart_option", option=f"--{option}", result=result))
    check_picture(target, given["path"], given["mapping"])
    with mined(**given) as (log, how):
        picture = _drawn(result, log, how, asked)
    tell_picture(picture, target, as_json=as_json)


def _drawn(
    result: str, log: "EventLog | LogStore", how: Mapping[str, Any], asked: dict[str, Any]
) -> "Picture":
    """Return the picture of what is found in a log."""
    if result == "value-stream":
        from bdv_process.mining.value_stream import value_streams

        return value_streams(log, calendar=asked.pop("calendar", "none"), **how).chart(**asked)
    if result == "journey":
        from bdv_process.mining.journeying import journeys

        return journeys(log, **how).chart(**asked)
    if result == "handovers":
        from bdv_process.mining.handover import handovers

        return handovers(log, **how).chart()
    from bdv_process.mining.conformance import conformance
    from bdv_process.mining.drift import drift

    report = conformance(log, procedure=open_procedure(), **how)
    return (drift(report) if result == "drift" else report).chart(**asked)
