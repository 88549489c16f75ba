"""Value streams: what one need started, how long it took, and what that time went to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import (
    ACTIVITY,
    LIFECYCLE,
    RESOURCE,
    ROLE,
    TIMESTAMP,
    Lifecycle,
    LinkSource,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining.calendar import Calendar, lasted
from bdv_process.mining.discovery import ProcessMap
from bdv_process.mining.flow import flow
from bdv_process.mining.linking import without_inferred
from bdv_process.mining.spans import questions, spans
from bdv_process.mining.stream_levels import LOG, by_pattern, of_steps_by
from bdv_process.mining.stream_map import stream_map
from bdv_process.mining.stream_measures import measured_cases, steps_of, streams_of
from bdv_process.mining.stream_steps import of_steps_in_place, placed
from bdv_process.mining.waiting import Spent, partition
from bdv_process.mining.work import compact, of_steps, pieces, timed
from bdv_process.picture.picture import Picture
from bdv_process.template.model import Template

CLASSES: Final = tuple(each.value for each in Spent)
#: Measures of time, in the order of the frames.
TIMES: Final = ("throughput", "processing", *CLASSES)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ValueStreams(Shown):
    """What the streams of a log took. Durations are timedelta64[us] of counted time.

    Every frame of cases or streams has: throughput (first to last event), processing (work of all,
    side by side counted twice), and the classes of `Spent`, busy first: together they are the
    throughput, to the microsecond. NaT or NaN where the log cannot tell: see `unseen`.

    `streams`: stream (id of its first case), pattern, cases, open, started, ended, the times,
        efficiency (busy / throughput), steps, repeated (steps done again in their case), handovers,
        role_handovers, organisation_handovers, ping_pong (work came back to who had just given it
        away), right (nothing was done again).
    `cases`: case, stream, template, parent, link (how that is known, see
        `LinkSource`), depth, organisation, open, started, ended, the times
        (seen from the case: waiting for its children is `child`), steps, repeated.
    `patterns`: per pattern, and "" for all: streams, closed, and of the closed ones: median, low,
        high (95 %), mean and p90 of the throughput, the sums of the times, efficiency (sum / sum),
        handovers and role_handovers (mean), ping_pong (share of streams), rework (repeated /
        steps), right (share), right_low, right_high. The commonest pattern first.
    `activities`, `roles`, `organisations`: times, cases, processing, waiting (until a step began,
        since what made it possible), median_waiting.
    `steps`: where in a closed stream what was done: pattern, position (the chain of workflows that
        leads to the case, as `recover>change`), template, activity, times, cases, turn (mean, in
        the case), processing and waiting (sums, as above). In the order in which they come.
    `flow`: per month and for the whole log: see `flow.flow`.
    `mapped`: see `map`.
    `unseen`: text key of the reason per measure that this log cannot carry.
    """

    streams: pd.DataFrame
    cases: pd.DataFrame
    patterns: pd.DataFrame
    activities: pd.DataFrame
    roles: pd.DataFrame
    organisations: pd.DataFrame
    steps: pd.DataFrame
    flow: pd.DataFrame
    calendar: Calendar
    unseen: dict[str, str]
    mapped: Callable[[str], ProcessMap]

    @property
    def frame(self) -> pd.DataFrame:
        """Return the streams."""
        return self.streams

    @property
    def inferred(self) -> int:
        """Return how many cases are in their stream by a link that was only inferred."""
        return int((self.cases["link"] == LinkSource.INFERRED).sum())

    def map(self, pattern: str = LOG) -> ProcessMap:
        """Return what really happened in the streams of a pattern, step by step; see `stream_map`.

        Looks at the events of the log again. Draw it with `draw_map`.

        Raises:
            NotFound: there is no stream of this pattern.
        """
        return self.mapped(pattern)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON; durations in seconds."""
        names = (
            "patterns",
            "streams",
            "cases",
            "activities",
            "roles",
            "organisations",
            "steps",
            "flow",
        )
        return {
            "format": 1,
            "calendar": self.calendar.value,
            "unseen": self.unseen,
            "inferred": self.inferred,
            **{name: plain(getattr(self, name)) for name in names},
        }

    def chart(
        self,
        kind: str = "map",
        *,
        pattern: str | None = None,
        stream: str | None = None,
        templates: Iterable[Template] | None = None,
        lang: Language | None = None,
    ) -> Picture:
        """Return a picture of streams.

        Args:
            kind: `map`, a value stream map of a pattern; `tree`, the cases of one stream over time;
                `distribution` or `trend` of the throughput.
            pattern: of which streams; by default of the pattern that took most time together, or of
                all of them (distribution and trend).
            stream: of which one (tree); by default one in the middle of its pattern.
            templates: what names the steps; by default the shipped ones.
            lang: whose words; by default the reader's.

        Raises:
            InputRefused: no such kind, or so few streams that they may not be shown.
            NotFound: no such pattern or stream.
        """
        from bdv_process.mining.stream_chart import chart

        return chart(self, kind, pattern=pattern, stream=stream, templates=templates, lang=lang)

    def __repr__(self) -> str:
        """Say how many streams there are, what they took and how efficiently, on one line."""
        whole = self.patterns.iloc[0]
        took = "" if pd.isna(whole["median"]) else f", median {whole['median']}"
        spent = whole["efficiency"]
        share = "efficiency not measurable" if pd.isna(spent) else f"efficiency {spent:.1%}"
        guessed = f", {self.inferred} links inferred" if self.inferred else ""
        return (
            f"<ValueStreams: {whole['streams']} streams, {whole['closed']} closed, "
            f"{len(self.patterns) - 1} patterns{took}, {share}, calendar {self.calendar}{guessed}>"
        )


