"""Refusals as problem+json (RFC 9457): 400 for what is invalid, with everything that is."""

from collections.abc import Sequence
from re import fullmatch, sub
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bdv_process.errors import BdvError, Conflict, InputRefused, LimitExceeded, NotFound
from bdv_process.execution.request import LIMIT
from bdv_process.language import catalogue, text
from bdv_process.web.api.language import language
from bdv_process.web.refusal import RETRY, STATUS, for_visitors
from bdv_process.web.visitor import ForeignForm, Stranger

MEDIA_TYPE: Final = "application/problem+json"
_MOST: Final = 50  # fields that are named; who has more wrong knows enough
_LONGEST: Final = 100  # of a name that somebody made up


def face(api: FastAPI) -> None:
    """Give an API its refusals."""
    api.add_exception_handler(BdvError, _refused)
    api.add_exception_handler(Stranger, _stranger)
    api.add_exception_handler(ForeignForm, _foreign)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _broken)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BdvError)  # noqa: S101
    return _problem(request, STATUS.get(type(error), 500), for_visitors(error))


def _stranger(request: Request, _error: Exception) -> JSONResponse:
    answer = _problem(request, 401, BdvError("BDV-702"))
    answer.headers["www-authenticate"] = "Bearer"
    return answer


def _foreign(request: Request, _error: Exception) -> JSONResponse:
    return _problem(request, 403, BdvError("BDV-760"))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    wrong: Sequence[Any] = error.errors()
    if any(each["loc"][0] == "path" for each in wrong):
        return _problem(request, 404, NotFound("BDV-761"))
    fields = [_field(request, each) for each in wrong[:_MOST]]
    return _problem(request, 400, InputRefused("BDV-763"), errors=fields)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    refusal = {
        404: NotFound("BDV-761"),
        405: Conflict("BDV-762"),
        413: LimitExceeded("BDV-319", limit=LIMIT),
    }.get(error.status_code, InputRefused("BDV-763"))
    answer = _problem(request, error.status_code, refusal)
    answer.headers.update(error.headers or {})
    path = request.scope["path"].removeprefix(request.scope["root_path"])
    for template, methods in request.app.openapi()["paths"].items():
        # A route only knows its own method; the document knows all of an address.
        if "allow" in answer.headers and fullmatch(sub(r"{\w+}", "[^/]+", template), path):
            answer.headers["allow"] = ", ".join(sorted(map(str.upper, methods)))
    return answer


def _broken(request: Request, _error: Exception) -> JSONResponse:
    return _problem(request, 500, BdvError("BDV-764"))


def _problem(request: Request, status: int, error: BdvError, **more: object) -> JSONResponse:
    lang = language(request)
    said = error.to_dict(lang)
    detail = " - ".join(str(said[part]) for part in ("where", "hint") if said[part])
    told = {"type": said["type"], "title": said["title"], "status": status, "detail": detail}
    headers: dict[str, str] = {"content-language": lang}
    if status == 503:
        headers["retry-after"] = RETRY
    return JSONResponse(told | more, status, headers, MEDIA_TYPE)


def _field(request: Request, wrong: dict[str, Any]) -> dict[str, object]:
    """Return what is wrong with one field; its value is not repeated."""
    kind = str(wrong["type"])
    key = f"api.field.{kind}" if f"api.field.{kind}" in catalogue() else "api.field.other"
    place, *path = (str(part).encode("utf-8", "replace").decode() for part in wrong["loc"])
    where = {"pointer": "#/" + "/".join(path)} if place == "body" else {"name": ".".join(path)}
    return {
        "in": place,
        "location": {name: said[:_LONGEST] for name, said in where.items()},
        "code": kind,
        "detail": text(key, language(request)),
    }
