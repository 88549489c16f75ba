"""Melding: how one case stands, what happened, and what it waits for."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()


@router.get("/meldingen/{case}")
def show(request: Request, register: Register, me: Visitor, case: str) -> Response:
    """Show one case."""
    found = register.case(case)
    return screen(
        request,
        "case",
        case=found,
        events=list(register.events(case)),
        items=register.items(case),
        names=Names(register, language(request)),
    )
