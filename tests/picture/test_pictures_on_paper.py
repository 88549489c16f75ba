"""Pictures in a document: WeasyPrint knows no media queries, and draws the wide one."""

import pytest
from lxml import etree

from bdv_process.report.pdf import pdf
from picture.conftest import Drawing
from report.pdf_text import words

pytest.importorskip("weasyprint", reason="the extra pdf is not installed", exc_type=ImportError)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ["stream map", "journey map", "stream distribution"])
def test_a_picture_is_printed_once(drawings: dict[str, Drawing], name: str) -> None:
    svg = drawings[name]("nl").svg
    page = f'<html lang="nl"><title>{name}</title><body>{svg}</body></html>'
    printed = sorted(words(pdf(page, identifier="x")).replace(" ", ""))
    wide = next(g for g in etree.fromstring(svg).iter(f"{SVG}g") if g.get("class") == "wide")
    drawn = "".join("".join(each.itertext()) for each in wide.iter(f"{SVG}text"))
    assert printed == sorted("".join(drawn.split()))
