"""Taak: one work item: how to do it, what one may do with it now, and why not the rest."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.errors import BdvError, InputRefused, LimitExceeded, NotFound
from bdv_process.eventlog.event import NONE, Lifecycle
from bdv_process.execution.case import Case
from bdv_process.execution.duty import Action
from bdv_process.execution.fork import Advice
from bdv_process.execution.organisation import Person
from bdv_process.execution.reader import OpenWork
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.registration import CHANGED
from bdv_process.execution.work import timely
from bdv_process.language import Language, catalogue, text
from bdv_process.picture import words
from bdv_process.template.form import filled as read
from bdv_process.template.model import Activity
from bdv_process.web.dialogue import WHY, Telling, exchanged, telling
from bdv_process.web.history import asked_in, filled
from bdv_process.web.naming import Names
from bdv_process.web.refusal import STATUS
from bdv_process.web.screen import language, onward, screen
from bdv_process.web.step_form import IDS, ids, step_form
from bdv_process.web.visitor import OWN_FORM, READER, Register, Visitor

router = APIRouter(dependencies=[READER])

_FIELD: Final = "field."  #: how the names of a step's own fields begin
_OUTCOME: Final = "outcome"
_UNTOLD: Final = {Telling.QUESTION: "BDV-780", Telling.REJECTION: "BDV-781"}
_LONG: Final = 20_000  # signs that are given back to be mended


async def _given(request: Request) -> dict[str, str]:
    """Return what was filled in, by field; nothing is left out but what is empty."""
    form, found = await request.form(), {}
    for name, value in form.items():
        if name.startswith(_FIELD) and value:
            if not isinstance(value, str):
                raise InputRefused("BDV-340", where=name, type="file")
            field = name.removeprefix(_FIELD)
            found[field] = NONE if _nothing(field, value) else value.replace("\r\n", "\n")
    return found


def _nothing(field: str, value: str) -> bool:
    """Return whether a field is answered with "none", in the language of people."""
    said = catalogue()["web.none"]
    return field in IDS and value.strip().casefold() in (said["nl"], said["en"])


@router.get("/taken/{item}")
def show(request: Request, register: Register, me: Visitor, item: str) -> Response:
    """Show a work item with what may be done to it."""
    try:
        found = register.item(item)
    except NotFound:
        return _gone(request, register, item)
    return _page(request, register, me, found)


@router.post("/taken/{item}/oppakken", dependencies=[OWN_FORM])
def claim(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Take a work item."""
    register.claim(item, by=me.id, key=key)
    return onward(request, f"/taken/{item}", "claimed")


