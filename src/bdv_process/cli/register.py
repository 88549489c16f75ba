"""`bdv register`: the services, the components they rest on, and what happened to them."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bdv_process.cli import naming
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import day, output_options, print_json, print_table, say
from bdv_process.language import preferred, text

if TYPE_CHECKING:
    from bdv_process.execution.infrastructure import Component


@click.group()
def register() -> None:
    """Look up services and the components they rest on (register van beheerde infrastructuur)."""


@register.command()
@output_options
def services(as_json: bool) -> None:
    """List the services."""
    with open_register() as opened:
        found = [*opened.infrastructure.services.values()]
    if as_json:
        print_json([asdict(service) for service in found])
        return
    lang = preferred()
    print_table(
        ("service", "name", "delivered_by", "owner", "components"),
        [(s.id, s.label(lang), s.delivered_by, s.owner, len(s.components)) for s in found],
    )


@register.command()
@output_options
def components(as_json: bool) -> None:
    """List the components, as changes left them."""
    with open_register() as opened:
        now = opened.infrastructure
    if as_json:
        print_json([asdict(component) for component in now.components.values()])
        return
    lang = preferred()
    print_table(
        ("component", "name", "kind", "owner", "status"),
        [
            (c.id, c.label(lang), now.kind(c).label(lang), c.owner, _status(c))
            for c in now.components.values()
        ],
    )


@register.command()
@click.argument("thing", metavar="ID")
@output_options
def show(thing: str, as_json: bool) -> None:
    """Show a service or a component: what happened to it, and the calls about it."""
    with open_register() as opened:
        now, lang = opened.infrastructure, preferred()
        service = now.services.get(thing)
        if service:
            history, calls = [], opened.calls_about(service=thing)
        else:
            component = now.component(thing)
            history, calls = opened.history(thing), opened.calls_about(component=thing)
    if as_json:
        print_json(
            asdict(service or component)
            | {"history": [asdict(touch) for touch in history], "calls": [c.id for c in calls]}
        )
        return
    if service:
        say(
            "cli.register.a_service", id=service.id, name=service.label(lang),
            facility=service.facility.label(lang), support=service.support.label(lang),
            by=service.delivered_by, components=", ".join(service.components) or "-",
        )  # fmt: skip
        for agreement in service.agreements:
            click.echo(f"- {agreement.label(lang)}")
    else:
        say(
            "cli.register.a_component", id=component.id, name=component.label(lang),
            status=_status(component), owner=component.owner or "-",
            services=", ".join(each.id for each in now.serving(thing)) or "-",
        )  # fmt: skip
    if history:
        click.echo()
        print_table(
            ("when", "change", "case", "template", "role"),
            [(h.at, text(f"cli.register.{h.how}"), h.case, h.template, h.role) for h in history],
        )
    if calls:
        click.echo()
        print_table(
            ("case", "template", "opened", "outcome"),
            [(c.id, c.template, day(c.opened), naming.case_outcome(c.outcome)) for c in calls],
        )


def _status(component: "Component") -> str:
    key = "in_use" if component.status == "in_use" else "out_of_use"
    return text(f"cli.register.{key}")
