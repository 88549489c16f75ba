"""`bdv report`: what a manager reads, as a page, a document or data."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import click

from bdv_process.cli.opening import open_procedure
from bdv_process.cli.reading import log_options, read_log, spare
from bdv_process.cli.screen import LocalPath, output_options, print_json, say
from bdv_process.language import text


@click.command()
@log_options
@click.option(
    "-o", "--output", "targets", required=True, multiple=True, type=LocalPath(),
    help="File to write: .html, .pdf or .json; may be given several times.",
)  # fmt: skip
@click.option("--title", help="Title of the report.")
@click.option(
    "--previous", "span", type=click.Choice(["month", "quarter"]),
    help="Compare the last whole one with the one before it.",
)  # fmt: skip
@click.option(
    "--compare-at", "at", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Compare cases that started from this day on with those before.",
)  # fmt: skip
@click.option(
    "--compare", "other", type=LocalPath(), metavar="LOG",
    help="Compare with another log, read in the same way.",
)  # fmt: skip
@output_options
def report(
    targets: tuple[Path, ...],
    title: str | None,
    span: str | None,
    at: datetime | None,
    other: Path | None,
    as_json: bool,
    **reading: Any,
) -> None:
    """Check a log and write the report: page, document and data from one analysis."""
    from bdv_process.language import preferred
    from bdv_process.mining.comparison import Span
    from bdv_process.report.render import check_target, compose, render
    from bdv_process.report.section import Section
    from bdv_process.template.library import shipped

    if sum(each is not None for each in (span, at, other)) > 1:
        raise click.UsageError(text("cli.compare_once"))
    for target in targets:
        check_target(target)
    spare(targets, reading["path"], reading["mapping"], other)
    beside = read_log(**{**reading, "path": other}) if other else None
    day: date | None = at.date() if at else None
    section = Section.of(
        read_log(**reading),
        shipped(),
        open_procedure(),
        name=Path(reading["path"]).name,
        compared_with=beside or cast(Span | None, span) or day,
        other_name=other.name if other else "",
    )
    page = compose(
        [section],
        lang=preferred(),
        title=title or text("report.title"),
        generated=datetime.now(UTC),
    )
    paths = [str(render(page, to=target)) for target in targets]
    if as_json:
        print_json({"paths": paths})
    else:
        for path in paths:
            say("cli.report.written", path=path)
