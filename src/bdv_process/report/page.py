"""What a report says, before it is a page, a document or data: one value, shown by every face.

Numbers stand here as numbers and are None where a group is too small to show, so what a face cannot
show it cannot give away. Sentences are in one language. Pictures are drawn already (SVG), and are
no data: `to_dict` leaves them out.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any

from bdv_process.language import Language
from bdv_process.picture.picture import Picture
from bdv_process.picture.process_map import Passage
from bdv_process.report.part import Part
from bdv_process.report.proposal import FORMAT, fingerprint


def _picture() -> Any:
    return field(repr=False, metadata={"picture": True})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that goes wrong at one step of one workflow, told in sentences."""

    finding: str  #: stable id, as W4.skipped.recover_verify
    template: str
    activity: str
    step: str
    kind: str  #: in words; of a broken rule what it asks
    times: int | None
    part: Part
    since: str | None  #: months: 2026-03
    until: str | None
    examples: tuple[str, ...]
    says: str  #: what, and where
    often: str
    when: str
    advice: str
    level: int = field(metadata={"picture": True})  #: colour, 1..4


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of page one: a finding, and what to do unless an earlier point said so."""

    finding: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule beyond the path, held against one workflow."""

    rule: str  #: id
    asks: str
    state: str  #: unchecked, clean, broken, not_applicable
    says: str
    part: Part  #: cases that break it, of those looked at


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of the table that says what the diagram shows."""

    activity: str
    name: str
    what: str  #: what it is, as a screen reader says it
    badge: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Month:
    """The cases of one workflow that started in one month."""

    month: str  #: 2026-03
    following: Part
    bar: str = _picture()


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a starting point of the concept."""

    principle: str
    measure: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: str  #: share, days
    better: str  #: high or low
    says: str  #: the value in words, or why there is none


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One template in one log."""

    anchor: str
    template: str
    name: str
    about: str
    following: Part
    fitness: float | None
    variants: int | None
    median: float | None  #: days
    mean: float | None
    p90: float | None
    bar: str = _picture()
    reach: str = _picture()
    diagram: str = _picture()
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    months: tuple[Month, ...]
    changes: tuple[str, ...]  #: what began to go differently, in sentences
    map: str = _picture()  #: what really happened
    passages: tuple[Passage, ...]  #: the same as a table
    precision: float | None
    really: tuple[str, ...]  #: what the map comes to, in sentences


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One measure here and there."""

    finding: str  #: "" for following the path
    template: str
    says: str
    here: Part
    there: Part
    difference: float
    low: float
    high: float
    state: str  #: more, less, same
    word: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One log beside its own past, or beside another."""

    here: str
    there: str
    sentences: tuple[str, ...]
    rows: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One term of the reading guide with its sentences."""

    term: str
    says: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture with the table that says the same."""

    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: str = _picture()

    @staticmethod
    def of(drawn: Picture) -> "Figure":
        """Return a picture as the page shows it."""
        return Figure(
            title=drawn.title,
            says=drawn.says,
            columns=tuple(map(str, drawn.table)),
            rows=tuple(tuple(map(str, row)) for row in drawn.table.itertuples(index=False)),
            svg=drawn.svg,
        )


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """The closed streams of one pattern; shares are of the throughput of all of them."""

    pattern: str  #: "" for all
    name: str
    streams: int
    median: float  #: days
    p90: float
    efficiency: float | None
    waits: tuple[float | None, ...]  #: before start, between, requester, child, partner
    handovers: float | None
    right: Part


@dataclass(frozen=True, kw_only=True)
class Streams:
    """The value streams of a log."""

    says: tuple[str, ...]
    advice: str = ""
    patterns: tuple[Pattern, ...] = ()
    figures: tuple[Figure, ...] = ()
    unseen: tuple[Entry, ...] = ()  #: what this log cannot tell, and why


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that goes wrong in journeys, and in how many."""

    trouble: str
    name: str
    part: Part


@dataclass(frozen=True, kw_only=True)
class Group:
    """Journeys that are alike."""

    group: int
    path: tuple[str, ...]  #: of the journey in the middle
    journeys: int
    median: float  #: days
    touchpoints: float
    silence: float | None  #: days, the longest; None: not measurable
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, kw_only=True)
class Journeys:
    """The customer journeys in a log."""

    says: tuple[str, ...]
    troubles: tuple[Trouble, ...] = ()
    advice: str = ""
    groups: tuple[Group, ...] = ()
    figures: tuple[Figure, ...] = ()
    preceding: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  #: which streams are left out, and why
    unseen: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One log."""

    anchor: str
    name: str
    synthetic: bool
    period: str
    following: Part
    headline: str
    order: str  #: how the points are ranked; what was checked when there are none
    points: tuple[Point, ...]
    findings: tuple[Finding, ...]
    checked: tuple[Entry, ...]  #: which rules are clean, and which could not be checked
    unchecked: str  #: how many rules could be checked nowhere; "" when none
    workflows: tuple[Workflow, ...]
    axis: str = _picture()
    comparison: Comparison | None
    principles: tuple[Measure, ...]
    streams: Streams | None
    journeys: Journeys | None
    quality: tuple[Entry, ...]
    guide: tuple[Entry, ...]

    def of(self, workflow: Workflow) -> tuple[Finding, ...]:
        """Return what goes wrong in one workflow."""
        return tuple(each for each in self.findings if each.template == workflow.template)

    @cached_property
    def by_id(self) -> dict[str, Finding]:
        """Return the findings by id."""
        return {each.finding: each for each in self.findings}


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole report."""

    lang: Language
    title: str
    generated: str  #: ISO 8601
    chapters: tuple[Chapter, ...]

    def __repr__(self) -> str:
        """Say what it is called and about which logs, on one line."""
        return f"<Page {self.title}: {', '.join(chapter.name for chapter in self.chapters)}>"

    def to_dict(self) -> dict[str, Any]:
        """Return all that the page says as plain values, with the fingerprint of the rest."""
        said = {"format": FORMAT, **_plain(self)}
        return {**said, "fingerprint": fingerprint(said)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if not each.metadata.get("picture")
        }
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
