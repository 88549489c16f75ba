"""The cases of one value stream as a tree over time: each a bar, under the case that began it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.picture.sheet import NARROW, Laid, sheet
from bdv_process.picture.svg import fit, length, lettering, number, tag

_MARGIN: Final = 14.0  # px
_SIZE: Final = 11.5
_LINE: Final = 15.0  # px from a line of words to the next
_BAR: Final = 16.0  # px, height of a bar
_STEP: Final = 12.0  # px that a child stands to the right of its parent
_TICKS: Final = {True: 8, False: 4}  # at most, by whether there is room


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One case."""

    name: str
    parent: int | None  #: its place in the list, before its own
    started: datetime
    ended: datetime
    open: bool  #: whether it still ran when the log ended
    lasted: timedelta  #: counted time
    share: float | None  #: of that time it was worked on


def case_tree(
    branches: Sequence[Branch],
    *,
    title: str,
    says: str,
    day: timedelta,
    lang: Language = "nl",
) -> Picture:
    """Return cases as a tree over time; each comes after its parent.

    Args:
        branches: the first one first.
        title: of the picture.
        says: what it shows.
        day: how long a day of counted time is.
        lang: whose words.
    """
    drawing = _Drawing(branches, day, lang)
    return Picture(
        svg=sheet(drawing.lay, title=title, says=says, lang=lang),
        title=title,
        says=says,
        table=drawing.table(),
    )


class _Drawing:
    """The cases while they are drawn."""

    def __init__(self, branches: Sequence[Branch], day: timedelta, lang: Language) -> None:
        self.branches, self.day, self.lang = branches, day, lang
        self.first = min(branch.started for branch in branches)
        self.whole = max(branch.ended for branch in branches) - self.first or timedelta(minutes=1)
        self.depth: list[int] = []
        for branch in branches:
            self.depth.append(0 if branch.parent is None else self.depth[branch.parent] + 1)

    def table(self) -> pd.DataFrame:
        names = ("case", "parent", "began", "ended", "lasted", "worked")
        rows = [
            (
                each.name,
                "–" if each.parent is None else self.branches[each.parent].name,
                words.minute(each.started, self.lang),
                self._end(each),
                words.span(each.lasted, self.lang, day=self.day),
                "–" if each.share is None else words.percent(each.share, self.lang),
            )
            for each in self.branches
        ]
        return pd.DataFrame(
            rows, columns=[text(f"case_tree.column.{name}", self.lang) for name in names]
        )

    def _end(self, branch: Branch) -> str:
        ended = words.minute(branch.ended, self.lang)
        return text("case_tree.open", self.lang) if branch.open else ended

    def lay(self, width: float) -> Laid:
        left, right = _MARGIN, width - _MARGIN
        drawn, y, places = [], 40.0, []
        for branch, depth in zip(self.branches, self.depth, strict=True):
            x = self._x(branch.started, left, right)
            places.append((x, y))
            markup, height = self._row(branch, depth, left, right, y)
            drawn.append(markup)
            y += height
        links = [
            tag("path", class_="thread", d=self._link(places[branch.parent], places[n]))
            for n, branch in enumerate(self.branches)
            if branch.parent is not None
        ]
        ticks = [*self._axis(left, right, y, _TICKS[width > NARROW])]
        return Laid(height=y + _MARGIN, markup="".join([*ticks, *links, *drawn]))

    def _row(
        self, branch: Branch, depth: int, left: float, right: float, y: float
    ) -> tuple[str, float]:
        """Return the words of a case and its bar below them."""
        said = branch.name + ": " + words.lasting(branch.lasted, self.lang, day=self.day)
        if branch.share is not None:
            share = words.percent(branch.share, self.lang)
            said += text("case_tree.worked", self.lang, share=share)
        if branch.open:
            said += f" ({text('case_tree.open', self.lang)})"
        begin, end = (self._x(at, left, right) for at in (branch.started, branch.ended))
        room = right - left - depth * _STEP
        lines, size = fit(said, width=room, height=60, sizes=(12.5, _SIZE))
        wide = max(length(each, size) for each in lines)
        x = max(min(begin + (5 if depth else 0), right - wide), left)
        top = y + len(lines) * _LINE + 2
        parts = [
            tag("title", escape(said)),
            _halo(lettering(lines, x=x, y=y + len(lines) * _LINE / 2, size=size, anchor="start")),
            tag(
                "rect", class_="wait", x=begin, y=top, width=max(end - begin, 2), height=_BAR, rx=3
            ),
        ]
        if branch.share is not None:
            worked = max((end - begin) * branch.share, 1.0)
            parts.append(
                tag("rect", class_="work", x=begin, y=top + _BAR - 5, width=worked, height=5.0)
            )
        return tag("g", *parts), top + _BAR + 12 - y

    def _link(self, parent: tuple[float, float], child: tuple[float, float]) -> str:
        """Return a line from the bar of a parent down to that of its child."""
        (_, above), (x, below) = parent, child
        return f"M{number(x)} {number(above + _LINE + 2 + _BAR)}V{number(below + _LINE + 2)}"

    def _x(self, moment: datetime, left: float, right: float) -> float:
        return left + (right - left) * ((moment - self.first) / self.whole)

    def _axis(self, left: float, right: float, bottom: float, most: int) -> Iterator[str]:
        """Yield upright lines with the days since the beginning."""
        days = self.whole / timedelta(days=1)
        step = next(n for n in (1, 2, 5, 7, 14, 28, 56, 91, 182, 364, 10**6) if days / n <= most)
        for n in range(0, int(days) + 1, step):
            x = left + (right - left) * n / days
            yield tag("path", class_="rule", d=f"M{number(x)} 26V{number(bottom)}")
            said = text("case_tree.day", self.lang, day=n)
            anchor = "start" if n == 0 else "end" if x > right - 20 else "middle"
            yield lettering([said], x=x, y=16, size=_SIZE, anchor=anchor)


def _halo(words_: str) -> str:
    return tag("g", words_, class_="label")
