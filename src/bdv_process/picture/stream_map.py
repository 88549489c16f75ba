"""A value stream map: steps as boxes in lanes, the waits and the work on a ladder below them.

Each case is a lane; a case that was begun within another stands inside it, where it began, so that
everything reads from top to bottom in the order of time. Means per stream add up: all waits and all
work together are the throughput (Rother & Shook 1998).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape
from math import ceil
from typing import Any, Final

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.lanes import Lane, Stage, lanes
from bdv_process.picture.picture import Picture
from bdv_process.picture.shapes import badge, line
from bdv_process.picture.sheet import NARROW, Laid, sheet
from bdv_process.picture.svg import fit, length, lettering, number, tag
from bdv_process.privacy import FEW
from bdv_process.template.model import Box, Template

_MARGIN: Final = 12.0  # px around everything
_PAD: Final = 9.0  # px within a lane
_HEAD: Final = 28.0  # px, the heading of a lane
_BOX: Final = 56.0  # px, height of a step
_BARS: Final = 24.0  # px, the longest bar
_SIZE: Final = 11.5
_COLUMNS: Final = {True: 5, False: 2}  # steps beside each other, by whether there is room
_STRETCH: Final = 1.45  # how much wider steps may be drawn where there are few
_WAIT: Final = 0.31  # of the width of a step and the wait before it
_TOTAL: Final = 22.0  # px, height of the bar of all time


def stream_map(
    pattern: Mapping[str, Any],
    steps: pd.DataFrame,
    spent: Sequence[str],
    *,
    templates: Mapping[str, Template],
    day: timedelta,
    reason: str = "",
    lang: Language = "nl",
) -> Picture:
    """Return the map of the streams of one pattern.

    Args:
        pattern: its row of `mining.value_stream.ValueStreams.patterns`, as plain values.
        steps: the rows of `ValueStreams.steps` of that pattern.
        spent: the columns that together are the throughput, work first.
        templates: what names the steps, by key.
        day: how long a day counts.
        reason: text key of why work cannot be told from waiting, "" when it can.
        lang: whose words.
    """
    return _Map(pattern, steps, spent, templates, day, reason, lang).picture()


class _Map:
    """The map while it is drawn."""

    def __init__(
        self,
        pattern: Mapping[str, Any],
        steps: pd.DataFrame,
        spent: Sequence[str],
        templates: Mapping[str, Template],
        day: timedelta,
        reason: str,
        lang: Language,
    ) -> None:
        self.lang, self.day, self.reason = lang, day, reason
        self.streams = int(pattern["closed"])
        self.lanes = lanes(steps, self.streams, templates, lang)
        self.stages = [stage for lane in self.lanes for stage in lane.stages()]
        self.throughput = pattern["throughput"].to_pytimedelta() / self.streams
        self.parts = [
            (n, name, pattern[name].to_pytimedelta() / self.streams)
            for n, name in enumerate(spent)
            if not reason and not pd.isna(pattern[name]) and pattern[name] > timedelta()
        ]
        self.work = next((lasted for n, _, lasted in self.parts if n == 0), timedelta())
        self.longest = max(self.stages, key=lambda stage: stage.wait or timedelta())
        every = [each for stage in self.stages for each in (stage.wait, stage.work) if each]
        self.scale = _BARS / max(map(timedelta.total_seconds, every), default=1)
        self.name = words.pattern(str(pattern["pattern"]), lang)

    def picture(self) -> Picture:
        title = text("stream_map.title", self.lang, chain=self.name)
        says = self._says()
        svg = sheet(self._lay, title=title, says=says, lang=self.lang)
        return Picture(svg=svg, title=title, says=says, table=self._table())

    def _says(self) -> str:
        facts = {
            "lanes": text("stream_map.then", self.lang).join(
                dict.fromkeys(lane.name for top in self.lanes for lane in top.lanes())
            ),
            "streams": words.count(self.streams, self.lang),
            "throughput": words.lasting(self.throughput, self.lang, day=self.day),
        }
        if self.reason or not self.parts:
            reason = text(self.reason or "unchecked.start", self.lang)
            return text("stream_map.untimed", self.lang, reason=reason, **facts)
        longest = self.longest
        return text(
            "stream_map.says",
            self.lang,
            work=words.lasting(self.work, self.lang, day=self.day),
            share=words.percent(self.work / self.throughput, self.lang),
            step=f"‘{longest.name}’ ({longest.lane})",
            wait=words.lasting(longest.wait or timedelta(), self.lang, day=self.day),
            **facts,
        )

    def _table(self) -> pd.DataFrame:
        return pd.DataFrame(
            [
                (s.lane, s.name, s.times, self._short(s.wait), self._short(s.work))
                for s in self.stages
            ],
            columns=[
                text(f"stream_map.column.{name}", self.lang)
                for name in ("lane", "step", "times", "wait", "work")
            ],
        )

    def _short(self, lasted: timedelta | None) -> str:
        return "–" if lasted is None else words.span(lasted, self.lang, day=self.day)

    def _lay(self, width: float) -> Laid:
        parts, y = [], _MARGIN
        for markup, height in self._key(width):
            parts.append(_moved(markup, _MARGIN, y))
            y += height
        y += 6
        for lane in self.lanes:
            markup, height = self._lane(lane, width - 2 * _MARGIN, width, depth=0)
            parts.append(_moved(markup, _MARGIN, y))
            y += height + _PAD
        markup, height = self._total(width - 2 * _MARGIN)
        parts.append(_moved(markup, _MARGIN, y + 6))
        return Laid(height=y + 6 + height + _MARGIN, markup="".join(parts))

    def _key(self, width: float) -> Iterator[tuple[str, float]]:
        """Yield the rows that say what is drawn."""
        room = width - 2 * _MARGIN
        if not self.reason:
            x, row = 0.0, []
            for look in ("wait", "work"):
                said = text(f"stream_map.key.{look}", self.lang)
                swatch = tag("rect", class_=look, x=x, y=3.0, width=16.0, height=10.0)
                row.append(swatch + _said(said, x + 22, 8))
                x += 22 + length(said, _SIZE) + 18
                if x > room / 2 and width == NARROW:
                    yield "".join(row), 18.0
                    x, row = 0.0, []
            if row:
                yield "".join(row), 20.0
        units = text(
            "stream_map.key.units", self.lang, hours=words.hours(self.day, self.lang),
            streams=words.count(self.streams, self.lang), few=FEW,
        )  # fmt: skip
        lines, size = fit(units, width=room, height=200, sizes=(_SIZE,))
        for said in lines:
            yield _said(said, 0, 8, size, "soft"), 16.0

    def _lane(self, lane: Lane, width: float, page: float, *, depth: int) -> tuple[str, float]:
        """Return a lane with its steps, and how high it is."""
        room = width - 2 * _PAD
        lines, size = fit(lane.heading, width=room, height=200, sizes=(13.0, 12.0), bold=True)
        head = max(_HEAD, len(lines) * 16.0 + 10)
        x, y = _PAD, head / 2
        parts = [tag("g", lettering(lines, x=x, y=y, size=size, anchor="start"), class_="bold")]
        y = head + 10
        for each in _together(lane.parts):
            if isinstance(each, Lane):
                markup, height = self._lane(each, room, page, depth=depth + 1)
                parts.append(_moved(markup, x, y - 6))
                y += height + 8
                continue
            rows = _rows(each, _COLUMNS[page > NARROW])
            for row in rows:
                most = room / _COLUMNS[page > NARROW] * (_STRETCH if page > NARROW else 1)
                markup, height = self._row(row, min(room / len(rows[0]), most))
                parts.append(_moved(markup, x, y))
                y += height
        frame = tag("rect", class_="lane odd" if depth % 2 else "lane", width=width, height=y, rx=8)
        return frame + "".join(parts), y

    def _row(self, stages: Sequence[Stage], cell: float) -> tuple[str, float]:
        """Return steps beside each other with the ladder below, and how high that is."""
        wide = cell * _WAIT
        base = _BOX + 14 + _BARS if not self.reason else _BOX + 10
        deepest = max((self._bar(stage.work) for stage in stages), default=0)
        parts = []
        for n, stage in enumerate(stages):
            parts.append(self._stage(stage, n * cell, cell, wide, base))
        if self.reason:
            return "".join(parts), base
        end = len(stages) * cell
        parts.append(tag("path", class_="base", d=f"M0 {number(base)}H{number(end)}"))
        return "".join(parts), base + deepest + 26

    def _stage(self, stage: Stage, x: float, cell: float, wide: float, base: float) -> str:
        box = Box(x=x + wide, y=0, width=cell - wide, height=_BOX)
        lines, size = fit(stage.name, width=box.width - 10, height=_BOX - 8, sizes=(12.5, 12, 11.5))
        middle = box.x + box.width / 2
        spoken = text(
            "stream_map.spoken", self.lang, step=stage.name, times=stage.times,
            wait=self._short(stage.wait), work=self._short(stage.work),
        )  # fmt: skip
        parts = [
            tag("title", escape(spoken)),
            tag("g", line(((x + 3, _BOX / 2), (box.x, _BOX / 2)), default=False), class_="flow"),
            tag("rect", class_="body", x=box.x, y=box.y, width=box.width, height=box.height, rx=6),
            lettering(lines, x=middle, y=_BOX / 2 + 1, size=size),
            badge(f"{stage.times}×", box),
        ]
        if not self.reason:
            high, deep = self._bar(stage.wait), self._bar(stage.work)
            parts += [
                tag("rect", class_="wait", x=x + 3, y=base - high, width=wide - 6, height=high),
                _label(
                    self._short(stage.wait),
                    x + wide / 2,
                    base - high - 8,
                    "bold" if stage is self.longest else "",
                ),
                tag("rect", class_="work", x=box.x, y=base, width=box.width, height=deep),
                _label(self._short(stage.work), middle, base + deep + 10),
            ]
        return tag("g", *parts)

    def _bar(self, lasted: timedelta | None) -> float:
        return 0.0 if lasted is None else lasted.total_seconds() * self.scale

    def _total(self, width: float) -> tuple[str, float]:
        """Return all time as one bar, and what its parts are."""
        facts = {"throughput": words.lasting(self.throughput, self.lang, day=self.day)}
        if not self.parts:
            said = text("stream_map.total.untimed", self.lang, **facts)
            return tag("g", _said(said, 0, 9, 14), class_="bold"), 20.0
        share = words.percent(self.work / self.throughput, self.lang)
        said = text("stream_map.total", self.lang, share=share, **facts)
        lines, size = fit(said, width=width, height=60, sizes=(14.0,), bold=True)
        y = len(lines) * 17.0
        parts = [tag("g", lettering(lines, x=0, y=y / 2, size=size, anchor="start"), class_="bold")]
        x, y = 0.0, y + 6
        for n, _, lasted in self.parts:
            wide = width * (lasted / self.throughput)
            parts.append(tag("rect", class_=f"part part-{n}", x=x, y=y, width=wide, height=_TOTAL))
            x += wide
        y += _TOTAL + 14
        told = [self._told(name, lasted) for _, name, lasted in self.parts]
        across = max(1, int(width / (max(length(each, _SIZE) for each in told) + 40)))
        for n, ((look, _, _), said) in enumerate(zip(self.parts, told, strict=True)):
            column, row = n % across, n // across
            x, at = column * width / across, y + row * 19
            swatch = tag("rect", class_=f"part part-{look}", x=x, y=at - 7, width=16, height=12)
            parts.append(swatch + _said(said, x + 22, at - 1))
        return "".join(parts), y + ceil(len(self.parts) / across) * 19 - 8

    def _told(self, name: str, lasted: timedelta) -> str:
        share = words.percent(lasted / self.throughput, self.lang)
        return f"{text(f'stream.{name}', self.lang)}: {self._short(lasted)} ({share})"


def _together(parts: Iterable[Stage | Lane]) -> Iterator[Lane | list[Stage]]:
    """Yield lanes, and the steps between them."""
    stages: list[Stage] = []
    for part in parts:
        if isinstance(part, Stage):
            stages.append(part)
            continue
        if stages:
            yield stages
            stages = []
        yield part
    if stages:
        yield stages


def _rows(stages: Sequence[Stage], columns: int) -> list[Sequence[Stage]]:
    """Return stages in as few rows as they need, as equally long as they can be."""
    rows = ceil(len(stages) / columns)
    each = ceil(len(stages) / rows)
    return [stages[n : n + each] for n in range(0, len(stages), each)]


def _said(words_: str, x: float, y: float, size: float = _SIZE, look: str = "") -> str:
    said = lettering([words_], x=x, y=y, size=size, anchor="start")
    return tag("g", said, class_=look) if look else said


def _label(words_: str, x: float, y: float, look: str = "") -> str:
    said = lettering([words_], x=x, y=y, size=_SIZE)
    return tag("g", said, class_=look) if look else said


def _moved(markup: str, x: float, y: float) -> str:
    return tag("g", markup, transform=f"translate({number(x)} {number(y)})")
