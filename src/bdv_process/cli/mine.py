"""`bdv mine`: learn from a log."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli import naming
from bdv_process.cli.drawing import (
    check_picture,
    model_option,
    required_picture,
    write_svg,
)
from bdv_process.cli.objects import draw_objects
from bdv_process.cli.opening import open_procedure, open_template
from bdv_process.cli.parts import engine_option, mined
from bdv_process.cli.reading import log_options, read_log, sandboxed, spare
from bdv_process.cli.screen import (
    LocalPath,
    day,
    output_options,
    print_fitness,
    print_json,
    print_table,
    records,
    say,
)
from bdv_process.errors import InputRefused
from bdv_process.language import preferred, text
from bdv_process.reading import apart

if TYPE_CHECKING:
    from bdv_process.mining.conformance import ConformanceReport
    from bdv_process.template.procedure import Procedure


@click.group()
def mine() -> None:
    """Hold a log against the workflows."""


@mine.command("conformance")
@log_options
@engine_option
@output_options
@click.pass_context
def conformance_(ctx: click.Context, /, as_json: bool, **reading: Any) -> None:
    """Check every case against its workflow; exit 1 when something deviates."""
    from bdv_process.mining.conformance import conformance

    procedure = open_procedure()
    with mined(**reading) as (log, how):
        found = conformance(log, procedure=procedure, **how)
    if as_json:
        print_json(found.to_dict())
    else:
        print_fitness(found.templates)
        for key, facts in found.notes:
            click.echo(text(key, **facts))
        _print_rules(found, procedure)
        _print_deviations(found, procedure)
    ctx.exit(1 if len(found.deviations) else 0)


def _print_rules(found: "ConformanceReport", procedure: "Procedure") -> None:
    """Print what every rule came to; workflows of which the same is said share a line."""
    place = found.rules["rule"].factorize()[0]
    same = found.rules.groupby([place, "rule", "state", "reason"]).agg(
        template=("template", " ".join), checked=("checked", "sum"), cases=("cases", "sum")
    )
    click.echo()
    print_table(
        ("rule", "state", "checked", "broken", "template"),
        [
            (
                naming.rule_name(procedure, row.rule),
                text(f"cli.state.{row.state}", reason=text(row.reason) if row.reason else ""),
                row.checked or None, row.cases or None, row.template,
            )
            for row in records(same.droplevel(0).reset_index())
        ],
    )  # fmt: skip


def _print_deviations(found: "ConformanceReport", procedure: "Procedure") -> None:
    """Print what deviates, in words."""
    if found.deviations.empty:
        return
    known = naming.templates()
    click.echo()
    print_table(
        ("template", "deviation", "label", "cases", "share", "since", "examples"),
        [
            (
                row.template, naming.deviation(procedure, row.kind, row.rule),
                naming.step(known, row.template, row.activity, row.label),
                row.cases, f"{row.share:.1%}", day(row.since.to_pydatetime()),
                " ".join(row.examples[:3]),
            )
            for row in records(found.deviations)
        ],
    )  # fmt: skip


@mine.command()
@log_options
@click.option(
    "--net",
    "net_path",
    type=LocalPath(),
    metavar="MODEL",
    help="Petri net (.pnml) or process tree (.ptml) to hold every case against, by the names of "
    "activities.",
)
@click.option("--template", "key", metavar="KEY", help="Only the cases of this workflow.")
@click.option("--prefixes", is_flag=True, help="One row per event: what its case has cost so far.")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=LocalPath(),
    help="File to write: .csv or .csv.gz.",
)
@output_options
def align(
    net_path: Path | None,
    key: str | None,
    prefixes: bool,
    target: Path,
    as_json: bool,
    **reading: Any,
) -> None:
    """Write what each case costs to explain: case, cost, fitness.

    Cost is the number of activities skipped or added, at least. Without --net a case is held
    against its own workflow; of one that is still open, what may yet come costs nothing.
    With --prefixes: case, event, cost.
    """
    from bdv_process.eventlog import delimited
    from bdv_process.eventlog.files import replaced
    from bdv_process.mining.aligned import aligned

    if net_path and key:
        raise click.UsageError(text("cli.net_or_template"))
    if not target.name.endswith((".csv", ".csv.gz")):
        suffix = target.suffix or "-"
        raise InputRefused("BDV-208", where=target, suffix=suffix, known=".csv, .csv.gz")
    spare([target], reading["path"], reading["mapping"], net_path)
    templates = [open_template(key)] if key else None
    log = read_log(**reading)
    if net_path and sandboxed():
        apart.rehearse_net(net_path)
    found = aligned(log, net_path, templates=templates, prefixes=prefixes)
    if found.frame.empty:
        raise InputRefused("BDV-404", where=log.provenance.source)
    with replaced(target) as stream:
        delimited.write(found.frame, stream)
    summary = {
        "path": str(target),
        "tiers": found.tiers,
        "cases": int(found.frame["case"].nunique()),
    }
    if prefixes:
        said = "cli.prefixes"
        summary["events"] = len(found.frame)
    else:
        said = "cli.aligned"
        cost = found.frame["cost"]
        summary |= {
            "left_out": log.cases - len(cost),
            "unsure": int(cost.isna().sum()),
            "fitting": int((cost == 0).sum()),
            "cost": int(cost.sum()),
            "fitness": float(found.frame["fitness"].mean()),
        }
    if as_json:
        print_json(summary)
    else:
        say(said, **summary)
        click.echo(", ".join(dict.fromkeys(map(text, found.tiers.values()))))


@mine.command()
@log_options
@click.option("--template", "key", metavar="KEY", help="Only the cases of this workflow.")
@required_picture
@model_option
@click.option(
    "--objects", is_flag=True, help="Draw what happens to each object, a colour for each type."
)
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only objects of this type.")
@output_options
def discover(
    key: str | None,
    target: Path,
    model: bool,
    objects: bool,
    types: tuple[str, ...],
    as_json: bool,
    **reading: Any,
) -> None:
    """Draw what really happens: which step follows which, and how often.

    What the workflow does not allow is marked. Needs --template when a log has several workflows.
    """
    from bdv_process.mining.discovery import discover as maps
    from bdv_process.mining.pm4 import inductive_tree
    from bdv_process.picture.process_map import draw_map, step_names
    from bdv_process.picture.tree_map import draw_tree
    from bdv_process.template.library import shipped
    from bdv_process.template.model import by_key

    check_picture(target, reading["path"], reading["mapping"])
    if objects:
        if key or model:
            raise click.UsageError(text("cli.objects_alone"))
        draw_objects(target, types, as_json=as_json, **reading)
        return
    templates = by_key([open_template(key)] if key else shipped())
    log = read_log(**reading)
    found = [one for one in maps(log, templates.values()) if one.template or not key]
    if not found:
        where = log.provenance.source
        raise InputRefused("BDV-401", where=where, templates=", ".join(templates))
    if len(found) > 1:
        several = ", ".join(one.template or "-" for one in found)
        raise click.UsageError(text("cli.several_maps", templates=several))
    (only,) = found
    template, lang = templates.get(only.template), preferred()
    names = step_names(only, template, lang)
    if model:
        drawn = draw_tree(only, inductive_tree(only.variants), template, lang=lang)
    else:
        drawn = draw_map(only, template, lang=lang)
    write_svg(drawn, target)
    if as_json:
        print_json(only.to_dict() | {"path": str(target)})
        return
    print_table(
        ("source", "target", "count", "cases", "remark"),
        [
            (
                names[row.source] or text("map.begin"), names[row.target] or text("map.end"),
                row.count_, row.cases, text("map.not_allowed") if strange else "",
            )
            for row, strange in zip(
                records(only.transitions.rename(columns={"count": "count_"})),
                only.transitions["expected"].eq(False).fillna(False), strict=True,
            )
        ],
    )  # fmt: skip
    needed, variants = len(only.covering()), len(only.variants)
    click.echo()
    say("cli.covering.one" if needed == 1 else "cli.covering", needed=needed, variants=variants)
    say("cli.drawn", path=target)


@mine.command("precision")
@log_options
@output_options
def precision_(as_json: bool, **reading: Any) -> None:
    """Show how much of what the workflows allow ever happens."""
    from bdv_process.mining.conformance import conformance
    from bdv_process.mining.precision import precision
    from bdv_process.template.library import shipped

    found = precision(conformance(read_log(**reading), procedure=None), shipped())
    if as_json:
        print_json(found.to_dict())
        return
    print_table(
        ("template", "cases", "precision", "planned"),
        [
            (
                row.template, row.cases,
                *(f"{n:.3f}" if n == n else None for n in (row.precision, row.planned)),
            )
            for row in records(found.templates)
        ],
    )  # fmt: skip
    known = naming.templates()
    click.echo()
    print_table(
        ("template", "never", "after", "reached"),
        [
            (
                row.template, naming.step(known, row.template, row.activity, row.label),
                " / ".join(naming.step(known, row.template, step) for step in row.after)
                or text("cli.anywhere" if row.interrupting else "cli.at_start"),
                row.reached,
            )
            for row in records(found.escaping)
        ],
    )  # fmt: skip


@mine.command("drift")
@log_options
@output_options
def drift_(as_json: bool, **reading: Any) -> None:
    """Show per month how many cases fit, and when what deviates changed."""
    from bdv_process.mining.conformance import conformance
    from bdv_process.mining.drift import FITS, drift
    from bdv_process.template.library import shipped

    procedure = open_procedure()
    report = conformance(read_log(**reading), shipped(), procedure)
    found = drift(report)
    if as_json:
        print_json(found.to_dict())
        return
    if report.cases["started"].isna().all():
        say("cli.drift.timeless")
        return
    fitting = found.months[found.months["measure"] == FITS]
    print_table(
        ("template", "month", "cases", "open", "fitting", "interval"),
        [
            (
                row.template, row.month, row.of, row.open, f"{row.share:.1%}",
                f"{row.low:.1%} - {row.high:.1%}",
            )
            for row in records(fitting)
        ],
    )  # fmt: skip
    known, named = naming.templates(), {row.finding: row for row in records(report.deviations)}

    def measure(template: str, id_: str) -> str:
        if id_ == FITS:
            return text("cli.column.fitting")
        row = named[id_]
        step = naming.step(known, template, row.activity, row.label)
        return f"{step}: {naming.deviation(procedure, row.kind, row.rule)}"

    click.echo()
    print_table(
        ("template", "measure", "since", "before", "now", "interval", "significance"),
        [
            (
                row.template, measure(row.template, row.measure), row.since,
                f"{row.before:.1%}", f"{row.after:.1%}", f"{row.low:+.1%} - {row.high:+.1%}",
                f"{row.significance:.3f}" if row.significance >= 0.001 else "< 0.001",
            )
            for row in records(found.changes[found.changes["changed"]])
        ],
    )  # fmt: skip
