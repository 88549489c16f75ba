"""Logs of linked cases written down as who worked when, in hours after Monday nine o'clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    PARENT,
    RESOURCE,
    ROLE,
    ROOT,
    TEMPLATE,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from mining.conftest import MONDAY

Step = tuple[str, str | None, float | None, float]  #: activity, who, from (None: not known), until


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A case: the steps that were done, and moments without work (activity, hour)."""

    case: str = "z1"
    template: str | None = None
    parent: str | None = None
    root: str | None = None
    steps: Sequence[Step] = ()
    moments: Sequence[tuple[str, float]] = ()
    extra: dict[str, str] = field(default_factory=dict)


def at(hour: float) -> pd.Timestamp:
    return pd.Timestamp(MONDAY + timedelta(hours=hour))


def rows_of(*cases: Worked) -> pd.DataFrame:
    """The rows of a log: a start and an end per step; at one hour a moment comes after a step."""
    rows = []
    for each in cases:
        whose = {
            CASE: each.case, TEMPLATE: each.template, PARENT: each.parent,
            ROOT: each.root or each.case, **each.extra,
        }  # fmt: skip
        mine = []
        for number, (activity, who, begin, end) in enumerate(each.steps):
            step = whose | {
                ACTIVITY: activity, RESOURCE: who, ROLE: who and f"role of {who}",
                ITEM: f"{each.case}.{number}",
            }  # fmt: skip
            if begin is not None:
                mine.append(step | {LIFECYCLE: "start", TIMESTAMP: at(begin)})
            mine.append(step | {LIFECYCLE: "complete", TIMESTAMP: at(end)})
        mine += [
            whose | {ACTIVITY: activity, LIFECYCLE: "complete", TIMESTAMP: at(hour)}
            for activity, hour in each.moments
        ]
        rows += sorted(mine, key=lambda row: row[TIMESTAMP])
    columns = [CASE, TEMPLATE, PARENT, ROOT, ACTIVITY, ITEM, LIFECYCLE, TIMESTAMP, RESOURCE, ROLE]
    frame = pd.DataFrame(rows)
    return frame.reindex(columns=[*columns, *frame.columns.difference(columns)])


def log_of(*cases: Worked) -> EventLog:
    return EventLog(frame=rows_of(*cases))
