"""Value streams: what one need started, how long it took, and what that time went to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Any, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import (
    TIMESTAMP,
    LinkSource,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining.calendar import Calendar
from bdv_process.mining.concurrency import Following
from bdv_process.mining.costs import Costing, Costs
from bdv_process.mining.discovery import ProcessMap
from bdv_process.mining.engine import LOCAL, Progress, run
from bdv_process.mining.flow import flow
from bdv_process.mining.linking import without_inferred
from bdv_process.mining.rates import Rates
from bdv_process.mining.stream_levels import LOG, by_pattern
from bdv_process.mining.stream_map import stream_map
from bdv_process.mining.stream_parts import PLURAL, TIMES, Measured
from bdv_process.mining.stream_steps import placed
from bdv_process.mining.variants import ends_shown
from bdv_process.picture.picture import Picture
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key


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
    `costs`: what it all cost, when rates were given.
    `began`: of what share of the steps it is known when they began, NaN without steps. Under one
        half, nothing is said of effort and waiting.
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
    began: float
    unseen: dict[str, str]
    mapped: Callable[[str], ProcessMap]
    costs: Costs | None = None

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
            "patterns", "streams", "cases", "activities", "roles", "organisations", "steps", "flow",
        )  # fmt: skip
        return {
            "format": 1,
            "calendar": self.calendar.value,
            "began": None if pd.isna(self.began) else self.began,
            "unseen": self.unseen,
            "inferred": self.inferred,
            "costs": self.costs and self.costs.to_dict(),
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
        if 0 < self.began < 1:
            share += f", beginnings of {self.began:.1%} of the steps"
        guessed = f", {self.inferred} links inferred" if self.inferred else ""
        return (
            f"<ValueStreams: {whole['streams']} streams, {whole['closed']} closed, "
            f"{len(self.patterns) - 1} patterns{took}, {share}, calendar {self.calendar}{guessed}>"
        )


def value_streams(
    log: EventLog | LogStore,
    templates: Iterable[Template] | None = None,
    *,
    calendar: Calendar | str = Calendar.NONE,
    organisation: str | None = None,
    inferred: bool = True,
    rates: Rates | Mapping[str, Any] | None = None,
    engine: str = LOCAL,
    progress: Progress | None = None,
) -> ValueStreams:
    """Measure the streams of a log: the trees of cases that one need started.

    Args:
        log: the events, or a store of them.
        templates: which activities are work, which messages ask the requester something, and how
            cases end: in a log that shows ends, a case without one is open. By default those of
            the package.
        calendar: which time counts, `none` or `kantooruren`.
        organisation: column that says whose case it is; the first one in a case counts.
        inferred: whether links that nobody recorded, but that were inferred (`link`), count.
        rates: euros per hour by role and per activity, as `rates.Rates` or as its tables: gives
            `costs`.
        engine: what carries it out: see `engine.run`.
        progress: told how many of its steps are done.

    Raises:
        InputRefused: it is no log, there is no such calendar, cases are each other's ancestors, the
            log has no times, or no such column; rates that are no amounts, or that lack a role that
            worked.
    """
    given = tuple(or_shipped(templates))
    if calendar not in [*Calendar]:
        raise InputRefused("BDV-465", calendar=calendar, known=", ".join(Calendar))
    how = ValueStreaming(
        templates=given,
        calendar=Calendar(calendar),
        organisation=organisation,
        inferred=inferred,
    )
    found = run(how, log, engine=engine, progress=progress)
    costs = None
    if rates is not None:
        priced = Costing(
            rates=rates if isinstance(rates, Rates) else Rates.of(rates),
            templates=given,
            calendar=Calendar(calendar),
            organisation=organisation,
            inferred=inferred,
        )
        costs = run(priced, log, engine=engine)
    return ValueStreams(
        **found,
        mapped=partial(stream_map, log, templates=given, inferred=inferred, engine=engine),
        costs=costs,
    )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a log can tell about streams."""

    source: str
    times: bool
    ends: frozenset[str]  #: the templates of which it shows how cases end
    following: Following


