"""Werkstromen: the eight, each with its diagram."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bdv_process.picture import words
from bdv_process.picture.diagram import draw, style
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()


@router.get("/werkstromen")
@beside
def list_(request: Request, register: Register, me: Visitor) -> Response:
    """Show the workflows, and how many cases each has."""
    return screen(
        request,
        "workflows",
        templates=register.templates(),
        counts=register.counts(),
        names=Names(register, language(request)),
    )


@router.get("/static/diagram.css")
async def colours() -> Response:
    """Return the colours and lines of the diagrams."""
    return Response(style(), media_type="text/css")


@router.get("/werkstromen/{key}")
@beside
def show(request: Request, register: Register, me: Visitor, key: str) -> Response:
    """Show one workflow: who does what in it, and how."""
    lang, template = language(request), register.template(key)
    return screen(
        request,
        "workflow",
        template=template,
        counts=register.counts().get(key, (0, 0)),
        drawn=draw(template, lang=lang, styled=False),
        procedure=register.procedure,
        names=Names(register, lang),
        lasting=lambda span: words.lasting(span, lang),
    )
