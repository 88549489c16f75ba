"""`bdv mine`: learn from a log."""

from typing import Any

import click

from bdv_process.cli.opening import open_procedure
from bdv_process.cli.reading import log_options, read_log
from bdv_process.cli.screen import json_option, print_json, print_table, records, say
from bdv_process.language import text


@click.group()
def mine() -> None:
    """Hold a log against the workflows."""


@mine.command("conformance")
@log_options
@json_option
@click.pass_context
def conformance_(ctx: click.Context, /, as_json: bool, **reading: Any) -> None:
    """Check every case against its workflow; exit 1 when something deviates."""
    from bdv_process.mining.conformance import conformance
    from bdv_process.template.library import shipped

    found = conformance(read_log(**reading), shipped(), open_procedure())
    if as_json:
        print_json(found.to_dict())
    else:
        print_table(
            ("template", "cases", "fitting", "fitness"),
            [
                (row.template, row.cases, row.fitting, f"{row.fitness:.3f}")
                for row in records(found.templates)
            ],
        )
        for check, reason in found.unchecked.items():
            say("cli.unchecked", check=check, reason=text(reason))
        if len(found.deviations):
            click.echo()
            print_table(
                ("template", "deviation", "activity", "rule", "cases", "share", "examples"),
                [
                    (
                        row.template, text(f"deviation.{row.kind}"), row.activity, row.rule,
                        row.cases, f"{row.share:.1%}", " ".join(row.examples[:3]),
                    )
                    for row in records(found.deviations)
                ],
            )  # fmt: skip
    ctx.exit(1 if len(found.deviations) else 0)