def value_streams(
    log: EventLog,
    templates: Iterable[Template] = (),
    *,
    calendar: Calendar | str = Calendar.NONE,
    organisation: str | None = None,
    inferred: bool = True,
) -> ValueStreams:
    """Measure the streams of a log: the trees of cases that one need started.

    Args:
        log: the events.
        templates: which activities are work, which messages ask the requester something, and how
            cases end: in a log that shows ends, a case without one is open.
        calendar: which time counts, `none` or `kantooruren`.
        organisation: column that says whose case it is; the first one in a case counts.
        inferred: whether links that nobody recorded, but that were inferred (`link`), count.

    Raises:
        InputRefused: cases are each other's ancestors, the log has no times, or no such column.
    """
    templates, calendar = tuple(templates), Calendar(calendar)
    frame = (log if inferred else without_inferred(log)).coded
    if frame[TIMESTAMP].isna().all():
        raise InputRefused("BDV-441", where=log.provenance.source)
    if organisation is not None and organisation not in frame:
        raise InputRefused("BDV-442", where=log.provenance.source, column=organisation)
    rows = compact(log)
    cases = measured_cases(frame, rows, templates, organisation)
    about_work = of_steps(rows, templates)
    worked = pieces(about_work)
    worked["processing"] = lasted(worked["start"], worked["end"], calendar)
    steps = steps_of(about_work, worked, cases, templates, calendar)
    every, code = spans(rows, cases, worked, templates), cases["code"].to_numpy()
    alone = partition(every.assign(owner=every["at"], depth=0), len(cases), calendar)
    took = np.bincount(worked["at"], worked["processing"], len(cases)).astype(np.int64)
    cases = cases.assign(
        throughput=lasted(cases["started"], cases["ended"], calendar), processing=took
    ).join(alone)
    depth = cases["depth"].to_numpy()[every["at"]]
    together = every.assign(owner=code[every["at"]], depth=depth)
    streams = streams_of(cases, steps, templates, calendar)
    streams = streams.join(partition(together, len(streams), calendar))
    streams["efficiency"] = streams["busy"] / streams["throughput"].where(streams["throughput"] > 0)
    process = {template.key: template.process for template in templates}
    places = placed(of_steps_in_place(steps, cases, streams, process))
    cases["parent"] = cases["case"].reindex(cases["parent"]).array
    measured = {
        "streams": streams[[*_OF_STREAM, *TIMES, "efficiency", *_COUNTS]].rename_axis(None),
        "cases": cases[[*_OF_CASE, *TIMES, "steps", "repeated"]],
        "patterns": by_pattern(streams, TIMES),
        "steps": places,
        **{plural: of_steps_by(steps, level) for level, plural in _PLURAL.items()},
    }
    unseen = _unseen(log, rows, cases, templates, organisation)
    shown = {name: _shown(found, unseen) for name, found in measured.items()}
    return ValueStreams(
        **shown,
        flow=flow(streams),
        calendar=calendar,
        unseen=unseen,
        mapped=partial(stream_map, log, templates=templates, inferred=inferred),
    )


def _unseen(
    log: EventLog,
    rows: pd.DataFrame,
    cases: pd.DataFrame,
    templates: tuple[Template, ...],
    organisation: str | None,
) -> dict[str, str]:
    """Return the measures that a log cannot carry, each with its reason."""
    run = [t for t in templates if cases["template"].isin([t.key]).any()]
    asks = set(questions(run)) - set(log.provenance.not_observable)
    forks = [fork.id for template in run for fork in template.forks]
    waits = rows[ACTIVITY].isin(forks) & (rows[LIFECYCLE] == Lifecycle.START)
    linked = cases["parent"].notna().any() or waits.any()
    reasons = {
        "unchecked.start": () if timed(rows) else _NEED_START,
        "unchecked.question": () if asks else ("requester",),
        "unchecked.parent": () if linked else ("child",),
        "unchecked.organisation": ("partner", "organisation_handovers") if not organisation else (),
        "unchecked.resource": () if rows[RESOURCE].notna().any() else ("handovers", "ping_pong"),
        "unchecked.role": () if rows[ROLE].notna().any() else ("role_handovers",),
    }
    return {measure: reason for reason, measures in reasons.items() for measure in measures}


def _shown(found: pd.DataFrame, unseen: dict[str, str]) -> pd.DataFrame:
    """Return a frame with durations for microseconds, and nothing where nothing can be known."""
    durations = [name for name in found if name in _DURATIONS]
    whole = found[durations].round().astype("Int64").astype("timedelta64[us]")
    shown = found.assign(**whole)
    for name in unseen.keys() & set(shown.columns):
        dtype = "timedelta64[us]" if name in _DURATIONS else "float64"
        shown[name] = pd.Series(index=shown.index, dtype=dtype)
    return shown


_NEED_START: Final = (
    "processing", "busy", "before_start", "between", "efficiency", "waiting", "median_waiting",
)  # fmt: skip
_PLURAL: Final = {"activity": "activities", "role": "roles", "organisation": "organisations"}
_DURATIONS: Final = (*TIMES, "median", "low", "high", "mean", "p90", "waiting", "median_waiting")
_OF_STREAM: Final = ("stream", "pattern", "cases", "open", "started", "ended")
_OF_CASE: Final = (
    "case", "stream", "template", "parent", "link", "depth", "organisation", "open", "started",
    "ended",
)  # fmt: skip
_COUNTS: Final = (
    "steps", "repeated", "handovers", "role_handovers", "organisation_handovers", "ping_pong",
    "right",
)  # fmt: skip
