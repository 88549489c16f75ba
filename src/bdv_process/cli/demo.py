"""`bdv demo`: the whole product at work, in one command."""

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from bdv_process.cli import naming
from bdv_process.cli.extra import require
from bdv_process.cli.opening import open_procedure, open_register
from bdv_process.cli.screen import (
    output_options,
    print_fitness,
    print_json,
    print_table,
    records,
    run_options,
    say,
    stage,
)
from bdv_process.cli.serve import check_port, port_option, stay

if TYPE_CHECKING:
    from bdv_process.demo.run import Demonstration


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("bdv-demo"),
    show_default=True,
    help="Folder for the register, the log and the report.",
)
@click.option("--serve", is_flag=True, help="Fill a municipality at work, and serve its pages.")
@port_option
@run_options(cases=60)
@output_options
@click.pass_context
def demo(
    ctx: click.Context, out: Path, serve: bool, port: int, cases: int, seed: int, as_json: bool
) -> None:
    """Run the eight workflows, check what they left and a real log, and write a report.

    With --serve: fill the register of a municipality that does not exist, unless the folder has
    one, with 40 calls that run and 400 that are closed, and serve its pages on this machine.
    Visitors pick who they are; --cases is then the closed calls of each workflow.
    """
    if serve:
        given = ctx.get_parameter_source("cases") is not ParameterSource.DEFAULT
        _serve(out, cases=cases if given else None, port=port, seed=seed, as_json=as_json)
        return
    from bdv_process.demo.planting import HABITS
    from bdv_process.demo.run import demonstrate

    made = demonstrate(out, cases=cases, seed=seed, stage=stage)
    if as_json:
        print_json(_facts(made))
        return
    own, incidents = made.own, made.incidents
    say("demo.own_summary", cases=own.log.cases, events=len(own.log))
    print_table(
        ("template", "started", "cases", "fitting", "fitness"),
        [
            (row.template, made.started[row.template], row.cases, row.fitting, f"{row.fitness:.3f}")
            for row in records(own.report.templates)
        ],
    )
    click.echo()
    say("demo.faults", cases=len({fault.case for fault in made.faults}))
    for habit in HABITS:
        rule = naming.rule_name(open_procedure(), habit.rule)
        say("demo.habit", template=habit.template, since=f"{habit.since:%Y-%m-%d}", rule=rule)
    say("demo.found")
    print_table(("deviation", "planted", "found"), _planted(made))
    click.echo()
    rows = incidents.log.provenance
    say(
        "demo.incidents_summary",
        cases=incidents.log.cases,
        rows=rows.rows_in,
        used=rows.used,
        rejected=len(rows.rejected),
    )
    print_fitness(incidents.report.templates)
    click.echo()
    for name, path in made.paths.items():
        say(f"demo.path.{name}", path=path)


def _serve(out: Path, *, cases: int | None, port: int, seed: int, as_json: bool) -> None:
    from bdv_process.demo.sample import CLOSED, sample
    from bdv_process.execution.clock import wall_clock

    host = "127.0.0.1"
    require("web")
    check_port(host, port)
    found = sample(out, closed=cases or CLOSED, seed=seed, now=wall_clock(), stage=stage)
    os.environ |= {
        "BDV_DATABASE": f"sqlite:///{found.register}",
        "BDV_ORGANISATION": str(found.organisation),
        "BDV_DEV": "1",
    }
    with open_register() as register:
        calls = [case for case in register.cases() if case.parent is None]
    facts: dict[str, Any] = {
        "register": str(found.register),
        "organisation": str(found.organisation),
        "made": found.made,
        "running": sum(case.closed is None for case in calls),
        "closed": sum(case.closed is not None for case in calls),
    }
    if not as_json:
        say("demo.made" if found.made else "demo.there", **facts)
    stay(host, port, as_json=as_json, facts=facts)


def _planted(made: "Demonstration") -> list[tuple[str, int, int]]:
    """Return per kind of deviation how many cases got one, and in how many one was found."""
    planted = Counter((str(fault.kind), fault.rule) for fault in made.faults)
    found = made.own.report.deviations.groupby(["kind", "rule"])["cases"].sum()
    procedure = open_procedure()
    return [
        (naming.deviation(procedure, *what), planted[what], int(found.get(what, 0)))
        for what in dict.fromkeys([*planted, *found.index])
    ]


def _facts(made: "Demonstration") -> dict[str, object]:
    """Return what was made as plain values."""
    return {
        "paths": {name: str(path) for name, path in made.paths.items()},
        "started": made.started,
        "faults": [asdict(fault) for fault in made.faults],
        "logs": {
            name: {
                "cases": section.log.cases,
                "rows": section.log.provenance.rows_in,
                "used": section.log.provenance.used,
                "rejected": len(section.log.provenance.rejected),
                "templates": section.report.templates.to_dict("records"),
                "deviations": section.report.to_dict()["deviations"],
            }
            for name, section in (("own", made.own), ("incidents", made.incidents))
        },
    }
