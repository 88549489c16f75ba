"""Register: the services and the components they rest on, each with what happened to it."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from bdv_process.execution.duty import Action
from bdv_process.execution.infrastructure import Component, Infrastructure
from bdv_process.execution.organisation import Person
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Named
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter(prefix="/register")

MOST: Final = 50  #: of calls and of changes that are shown with one thing
_Thing = TypeVar("_Thing", bound=Named)


@router.get("")
@beside
def list_(
    request: Request, register: Register, me: Visitor, zoek: Annotated[str, Query()] = ""
) -> Response:
    """Show the services and components, those with the words that are looked for."""
    lang, now = language(request), register.infrastructure
    return screen(
        request,
        "register",
        infrastructure=now,
        wanted=zoek,
        services=found(now.services.values(), zoek, now),
        components=found(now.components.values(), zoek, now),
        names=Names(register, lang),
    )


@router.get("/diensten/{service}")
@beside
def show_service(request: Request, register: Register, me: Visitor, service: str) -> Response:
    """Show one service: what it is, what it rests on, and the calls about it."""
    lang, now = language(request), register.infrastructure
    thing = now.service(service)
    return screen(
        request,
        "service",
        infrastructure=now,
        service=thing,
        rests_on=[now.components[each] for each in thing.components],
        names=Names(register, lang),
        **_calls(register, me, service=service),
    )


@router.get("/onderdelen/{component}")
@beside
def show_component(request: Request, register: Register, me: Visitor, component: str) -> Response:
    """Show one component: what it is, what changed it, and the calls linked to it."""
    lang, now = language(request), register.infrastructure
    thing, history = now.component(component), register.history(component)
    shown = history[:MOST]
    return screen(
        request,
        "component",
        infrastructure=now,
        component=thing,
        history=shown,
        older=len(history) - len(shown),
        may_read=readable(register, me, {touch.case for touch in shown}),
        names=Names(register, lang),
        **_calls(register, me, component=component),
    )


def found(things: Iterable[_Thing], wanted: str, now: Infrastructure) -> list[_Thing]:
    """Return the things in which all the words occur that somebody looks for, by name."""
    words = wanted.casefold().split()

    def says(thing: Named) -> str:
        named = [thing, now.kind(thing)] if isinstance(thing, Component) else [thing]
        return " ".join(f"{n.id} {n.name} {n.name_en}" for n in named).casefold()

    matching = [thing for thing in things if all(word in says(thing) for word in words)]
    return sorted(matching, key=lambda thing: (thing.name.casefold(), thing.id))


def readable(register: CaseRegister, me: Person, cases: Iterable[str]) -> set[str]:
    """Return those of the cases that somebody may read."""
    cases = list(cases)
    refused = register.refusals(me.id, [(Action.READ, case) for case in cases])
    return {case for case, denied in zip(cases, refused, strict=True) if denied is None}


def _calls(register: CaseRegister, me: Person, **thing: str) -> dict[str, Any]:
    """Return the latest calls that a visitor may read; of the others only that they are there."""
    latest = register.calls_about(**thing, most=MOST)
    mine = readable(register, me, (call.id for call in latest))
    shown = [call for call in latest if call.id in mine]
    return {
        "calls": shown,
        "others": register.amount_about(**thing) - len(shown),
        "subjects": register.subjects(call.id for call in shown),
    }
