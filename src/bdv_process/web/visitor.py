"""Who is at the door: a signed cookie says who, and a token in a form says that it is ours."""

from secrets import compare_digest
from time import time
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Request

from bdv_process.errors import NotAllowed
from bdv_process.execution.audit import DENIED, Act
from bdv_process.execution.organisation import Person
from bdv_process.execution.register import CaseRegister

SESSION: Final = "bdv_session"  #: name of the cookie
SAFE: Final = ("GET", "HEAD")  #: methods that only read
PERSON: Final = "person"
SINCE: Final = "since"  #: when somebody logged in, in seconds
WORKDAY: Final = 10 * 60 * 60  #: seconds: who comes back tomorrow logs in again
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
FORMS: Final = "forms"  #: key of the token in a session


class Stranger(Exception):
    """Nobody is logged in."""


class ForeignForm(Exception):
    """A form that did not come from one of our pages."""


# Asked of every request and answered at once: in no thread, so that none waits for one.
async def _the_register(request: Request) -> CaseRegister:
    return _register(request)


def _register(request: Request) -> CaseRegister:
    found: CaseRegister = request.app.state.register
    return found


def pretending(request: Request) -> bool:
    """Return whether visitors may say who they are: in a demonstration, at this machine itself."""
    return bool(request.app.state.dev) and not any(name in request.headers for name in _FORWARDED)


def known(request: Request) -> Person | None:
    """Return who is logged in, if anybody is and still works here.

    A cookie is made anew while it is used; a workday after the login it is nobody's all the same.
    """
    if time() - request.session.get(SINCE, 0) > WORKDAY:
        return None
    return _register(request).organisation.people.get(str(request.session.get(PERSON)))


def insider(request: Request) -> bool:
    """Return whether who is logged in has a role in which people work here."""
    person = known(request)
    return bool(person and _register(request).procedure.working & {*person.roles})


async def _visitor(request: Request) -> Person:
    person = known(request)
    if person is None:
        raise Stranger
    return person


async def _own_form(request: Request, token: Annotated[str, Form()] = "") -> None:
    given = str(request.session.get(FORMS, ""))
    if not given or not compare_digest(given.encode(), token.encode()):
        raise ForeignForm


def accountable(request: Request) -> bool:
    """Return whether who is logged in has a role that answers for a step."""
    person = known(request)
    return bool(person and _register(request).procedure.accountable & {*person.roles})


def _reads(request: Request, register: "Register", me: "Visitor") -> None:
    place = request.path_params
    case = place.get("case") or place["item"].rpartition(".")[0]
    register.admit(me.id, case, reads=request.method in SAFE)


def _works_here(request: Request, register: "Register", me: "Visitor") -> None:
    if not insider(request):
        denied = NotAllowed("BDV-580", where=request.url.path, person=me.id)
        register.note(me.id, Act.READ, request.url.path, result=f"{DENIED} {denied.code}")
        raise denied


Register = Annotated[CaseRegister, Depends(_the_register)]
#: Who is logged in; a stranger gets no further.
Visitor = Annotated[Person, Depends(_visitor)]
#: Lets only forms through that came from one of our pages.
OWN_FORM: Final[Any] = Depends(_own_form)
#: Lets only those through who may read the case, or that of the item, in the address.
READER: Final[Any] = Depends(_reads)
#: Lets only those through who work here.
INSIDER: Final[Any] = Depends(_works_here)
