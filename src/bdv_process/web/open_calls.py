"""Open meldingen: what is going on and where it waits, late first; and the way to one by number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.execution.reader import CaseFile, OpenWork
from bdv_process.execution.register import CaseRegister
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, page_in, screen
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()

_HERE: Final = "/meldingen"
_PAGE: Final = 50  #: cases on one page


@dataclass(frozen=True, kw_only=True)
class Going:
    """A case that is open."""

    case: CaseFile
    due: datetime | None  #: of the first case of its chain; None: its term stands still
    children: tuple[str, ...]  #: cases that its forks wait for


@router.get(_HERE)
@beside
def list_(
    request: Request,
    register: Register,
    me: Visitor,
    nummer: str = "",
    werkstroom: str = "",
    late: Annotated[str, Query(alias="te-laat")] = "",
    mine: Annotated[str, Query(alias="verantwoordelijk")] = "",
    blad: str = "",
) -> Response:
    """Show the open cases that the visitor may read, or lead to the one with a number."""
    if number := "".join(nummer.split()).upper():
        number = f"Z{number}" if number.isascii() and number.isdigit() else number
        return RedirectResponse(f"{_HERE}/{quote(number, safe='')}")
    now, raci = register.clock(), register.procedure.raci
    found = [
        each
        for each in _going(register, me.id)
        if werkstroom in ("", each.case.template) and (not late or (each.due and each.due < now))
    ]
    if mine:
        steps = {step for step, each in raci.items() if each.accountable in me.roles}
        theirs = {item.case for item in register.items() if item.activity in steps}
        found = [each for each in found if each.case.id in theirs]
    pages = max(-(-len(found) // _PAGE), 1)
    page = min(page_in(blad), pages)
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    waits: dict[str, list[OpenWork]] = {each.case.id: [] for each in shown}
    for item in register.items(*waits) if waits else ():
        waits[item.case].append(item)
    asked = {"werkstroom": werkstroom, "te-laat": late, "verantwoordelijk": mine}
    asked = {name: value for name, value in asked.items() if value}
    return screen(
        request,
        "open_calls",
        shown=shown,
        waits=waits,
        amount=len(found),
        page=page,
        pages=pages,
        address=lambda other: f"{_HERE}?{urlencode({**asked, 'blad': other})}",
        template=werkstroom,
        late=late,
        mine=mine,
        subjects=register.subjects({each.case.root for each in shown}),
        templates=register.templates(),
        raci=raci,
        names=Names(register, language(request)),
        at=now,
    )


def _going(register: CaseRegister, person: str) -> list[Going]:
    """Return the open cases that somebody may read: first due first, what stands still last."""
    cases, children = register.readable(person, open_only=True), dict[str, list[str]]()
    roots = {case.root for case in cases} - {case.id for case in cases}
    due = {case.id: case.due for case in (*cases, *(register.cases(ids=roots) if roots else ()))}
    for case in cases:
        children.setdefault(case.parent or "", []).append(case.id)
    found = [
        Going(case=case, due=due[case.root], children=tuple(children.get(case.id, ())))
        for case in cases
    ]
    return sorted(found, key=lambda each: (each.due is None, each.due or each.case.opened))
