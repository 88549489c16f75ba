"""A customer journey as a line over time: contacts cross between two people, silences are lengths.

On the left the citizen, on the right the government. A contact is an arrow in its direction; what
lies between two contacts is a bar on the side of whose turn it was, as long as it was silent, or in
the middle when nothing tells whose. The longest are broken, with a sign. Silences of so few that
they may not be shown are dashes of no length: to leave them out would look like none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from math import ceil
from typing import Final

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.picture.shapes import arrow
from bdv_process.picture.sheet import NARROW, Laid, sheet
from bdv_process.picture.svg import fit, length, lettering, number, tag

_MARGIN: Final = 12.0  # px
_HEAD: Final = 44.0  # px, the two people above their lines
_SIZE: Final = 11.5
_LINE: Final = 15.0  # px from a line of words to the next
_LONGEST: Final = 92.0  # px; what would be longer is broken
_FAR: Final = 4.0  # times the middle silence: longer is broken
_SIDE: Final = 30.0  # px from the edge to a line of life
_ALONE: Final = 9  # contacts that stand in one column
_IDLE: Final = timedelta(days=1)  # what is shorter is not told
_BAR: Final = 9.0  # px, width of a silence
_DASHES: Final = 34.0  # px, of a silence that is not shown


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact, and what went before it."""

    name: str
    direction: str  #: in (from the citizen), out, both, or "" when it is not known
    about: str  #: when, by which way and with whom, in words
    silence: timedelta | None = None  #: None for the first, or where it is not known or shown
    withheld: bool = False  #: that there is one, of so few that it may not be shown
    unmeasured: bool = False  #: that the log cannot tell of any
    citizen: timedelta = timedelta()  #: the part of it in which it was the citizen's turn
    government: timedelta = timedelta()  #: neither has a part where nothing tells whose turn it was
    idle: timedelta = timedelta()  #: how long nothing was open before it

    @property
    def unknown(self) -> timedelta:
        """The silence, where nothing tells whose turn it was."""
        known = self.citizen or self.government
        return timedelta() if known else self.silence or timedelta()

    @property
    def lengths(self) -> tuple[timedelta, timedelta, timedelta]:
        """The silence on the side of the citizen, of the government, and in the middle."""
        return self.citizen, self.government, self.unknown


def journey_map(
    contacts: Sequence[Contact], *, title: str, says: str, lang: Language = "nl"
) -> Picture:
    """Return the contacts of a journey, in order; there is at least one."""
    drawing = _Drawing(contacts, lang)
    longest = max(contacts, key=lambda each: each.silence or timedelta())
    if longest.silence and not any(each.withheld for each in contacts):
        says += " " + text(
            "journey_map.longest", lang, name=longest.name,
            silence=words.lasting(longest.silence, lang),
        )  # fmt: skip
    return Picture(
        svg=sheet(drawing.lay, title=title, says=says, lang=lang),
        title=title,
        says=says,
        table=drawing.table(),
    )


