"""Render the report: one self-contained HTML page, written whole or not at all."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bdv_process.errors import StorageUnavailable
from bdv_process.eventlog.files import replaced
from bdv_process.language import Language, text
from bdv_process.report import words
from bdv_process.report.chapter import chapter
from bdv_process.report.section import Section


def render(
    sections: Sequence[Section],
    *,
    to: Path | str,
    lang: Language = "nl",
    title: str,
    generated: datetime,
) -> Path:
    """Write the report page and return its path; missing folders are made.

    Raises:
        StorageUnavailable: the page cannot be written there.
    """
    pages = Environment(
        loader=PackageLoader("bdv_process.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    to = Path(to)
    page = pages.get_template("report.html.j2").render(
        lang=lang,
        title=title,
        generated=words.minute(generated, lang),
        chapters=[chapter(section, f"log{n}", lang) for n, section in enumerate(sections, 1)],
        t=lambda key, **facts: text(f"report.{key}", lang, **facts),
    )
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with replaced(to) as stream:
            stream.write(page.encode())
    except OSError as error:
        raise StorageUnavailable("BDV-501", where=to, reason=error.strerror or error) from error
    return to
