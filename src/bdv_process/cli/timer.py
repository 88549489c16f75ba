"""`bdv timer`: let time do its work."""

from dataclasses import asdict

import click

from bdv_process.cli import naming
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import output_options, print_json, print_table, say


@click.group()
def timer() -> None:
    """Look at deadlines and fire those that are due."""


@timer.command("list")
@output_options
def list_(as_json: bool) -> None:
    """List the timers that run, first due first."""
    with open_register() as register:
        timers = register.timers()
    if as_json:
        print_json([asdict(timer) for timer in timers])
    elif not timers:
        say("cli.no_timers")
    else:
        known = naming.templates()
        print_table(
            ("case", "template", "element", "due"),
            [
                (t.case, t.template, naming.step(known, t.template, t.element), t.due)
                for t in timers
            ],
        )


@timer.command()
@output_options
def fire(as_json: bool) -> None:
    """Fire every timer that is due; run this every few minutes."""
    with open_register() as register:
        fired = register.fire_due()
    done = [found.timer for found in fired if found.refusal is None]
    if as_json:
        print_json([asdict(timer) for timer in done])
    else:
        say("cli.fired", number=len(done))
        known = naming.templates()
        for timer in done:
            click.echo(f"{timer.case}  {naming.step(known, timer.template, timer.element)}")
    for found in fired:
        if found.refusal is not None:
            raise found.refusal
