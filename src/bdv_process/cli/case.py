"""`bdv case`: start cases, look at them, answer, withdraw."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from bdv_process.cli import naming
from bdv_process.cli.migrate import migrate
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import (
    LocalPath,
    by_option,
    data_option,
    key_option,
    output_options,
    print_json,
    print_table,
    say,
)
from bdv_process.errors import InputRefused
from bdv_process.language import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bdv_process.eventlog.event import Event
    from bdv_process.execution.case import WorkItem
    from bdv_process.execution.reader import CaseFile
    from bdv_process.execution.register import CaseRegister


@click.group()
def case() -> None:
    """Start cases and follow them."""


case.add_command(migrate)


@case.command()
@click.argument("template")
@by_option
@data_option
@click.option("--service", metavar="ID", help="The service that it is about.")
@click.option("--component", metavar="ID", help="The registered component that it is about.")
@click.option(
    "--from-finding", "finding", metavar="ID",
    help="File what a report found as a risk (W6..W8), its evidence attached.",
)  # fmt: skip
@click.option(
    "--report", "report_path", type=LocalPath(), metavar="JSON",
    help="The report that it stands in, as bdv report -o FILE.json wrote it.",
)  # fmt: skip
@key_option
@output_options
def start(
    template: str,
    by: str,
    data: dict[str, str],
    service: str | None,
    component: str | None,
    finding: str | None,
    report_path: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Start a case of TEMPLATE (W1..W8) for a person who asks."""
    if (finding is None) != (report_path is None):
        raise click.UsageError(text("cli.proposal_pair"))
    filled: dict[str, object] = {**data}
    if finding and report_path:
        filled["evidence"] = _evidence(template, report_path, finding)
    with open_register() as register:
        case = register.start(
            template, by=by, service=service, component=component, data=filled, key=key
        )
        _tell(register, case, as_json, "started")


def _evidence(template: str, report: Path, finding: str) -> dict[str, Any]:
    """Return what a report says of a finding, for a workflow that starts from a risk."""
    from bdv_process.report.proposal import proposal

    known = naming.templates()
    if template in known and not known[template].proactive:
        risks = ", ".join(each.key for each in known.values() if each.proactive)
        raise InputRefused("BDV-603", where=finding, template=template, known=risks)
    return proposal(report, finding)


@case.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only cases that are open.")
@output_options
def list_(open_only: bool, as_json: bool) -> None:
    """List cases, oldest first."""
    with open_register() as register:
        cases = register.cases(open_only=open_only)
    if as_json:
        print_json([asdict(found) for found in cases])
    elif not cases:
        say("cli.no_cases")
    else:
        print_table(
            ("case", "template", "parent", "requester", "opened", "closed", "outcome"),
            [
                (
                    c.id, c.template, c.parent, c.requester, c.opened, c.closed,
                    naming.case_outcome(c.outcome),
                )
                for c in cases
            ],
        )  # fmt: skip


@case.command()
@click.argument("case_id", metavar="CASE")
@output_options
def show(case_id: str, as_json: bool) -> None:
    """Show one case: what it waits for and what happened."""
    from bdv_process.eventlog.event import version_in
    from bdv_process.execution.moves import short

    with open_register() as register:
        found, events = register.case(case_id), list(register.events(case_id))
        waiting = register.items(case_id)
        chain = register.cases(root=found.root)
        children = [each.id for each in chain if each.parent == case_id]
        term = naming.term(register.term(case_id), register.clock())
    version = version_in(events)
    if as_json:
        facts = asdict(found) | {"version": version, "children": children, "term": term}
        facts["waiting"] = [asdict(item) for item in waiting]
        facts["events"] = [asdict(event) for event in events]
        print_json(facts)
        return
    tell_state(found)
    say("cli.case.version", version=short(version))
    _say_term(term)
    for prompt in _prompts(events):
        say("cli.case.evidence", **prompt)
    known = naming.templates()
    if found.parent or children:
        say("cli.case.kin", parent=found.parent or "-", children=", ".join(children) or "-")
    if waiting:
        click.echo()
        print_table(
            ("item", "label", "role", "claimed_by", "since"),
            [
                (i.id, naming.step(known, i.template, i.activity), i.role, i.claimed_by, i.since)
                for i in waiting
            ],
        )
    click.echo()
    print_table(
        ("when", "label", "lifecycle", "person", "role", "outcome"),
        [
            (
                e.timestamp, naming.told(known, e), naming.happening(e), naming.person(e), e.role,
                naming.outcome(known, e),
            )
            for e in events
        ],
    )  # fmt: skip


