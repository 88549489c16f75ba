"""Mijn werk: what I hold, what my roles may take, and what waits for others."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()


@router.get("/")
def first() -> RedirectResponse:
    """Begin with the work there is."""
    return RedirectResponse("/mijn-werk")


@router.get("/mijn-werk")
def my_work(request: Request, register: Register, me: Visitor) -> Response:
    """Show the open work of the visitor."""
    items = register.worklist(person=me.id)
    return screen(
        request,
        "my_work",
        mine=[item for item in items if item.claimed_by == me.id],
        free=[item for item in items if item.claimed_by is None],
        names=Names(register, language(request)),
    )
