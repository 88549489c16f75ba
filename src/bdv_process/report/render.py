"""Give a report its faces: a page, a document or data, each written whole or not at all."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bdv_process.errors import InputRefused, StorageUnavailable
from bdv_process.eventlog.files import replaced
from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.report.chapter import MOST, chapter
from bdv_process.report.page import Page
from bdv_process.report.pdf import pdf, printer
from bdv_process.report.section import Section

_SEVERAL = 3  # points on page one for each of several logs


def compose(
    sections: Sequence[Section], *, lang: Language = "nl", title: str, generated: datetime
) -> Page:
    """Return what a report on these logs says."""
    most = MOST if len(sections) == 1 else _SEVERAL
    return Page(
        lang=lang,
        title=title,
        generated=generated.isoformat(),
        chapters=tuple(
            chapter(section, f"log{number}", lang, most=most)
            for number, section in enumerate(sections, 1)
        ),
    )


def render(page: Page, *, to: Path | str) -> Path:
    """Write a report, in the form that the name ends in, and return its path.

    .html is one self-contained page, .pdf a document to print, .json the same as data. Missing
    folders are made.

    Raises:
        InputRefused: the name ends in something else.
        StorageUnavailable: it cannot be written there, or a .pdf without WeasyPrint installed.
    """
    to = Path(to)
    content = _face(to)(page)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with replaced(to) as stream:
            stream.write(content)
    except OSError as error:
        raise StorageUnavailable("BDV-501", where=to, reason=error.strerror or error) from error
    return to


def check_target(path: Path) -> None:
    """Refuse what `render` would refuse of a name, before any work is done for it."""
    _face(path)
    if path.suffix == ".pdf":
        printer()


def _face(to: Path) -> Callable[[Page], bytes]:
    if to.suffix not in _FACES:
        known = ", ".join(_FACES)
        raise InputRefused("BDV-502", where=to, suffix=to.suffix or "-", known=known)
    return _FACES[to.suffix]


def html(page: Page) -> str:
    """Return a report as one page of HTML that needs nothing but itself."""
    pages = Environment(
        loader=PackageLoader("bdv_process.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    lang = page.lang
    for name in ("count", "decimal", "percent", "fitness", "month", "points"):
        pages.filters[name] = _in(lang, getattr(words, name))
    return pages.get_template("report.html.j2").render(
        page=page,
        lang=lang,
        generated=words.minute(datetime.fromisoformat(page.generated), lang),
        fingerprint=page.to_dict()["fingerprint"],
        t=lambda key, **facts: text(f"report.{key}", lang, **facts),
    )


def _in(lang: Language, written: Callable[..., str]) -> Callable[..., str]:
    return lambda value, *more: written(value, lang, *more)


def _data(page: Page) -> bytes:
    return (json.dumps(page.to_dict(), ensure_ascii=False, indent=2) + "\n").encode()


_FACES: dict[str, Callable[[Page], bytes]] = {
    ".html": lambda page: html(page).encode(),
    ".pdf": lambda page: pdf(html(page), identifier=page.to_dict()["fingerprint"]),
    ".json": _data,
}
