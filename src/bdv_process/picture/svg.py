"""Write SVG: one function that escapes every attribute, and lettering that fits its box."""

from collections.abc import Sequence
from html import escape
from unicodedata import combining, normalize

# Advance widths of Helvetica, Arial and Liberation Sans (one set of metrics) in 1/1000 em.
_WIDTHS = {
    char: width
    for width, chars in {
        222: "'ijl|",
        278: " !,./:;I[]\\ft",
        333: "()-`r",
        500: "Jcksvxyz",
        584: "+<=>~",
        611: "FTZ",
        667: "&ABEKPSVXY",
        722: "CDHNRUw",
        778: "GOQ",
        833: "Mm",
        944: "%W",
        1015: "@",
    }.items()
    for char in chars
}
_OTHER = 556  # digits and most small letters
_WIDE = 1000  # arrows, symbols and scripts without such a table
_LATIN_ENDS = 0x2000
_SPARE = 1.04  # DejaVu Sans Condensed, which stands in where none of the three is, is so much wider
_BOLD = 1.12  # bold letters are so much wider
LEADING = 1.2  #: line height in em
_LONGEST = 200  # characters that are fitted: no box holds more, and a log may call a step a book


def tag(name: str, *children: str, **attributes: object) -> str:
    """Return one element; attribute values are escaped here, children are markup already."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
    )
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def number(value: object) -> str:
    """Return a coordinate in tenths of a pixel; anything else as it is."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def length(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide `text` is at a font size, in pixels."""
    em = size * _SPARE * (_BOLD if bold else 1)
    return em / 1000 * sum(map(_advance, normalize("NFD", text)))


def _advance(char: str) -> int:
    if combining(char):
        return 0
    return _WIDTHS.get(char, _OTHER if ord(char) < _LATIN_ENDS else _WIDE)


def fit(
    text: str, *, width: float, height: float, sizes: Sequence[float], bold: bool = False
) -> tuple[list[str], float]:
    """Return lines and the largest of `sizes` at which all words stand whole inside the box.

    Where none does, words are broken at the smallest size, and what is still too tall is cut.
    """
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    width /= _BOLD if bold else 1
    for size in sizes:
        lines = _wrap(text, width, size)
        whole = all(length(line, size) <= width for line in lines)
        if whole and len(lines) * size * LEADING <= height:
            return _balanced(text, lines, width, size), size
    size = sizes[-1]
    lines = _wrap(_broken(text, width, size), width, size)
    most = max(1, int(height / (size * LEADING)))
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = _cut(lines[-1] + "…", width, size)
    return lines, size


def _wrap(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and length(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _balanced(text: str, lines: list[str], width: float, size: float) -> list[str]:
    """Return as many lines, as equally long as they can be."""
    width = min(width, length(text, size))
    while (narrower := _wrap(text, width := width - 2, size)) and len(narrower) == len(lines):
        if any(length(line, size) > width for line in narrower):
            break
        lines = narrower
    return lines


def _broken(text: str, width: float, size: float) -> str:
    """Return the text with every word that is wider than a line cut into hyphened parts."""
    words: list[str] = []
    for word in text.split():
        rest = word
        while length(rest, size) > width and len(rest) > 1:
            fits = next(
                n
                for n in range(len(rest), 0, -1)
                if n == 1 or length(rest[:n] + "-", size) <= width
            )
            words.append(rest[:fits] + "-")
            rest = rest[fits:]
        words.append(rest)
    return " ".join(words)


def _cut(line: str, width: float, size: float) -> str:
    while length(line, size) > width and len(line) > 1:
        line = line[:-2] + "…"
    return line


def lettering(
    lines: Sequence[str], *, x: float, y: float, size: float, anchor: str = "middle"
) -> str:
    """Return lines of text whose block has its middle at `y`."""
    first = y - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
    spans = (
        tag("tspan", escape(line), x=x, y=first + n * size * LEADING)
        for n, line in enumerate(lines)
    )
    return tag("text", *spans, font_size=size, text_anchor=anchor)
