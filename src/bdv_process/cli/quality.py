"""`bdv mine quality` and `bdv mine principles`: what a log carries, and what for the citizen."""

from pathlib import Path
from typing import Any

import click

from bdv_process.cli.drawing import check_picture, picture_option, write_svg
from bdv_process.cli.opening import open_procedure
from bdv_process.cli.reading import log_options, read_log
from bdv_process.cli.screen import output_options, print_json, print_table, records, say
from bdv_process.language import text


@click.command()
@log_options
@picture_option
@output_options
def quality(target: Path | None, as_json: bool, **reading: Any) -> None:
    """Show what the cases of a log lack, before anything is concluded from it."""
    from bdv_process.mining.quality import quality as carried

    check_picture(target, reading["path"], reading["mapping"])
    found = carried(read_log(**reading))
    if target:
        write_svg(found.chart().svg, target)
    if as_json:
        print_json(found.to_dict() | {"path": str(target) if target else None})
        return
    print_table(
        ("evidence", "missing", "of", "share"),
        [
            (text(f"evidence.{row.evidence}"), row.missing, row.of, f"{row.share:.1%}")
            for row in records(found.frame)
        ],
    )
    click.echo()
    say("cli.rows", rows=found.rows, used=found.used, rejected=found.rejected)
    for key, facts in found.notes:
        click.echo(text(key, **facts))
    if found.clock:
        say(f"guide.clock.{found.clock}")
    if target:
        say("cli.drawn", path=target)


@click.command()
@log_options
@output_options
def principles(as_json: bool, **reading: Any) -> None:
    """Show what a log says of the three starting points of the concept."""
    from bdv_process.mining.principles import LOG
    from bdv_process.mining.principles import principles as measured

    found = measured(read_log(**reading), procedure=open_procedure())
    if as_json:
        print_json(found.to_dict())
        return
    whole = found.frame[found.frame["template"] == LOG]
    for principle, rows in whole.groupby("principle", sort=False):
        click.echo(text(f"principle.{principle}"))
        print_table(
            ("measure", "value", "interval", "of", "remark"),
            [
                (
                    text(f"measure.{row.measure}"),
                    *((None, None) if row.reason else _amounts(row)),
                    row.n or None,
                    text(row.reason) if row.reason else None,
                )
                for row in records(rows)
            ],
        )
        click.echo()


def _amounts(row: Any) -> tuple[str, str]:
    """Return the value of a measure and its interval."""
    if row.unit == "share":
        return f"{row.value:.1%}", f"{row.low:.1%} - {row.high:.1%}"
    return f"{row.value:.1f} {text(f'words.{row.unit}')}", f"{row.low:.1f} - {row.high:.1f}"
