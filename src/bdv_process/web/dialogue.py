"""What passes between those who handle a case and its requester: question, answer, rejection."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from bdv_process.eventlog.event import Event, Lifecycle, Term
from bdv_process.execution.evidence import term_after
from bdv_process.execution.register import CaseRegister
from bdv_process.language import text
from bdv_process.template.branches import message_after
from bdv_process.template.model import Activity, Node, Template
from bdv_process.web.history import filled
from bdv_process.web.naming import Names

WHY: Final = "motivation"  #: the field with what the requester is asked or told
_REJECTED: Final = "rejected"  #: how a case ends that was turned down


class Telling(StrEnum):
    """What an outcome makes known to the requester; whoever finishes the step writes it down."""

    QUESTION = "question"
    REJECTION = "rejection"


def telling(template: Template, step: Node | None) -> dict[str, Telling]:
    """Return by outcome of a step what the requester hears of it at once."""
    found: dict[str, Telling] = {}
    if not isinstance(step, Activity):
        return found
    for outcome in step.outcomes:
        message = message_after(template, step.id, outcome.id)
        if message and term_after(message, template) is Term.SUSPENDED:
            found[outcome.id] = Telling.QUESTION
        elif message and message.case_outcome == _REJECTED:
            found[outcome.id] = Telling.REJECTION
    return found


def told(event: Event, register: CaseRegister) -> Telling | None:
    """Return what the requester hears of an event."""
    if event.lifecycle is not Lifecycle.COMPLETE or not event.outcome:
        return None
    template = register.template(event.template)
    return telling(template, template.by_id.get(event.activity)).get(event.outcome)


def said(events: list[Event], what: Telling, register: CaseRegister) -> str:
    """Return what the requester was last asked or told in a case; "": no words were given."""
    of_it = (event for event in reversed(events) if told(event, register) is what)
    return next((str(event.data.get(WHY, "")) for event in of_it), "")


def exchanged(case: str, names: Names) -> Iterator[tuple[str, str]]:
    """Yield the questions and answers of a case and those above it: what it is, and the words."""
    for each in _above(case, names.register):
        for event in names.register.events(each):
            if told(event, names.register) is Telling.QUESTION and event.data.get(WHY):
                yield text("web.asked", names.lang), str(event.data[WHY])
            elif event.term is Term.RESUMED:
                yield from filled(event, names)


def _above(case: str | None, register: CaseRegister) -> list[str]:
    """Return a case and its ancestors, the first of the chain first."""
    found: list[str] = []
    while case is not None:
        found.insert(0, case)
        case = register.case(case).parent
    return found
