"""`bdv work`: find work, take it, give it back, finish it."""

from dataclasses import asdict

import click

from bdv_process.cli import naming
from bdv_process.cli.case import tell_next, tell_state
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import (
    by_option,
    data_option,
    key_option,
    output_options,
    print_json,
    print_table,
    say,
)


@click.group()
def work() -> None:
    """Find work and do it."""


@work.command("list")
@click.option("--role", help="Only work that is offered to this role.")
@click.option("--for", "person", metavar="PERSON", help="Only what this person holds or may take.")
@output_options
def list_(role: str | None, person: str | None, as_json: bool) -> None:
    """List open work, first due first."""
    with open_register() as register:
        items = register.worklist(role=role, person=person)
    if as_json:
        print_json([asdict(item) for item in items])
    elif not items:
        say("cli.no_work")
    else:
        known = naming.templates()
        print_table(
            ("item", "case", "template", "label", "role", "claimed_by", "since", "due"),
            [
                (
                    i.id, i.case, i.template, naming.step(known, i.template, i.activity), i.role,
                    i.claimed_by, i.since, i.due,
                )
                for i in items
            ],
        )  # fmt: skip


@work.command()
@click.argument("item")
@by_option
@key_option
@output_options
def claim(item: str, by: str, key: str | None, as_json: bool) -> None:
    """Take a work item."""
    with open_register() as register:
        register.claim(item, by=by, key=key)
    _tell("claimed", item, by, as_json)


@work.command()
@click.argument("item")
@by_option
@key_option
@output_options
def release(item: str, by: str, key: str | None, as_json: bool) -> None:
    """Give a work item back, so that somebody else can take it."""
    with open_register() as register:
        register.release(item, by=by, key=key)
    _tell("released", item, by, as_json)


@work.command()
@click.argument("item")
@by_option
@click.option("--outcome", help="How it ended; without one, the happy outcome.")
@data_option
@click.option("--to", metavar="SIBLING", help="Before a fork: the workflow to go on as.")
@key_option
@output_options
def complete(
    item: str,
    by: str,
    outcome: str | None,
    data: dict[str, str],
    to: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Finish a work item; it is claimed first when nobody has."""
    with open_register() as register:
        case = register.complete(item, by=by, outcome=outcome, data=data, to=to, key=key)
        found = register.case(case)
        waiting = register.worklist(root=found.root)
    if as_json:
        print_json(
            {"item": item, "by": by, "done": "completed", "case": asdict(found)}
            | {"waiting": [asdict(item) for item in waiting]}
        )
        return
    say("cli.work.completed", item=item, by=by)
    if found.closed:
        tell_state(found)
    tell_next(waiting)


@work.command()
@click.argument("item")
@by_option
@key_option
@output_options
def start(item: str, by: str, key: str | None, as_json: bool) -> None:
    """Begin to work on an item; it is claimed first when nobody has."""
    with open_register() as register:
        register.begin(item, by=by, key=key)
    _tell("started", item, by, as_json)


@work.command()
@click.argument("item")
@by_option
@key_option
@output_options
def suspend(item: str, by: str, key: str | None, as_json: bool) -> None:
    """Put aside work that was begun: the time until it is resumed is no processing time."""
    with open_register() as register:
        register.suspend(item, by=by, key=key)
    _tell("suspended", item, by, as_json)


@work.command()
@click.argument("item")
@by_option
@key_option
@output_options
def resume(item: str, by: str, key: str | None, as_json: bool) -> None:
    """Take up work again that was put aside."""
    with open_register() as register:
        register.resume(item, by=by, key=key)
    _tell("resumed", item, by, as_json)


@work.command()
@click.argument("item")
@by_option
@click.option("--to", required=True, metavar="PERSON", help="Who gets it; has to be allowed it.")
@key_option
@output_options
def delegate(item: str, by: str, to: str, key: str | None, as_json: bool) -> None:
    """Hand a work item to a colleague."""
    with open_register() as register:
        register.delegate(item, by=by, to=to, key=key)
    _tell("delegated", item, by, as_json, to=to)


def _tell(done: str, item: str, by: str, as_json: bool, **more: str) -> None:
    if as_json:
        print_json({"item": item, "by": by, "done": done, **more})
    else:
        say(f"cli.work.{done}", item=item, by=by, **more)
