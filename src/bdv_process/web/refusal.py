"""One face for every refusal: what is wrong, where, and what to do next."""

import logging
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from bdv_process.errors import (
    BdvError,
    Conflict,
    InputRefused,
    IntegrityBroken,
    LimitExceeded,
    NotAllowed,
    NotFound,
    Stale,
    StorageUnavailable,
)
from bdv_process.execution.request import LIMIT
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import FORMS, SAFE, SESSION, ForeignForm, Stranger

#: What HTTP calls each refusal.
STATUS: Final[dict[type[BdvError], int]] = {
    InputRefused: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    LimitExceeded: 413,
    IntegrityBroken: 500,
    StorageUnavailable: 503,
}
RETRY: Final = "5"  # seconds
_SHUT: Final = ("BDV-301", "BDV-302", "BDV-343")  #: nothing there, or not to be read
_DEED: Final = 3  #: parts of the address of a deed: what, which and the deed
_LOG: Final = logging.getLogger(__name__)


def face(app: FastAPI) -> None:
    """Give an application its refusals."""
    app.add_exception_handler(BdvError, _refused)
    app.add_exception_handler(Stranger, _stranger)
    app.add_exception_handler(ForeignForm, _foreign)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, BdvError)  # noqa: S101
    lang = language(request)
    error = Names(request.app.state.register, lang).refusal(for_visitors(error))
    status = STATUS.get(type(error), 500)
    page = _page(
        request, status, error.what(lang), error.hint(lang, typed=False), error.where,
        whence="" if error.code in _SHUT else _whence(request),
    )  # fmt: skip
    if status == STATUS[StorageUnavailable]:
        page.headers["retry-after"] = RETRY
    return page


def for_visitors(error: BdvError) -> BdvError:
    """Return a refusal as a visitor may hear it: who else there is, is not for everybody.

    What the database says goes to our own log.
    """
    # Those of the pages themselves (a provider that is away) are worded for visitors.
    if isinstance(error, StorageUnavailable) and not error.code.startswith("BDV-7"):
        _LOG.error("%s", error.render("en"))
        return StorageUnavailable("BDV-768")
    if error.code == "BDV-313":
        return NotFound("BDV-769", where=error.where)
    return error


async def _stranger(request: Request, _error: Exception) -> Response:
    forged = SESSION in request.cookies and FORMS not in request.session
    if request.method == "GET" and not forged:
        where = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        return RedirectResponse(f"/aanmelden?next={where}", status_code=303)
    return _page(request, 401, *_told(request, "BDV-702"))


async def _foreign(request: Request, _error: Exception) -> Response:
    return _page(request, 403, *_told(request, "BDV-703"))


async def _invalid(request: Request, _error: Exception) -> Response:
    return _page(request, 400, *_told(request, "BDV-704"))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == STATUS[LimitExceeded]:
        return await _refused(request, LimitExceeded("BDV-319", limit=LIMIT))
    code = "BDV-704" if error.status_code == STATUS[InputRefused] else "BDV-701"
    return _page(request, error.status_code, *_told(request, code))


async def _broken(request: Request, _error: Exception) -> Response:
    return _page(request, 500, *_told(request, "BDV-764"))


def _told(request: Request, code: str) -> tuple[str, str]:
    error, lang = BdvError(code), language(request)
    return error.what(lang), error.hint(lang, typed=False)


def _whence(request: Request) -> str:
    """Return the page with the form of a deed that was refused; "" when there is none."""
    _, *place = request.url.path.split("/")
    if request.method in SAFE or len(place) != _DEED or place[0] not in ("meldingen", "taken"):
        return ""
    return f"/{place[0]}/{quote(place[1], safe='%')}"


def _page(
    request: Request, status: int, what: str, hint: str, where: str = "", *, whence: str = ""
) -> Response:
    return screen(
        request, "refusal", status=status, what=what, hint=hint, where=where, whence=whence
    )
