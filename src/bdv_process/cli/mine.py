"""`bdv mine`: learn from a log."""

from typing import Any

import click

from bdv_process.cli import naming
from bdv_process.cli.opening import open_procedure
from bdv_process.cli.reading import log_options, read_log
from bdv_process.cli.screen import output_options, print_json, print_table, records, say
from bdv_process.language import text


@click.group()
def mine() -> None:
    """Hold a log against the workflows."""


@mine.command("conformance")
@log_options
@output_options
@click.pass_context
def conformance_(ctx: click.Context, /, as_json: bool, **reading: Any) -> None:
    """Check every case against its workflow; exit 1 when something deviates."""
    from bdv_process.mining.conformance import conformance
    from bdv_process.template.library import shipped

    procedure = open_procedure()
    found = conformance(read_log(**reading), shipped(), procedure)
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
            say("cli.unchecked", check=naming.rule(procedure, check), reason=text(reason))
        for key, facts in found.notes:
            click.echo(text(key, **facts))
        if len(found.deviations):
            known = naming.templates()
            click.echo()
            print_table(
                ("template", "deviation", "label", "rule", "cases", "share", "examples"),
                [
                    (
                        row.template, text(f"deviation.{row.kind}"),
                        naming.step(known, row.template, row.activity, row.label), row.rule,
                        row.cases, f"{row.share:.1%}", " ".join(row.examples[:3]),
                    )
                    for row in records(found.deviations)
                ],
            )  # fmt: skip
    ctx.exit(1 if len(found.deviations) else 0)
