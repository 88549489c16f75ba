"""Hand-overs: who did the next step after whom, how often, and how long it waited in between."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import stacked
from bdv_process.eventlog.doubts import unfinished
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining.concurrency import Following, enabling, steps_in_turn
from bdv_process.mining.engine import LOCAL, Progress, run
from bdv_process.mining.shifts import Shifts
from bdv_process.mining.waiting_cause import causes as divided
from bdv_process.mining.work import timed
from bdv_process.picture.picture import Picture
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template

COLUMNS: Final = (
    "source_activity", "source_resource", "target_activity", "target_resource",
    "frequency", "waiting_seconds",
)  # fmt: skip
ESTIMATED: Final = "handover.estimated"

_PAIR: Final = list(COLUMNS[:4])


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Handovers(Shown):
    """Who did the next step after whom.

    `frame`: one row per pair of activities and the people who did them: source_activity,
        source_resource, target_activity, target_resource, frequency, waiting_seconds (from the end
        of the source to the start of the target, summed; NaN when not measurable). Somebody who
        goes on alone is in it too: see `between_people`. Ordered by the first four. With causes
        also batching_, prioritisation_, contention_ and other_seconds: together the waiting;
        with shifts unavailability_ and extraneous_seconds in place of other_seconds.
    `reason`: text key when waiting is not measurable or was estimated, else "".
    """

    frame: pd.DataFrame
    reason: str = ""

    @property
    def between_people(self) -> pd.DataFrame:
        """Return the rows in which the work went to somebody else; both are known."""
        one, other = self.frame["source_resource"], self.frame["target_resource"]
        return self.frame[one.notna() & other.notna() & (one != other)]

    def to_dict(self) -> dict[str, Any]:
        """Return the hand-overs as plain values, for JSON."""
        return {"format": 1, "reason": self.reason, "handovers": plain(self.frame)}

    def chart(
        self,
        *,
        templates: Iterable[Template] | None = None,
        lang: Language | None = None,
    ) -> Picture:
        """Return a picture of the steps between which work waits for somebody else, people unnamed.

        Args:
            templates: what names the steps; by default the shipped ones.
            lang: whose words; by default the reader's.

        Raises:
            InputRefused: work went to somebody else too few times to be shown.
        """
        from bdv_process.mining.handover_chart import chart

        return chart(self, templates=templates, lang=lang)

    def __repr__(self) -> str:
        """Say how often work was handed over and how long it waited, on one line."""
        every, others = (int(f["frequency"].sum()) for f in (self.frame, self.between_people))
        waited = self.frame["waiting_seconds"].sum(min_count=1) / 3600
        wait = "waiting not measurable" if np.isnan(waited) else f"{waited:.1f} h waited"
        estimate = " (estimated)" if self.reason == ESTIMATED else ""
        return f"<Handovers: {every} next steps, {others} by somebody else, {wait}{estimate}>"


def handovers(
    log: EventLog | LogStore,
    templates: Iterable[Template] | None = None,
    *,
    estimate: bool = False,
    causes: bool = False,
    shifts: Shifts | Mapping[str, Any] | None = None,
    engine: str = LOCAL,
    progress: Progress | None = None,
) -> Handovers:
    """Count who did the next step after whom, within each stream of linked cases.

    The step before is the one that made the next possible, not the one that happened to end last:
    what goes on side by side is not handed over (see `concurrency`).

    Args:
        log: the events, or a store of them; without recorded starts no waiting is measurable.
        templates: what is known about the activities, by default those of the package; their own
            events are no work.
        estimate: when no start is recorded, take the moment at which both the work and the person
            were free, as Chapela-Campa & Dumas (2023) do.
        causes: divide the waiting over its causes (see `waiting_cause`).
        shifts: when people are at work, as `shifts.Shifts` or as its tables: divides what is
            otherwise `other` into unavailability and extraneous.
        engine: what carries it out: see `engine.run`.
        progress: told how many of its steps are done.
    """
    given = tuple(or_shipped(templates))
    told = shifts if shifts is None or isinstance(shifts, Shifts) else Shifts.of(shifts)
    how = HandingOver(templates=given, estimate=estimate, causes=causes, shifts=told)
    return run(how, log, engine=engine, progress=progress)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a log can tell about next steps."""

    timed: bool
    finished: bool  #: whether any step is complete
    following: Following


