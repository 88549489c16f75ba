"""Logs written down as what citizens noticed, in days after a Monday."""

from datetime import timedelta
from typing import Any

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    OUTCOME,
    PARENT,
    REQUESTER,
    ROLE,
    ROOT,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from mining.conftest import MONDAY

#: What nobody outside notices, of all that stands in these logs; a call is one without saying so.
INSIDE = ("call", "classify", "close", "completed", "realise", "identify")
KEYS = {"agree": "W1", "change": "W2", "recover": "W4", "operate": "W5", "improve": "W6"}

Row = dict[str, Any]


def did(
    day: float, activity: str, outcome: str | None = None, role: str | None = None, **more: str
) -> Row:
    """What happened on a day; a question stops the term, an answer makes it go on."""
    step = activity.rpartition("_")[2]
    term = {"question": "suspended", "answer": "resumed"}.get(step)
    return {
        ACTIVITY: activity, OUTCOME: outcome, ROLE: role, TERM: term,
        TIMESTAMP: pd.Timestamp(MONDAY + timedelta(days=day)), TOUCHPOINT: step not in INSIDE,
        **more,
    }  # fmt: skip


def case(
    name: str, subject: str | None, *rows: Row, parent: str | None = None, root: str | None = None
) -> list[Row]:
    template = KEYS.get(rows[0][ACTIVITY].partition("_")[0])
    whose = {CASE: name, TEMPLATE: template, REQUESTER: subject, PARENT: parent}
    return [whose | {ROOT: root or parent or name} | row for row in rows]


def frame_of(*cases: list[Row]) -> pd.DataFrame:
    columns = [CASE, TEMPLATE, PARENT, ROOT, REQUESTER, ACTIVITY, TIMESTAMP, TOUCHPOINT, OUTCOME]
    frame = pd.DataFrame([row for each in cases for row in each])
    return frame.reindex(columns=[*columns, *frame.columns.difference(columns)])


def log_of(*cases: list[Row]) -> EventLog:
    return EventLog(frame=frame_of(*cases))


def service(name: str, subject: str, *, begin: float = 0) -> list[Row]:
    """A service request that goes well: called, accepted, verified and closed within a week."""
    return case(
        name, subject, did(begin, "operate_call"), did(begin + 1, "operate_accept", "accepted"),
        did(begin + 5, "operate_verify", "as_agreed"), did(begin + 6, "operate_close"),
        did(begin + 6, "operate_completed", "completed"),
    )  # fmt: skip
