"""Melding: how one case stands, what happened, what it waits for, and what its requester may do."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.eventlog.event import NONE, Event, Lifecycle
from bdv_process.execution.case import Case
from bdv_process.execution.duty import Action
from bdv_process.execution.organisation import Person
from bdv_process.execution.reader import CaseFile
from bdv_process.execution.register import CaseRegister
from bdv_process.picture.diagram import draw
from bdv_process.template.term import local_day
from bdv_process.web.dialogue import Telling, exchanged, said
from bdv_process.web.history import asked_in, filled, history
from bdv_process.web.infrastructure import readable
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, onward, screen
from bdv_process.web.standing import deadline, marks, sentence, steps, term, timer
from bdv_process.web.visitor import OWN_FORM, READER, Register, Visitor

router = APIRouter(dependencies=[READER])


@router.get("/meldingen/{case}")
def show(request: Request, register: Register, me: Visitor, case: str) -> Response:
    """Show one case."""
    lang, live, events = language(request), register.live(case), list(register.events(case))
    names, passed = Names(register, lang), steps(live, events)
    hears = Telling.QUESTION if live.question else Telling.REJECTION
    chain, destinations = register.cases(root=live.root), register.destinations(case)
    timely = _timely(live, register, bool(destinations))
    denied = names.refusals(me.id, [(action, case) for action in timely])
    about, now = register.about(register.case(case)), register.infrastructure
    forks = {
        str(e.item): str(e.data["child"])
        for e in events
        if e.lifecycle is Lifecycle.START and "child" in e.data
    }
    return screen(
        request,
        "case",
        case=live,
        names=names,
        state=sentence(live, forks, names),
        call=[*filled(asked_in(events[0], register), names), *exchanged(case, names)],
        told=said(events, hears, register) if live.question or live.closed else "",
        term=term(register.term(case), names),
        deadline=deadline(live, register.case(live.root), names),
        timers=[
            (due, timer(live, live.template.by_id[each], names))
            for each, due in sorted(live.timers.items(), key=lambda one: one[1])
        ],
        steps=passed,
        drawn=draw(live.template, marks=marks(passed, names), lang=lang, styled=False),
        waits=[
            (item, forks.get(item.id), names.refused(me.id, Action.COMPLETE, item.id))
            for item in register.items(case)
        ],
        at=register.clock(),
        parent=next((each for each in chain if each.id == live.parent), None),
        children=[each for each in chain if each.parent == case],
        earlier=[
            each for each in _linked(events, register, me) if each[0] != about.get("component")
        ],
        components=now.components,
        service=now.services.get(about.get("service", "")),
        component=now.components.get(about.get("component", "")),
        happened=list(history(live, events, names)),
        destinations=destinations,
        offers=list(zip(timely, denied, strict=True)),
    )


@router.post("/meldingen/{case}/antwoord", dependencies=[OWN_FORM])
def answer(
    request: Request,
    register: Register,
    me: Visitor,
    case: str,
    key: Annotated[str, Form()],
    answer: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Take in the answer to a question."""
    register.answer(case, by=me.id, data={"answer": answer} if answer else {}, key=key)
    return onward(request, f"/meldingen/{case}", "answered")


@router.post("/meldingen/{case}/intrekken", dependencies=[OWN_FORM])
def withdraw(
    request: Request,
    register: Register,
    me: Visitor,
    case: str,
    key: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """End a case at its requester's wish."""
    register.withdraw(case, by=me.id, reason=reason or None, key=key)
    return onward(request, f"/meldingen/{case}", "withdrawn")


@router.post("/meldingen/{case}/omleiden", dependencies=[OWN_FORM])
def reroute(
    request: Request,
    register: Register,
    me: Visitor,
    case: str,
    key: Annotated[str, Form()],
    to: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Move a case to a sibling of its workflow."""
    register.reroute(case, by=me.id, to=to, reason=reason or None, key=key)
    return onward(request, f"/meldingen/{case}", "rerouted")


@router.post("/meldingen/{case}/verdagen", dependencies=[OWN_FORM])
def extend(
    request: Request,
    register: Register,
    me: Visitor,
    case: str,
    key: Annotated[str, Form()],
    until: Annotated[date, Form()],
    reason: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Put off the decision, once."""
    register.extend(case, by=me.id, until=until, reason=reason or None, key=key)
    return onward(request, f"/meldingen/{case}", "extended")


@router.post("/meldingen/{case}/ingebrekestelling", dependencies=[OWN_FORM])
def notice(
    request: Request, register: Register, me: Visitor, case: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Take in a notice of default."""
    register.notice(case, by=me.id, key=key)
    return onward(request, f"/meldingen/{case}", "noticed")


def _timely(case: Case, register: CaseRegister, reroutable: bool) -> list[Action]:
    """Return what can be done with a case as it stands, by whoever may."""
    if case.closed:
        return []
    clock, today = case.clock, local_day(register.clock())
    over = clock is not None and clock.lapsed(today)
    moments = {
        Action.ANSWER: case.question is not None,
        Action.EXTEND: clock is not None and not clock.extended and not over,
        Action.NOTICE: over and clock is not None and not clock.noticed,
        Action.REROUTE: reroutable,
        Action.WITHDRAW: case.withdrawal is not None,
    }
    return [action for action, timely in moments.items() if timely]


def _linked(
    events: list[Event], register: CaseRegister, me: Person
) -> list[tuple[str, CaseFile | None]]:
    """Return what intake linked the case to: cases that a visitor may read, and bare ids."""
    ids = [id_ for event in events for id_ in (event.linked or "").split() if id_ != NONE]
    there = {case.id: case for case in register.cases(ids=ids)} if ids else {}
    known = {id_: there[id_] for id_ in readable(register, me, there)}
    return [(id_, known.get(id_)) for id_ in dict.fromkeys(ids)]
