"""`bdv timer`: let time do its work."""

from typing import TYPE_CHECKING

import click

from bdv_process.cli import naming
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import output_options, print_json, print_table, say

if TYPE_CHECKING:
    from bdv_process.execution.register import CaseRegister


@click.group()
def timer() -> None:
    """Look at deadlines and fire those that are due."""


@timer.command("list")
@output_options
def list_(as_json: bool) -> None:
    """List the timers that run, first due first."""
    with open_register() as register:
        timers, workflow = register.timers(), _workflows(register)
    if as_json:
        print_json(
            [{"case": case, "element": element, "due": due} for case, element, due in timers]
        )
    elif not timers:
        say("cli.no_timers")
    else:
        known = naming.templates()
        print_table(
            ("case", "template", "element", "due"),
            [
                (case, workflow[case], naming.step(known, workflow[case], element), due)
                for case, element, due in timers
            ],
        )


@timer.command()
@output_options
def fire(as_json: bool) -> None:
    """Fire every timer that is due; run this every few minutes."""
    with open_register() as register:
        fired, workflow = register.fire_due(), _workflows(register)
    if as_json:
        print_json([{"case": case, "element": element} for case, element in fired])
        return
    say("cli.fired", number=len(fired))
    known = naming.templates()
    for case, element in fired:
        click.echo(f"{case}  {naming.step(known, workflow[case], element)}")


def _workflows(register: "CaseRegister") -> dict[str, str]:
    return {case.id: case.template for case in register.cases()}
