"""One SVG that is laid out twice: for a page or paper, and for a small screen."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from bdv_process.language import Language
from bdv_process.picture.diagram import style
from bdv_process.picture.svg import number, tag

WIDE: Final = 840.0  #: px, on a page or paper
NARROW: Final = 360.0  #: px, on a small screen


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A drawing as it is laid out for one width."""

    height: float
    markup: str


def sheet(lay: Callable[[float], Laid], *, title: str, says: str, lang: Language) -> str:
    """Return a self-contained SVG that shows the layout for its place.

    `lay` returns the drawing for `WIDE` or `NARROW`, which may not be relatively flatter. The
    narrow one is drawn in the units of the wide one, so that one view box holds for both. What does
    not know media queries shows the wide one.
    """
    wide, narrow = lay(WIDE), lay(NARROW)
    return tag(
        "svg",
        tag("title", escape(title)),
        tag("desc", escape(says)),
        tag("style", style(), _style()),
        tag("g", _paper(WIDE, wide.height), wide.markup, class_="wide"),
        tag(
            "g",
            _paper(NARROW, narrow.height),
            narrow.markup,
            class_="narrow",
            transform=f"scale({WIDE / NARROW:.4f})",
        ),
        xmlns="http://www.w3.org/2000/svg",
        class_="bdv-diagram bdv-sheet",
        lang=lang,
        role="img",
        viewBox=f"0 0 {number(WIDE)} {number(wide.height)}",
        preserveAspectRatio="xMinYMin meet",
        width=WIDE,
        height=wide.height,
        style=f"--bdv-width:{number(WIDE)};--bdv-narrow:{number(NARROW)}/{number(narrow.height)}",
    )


def _paper(width: float, height: float) -> str:
    return tag("rect", class_="paper", width=width, height=height)


@cache
def _style() -> str:
    return files("bdv_process.picture").joinpath("sheet.css").read_text(encoding="utf-8")
