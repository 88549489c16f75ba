"""Werkstromen: the eight, each with its diagram."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bdv_process.picture.diagram import draw, style
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()


@router.get("/werkstromen")
def list_(request: Request, register: Register, me: Visitor) -> Response:
    """Show the workflows."""
    names = Names(register, language(request))
    return screen(request, "workflows", templates=register.templates(), names=names)


@router.get("/static/diagram.css")
def colours() -> Response:
    """Return the colours and lines of the diagrams."""
    return Response(style(), media_type="text/css")


@router.get("/werkstromen/{key}")
def show(request: Request, register: Register, me: Visitor, key: str) -> Response:
    """Show one workflow."""
    lang, template = language(request), register.template(key)
    names = Names(register, lang)
    drawn = draw(template, lang=lang, styled=False)
    return screen(request, "workflow", template=template, drawn=drawn, names=names)
