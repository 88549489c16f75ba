"""The cases of a value stream inside each other, as they follow in time: lanes of steps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

_MOST: Final = 14  #: steps in one lane; the others are added up


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A step of a lane; durations are means per stream, None where they are not to be seen."""

    lane: str
    name: str
    times: str
    wait: timedelta | None
    work: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The steps of the cases at one place of a stream, and the lanes that begin in between."""

    heading: str
    name: str
    parts: tuple["Stage | Lane", ...]

    def stages(self) -> Iterator[Stage]:
        """Yield all steps, in the order in which they are drawn."""
        for part in self.parts:
            if isinstance(part, Lane):
                yield from part.stages()
            else:
                yield part

    def lanes(self) -> Iterator["Lane"]:
        """Yield this lane and those within, from outside to inside."""
        yield self
        for part in self.parts:
            if isinstance(part, Lane):
                yield from part.lanes()


def lanes(
    steps: pd.DataFrame, streams: int, templates: Mapping[str, Template], lang: Language
) -> tuple[Lane, ...]:
    """Return the outermost lanes of one pattern of streams.

    Args:
        steps: of that pattern, see `mining.value_stream.ValueStreams.steps`.
        streams: how many there are.
        templates: what names the steps, says their order, and where another case begins.
        lang: whose words.
    """
    found = _Lanes(steps, streams, templates, lang)
    tops = [place for place in found.rows if place.rpartition(">")[0] not in found.rows]
    return tuple(found.lane(place, None) for place in tops)


class _Lanes:
    """The lanes while they are put inside each other."""

    def __init__(
        self, steps: pd.DataFrame, streams: int, templates: Mapping[str, Template], lang: Language
    ) -> None:
        self.streams, self.templates, self.lang = streams, templates, lang
        self.rows: dict[str, list[dict[str, Any]]] = {}
        for row in records(steps):
            self.rows.setdefault(row["position"], []).append(row)

    def lane(self, place: str, fork: str | None) -> Lane:
        rows = self.rows[place]
        template = self._template(rows)
        name = template.label(self.lang) if template else words.pattern(_last(place), self.lang)
        key = template.key if template else ""
        ordered = _in_order(_added_up(rows), template)
        parts: list[tuple[float, Stage | Lane]] = [
            (at, self._stage(row, name, template)) for at, row in ordered if row["cases"] >= FEW
        ]
        for inner in self.rows:
            if inner.rpartition(">")[0] == place:
                parts.append(self._inside(inner, template, len(parts)))
        parts.sort(key=lambda each: each[0])
        heading = f"{key} {name}".strip()
        if fork is not None:
            said = "starts" if fork else "child"
            heading = text(f"stream_map.{said}", self.lang, step=fork, key=key, name=name)
        return Lane(heading=heading, name=heading if fork is None else f"{key} {name}".strip(),
                    parts=tuple(part for _, part in parts))  # fmt: skip

    def _inside(self, place: str, template: Template | None, last: int) -> tuple[float, Lane]:
        """Return a lane that begins within another, and at which turn."""
        called = {row["template"] for row in self.rows[place]}
        forks = [fork for fork in template.forks if fork.calls in called] if template else []
        if not (template and forks):
            return float("inf"), self.lane(place, "")
        at = [activity.id for activity in template.activities].index(forks[0].id)
        return float(at), self.lane(place, forks[0].label(self.lang))

    def _template(self, rows: Sequence[dict[str, Any]]) -> Template | None:
        """Return the workflow that most of these steps were done in."""
        often: dict[str, int] = {}
        for row in rows:
            often[row["template"]] = often.get(row["template"], 0) + row["times"]
        return self.templates.get(max(often, key=lambda key: (often[key], key)))

    def _stage(self, row: dict[str, Any], lane: str, template: Template | None) -> Stage:
        node = template.by_id.get(row["activity"]) if template else None
        name = node.label(self.lang) if node else row["activity"]
        if row.get("added"):
            name = text("stream_map.others", self.lang, count=row["added"])
        wait, work = (
            None if pd.isna(row[spent]) else row[spent].to_pytimedelta() / self.streams
            for spent in ("waiting", "processing")
        )
        times = words.count(row["times"], self.lang)
        return Stage(lane=lane, name=name, times=times, wait=wait, work=work)


def _added_up(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row per activity; what is rare is one together when there are too many."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = found.get(row["activity"])
        found[row["activity"]] = _sum(known, row) if known else row
    often = sorted(found.values(), key=lambda row: (-row["times"], row["activity"]))
    if len(often) <= _MOST:
        return often
    rare = often[_MOST - 1 :]
    others = rare[0]
    for row in rare[1:]:
        others = _sum(others, row)
    return [*often[: _MOST - 1], others | {"added": len(rare), "turn": float("inf")}]


def _sum(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    added = ("times", "cases", "processing", "waiting")
    return one | {name: one[name] + other[name] for name in added}


def _in_order(
    rows: Sequence[dict[str, Any]], template: Template | None
) -> list[tuple[float, dict[str, Any]]]:
    """Return rows with their place: the template's, or by their turn behind what it knows."""
    known = [activity.id for activity in template.activities] if template else []
    at = {row["activity"]: known.index(row["activity"]) for row in rows if row["activity"] in known}
    placed = []
    for row in rows:
        before = [at.get(each["activity"], -1) for each in rows if each["turn"] < row["turn"]]
        here = at.get(row["activity"])
        placed.append((max(before, default=-1) + 0.5 if here is None else here, row))
    placed.sort(key=lambda each: (each[0], each[1]["turn"], each[1]["activity"]))
    return [(at, row) for at, row in placed]


def _last(place: str) -> str:
    return place.rpartition(">")[2]
