"""Logging in and out, and the language of the screens."""

from collections.abc import Iterator
from time import time
from typing import Annotated, get_args
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.errors import NotAllowed, NotFound
from bdv_process.execution.audit import DENIED, Act
from bdv_process.execution.organisation import Person
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, text
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.provider import Login
from bdv_process.web.screen import LANGUAGE, language, onward, screen
from bdv_process.web.visitor import OWN_FORM, PERSON, SINCE, Register, pretending

router = APIRouter()
_NOBODY = "unknown"  # who logs in elsewhere and does not work here
_LONGEST = 100  # of the name by which a provider knows somebody
_NEXT = "next"  # where who logs in elsewhere was going


@router.get("/aanmelden")
@beside
def who(request: Request, register: Register, next: str = "/") -> Response:  # noqa: A002
    """Ask who is there."""
    names = Names(register, language(request))
    return screen(
        request,
        "entrance",
        people=list(_by_role(names)) if pretending(request) else [],
        names=names,
        next=_own(next),
        login=request.app.state.login,
    )


@router.post("/aanmelden", dependencies=[OWN_FORM])
def come_in(
    request: Request,
    register: Register,
    person: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> RedirectResponse:
    """Log in as a person of the demonstration; nowhere else anybody can."""
    if not pretending(request):
        raise NotFound("BDV-701", where=request.url.path)
    return _inside(request, register, register.organisation.person(person).id, next)


@router.get("/aanmelden/elders")
async def elsewhere(request: Request, next: str = "/") -> Response:  # noqa: A002
    """Send somebody to the organisation's provider to log in."""
    request.session[_NEXT] = _own(next)
    return await _login(request).send(request, str(request.url_for("back")))


@router.get("/aanmelden/terug")
async def back(request: Request, register: Register) -> RedirectResponse:
    """Let somebody in who logged in at the provider, and works here."""
    person = await _login(request).receive(request)
    if person not in register.organisation.people:
        await to_thread.run_sync(_turned_away, register)
        raise NotAllowed("BDV-767", name=person[:_LONGEST])
    await to_thread.run_sync(_let_in, register, person)
    return _onward(request, person, str(request.session.get(_NEXT, "/")))


@router.post("/afmelden", dependencies=[OWN_FORM])
async def go(request: Request) -> RedirectResponse:
    """Log out."""
    request.session.clear()
    return onward(request, "/aanmelden", "left")


@router.post("/taal", dependencies=[OWN_FORM])
async def speak(
    request: Request,
    lang: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002
    again: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Show the screens in another language from now on.

    What a form led to is asked `again`, by the browser, with all that was filled in.
    """
    if lang in get_args(Language):
        request.session[LANGUAGE] = lang
    if again:
        return RedirectResponse(_own(again), status_code=307)
    return onward(request, _own(next))


def _by_role(names: Names) -> Iterator[tuple[str, list[Person]]]:
    """Yield the people by the first of their roles: those who work here, then who only ask."""
    procedure = names.register.procedure
    known = [role.id for role in procedure.roles]
    known.sort(key=lambda role: role not in procedure.working)
    people = sorted(names.register.organisation.people.values(), key=lambda each: each.name)
    for role in (*known, None):
        found = [each for each in people if next(iter(each.roles), None) == role]
        if found:
            yield names.role(role) or text("web.no_role", names.lang), found


def _inside(request: Request, register: CaseRegister, person: str, to: str) -> RedirectResponse:
    _let_in(register, person)
    return _onward(request, person, to)


def _let_in(register: CaseRegister, person: str) -> None:
    register.note(person, Act.LOGIN)


def _turned_away(register: CaseRegister) -> None:
    register.note(_NOBODY, Act.LOGIN, result=f"{DENIED} BDV-767")


def _onward(request: Request, person: str, to: str) -> RedirectResponse:
    kept = {name: request.session[name] for name in (LANGUAGE,) if name in request.session}
    request.session.clear()  # a session that was somebody else's becomes nobody's
    request.session.update(kept | {PERSON: person, SINCE: int(time())})
    return onward(request, _own(to))


def _login(request: Request) -> Login:
    login: Login | None = request.app.state.login
    if login is None:
        raise NotFound("BDV-701", where=request.url.path)
    return login


def _own(address: str) -> str:
    """Return an address on this site; one that leads elsewhere becomes our first page."""
    try:
        parts = urlsplit(address)
    except ValueError:  # "//[": no address at all
        return "/"
    leads_away = parts.scheme or parts.netloc or not address.startswith("/") or "\\" in address
    return "/" if leads_away or address.startswith("//") else address
