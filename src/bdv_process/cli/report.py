"""`bdv report`: one page that a manager reads."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bdv_process.cli.opening import open_procedure
from bdv_process.cli.reading import log_options, read_log
from bdv_process.cli.screen import LocalPath, output_options, print_json, say


@click.command()
@log_options
@click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="The page to write (.html).",
)  # fmt: skip
@click.option("--title", help="Title of the page.")
@output_options
def report(target: Path, title: str | None, as_json: bool, **reading: Any) -> None:
    """Check a log and write the report page."""
    from bdv_process.language import preferred, text
    from bdv_process.report.render import render
    from bdv_process.report.section import Section
    from bdv_process.template.library import shipped

    section = Section.of(
        read_log(**reading), shipped(), open_procedure(), name=Path(reading["path"]).name
    )
    render(
        [section],
        to=target,
        lang=preferred(),
        title=title or text("report.title"),
        generated=datetime.now(UTC),
    )
    if as_json:
        print_json({"path": str(target)})
    else:
        say("report.written", path=target)
