"""Taak: one work item: take it, do it, give it back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.web.naming import Names
from bdv_process.web.screen import language, onward, screen
from bdv_process.web.visitor import OWN_FORM, Register, Visitor

router = APIRouter()


@router.get("/taken/{item}")
def show(request: Request, register: Register, me: Visitor, item: str) -> Response:
    """Show a work item with what may be done to it."""
    found = register.item(item)
    return screen(
        request,
        "item",
        item=found,
        activity=register.template(found.template).activity(found.activity),
        names=Names(register, language(request)),
    )


@router.post("/taken/{item}/oppakken", dependencies=[OWN_FORM])
def claim(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Take a work item."""
    register.claim(item, by=me.id, key=key)
    return onward(request, f"/taken/{item}", "claimed")


@router.post("/taken/{item}/teruggeven", dependencies=[OWN_FORM])
def release(
    request: Request, register: Register, me: Visitor, item: str, key: Annotated[str, Form()]
) -> RedirectResponse:
    """Give a work item back."""
    register.release(item, by=me.id, key=key)
    return onward(request, "/mijn-werk", "released")


@router.post("/taken/{item}/afronden", dependencies=[OWN_FORM])
def complete(
    request: Request,
    register: Register,
    me: Visitor,
    item: str,
    key: Annotated[str, Form()],
    outcome: Annotated[str | None, Form()] = None,
) -> RedirectResponse:
    """Finish a work item."""
    case = register.complete(item, by=me.id, outcome=outcome, key=key)
    return onward(request, f"/meldingen/{case}", "completed")
