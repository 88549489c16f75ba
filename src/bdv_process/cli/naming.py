"""Name steps and outcomes in the reader's language; the ids stay in `--json`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from bdv_process.eventlog.event import MOVES
from bdv_process.language import catalogue, preferred, text

if TYPE_CHECKING:
    from bdv_process.eventlog.event import Event
    from bdv_process.execution.terms import TermClock
    from bdv_process.template.model import Template
    from bdv_process.template.procedure import Procedure

Templates = Mapping[str, "Template"]


def templates() -> Templates:
    """Return the templates of the register and of every check, by key."""
    from bdv_process.template.library import shipped
    from bdv_process.template.model import by_key

    return by_key(shipped())


def step(known: Templates, template: str, element: str, otherwise: str = "") -> str:
    """Return the name of a step; `otherwise`, or its id, when its template has it no more."""
    node = known[template].by_id.get(element) if template in known else None
    return (node.label(preferred()) if node else otherwise) or element


def steps() -> Callable[[str, str], str]:
    """Return what names a step of any template; otherwise what is given, or its id."""
    known = templates()
    by_step = {node.id: key for key, template in known.items() for node in template.nodes}
    return lambda element, otherwise: step(known, by_step.get(element, ""), element, otherwise)


def told(known: Templates, event: "Event") -> str:
    """Return what an event is about: a step, or the case that moved."""
    if event.activity in MOVES:
        facts = {"old": event.data.get("from"), "new": event.data.get("to")}
        return text(f"move.{event.activity}", **facts)
    return step(known, event.template, event.activity, event.label)


def happening(event: "Event") -> str:
    """Return what an event says of its work item or the term, or that it just happened."""
    if event.term:
        return text(f"cli.term.event.{event.term}")
    return text(f"cli.lifecycle.{event.lifecycle}" if event.item else "cli.lifecycle.happened")


def person(event: "Event") -> str | None:
    """Return who did it, and the other whose work it was."""
    if event.behalf is None:
        return event.resource
    kind = "assign" if event.lifecycle == "assign" else "behalf"
    return text(f"cli.person.{kind}", person=event.resource, behalf=event.behalf)


def term(clock: "TermClock | None", now: datetime) -> dict[str, object] | None:
    """Return where a term of decision stands today, as people and scripts are told it."""
    if clock is None:
        return None
    from bdv_process.template.term import local_day

    today = local_day(now)
    penalty = clock.penalty(today)
    return {
        "received": clock.received,
        "last": clock.last,
        "lapsed": clock.lapsed(today),
        "stopped": clock.stopped,
        "extended": clock.extended,
        "noticed": clock.noticed,
        "decided": clock.decided,
        "penalty": asdict(penalty) if penalty else None,
    }


def outcome(known: Templates, event: "Event") -> str | None:
    """Return how a step or the whole case ended."""
    from bdv_process.template.model import Activity

    node = known[event.template].by_id.get(event.activity) if event.template in known else None
    declared = node.outcomes if isinstance(node, Activity) else ()
    names = {found.id: found.label(preferred()) for found in declared}
    return names.get(event.outcome or "") or case_outcome(event.outcome)


def case_outcome(found: str | None) -> str | None:
    """Return how a case ended; an outcome of somebody's own template has no name but its id."""
    return catalogue().get(f"cli.outcome.{found}", {}).get(preferred(), found)


def deviation(procedure: "Procedure", kind: str, rule: str) -> str:
    """Return how a case deviated; of a broken rule what it asks."""
    said = text(f"deviation.{kind}")
    if kind == "rule":
        return f"{said}: {rule_name(procedure, rule)}"
    return f"{said}: {rule}" if rule else said


def rule_name(procedure: "Procedure", rule: str) -> str:
    """Return what a rule beyond the path asks."""
    from bdv_process.mining import finding_name

    return finding_name.rule_name(rule, procedure, preferred())
