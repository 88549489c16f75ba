"""Hand-overs: who did the next step after whom, how often, and how long it waited in between."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.mining.concurrency import enabling, in_turn
from bdv_process.mining.tree import tree
from bdv_process.mining.waiting_cause import causes as divided
from bdv_process.mining.work import compact, of_steps, timed, work
from bdv_process.template.model import Template

COLUMNS: Final = (
    "source_activity", "source_resource", "target_activity", "target_resource",
    "frequency", "waiting_seconds",
)  # fmt: skip
ESTIMATED: Final = "handover.estimated"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Handovers(Shown):
    """Who did the next step after whom.

    `frame`: one row per pair of activities and the people who did them: source_activity,
        source_resource, target_activity, target_resource, frequency, waiting_seconds (from the end
        of the source to the start of the target, summed; NaN when not measurable). Somebody who
        goes on alone is in it too: see `between_people`. Ordered by the first four. With causes
        also batching_, prioritisation_, contention_ and other_seconds: together the waiting.
    `reason`: text key when waiting is not measurable or was estimated, else "".
    """

    frame: pd.DataFrame
    reason: str = ""

    @property
    def between_people(self) -> pd.DataFrame:
        """Return the rows in which the work went to somebody else."""
        return self.frame[self.frame["source_resource"] != self.frame["target_resource"]]

    def to_dict(self) -> dict[str, Any]:
        """Return the hand-overs as plain values, for JSON."""
        return {"format": 1, "reason": self.reason, "handovers": plain(self.frame)}

    def __repr__(self) -> str:
        """Say how often work was handed over and how long it waited, on one line."""
        every, others = (int(f["frequency"].sum()) for f in (self.frame, self.between_people))
        waited = self.frame["waiting_seconds"].sum(min_count=1) / 3600
        wait = "waiting not measurable" if np.isnan(waited) else f"{waited:.1f} h waited"
        estimate = " (estimated)" if self.reason == ESTIMATED else ""
        return f"<Handovers: {every} next steps, {others} by somebody else, {wait}{estimate}>"


def handovers(
    log: EventLog,
    templates: Iterable[Template] = (),
    *,
    estimate: bool = False,
    causes: bool = False,
) -> Handovers:
    """Count who did the next step after whom, within each stream of linked cases.

    The step before is the one that made the next possible, not the one that happened to end last:
    what goes on side by side is not handed over (see `concurrency`).

    Args:
        log: the events; steps without a recorded start have no measurable waiting.
        templates: what is known about the activities; their own events are no work.
        estimate: when no start is recorded, take the moment at which both the work and the person
            were free, as Chapela-Campa & Dumas (2023) do.
        causes: divide the waiting over its causes (see `waiting_cause`).
    """
    templates, rows = tuple(templates), compact(log)
    steps = work(of_steps(rows, templates))
    stream = pd.factorize(tree(log.coded)["stream"])[0]
    steps = in_turn(steps.assign(stream=stream[steps["at"]]))
    steps["after"] = enabling(steps, templates)
    seen = timed(rows)
    if estimate and not seen:
        steps["start"] = _estimated(steps)
    parts = pd.DataFrame({"waiting": steps["start"] - steps["end"].reindex(steps["after"]).array})
    if causes:
        known = steps.assign(start=steps["start"].fillna(steps["end"]))
        parts = parts.join(divided(known).astype("timedelta64[us]"))
    after = steps[steps["after"] >= 0]
    before = steps.loc[after["after"]]
    pairs = pd.DataFrame(
        {
            "source_activity": before["activity"].array,
            "source_resource": before["resource"].array,
            "target_activity": after["activity"].array,
            "target_resource": after["resource"].array,
        },
        index=after.index,
    ).join(parts.add_suffix("_seconds"))
    by = list(COLUMNS[:4])
    grouped = pairs.groupby(by, dropna=False, observed=True)
    total = grouped[[f"{part}_seconds" for part in parts]].sum()
    seconds = pd.DataFrame({name: total[name].dt.total_seconds() for name in total})
    # Some waits unknown: what the others waited is not what all of them did.
    whole = grouped["waiting_seconds"].count() == grouped.size()
    frame = pd.DataFrame({"frequency": grouped.size()}).join(seconds.where(whole))
    frame = frame.reset_index().astype(dict.fromkeys(by, "str"))
    frame = frame.sort_values(by, ignore_index=True)
    reason = "" if seen else ESTIMATED if estimate else "unchecked.start"
    return Handovers(frame=frame, reason=reason)


def _estimated(steps: pd.DataFrame) -> pd.Series:
    """Return when each step can have begun: what came before it was done, and its person free."""
    by_end = steps.sort_values("end", kind="stable")
    free = by_end.groupby("resource", observed=True)["end"].shift().reindex(steps.index)
    before = steps["end"].reindex(steps["after"]).set_axis(steps.index)
    start = pd.concat([before, free], axis=1).max(axis=1)
    return start.where(start <= steps["end"], steps["end"])
