"""What happened in a case, as sentences: who did what, when, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bdv_process.eventlog.event import MOVES, NONE, Event, Lifecycle, Term
from bdv_process.execution.case import Case
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.template.model import Fork, Kind, Node, Trigger
from bdv_process.web.naming import Names
from bdv_process.web.standing import timer

_REASONS = ("motivation", "reason")  # fields that say why
_MOST = 4_000  # signs of one value on a screen


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened, told to a reader."""

    at: datetime
    said: str
    why: str | None  #: the reason that was given
    filled: tuple[tuple[str, str], ...]  #: name and value of what else was filled in


def history(case: Case, events: list[Event], names: Names) -> Iterator[Happening]:
    """Yield what happened, oldest first; what followed by itself is left out."""
    for event in events:
        key, facts = _sentence(event, case, names)
        if key:
            form = _form(event)
            reasons = [form[field] for field in _REASONS if form.get(field)]
            yield Happening(
                at=event.timestamp,
                said=text(f"web.happened.{key}", names.lang, **facts),
                why=_shown(reasons[0], names.lang) if reasons else None,
                filled=tuple(filled(event, names)),
            )


def asked_in(first: Event, register: CaseRegister) -> Event:
    """Return the event with the call that a case is about: that of the first case of its chain."""
    return first if first.case == first.root else next(register.events(first.root))


def filled(event: Event, names: Names) -> Iterator[tuple[str, str]]:
    """Yield what was filled in besides the reason: the name of a field and its value."""
    for name, value in _form(event).items():
        if name not in _REASONS and value not in (None, ""):
            asked = names.register.procedure.forms.get(event.activity, ())
            field = next((each for each in asked if each.id == name), None)
            label = field.label(names.lang) if field else names.field(name)
            answers = {each.id: each.label(names.lang) for each in field.choices} if field else {}
            yield label, _shown(answers.get(str(value), value), names.lang)


def _form(event: Event) -> Mapping[str, object]:
    """Return what somebody filled in; the rest of the data of events is our own."""
    if event.seq == 1:
        call = event.data.get("call")
        return call if isinstance(call, dict) else {}
    if event.activity in MOVES:
        return {"reason": event.data.get("reason")}
    return event.data if event.resource and event.lifecycle is Lifecycle.COMPLETE else {}


def _shown(value: object, lang: Language) -> str:
    known = {NONE: "web.none", "True": "web.yes", "False": "web.no"}.get(str(value))
    said = text(known, lang) if known else str(value)
    return said if len(said) <= _MOST else f"{said[:_MOST]}…"


def _sentence(event: Event, case: Case, names: Names) -> tuple[str, dict[str, object]]:
    """Return the key of what is said of an event, "" for nothing, and its facts."""
    node = case.template.by_id.get(event.activity)
    step = (node.label(names.lang) if node else event.label) or event.activity
    facts: dict[str, object] = {"step": step, "who": names.doer(event)}
    if event.outcome:
        facts["outcome"] = names.outcome(event.template, event.activity, event.outcome)
    if event.seq == 1:
        return _begun(event, case), facts | {
            "parent": case.parent,
            "requester": names.person(case.requester),
            "proposed": _proposed(event, names),
        }
    if event.activity in MOVES:
        moved = {"old": event.data.get("from"), "new": event.data.get("to")}
        return event.activity, facts | {
            name: f"{key} {names.workflow(str(key))}" for name, key in moved.items()
        }
    if event.term in (Term.EXTENDED, Term.NOTICE):
        return str(event.term), facts | {"day": words.day(event.due or event.timestamp, names.lang)}
    if event.item is None or node is None:
        if node and node.trigger is Trigger.TIMER:
            facts["step"] = timer(case, node, names)
        more = {"role": names.role(event.role), "parent": event.data.get("parent", "")}
        key = _moved(event, node)
        # Only a term of decision stands still: what a template says of time goes on.
        untimed = event.term and case.clock is None
        return f"{key}_untimed" if untimed else key, facts | more
    if isinstance(node, Fork):
        return _forked(event), facts | {"child": event.data.get("child", "")}
    return _worked(event), facts | {"giver": names.person(event.behalf)}


def _begun(event: Event, case: Case) -> str:
    """Return how a case began: by another, by its requester, or by who took the call in."""
    if case.parent:
        return "child"
    kind = "call" if event.resource == case.requester else "noted"
    return f"{kind}_other" if _departs(event) else kind


def _departs(event: Event) -> bool:
    """Return whether another workflow was proposed than the one that was started."""
    return _intake(event).get("proposed", event.template) != event.template


def _proposed(event: Event, names: Names) -> str:
    proposed = str(_intake(event).get("proposed", event.template))
    return f"{proposed} {names.workflow(proposed)}"


def _intake(event: Event) -> Mapping[str, object]:
    intake = event.data.get("intake")
    return intake if isinstance(intake, dict) else {}


def _worked(event: Event) -> str:
    """Return what somebody did with a work item."""
    match event.lifecycle:
        case Lifecycle.SCHEDULE:
            return "released" if event.resource else ""
        case Lifecycle.ASSIGN if "giver" in event.data:
            return "given"
        case Lifecycle.COMPLETE if event.outcome:
            return "decided"
    return event.lifecycle.value


def _forked(event: Event) -> str:
    """Return what became of a step that another case does."""
    match event.lifecycle:
        case Lifecycle.START:
            return "forked"
        case Lifecycle.COMPLETE:
            return "joined"
        case Lifecycle.WITHDRAW:
            return "withdraw"
    return ""


def _moved(event: Event, node: Node | None) -> str:
    """Return what a message, time or an end did."""
    if node is None:
        return "other"
    match node.trigger, node.kind:
        case Trigger.MESSAGE, Kind.CATCH:
            return "answered"
        case Trigger.MESSAGE, Kind.START:
            return "retracted" if event.resource else "ended_with"
        case Trigger.MESSAGE, Kind.END:
            return "told"
        case Trigger.MESSAGE, _:
            return "asked" if event.term else "sent"
        case Trigger.TIMER, _:
            return "timer"
        case Trigger.ESCALATION, _:
            return "escalated"
        case _, Kind.END if event.outcome:
            return "ended"
    return "other"
