"""`bdv timer`: let time do its work."""

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import json_option, print_json, print_table, say


@click.group()
def timer() -> None:
    """Look at deadlines and fire those that are due."""


@timer.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the timers that run, first due first."""
    with open_register() as register:
        timers = register.timers()
    if as_json:
        print_json(
            [{"case": case, "element": element, "due": due} for case, element, due in timers]
        )
    elif not timers:
        say("cli.no_timers")
    else:
        print_table(("case", "element", "due"), timers)


@timer.command()
@json_option
def fire(as_json: bool) -> None:
    """Fire every timer that is due; run this every few minutes."""
    with open_register() as register:
        fired = register.fire_due()
    if as_json:
        print_json([{"case": case, "element": element} for case, element in fired])
    else:
        say("cli.fired", number=len(fired))
