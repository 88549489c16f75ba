"""Print the page as a document (PDF/UA), with WeasyPrint: the optional extra `pdf`."""

import re
from importlib.resources import files
from typing import Any, NoReturn

from bdv_process.errors import StorageUnavailable

_PICTURE = re.compile(r"<svg .*?</svg>", re.DOTALL)
_VALUE = re.compile(r"(--[\w-]+): (#[0-9a-f]{6})")
_NO_HALO = ".bdv-diagram .label text { stroke: none; }"  # it would cover the letters
# Pango answers a request for Arial with any font there is, before it looks at the next name.
_LETTERS = '.bdv-diagram, .bdv-diagram text { font-family: "DejaVu Sans Condensed", Arial; }'
_USE = re.compile(r"var\((--[\w-]+)\)")


def pdf(page: str, *, identifier: str) -> bytes:
    """Return a page of HTML as a tagged PDF; the same page gives the same bytes.

    Raises:
        StorageUnavailable: WeasyPrint, or a library it needs, is not installed.
    """
    document = printer()(string=painted(page), url_fetcher=_refuse)
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode())
    return made


def printer() -> Any:
    """Return what reads HTML to print it.

    Raises:
        StorageUnavailable: WeasyPrint, or a library it needs, is not installed.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise StorageUnavailable("BDV-503", problem=error) from error
    return HTML


def painted(page: str) -> str:
    """Return a page whose pictures carry their own colours.

    WeasyPrint draws a picture without the style of the page around it, and knows no variables
    there; on paper the light colours hold, which a style sheet names first.
    """
    colours: dict[str, str] = {}
    for name, value in _VALUE.findall(page):
        colours.setdefault(name, value)
    chart = files("bdv_process.report").joinpath("pages", "chart.css").read_text("utf-8")
    style = f"<style>{chart}{_NO_HALO}{_LETTERS}</style></svg>"

    def paint(found: re.Match[str]) -> str:
        return _USE.sub(
            lambda use: colours.get(use[1], use[0]), found[0].removesuffix("</svg>") + style
        )

    return _PICTURE.sub(paint, page)


def _refuse(url: str, *_more: Any, **_options: Any) -> NoReturn:
    raise ValueError(url)  # a report needs nothing but itself