def _prompts(events: "list[Event]") -> "Iterator[dict[str, str]]":
    """Yield what in a report led to the call."""
    for event in events:
        call = event.data.get("call")
        if isinstance(call, dict) and isinstance(found := call.get("evidence"), dict):
            yield {name: str(found.get(name, "-")) for name in ("finding", "says")}


@case.command()
@click.argument("case_id", metavar="CASE")
@by_option
@click.option("--reason", help="Why, in a few words.")
@key_option
@output_options
def withdraw(case_id: str, by: str, reason: str | None, key: str | None, as_json: bool) -> None:
    """End a case at its requester's wish, child cases included."""
    with open_register() as register:
        register.withdraw(case_id, by=by, reason=reason, key=key)
        _tell(register, case_id, as_json, "withdrawn")


@case.command()
@click.argument("case_id", metavar="CASE")
@click.option("--to", required=True, metavar="TEMPLATE", help="The sibling, such as W3 of W4.")
@by_option
@click.option("--reason", help="Why, in a few words.")
@key_option
@output_options
def reroute(
    case_id: str, to: str, by: str, reason: str | None, key: str | None, as_json: bool
) -> None:
    """Move a case to a sibling of its workflow, before the fork that makes the difference."""
    with open_register() as register:
        register.reroute(case_id, by=by, to=to, reason=reason, key=key)
        _tell(register, case_id, as_json, "rerouted")


@case.command()
@click.argument("case_id", metavar="CASE")
@by_option
@click.option(
    "--until", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
    help="The new last day; a working day, or the first one after it.",
)  # fmt: skip
@click.option("--reason", help="Why, in a few words.")
@key_option
@output_options
def extend(
    case_id: str, by: str, until: datetime, reason: str | None, key: str | None, as_json: bool
) -> None:
    """Put off the decision once, with notice to the requester (Awb 4:14)."""
    with open_register() as register:
        register.extend(case_id, by=by, until=until.date(), reason=reason, key=key)
        _tell_term(register, case_id, as_json)


@case.command()
@click.argument("case_id", metavar="CASE")
@by_option
@key_option
@output_options
def notice(case_id: str, by: str, key: str | None, as_json: bool) -> None:
    """Take in a notice of default: the term is over (Awb 4:17)."""
    with open_register() as register:
        register.notice(case_id, by=by, key=key)
        _tell_term(register, case_id, as_json)


@case.command()
@click.argument("case_id", metavar="CASE")
@by_option
@data_option
@key_option
@output_options
def answer(case_id: str, by: str, data: dict[str, str], key: str | None, as_json: bool) -> None:
    """Take in the requester's answer to a question."""
    with open_register() as register:
        register.answer(case_id, by=by, data=data, key=key)
        _tell(register, case_id, as_json, "answered")


def _tell_term(register: "CaseRegister", case_id: str, as_json: bool) -> None:
    facts = naming.term(register.term(case_id), register.clock())
    if as_json:
        print_json(facts)
    else:
        _say_term(facts)


def _say_term(facts: dict[str, object] | None) -> None:
    """Say until when a decision is in time, and what stands still, was put off or is due."""
    if facts is None:
        return
    if facts["stopped"]:
        say("cli.term.stopped", since=facts["stopped"])
    else:
        over = "over" if facts["lapsed"] else "runs"
        say(f"cli.term.{over}", last=facts["last"])
    if facts["extended"]:
        say("cli.term.extended", day=facts["extended"])
    if facts["noticed"]:
        say("cli.term.noticed", day=facts["noticed"], **cast(dict[str, Any], facts["penalty"]))


def _tell(register: "CaseRegister", case_id: str, as_json: bool, done: str) -> None:
    """Say what was done and what the case waits for now."""
    found, waiting = register.case(case_id), register.items(case_id)
    if as_json:
        print_json(asdict(found) | {"waiting": [asdict(item) for item in waiting]})
        return
    say(f"cli.case.{done}", case=case_id, template=found.template)
    tell_next(waiting)


def tell_state(found: "CaseFile") -> None:
    """Say whether a case is open or how it ended."""
    say(
        "cli.case.closed" if found.closed else "cli.case.open",
        case=found.id,
        template=found.template,
        requester=found.requester,
        outcome=naming.case_outcome(found.outcome),
    )


def tell_next(waiting: "Sequence[WorkItem]") -> None:
    """Say what can be done now."""
    known = naming.templates()
    for item in waiting:
        label = naming.step(known, item.template, item.activity)
        say("cli.next", item=item.id, label=label, role=item.role or "-")
