"""`bdv template`: the workflows as they should happen."""

from collections import Counter
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from bdv_process.cli.reading import sandboxed
from bdv_process.cli.rights import rights
from bdv_process.cli.screen import LocalPath, output_options, print_json, print_table, say
from bdv_process.language import Language, preferred, text
from bdv_process.reading import apart

if TYPE_CHECKING:
    from bdv_process.template.finding import Finding
    from bdv_process.template.model import Template


@click.group()
def template() -> None:
    """Look at the workflows and check diagrams."""


template.add_command(rights)


@template.command("list")
@output_options
def list_(as_json: bool) -> None:
    """List the workflows, and the routines that derive from them."""
    from bdv_process.template.library import shipped, shipped_routines

    lang = preferred()
    found = (*shipped(), *(routine.template for routine in shipped_routines()))
    if as_json:
        print_json([_facts(template, lang) for template in found])
        return
    print_table(
        ("template", "name", "derives", "call", "steps", "forks"),
        [
            (
                t.key,
                t.label(lang),
                t.derives or "",
                t.called(lang),
                len(t.activities),
                ", ".join(fork.calls for fork in t.forks),
            )
            for t in found
        ],
    )


@template.command()
@click.argument("key")
@output_options
def show(key: str, as_json: bool) -> None:
    """Show one workflow or routine: its steps, who does them, how, and how they can end."""
    from bdv_process.cli.opening import open_routine
    from bdv_process.template.form import form_schema
    from bdv_process.template.model import Fork

    (found, procedure), lang = open_routine(key), preferred()
    raci, told, asked = procedure.raci, procedure.instructions, procedure.forms
    if as_json:
        steps = [
            {
                "activity": step.id,
                "refines": found.refined.get(step.id),
                "name": step.label(lang),
                "responsible": raci[step.id].responsible,
                "accountable": raci[step.id].accountable,
                "calls": step.calls if isinstance(step, Fork) else None,
                "touchpoint": step.touchpoint,
                "outcomes": [outcome.id for outcome in step.outcomes],
                "documentation": step.about(lang),
                "instruction": told[step.id].label(lang) if step.id in told else None,
                "form": form_schema(asked[step.id], lang) if step.id in asked else None,
            }
            for step in found.activities
        ]
        print_json(_facts(found, lang) | {"version": found.version, "steps": steps})
        return
    click.echo(f"{found.key}  {found.label(lang)}")
    click.echo(found.about(lang))
    click.echo()
    print_table(
        ("activity", "name", "role", "outcomes"),
        [
            (
                step.id,
                step.label(lang),
                f"→ {step.calls}"
                if isinstance(step, Fork)
                else ", ".join(raci[step.id].responsible),
                ", ".join(f"{outcome.id} ({outcome.label(lang)})" for outcome in step.outcomes),
            )
            for step in found.activities
        ],
    )
    for step in found.activities:
        if step.id in told or step.id in asked:
            click.echo(f"\n{step.id}  {step.label(lang)}")
        if step.id in told:
            click.echo(
                fill(told[step.id].label(lang), 100, initial_indent="  ", subsequent_indent="  ")
            )
        for field in asked.get(step.id, ()):
            click.echo(
                f"  - {field.label(lang)} ({field.id}: {field.type}{'' if field.required else '?'})"
            )


@template.command()
@click.argument("key")
@click.option(
    "-o", "--output", "target", required=True, type=LocalPath(),
    help="The picture to write (.svg).",
)  # fmt: skip
@output_options
def draw(key: str, target: Path, as_json: bool) -> None:
    """Draw one workflow or routine as a picture (.svg)."""
    from bdv_process.cli.opening import open_template
    from bdv_process.eventlog.files import replaced
    from bdv_process.picture.diagram import draw as picture

    drawn = picture(open_template(key), lang=preferred())
    with replaced(target) as stream:
        stream.write(drawn.encode())
    if as_json:
        print_json({"path": str(target)})
    else:
        say("cli.drawn", path=target)


@template.command()
@click.argument("files", nargs=-1, required=True, type=LocalPath())
@output_options
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Check diagrams: list what the rules find and exit 1; exit 0 when all are warnings, or none.

    The folder of a routine may be given: its procedure is read too. A file that cannot be read at
    all exits as any refused input does, with 3 or 9.
    """
    from bdv_process.cli.opening import open_procedure
    from bdv_process.errors import NotFound
    from bdv_process.template.library import shipped
    from bdv_process.template.routine import holds_routine, read_routine
    from bdv_process.template.rules import check as find

    for file in files:
        if not file.exists():
            raise NotFound("BDV-101", where=file)
    routines = [file for file in files if holds_routine(file)]
    drawn = [file for file in files if file not in routines or any(file.glob("*.bpmn"))]
    # A file on its own may call a workflow that ships with the product.
    everything = apart.check(drawn) if sandboxed() else find(drawn, beside=shipped())
    unread = [finding for finding in everything if finding.rule == "readable"]
    findings = [finding for finding in everything if finding not in unread]
    if as_json and (findings or not unread):
        print_json([finding.to_dict() for finding in findings])
    elif findings:
        for finding in findings:
            said = f"{finding.where}: {finding.sentence()} - {finding.hint()} [{finding.rule}]"
            click.echo(" ".join(said.split()))
        click.echo(_counted(findings))
    if unread:
        raise unread[0].refusal()
    if any(finding.severity == "error" for finding in findings):
        ctx.exit(1)
    for folder in routines:
        read_routine(folder, shipped(), open_procedure())


def _counted(findings: list["Finding"]) -> str:
    """Return how many errors and how many warnings there are, as `1 error, 2 warnings.`"""
    numbers = Counter(finding.severity for finding in findings)
    said = (
        text(f"cli.{severity}.{'one' if number == 1 else 'more'}", number=number)
        for severity, number in sorted(numbers.items())
    )
    return ", ".join(said) + "."


def _facts(template: "Template", lang: Language) -> dict[str, object]:
    return {
        "key": template.key,
        "name": template.label(lang),
        "derives": template.derives,
        "call": template.called(lang),
        "forks": [fork.calls for fork in template.forks],
    }