class _Drawing:
    """The contacts while they are drawn."""

    def __init__(self, contacts: Sequence[Contact], lang: Language) -> None:
        self.contacts, self.lang = contacts, lang
        silent = sorted(each.silence for each in contacts if each.silence)
        middle = silent[len(silent) // 2] if silent else timedelta(days=1)
        self.far = min(middle * _FAR, silent[-1]) if silent else middle
        self.key = self._how_to_read()

    def _how_to_read(self) -> str:
        """Return what the signs mean, of those that are drawn."""
        later = self.contacts[1:]
        dashed = [each for each in later if each.unmeasured or each.withheld]
        bars = [each for each in later if each.silence and each not in dashed]
        drawn = {
            "arrow": True,
            "bar": any(not each.unknown for each in bars),
            "middle": any(each.unknown for each in bars),
            "break": any(max(each.lengths) > self.far for each in bars),
            "unmeasured": any(each.unmeasured for each in dashed),
            "withheld": any(not each.unmeasured for each in dashed),
            "units": any(each.citizen and each.government for each in bars),
        }
        signs = (sign for sign, there in drawn.items() if there)
        return " ".join(text(f"journey_map.key.{sign}", self.lang) for sign in signs)

    def table(self) -> pd.DataFrame:
        rows = [
            (
                n, each.name, self._way(each), each.about,
                self._lasted(each), self._turn(each),
            )
            for n, each in enumerate(self.contacts, 1)
        ]  # fmt: skip
        names = ("number", "contact", "direction", "about", "silence", "turn")
        columns = [text(f"journey_map.column.{name}", self.lang) for name in names]
        return pd.DataFrame(rows, columns=columns)

    def lay(self, width: float) -> Laid:
        columns = 1 if width == NARROW or len(self.contacts) <= _ALONE else 2
        room = (width - 2 * _MARGIN - (columns - 1) * 2 * _MARGIN) / columns
        wide = min(room, 520.0)
        key, top = self._key(width)
        parts, lowest = [key], top
        each = ceil(len(self.contacts) / columns)
        for n in range(columns):
            x = _MARGIN + n * (room + 2 * _MARGIN) + (room - wide) / 2
            markup, height = self._column(n * each, self.contacts[n * each : (n + 1) * each], wide)
            parts.append(_moved(markup, x, top))
            lowest = max(lowest, top + height)
        return Laid(height=lowest + _MARGIN, markup="".join(parts))

    def _key(self, width: float) -> tuple[str, float]:
        lines, size = fit(self.key, width=width - 2 * _MARGIN, height=200, sizes=(_SIZE,))
        middle = _MARGIN + len(lines) * _LINE / 2
        words_ = lettering(lines, x=_MARGIN, y=middle, size=size, anchor="start")
        return tag("g", words_, class_="soft"), _MARGIN + len(lines) * _LINE + 8

    def _column(self, first: int, contacts: Sequence[Contact], width: float) -> tuple[str, float]:
        left, right = _SIDE, width - _SIDE
        y, parts = _HEAD, []
        for n, contact in enumerate(contacts, first + 1):
            if n > 1:
                markup, height = self._silence(contact, left, right, y)
                parts.append(markup)
                y += height
            markup, height = self._contact(n, contact, left, right, y)
            parts.append(markup)
            y += height
        lives = [
            tag("path", class_="thread", d=f"M{number(x)} {number(_HEAD - 12)}V{number(y)}",
                stroke_dasharray="2 4")
            for x in (left, right)
        ]  # fmt: skip
        heads = [self._head("citizen", left, "start"), self._head("government", right, "end")]
        return "".join([*lives, *heads, *parts]), y

    def _head(self, who: str, x: float, anchor: str) -> str:
        said = text(f"turn.{who}", self.lang)
        wide = length(said, 13, bold=True) + 18
        start = x - _SIDE + 2 if anchor == "start" else x + _SIDE - 2 - wide
        box = tag("rect", class_="body", x=start, y=4.0, width=wide, height=26.0, rx=6)
        name = lettering([said], x=start + wide / 2, y=17, size=13.0)
        return tag("g", box, tag("g", name, class_="bold"))

    def _contact(
        self, n: int, contact: Contact, left: float, right: float, y: float
    ) -> tuple[str, float]:
        middle, room = (left + right) / 2, right - left - 24
        lines, size = fit(
            f"{n}. {contact.name}", width=room, height=200, sizes=(13.0, 12.0), bold=True
        )
        about, small = fit(contact.about, width=room, height=200, sizes=(_SIZE,))
        at = y + len(lines) * _LINE + 7
        name = lettering(lines, x=middle, y=y + len(lines) * _LINE / 2, size=size)
        more = lettering(about, x=middle, y=at + 4 + len(about) * _LINE / 2, size=small)
        spoken = f"{n}. {contact.name}: {self._way(contact)}; {contact.about}"
        parts = [
            tag("title", escape(spoken)),
            tag("g", name, class_="bold"),
            *_across(contact.direction, left + 6, right - 6, at),
            tag("g", more, class_="soft"),
        ]
        return tag("g", *parts), len(lines) * _LINE + 11 + len(about) * _LINE + 6

    def _silence(self, contact: Contact, left: float, right: float, y: float) -> tuple[str, float]:
        parts, begin = [], y
        if contact.idle >= _IDLE:
            said = text(
                "journey_map.idle", self.lang, idle=words.lasting(contact.idle, self.lang)
            )  # fmt: skip
            said = lettering([said], x=(left + right) / 2, y=y + 10, size=_SIZE)
            parts.append(tag("g", said, class_="soft"))
            y += 22
        if contact.withheld or contact.unmeasured:
            parts.append(self._untold(contact, (left + right) / 2, right, y))
            return tag("g", *parts), y - begin + _DASHES + 10
        if not contact.silence:
            return "".join(parts), y - begin + 8
        middle = (left + right) / 2
        highest = 20.0
        sides, looks = (left, right, middle), ("work", "wait", "lane")
        for x, lasted, look in zip(sides, contact.lengths, looks, strict=True):
            if not lasted:
                continue
            high = max(min(lasted / self.far, 1.0) * _LONGEST, 4.0)
            highest = max(highest, high)
            parts.append(
                tag("rect", class_=look, x=x - _BAR / 2, y=y, width=_BAR, height=high, rx=2)
            )
            if lasted > self.far:
                parts.append(_broken(x, y + high / 2))
        said = text(
            f"journey_map.{'quiet' if contact.unknown else 'silent'}",
            self.lang,
            turn=self._turn(contact),
            silence=words.lasting(contact.silence, self.lang),
        )
        at_citizen = contact.citizen > contact.government
        x, anchor = (left + 14, "start") if at_citizen else (right - 14, "end")
        if contact.unknown:
            x, anchor = middle + 14, "start"
        room = (right - middle if contact.unknown else right - left) - 28
        lines, size = fit(said, width=room, height=200, sizes=(_SIZE,))
        highest = max(highest, len(lines) * _LINE + 4)
        parts.append(lettering(lines, x=x, y=y + highest / 2, size=size, anchor=anchor))
        return tag("g", *parts), y - begin + highest + 10

    def _untold(self, contact: Contact, middle: float, right: float, y: float) -> str:
        """Return dashes and why there is no more."""
        dashes = tag(
            "path", class_="thread", d=f"M{number(middle)} {number(y)}v{number(_DASHES)}",
            stroke_dasharray="5 4",
        )  # fmt: skip
        key = "unmeasured" if contact.unmeasured else "withheld"
        said = text(f"journey_map.{key}", self.lang, few=words.count(None, self.lang))
        lines, size = fit(said, width=right - middle - 28, height=200, sizes=(_SIZE,))
        at = y + _DASHES / 2
        return dashes + lettering(lines, x=middle + 14, y=at, size=size, anchor="start")

    def _lasted(self, contact: Contact) -> str:
        if contact.withheld and not contact.unmeasured:
            return f"{words.hidden(self.lang)} ({words.count(None, self.lang)})"
        return "–" if contact.silence is None else words.span(contact.silence, self.lang)

    def _way(self, contact: Contact) -> str:
        return text(f"direction.{contact.direction}", self.lang) if contact.direction else "–"

    def _turn(self, contact: Contact) -> str:
        if not contact.silence:
            return "–"
        both = {"citizen": contact.citizen, "government": contact.government}
        waited = {who: lasted for who, lasted in both.items() if lasted}
        if len(waited) == 1:
            return text(f"turn.{next(iter(waited))}", self.lang)
        return (
            ", ".join(
                f"{text(f'turn.{who}', self.lang)} {words.span(lasted, self.lang)}"
                for who, lasted in waited.items()
            )
            or "–"
        )


def _across(direction: str, left: float, right: float, y: float) -> Iterator[str]:
    """Yield an arrow from one line of life to the other; both ways for a conversation."""
    yield tag("path", class_="base", d=f"M{number(left)} {number(y)}H{number(right)}")
    ends = {"in": (right,), "out": (left,), "both": (left, right)}.get(direction, ())
    for tip in ends:
        yield arrow((tip, y), (right if tip == left else left, y), size=9)
    for x in {left, right}.difference(ends):
        yield tag("circle", cx=x, cy=y, r=3.5, class_="end")


def _broken(x: float, y: float) -> str:
    """Return the sign that a length is not drawn in full."""
    zigzag = [(x - 9, y + 3), (x - 3, y - 3), (x + 3, y + 3), (x + 9, y - 3)]
    lines = []
    for shift in (-3, 3):
        steps = "L".join(f"{number(a)} {number(b + shift)}" for a, b in zigzag)
        lines.append(tag("path", class_="base", d=f"M{steps}"))
    gap = tag("path", class_="gap", d=_band(zigzag))
    return gap + "".join(lines)


def _band(points: Sequence[tuple[float, float]]) -> str:
    above = [f"{number(x)} {number(y - 3)}" for x, y in points]
    below = [f"{number(x)} {number(y + 3)}" for x, y in reversed(points)]
    return f"M{'L'.join([*above, *below])}Z"


def _moved(markup: str, x: float, y: float) -> str:
    return tag("g", markup, transform=f"translate({number(x)} {number(y)})")
