"""Who calls: by the session of a browser, or by a token."""

from secrets import compare_digest
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from bdv_process.execution.organisation import Person
from bdv_process.web.visitor import (
    FORMS,
    SAFE,
    SESSION,
    ForeignForm,
    Register,
    Stranger,
    known,
    pretending,
)

CSRF: Final = "X-CSRF-Token"
_DEV: Final = "dev:"

_by_token = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="Only in a demonstration (BDV_DEV=1): `dev:` and the id of a person.",
)
_by_session = APIKeyCookie(
    name=SESSION,
    auto_error=False,
    scheme_name="session",
    description=f"Session of the pages. What changes something also needs `{CSRF}`: the `token` "
    "in every form of the pages.",
)


def _caller(
    request: Request,
    register: Register,
    _token: Annotated[object, Security(_by_token)] = None,
    _session: Annotated[object, Security(_by_session)] = None,
) -> Person:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        name = token.removeprefix(_DEV)
        dev = pretending(request) and scheme.lower() == "bearer" and token.startswith(_DEV)
        person = register.organisation.people.get(name) if dev else None
    else:
        person = known(request)
    if person is None:
        raise Stranger
    if not scheme and request.method not in SAFE:
        ours, given = str(request.session.get(FORMS, "")), request.headers.get(CSRF, "")
        if not ours or not compare_digest(ours.encode(), given.encode()):
            raise ForeignForm
    return person


#: Who is known; a stranger gets no further.
Caller = Annotated[Person, Depends(_caller)]
CaseId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", examples=["Z1"])]
ItemId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}\.[0-9]{1,18}$", examples=["Z1.2"])]


def _reads(request: Request, register: Register, me: Caller, case: CaseId) -> None:
    register.admit(me.id, case, reads=request.method in SAFE)


def _reads_item(request: Request, register: Register, me: Caller, item: ItemId) -> None:
    _reads(request, register, me, case_of(item))


def case_of(item: str) -> str:
    """Return the case of a work item, open or done."""
    return item.rpartition(".")[0]


#: Lets only those through who may read the case in the address, or that of the work item.
READS: Final[Any] = Depends(_reads)
READS_ITEM: Final[Any] = Depends(_reads_item)
