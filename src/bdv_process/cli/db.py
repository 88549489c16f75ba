"""`bdv db`: care for the register's database."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdv_process.cli import custody
from bdv_process.cli.opening import database, open_register
from bdv_process.cli.parts import bar
from bdv_process.cli.screen import (
    LocalPath,
    output_options,
    print_json,
    print_table,
    say,
    show,
)
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.execution.projection import Difference

_SHOWN = 20  # differences in a table; --json has all


@click.group()
def db() -> None:
    """Care for the register's database."""


for command in (custody.key, custody.seal, custody.verify, custody.audit):
    db.add_command(command)


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
@click.pass_context
@output_options
def check(ctx: click.Context, as_json: bool) -> None:
    """Tell what the register runs on and holds, and whether its lists agree with the events."""
    from bdv_process.execution.projection import broken_histories

    with open_register() as register, bar("cli.replaying") as told:
        health = register.check(told)
    if as_json:
        print_json({
            "engine": health.engine,
            "schema": health.schema,
            "numbers": health.numbers,
            "differences": [asdict(each) for each in health.differences],
            "broken": [error.to_dict() for error in health.broken],
        })  # fmt: skip
    else:
        say("cli.engine", engine=health.engine, schema=health.schema)
        print_table(("table", "rows"), health.numbers.items())
        if health.differences:
            click.echo()
            print_table(
                ("table", "row", "found", "expected"),
                [(d.table, " ".join(d.key), *_apart(d)) for d in health.differences[:_SHOWN]],
            )
        if not health.broken:  # or events are wrong, and lists made from them no better
            number = len(health.differences)
            say("cli.lists_differ" if number else "cli.lists_agree", number=number)
    if health.broken:
        raise broken_histories(health.broken)
    ctx.exit(1 if health.differences else 0)


@db.command()
@click.option(
    "-o", "--output", "out", type=LocalPath(), required=True, help="File to make; a new one.",
)  # fmt: skip
@output_options
def backup(out: Path, as_json: bool) -> None:
    """Write all that is in the register to one file, while others go on working."""
    from bdv_process.execution.archive import back_up

    made = back_up(database(), out)
    if as_json:
        print_json({"path": out, "schema": made.schema, "rows": made.rows})
    else:
        say("cli.backed_up", path=out, rows=sum(made.rows.values()))


@db.command()
@click.argument("file", type=LocalPath())
@output_options
def restore(file: Path, as_json: bool) -> None:
    """Fill an empty register from a backup, made on SQLite or on PostgreSQL."""
    with open_register() as register:
        cases = register.restore(file)
    if as_json:
        print_json({"path": file, "cases": cases})
    else:
        say("cli.restored", path=file, cases=cases)


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


def _apart(found: "Difference") -> tuple[str, str]:
    """Return what is and what should be; of a row that one of them lacks, only that."""
    if found.found is None or found.expected is None:
        there = ("-", text("cli.row_there"))
        return there if found.found is None else there[::-1]
    one, other = (
        ", ".join(f"{name} {show(value)}" for name, value in row.items())
        for row in (found.found, found.expected)
    )
    return one, other
