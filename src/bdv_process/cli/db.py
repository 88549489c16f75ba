"""`bdv db`: care for the register's database."""

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import output_options, print_json, say


@click.group()
def db() -> None:
    """Care for the register's database."""


@db.command()
@output_options
def rebuild(as_json: bool) -> None:
    """Make the case list, the work list and the timers again from the events."""
    with open_register() as register:
        cases = register.rebuild()
    if as_json:
        print_json({"cases": cases})
    else:
        say("cli.rebuilt", cases=cases)
