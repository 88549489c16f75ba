"""Nieuwe melding: one call, and the workflow it starts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.web.naming import Names
from bdv_process.web.screen import language, onward, screen
from bdv_process.web.visitor import OWN_FORM, Register, Visitor

router = APIRouter()


@router.get("/meldingen/nieuw")
def ask(request: Request, register: Register, me: Visitor) -> Response:
    """Ask what the call is about."""
    names = Names(register, language(request))
    return screen(request, "call", templates=register.templates(), names=names)


@router.post("/meldingen", dependencies=[OWN_FORM])
def start(
    request: Request,
    register: Register,
    me: Visitor,
    template: Annotated[str, Form()],
    key: Annotated[str, Form()],
) -> RedirectResponse:
    """Start a case on the call of the visitor."""
    case = register.start(template, by=me.id, key=key)
    return onward(request, f"/meldingen/{case}", "started", case=case)
