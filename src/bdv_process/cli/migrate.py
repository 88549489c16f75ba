"""`bdv case migrate`: running cases go to another version of their workflow, where they fit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.reading import sandboxed
from bdv_process.cli.screen import output_options, print_json, print_table, say, stage
from bdv_process.errors import InputRefused
from bdv_process.language import text
from bdv_process.reading import apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bdv_process.execution.moves import Migration
    from bdv_process.execution.register import CaseRegister
    from bdv_process.template.model import Template

CURRENT = "current"


@click.command()
@click.argument("cases", metavar="CASE...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All open cases that run another version.")
@click.option(
    "--to", required=True, metavar="VERSION",
    help="A BPMN file, a workflow (W4: its current version), the first signs of a version's id, "
    "or current: for each case that of its own workflow.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say which cases fit; write nothing.")
@output_options
@click.pass_context
def migrate(
    ctx: click.Context, cases: tuple[str, ...], every: bool, to: str, dry_run: bool, as_json: bool
) -> None:
    """Replay cases on another version of their workflow; what does not fit stays as it is."""
    if every == bool(cases):
        raise click.UsageError(text("cli.migrate.which"))
    with open_register() as register:
        version = None if to == CURRENT else _version(register, to)
        for named in cases:
            register.case(named)
        chosen, found = cases or register.outdated(version), []
        with stage(text("cli.migrate.stage"), len(chosen)) as told:
            for each in register.migrate(chosen, to=version, dry_run=dry_run):
                found.append(each)
                told(len(found))
    refused = [each for each in found if each.refusal]
    if as_json:
        print_json([_facts(each, dry_run) for each in found])
    elif not found:
        say("cli.migrate.none")
    else:
        _tell(found, dry_run)
        key = "would" if dry_run else "done"
        say(f"cli.migrate.{key}", number=len(found) - len(refused), refused=len(refused))
    if refused:
        ctx.exit(1)


def _version(register: "CaseRegister", to: str) -> "Template":
    """Return the version that is meant: a file, a workflow, or one that is kept."""
    from bdv_process.template.model import Template

    if "://" in to:
        raise InputRefused("BDV-202", where=to)
    if Path(to).suffix == ".bpmn":
        if sandboxed():
            apart.rehearse_template(Path(to))
        return Template.read(Path(to))
    known = {template.key: template for template in register.templates()}
    return known[to] if to in known else register.version(to)


def _tell(found: "Sequence[Migration]", dry_run: bool) -> None:
    from bdv_process.execution.moves import short

    print_table(
        ("case", "template", "from_version", "to_version", "what_became"),
        [
            (
                each.case,
                each.old.key if each.old else None,
                short(each.old.version) if each.old else None,
                short(each.new.version) if each.new else None,
                f"{each.refusal.what()} ({each.refusal.where})" if each.refusal else
                text(f"cli.migrate.{_state(each, dry_run)}"),
            )
            for each in found
        ],
    )  # fmt: skip


def _facts(found: "Migration", dry_run: bool) -> dict[str, Any]:
    return {
        "case": found.case,
        "workflow": found.old.key if found.old else None,
        "from": found.old.version if found.old else None,
        "to": found.new.version if found.new else None,
        "state": _state(found, dry_run),
        "refusal": found.refusal.to_dict() | found.refusal.facts if found.refusal else None,
    }


def _state(found: "Migration", dry_run: bool) -> str:
    if found.refusal:
        return "refused"
    if found.old == found.new:
        return "already"
    return "fits" if dry_run else "migrated"