@dataclass(frozen=True, kw_only=True)
class HandingOver:
    """How hand-overs are counted; of each part a row per pair is kept.

    To estimate and to find causes takes what a person did in the whole log: then a row per step.
    """

    templates: tuple[Template, ...]
    estimate: bool
    causes: bool
    shifts: Shifts | None = None

    def survey(self, log: EventLog) -> Seen:
        """Return whether starts are recorded, and what follows what."""
        return Seen(
            timed=timed(log.coded),
            finished=not unfinished(log.coded),
            following=Following.seen(log, self.templates),
        )

    def surveyed(self, parts: Sequence[Seen]) -> Seen:
        """Return what the whole log can tell."""
        following = Following.together([part.following for part in parts])
        return Seen(
            timed=any(part.timed for part in parts),
            finished=any(part.finished for part in parts),
            following=following,
        )

    def partial(self, log: EventLog, can: Seen) -> pd.DataFrame:
        """Return who did the next step after whom: a row per step, or per pair."""
        steps = steps_in_turn(log, self.templates)
        after = enabling(steps, can.following.concurrent)
        before = steps[["activity", "resource", "end"]].reindex(after)  # of -1, nothing
        before = before.set_axis(["source_activity", "source_resource", "since"], axis=1)
        names = {"activity": "target_activity", "resource": "target_resource"}
        own = steps[[*names, "start", "end"]].rename(columns=names)
        found = own.join(before.set_axis(steps.index))
        return found if self._whole(can) else _paired(found, _waited(found))

    def merge(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Return the rows of all parts."""
        return stacked(parts)

    def finish(self, whole: pd.DataFrame, can: Seen) -> Handovers:
        """Return what it comes to per pair of activities and people."""
        reason = "" if can.timed else ESTIMATED if self.estimate else "unchecked.start"
        reason = reason if can.finished else "unchecked.steps"
        if self._whole(can):
            whole = _in_order(whole)
            if reason == ESTIMATED:
                whole["start"] = _estimated(whole)
            parts = _waited(whole)
            if self.causes:
                own = {"target_activity": "activity", "target_resource": "resource"}
                known = whole.assign(start=whole["start"].fillna(whole["end"]))
                parts = parts.join(divided(known.rename(columns=own), self.shifts))
            whole = _paired(whole, parts)
        summed = whole.groupby(_PAIR, dropna=False, observed=True).sum()
        waited = summed.drop(columns=["frequency", "known"])
        # Some waits unknown: what the others waited is not what all of them did.
        seconds = (waited / 1e6).where(summed["known"] == summed["frequency"])
        frame = summed[["frequency"]].join(seconds.add_suffix("_seconds"))
        frame = frame.reset_index().astype(dict.fromkeys(_PAIR, "str"))
        return Handovers(frame=frame.sort_values(_PAIR, ignore_index=True), reason=reason)

    def _whole(self, can: Seen) -> bool:
        return self.causes or (self.estimate and not can.timed)


def _waited(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the waiting of each step in microseconds, where it is known."""
    waited = steps["start"] - steps["since"]
    lasted = waited.fillna(pd.Timedelta(0)).astype("timedelta64[us]").astype("int64")
    return pd.DataFrame({"known": waited.notna(), "waiting": lasted})


def _paired(steps: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return by pair how often the next step was done, and what all of them waited."""
    pairs = steps[_PAIR].assign(frequency=1).join(parts)[steps["source_activity"].notna()]
    return pairs.groupby(_PAIR, dropna=False, observed=True).sum().reset_index()


def _in_order(steps: pd.DataFrame) -> pd.DataFrame:
    """Return steps in an order that does not depend on the parts they came from."""
    names = {name: steps[name].cat.categories.sort_values() for name in _PAIR}
    steps = steps.assign(**{n: steps[n].cat.set_categories(names[n]) for n in _PAIR})
    return steps.sort_values(["end", "start", "since", *_PAIR], ignore_index=True)


def _estimated(steps: pd.DataFrame) -> pd.Series:
    """Return when each step can have begun: what came before it was done, and its person free."""
    free = steps.groupby("target_resource", observed=True)["end"].shift()
    start = pd.concat([steps["since"], free], axis=1).max(axis=1)
    return start.where(start <= steps["end"], steps["end"])
