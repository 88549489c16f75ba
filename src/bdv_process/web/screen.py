"""Pages: what every screen has around it, in the visitor's language."""

import datetime as dt
from functools import cache
from secrets import token_urlsafe
from typing import Any, get_args
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from bdv_process.language import Language, preferred, text
from bdv_process.picture import words
from bdv_process.web.visitor import FORMS, accountable, insider, known

LANGUAGE = "language"
_SAID = "said"  # what the next screen tells, once


def screen(request: Request, name: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page; `name` is that of its template, `facts` what it shows."""
    lang = language(request)
    written = _templates().get_template(f"{name}.html.j2")
    page = written.render(
        facts
        | {
            "lang": lang,
            "other": next(each for each in get_args(Language) if each != lang),
            "here": request.url.path,
            "back": _address(request),
            "person": known(request),
            "insider": insider(request),
            "answers": accountable(request),
            "token": _token(request),
            "key": uuid4().hex,
            "said": request.session.pop(_SAID, None),
            "t": lambda key, **about: text(f"web.{key}", lang, **about),
            "day": lambda moment: words.day(moment, lang),
            "minute": lambda moment: words.minute(moment, lang),
            "now": dt.datetime.now(dt.UTC),
        }
    )
    return HTMLResponse(page, status_code=status, headers={"content-language": lang})


def onward(request: Request, to: str, key: str = "", **facts: object) -> RedirectResponse:
    """Send a browser on after a form was accepted; the next screen says what was done."""
    if key:
        request.session[_SAID] = text(f"web.{key}", language(request), **facts)
    return RedirectResponse(to, status_code=303)


def language(request: Request) -> Language:
    """Return the language that the visitor chose, else the one of this installation."""
    chosen: Language | None = request.session.get(LANGUAGE)
    return chosen if chosen and chosen in get_args(Language) else preferred()


def _address(request: Request) -> str:
    """Return where the same screen can be opened again; one that a form led to cannot."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _token(request: Request) -> str:
    """Return the token of this session's forms."""
    return str(request.session.setdefault(FORMS, token_urlsafe()))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("bdv_process.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_in(asked: str) -> int:
    """Return the number of a page that an address names; of what means none, the first."""
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