@router.post("/taken/{item}/beginnen", dependencies=[OWN_FORM])
def begin(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Start to work on an item."""
    register.begin(item, by=me.id, key=key)
    return onward(request, f"/taken/{item}", "begun")


@router.post("/taken/{item}/onderbreken", dependencies=[OWN_FORM])
def suspend(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Put work aside."""
    register.suspend(item, by=me.id, key=key)
    return onward(request, f"/taken/{item}", "suspended")


@router.post("/taken/{item}/hervatten", dependencies=[OWN_FORM])
def resume(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Take up work again."""
    register.resume(item, by=me.id, key=key)
    return onward(request, f"/taken/{item}", "resumed")


@router.post("/taken/{item}/teruggeven", dependencies=[OWN_FORM])
def release(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Give a work item back."""
    register.release(item, by=me.id, key=key)
    return onward(request, "/mijn-werk", "released")


@router.post("/taken/{item}/overdragen", dependencies=[OWN_FORM])
def delegate(
    request: Request,
    register: Register,
    me: Visitor,
    item: str,
    key: Annotated[str, Form()],
    to: Annotated[str, Form()],
) -> RedirectResponse:
    """Hand a work item to a colleague."""
    register.delegate(item, by=me.id, to=to, key=key)
    names = Names(register, language(request))
    return onward(request, f"/taken/{item}", "delegated", person=names.person(to))


@router.post("/taken/{item}/afronden", dependencies=[OWN_FORM])
def complete(
    request: Request,
    register: Register,
    me: Visitor,
    item: str,
    key: Annotated[str, Form()],
    given: Annotated[dict[str, str], Depends(_given)],
    outcome: Annotated[str | None, Form()] = None,
    to: Annotated[str | None, Form()] = None,
) -> Response:
    """Finish a work item; what is wrong in its form is said on it.

    When its case had better go on as a sibling of its workflow, that is asked first.
    """
    found, wrong = _activity(register, item), tuple[BdvError, ...]()
    data: dict[str, object] = dict(given)
    if found:
        case, activity = found
        values, wrong = read(step_form(activity.id, register, language(request)).fields, given)
        data |= values
        if activity.outcomes and outcome is None:
            wrong = (InputRefused("BDV-705", where=_OUTCOME), *wrong)
        hears = telling(case.template, activity).get(outcome or "")
        if hears and not given.get(WHY, "").strip():
            wrong = (*wrong, InputRefused(_UNTOLD[hears], where=WHY))
        if item not in case.items:
            wrong = ()  # it is done: who did it is all there is to say
    if not wrong:
        try:
            data |= ids(given, register)
            if to or not _advice(register, item, data):
                done = register.complete(item, by=me.id, outcome=outcome, data=data, to=to, key=key)
                return onward(request, f"/meldingen/{done}", "completed")
        except (InputRefused, LimitExceeded) as error:
            wrong = (error,)
    return _page(request, register, me, register.item(item), wrong, given, outcome)


def _advice(register: CaseRegister, item: str, data: Mapping[str, object]) -> Advice | None:
    """Return as what a case had better go on.

    Raises:
        InputRefused: a component is not registered, or retired.
    """
    try:
        return register.advice(item, data)
    except NotFound:  # it is done: a form that is sent twice gets the answer of the first
        return None


def _activity(register: CaseRegister, item: str) -> tuple[Case, Activity] | None:
    """Return the case and the step of an item, also of one that is done."""
    case = item.rpartition(".")[0]
    of_it = (event.activity for event in register.events(case) if event.item == item)
    found = next(of_it, None)
    live = register.live(case) if found else None
    return (live, live.template.activity(found)) if live and found else None


def _page(
    request: Request,
    register: CaseRegister,
    me: Person,
    item: OpenWork,
    wrong: Sequence[BdvError] = (),
    given: Mapping[str, str] | None = None,
    outcome: str | None = None,
) -> Response:
    lang, case = language(request), register.live(item.case)
    names, procedure = Names(register, lang), register.procedure
    offered = _offered(item, me)
    denied = names.refusals(me.id, [(action, item.id) for action in offered])
    asked = list(zip(offered, denied, strict=True))
    norm, form = procedure.norms.get(item.activity), step_form(item.activity, register, lang)
    # What the call is about is what changes, unless somebody knows better by now.
    likely = {CHANGED: register.to_change(register.case(item.case))}
    known, advice = likely if given is None else given, None
    with suppress(InputRefused, LimitExceeded):
        advice = _advice(register, item.id, known)
    return screen(
        request,
        "item",
        status=STATUS[type(wrong[0])] if wrong else 200,
        item=item,
        at=register.clock(),
        case=case,
        activity=case.template.activity(item.activity),
        instruction=procedure.instructions.get(item.activity),
        state=_state(item, names),
        call=[
            *filled(asked_in(next(register.events(item.case)), register), names),
            *exchanged(item.case, names),
        ],
        tells=telling(case.template, case.template.by_id[item.activity]),
        why=WHY,
        raci=procedure.raci.get(item.activity),
        norm=words.lasting(norm, lang) if norm else "",
        fields=form.fields,
        hints=form.hints,
        given={name: value for name, value in known.items() if len(value) <= _LONG},
        advice=advice,
        choose=advice is not None and given is not None and not wrong,
        outcome=outcome,
        wrong={refused.where: refused for refused in wrong},
        allowed=[action for action, denied in asked if denied is None],
        denied=_by_reason(asked, lang),
        takers=register.takers(item.id) if (Action.DELEGATE, None) in asked else (),
        names=names,
    )


def _offered(item: OpenWork, me: Person) -> list[Action]:
    """Return what a page offers of what can be done now: nobody takes what is held already."""
    held = item.claimed_by == me.id
    return [action for action in timely(item) if not (held and action is Action.CLAIM)]


def _by_reason(asked: list[tuple[Action, BdvError | None]], lang: Language) -> dict[str, list[str]]:
    """Return what is denied, by the reason why."""
    found: dict[str, list[str]] = {}
    for action, denied in asked:
        if denied:
            reason = f"{denied.what(lang)}. {denied.hint(lang, typed=False)}."
            found.setdefault(reason, []).append(text(f"web.item.{action}", lang))
    return found


def _state(item: OpenWork, names: Names) -> str:
    """Return how a work item stands."""
    facts = {
        "person": names.person(item.claimed_by),
        "role": names.role(item.role),
        "moment": words.minute(item.since, names.lang),
    }
    if item.claimed_by is None:
        key = "free"
    else:
        key = {Lifecycle.ASSIGN: "held", Lifecycle.SUSPEND: "aside"}.get(item.state, "busy")
    return text(f"web.item.{key}", names.lang, **facts)


def _gone(request: Request, register: CaseRegister, item: str) -> Response:
    """Lead on from an item that is done or no longer needed, and say what became of it.

    Raises:
        NotFound: there never was one.
    """
    case, lang = item.rpartition(".")[0], language(request)
    events = [event for event in register.events(case) if event.item == item]
    if not events:
        raise NotFound("BDV-302", where=item)
    last, names = events[-1], Names(register, lang)
    key = "done" if last.lifecycle is Lifecycle.COMPLETE else "needless"
    moment = words.minute(last.timestamp, lang)
    return onward(request, f"/meldingen/{case}", key, who=names.doer(last), moment=moment)