@dataclass(frozen=True, kw_only=True)
class ValueStreaming:
    """How streams are measured; of each part a row per case and stream is kept, and each wait."""

    templates: tuple[Template, ...]
    calendar: Calendar
    organisation: str | None
    inferred: bool

    def survey(self, log: EventLog) -> Seen:
        """Return of which templates ends are shown, and what follows what."""
        log = self._linked(log)
        frame, source = log.coded, log.provenance.source
        if self.organisation is not None and self.organisation not in frame:
            raise InputRefused("BDV-442", where=source, column=self.organisation)
        return Seen(
            source=source,
            times=bool(frame[TIMESTAMP].notna().any()),
            ends=ends_shown(frame, by_key(self.templates), ()),
            following=Following.seen(log, self.templates),
        )

    def surveyed(self, parts: Sequence[Seen]) -> Seen:
        """Return what the whole log can tell; one without times is refused."""
        if not any(part.times for part in parts):
            raise InputRefused("BDV-441", where=parts[0].source)
        return Seen(
            source=parts[0].source,
            times=True,
            ends=frozenset().union(*(part.ends for part in parts)),
            following=Following.together([part.following for part in parts]),
        )

    def partial(self, log: EventLog, can: Seen) -> Measured:
        """Return what the cases, streams and steps of a part took."""
        return Measured.of(
            self._linked(log),
            self.templates,
            calendar=self.calendar,
            organisation=self.organisation,
            ends=can.ends,
            concurrent=can.following.concurrent,
        )

    def merge(self, parts: Sequence[Measured]) -> Measured:
        """Return the rows of all parts."""
        return Measured.together(parts)

    def finish(self, whole: Measured, can: Seen) -> dict[str, Any]:
        """Return what `ValueStreams` consists of: rows in order, and what they come to."""
        # Before the rows are there twice: what asks for most room itself.
        levels = {plural: whole.of_level(level) for level, plural in PLURAL.items()}
        streams, cases = whole.in_order()
        measured = levels | {
            "streams": streams,
            "cases": cases,
            "patterns": by_pattern(streams, TIMES),
            "steps": placed(whole.places),
        }
        unseen = {
            measure: reason
            for reason, measures in _NEED.items()
            for measure in measures
            if reason not in whole.tells
        }
        steps = len(whole.waits)
        if 0 < whole.began < steps / 2:
            unseen |= dict.fromkeys(_NEED["unchecked.start"], "unchecked.most_starts")
        if not steps:  # of nothing, nothing was handed over or done again
            unseen |= dict.fromkeys(_OF_STEPS, "unchecked.steps")
        blank = {*unseen, *(_AROUND if "right" in unseen else ())}
        shown = {name: _shown(found, blank) for name, found in measured.items()}
        return shown | {
            "flow": flow(streams),
            "calendar": self.calendar,
            "began": whole.began / steps if steps else nan,
            "unseen": unseen,
        }

    def _linked(self, log: EventLog) -> EventLog:
        return log if self.inferred else without_inferred(log)


def _shown(found: pd.DataFrame, blank: set[str]) -> pd.DataFrame:
    """Return a frame with durations for microseconds, and nothing where nothing can be known."""
    shown = found.assign(
        **{
            name: found[name].round().astype("Int64").astype("timedelta64[us]")
            for name in found
            if name in _DURATIONS  # one by one: of fifty million events they are large
        }
    )
    for name in blank & set(shown.columns):
        dtype = "timedelta64[us]" if name in _DURATIONS else "float64"
        shown[name] = pd.Series(index=shown.index, dtype=dtype)
    return shown


#: What cannot be measured, by the text key of what a log then does not tell.
_NEED: Final = {
    "unchecked.start": (
        "processing", "busy", "before_start", "between", "efficiency", "waiting", "median_waiting",
    ),
    "unchecked.question": ("requester",),
    "unchecked.parent": ("child",),
    "unchecked.organisation": ("partner", "organisation_handovers"),
    "unchecked.resource": ("handovers", "ping_pong"),
    "unchecked.role": ("role_handovers",),
}  # fmt: skip
_OF_STEPS: Final = (
    "handovers", "role_handovers", "organisation_handovers", "ping_pong", "rework", "right",
)  # fmt: skip
_AROUND: Final = ("right_low", "right_high")
_DURATIONS: Final = (*TIMES, "median", "low", "high", "mean", "p90", "waiting", "median_waiting")
