"""`bdv db`: care for the register's database."""

import click

from bdv_process.cli.opening import database, open_register
from bdv_process.cli.screen import output_options, print_json, say


@click.group()
def db() -> None:
    """Care for the register's database."""


@db.command()
@output_options
def upgrade(as_json: bool) -> None:
    """Bring the database to the schema of this program; make a backup first."""
    from bdv_process.execution.schema import SCHEMA
    from bdv_process.execution.schema import upgrade as bring_up

    found = bring_up(database())
    if as_json:
        print_json({"from": found, "to": SCHEMA})
    elif found == SCHEMA:
        say("cli.schema_known", schema=SCHEMA)
    else:
        say("cli.schema_made" if found is None else "cli.upgraded", found=found, schema=SCHEMA)


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
