"""`bdv mine contrast`: what goes together with cases that take long."""

from pathlib import Path
from typing import Any

import click

from bdv_process.cli.drawing import check_picture, picture_option, write_svg
from bdv_process.cli.reading import column_options, log_options, read_log
from bdv_process.cli.screen import output_options, print_json, print_table, records, say
from bdv_process.errors import InputRefused

_DAY = 86_400  # seconds
_TOOK = "case:throughput"  # no column of a log


@click.command()
@log_options
@column_options
@click.option(
    "--by", "columns", required=True, multiple=True, metavar="COLUMN",
    help="Whose first value in a case counts; may be given several times.",
)  # fmt: skip
@picture_option
@output_options
def contrast(columns: tuple[str, ...], target: Path | None, as_json: bool, **reading: Any) -> None:
    """Show which closed cases take longer than all others, by what stands in a column.

    Values of fewer than five cases, or of all but so few, are not compared.
    """
    from bdv_process.eventlog.event import CASE
    from bdv_process.mining.contrast import contrast as compared
    from bdv_process.mining.value_stream import value_streams

    check_picture(target, reading["path"], reading["mapping"])
    log = read_log(**reading, keep=columns)
    for column in columns:
        if column not in log.frame:
            raise InputRefused("BDV-442", where=log.provenance.source, column=column)
    cases = value_streams(log).cases
    took = cases[~cases["open"]].set_index("case")["throughput"]
    first = log.frame.groupby(CASE)[[*columns]].first()
    found = compared(first.assign(**{_TOOK: took}), _TOOK, columns)
    if target:
        write_svg(found.chart().svg, target)
    if as_json:
        print_json(found.to_dict() | {"path": str(target) if target else None})
        return
    print_table(
        ("property", "value", "cases", "median", "others", "chance", "interval"),
        [
            (
                row.property, row.value, row.cases, _days(row.median), _days(row.others),
                f"{row.chance:.0%}", f"{row.least:.0%} - {row.most:.0%}",
            )
            for row in records(found.frame)
        ],
    )  # fmt: skip
    click.echo()
    say("contrast.says")
    if target:
        say("cli.drawn", path=target)


def _days(lasted: Any) -> str:
    return f"{lasted.total_seconds() / _DAY:.1f}"
