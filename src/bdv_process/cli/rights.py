"""`bdv template rights`: the authorisation table, as a page that people can review."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict

import click

from bdv_process.cli.opening import open_procedure
from bdv_process.cli.screen import output_options, print_json
from bdv_process.language import preferred, text


@click.command()
@output_options
def rights(as_json: bool) -> None:
    """Say who may do what: every workflow, step, role and action, as Markdown."""
    from bdv_process.execution.authorisation import rights as all_rights
    from bdv_process.template.library import shipped

    if as_json:
        print_json([asdict(right) for right in all_rights(shipped(), open_procedure())])
    else:
        click.echo("\n".join(_page()))


def _page() -> Iterator[str]:
    from bdv_process.execution.authorisation import HOLDERS
    from bdv_process.execution.authorisation import rights as all_rights
    from bdv_process.execution.duty import Action
    from bdv_process.template.library import shipped

    templates, procedure, lang = shipped(), open_procedure(), preferred()
    roles = {role.id: role.label(lang) for role in procedure.roles}
    cells: dict[tuple[str, str | None, str | None], dict[str | None, str]] = defaultdict(dict)
    for right in all_rights(templates, procedure):
        key = (right.template, right.activity, right.role)
        cells[key][right.holder] = ", ".join(text(f"cli.action.{each}") for each in right.actions)
    back = text(f"cli.action.{Action.RELEASE}")
    yield text("cli.rights.page").strip()
    for template in templates:
        yield f"\n## {template.key} {template.label(lang)}\n"
        yield from _row(text("cli.rights.who"), text("cli.rights.case"))
        yield from _row("---", "---")
        for role in (None, *roles):
            if said := cells.get((template.key, None, role)):
                yield from _row(roles.get(role or "", text("cli.rights.requester")), said[None])
        yield ""
        yield from _row(
            *(text(f"cli.rights.{name}") for name in ("step", "who", *HOLDERS)),
        )
        yield from _row(*["---"] * 5)
        for step in template.activities:
            name = f"{step.label(lang)} (`{step.id}`)"
            for role in roles:
                said = cells.get((template.key, step.id, role), {})
                if said.keys() - {"own"} or said.get("own", back) != back:
                    yield from _row(name, roles[role], *(said.get(each, "-") for each in HOLDERS))
                    name = ""
            if name:
                yield from _row(name, text("cli.rights.nobody"), "-", "-", "-")


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
