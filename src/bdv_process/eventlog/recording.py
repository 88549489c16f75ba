"""The frame of events that we recorded ourselves."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    BEHALF,
    CASE,
    COMPONENT,
    DUE,
    ITEM,
    LABEL,
    LIFECYCLE,
    LINKED,
    MOTIVATED,
    MOVES,
    OUTCOME,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    SEQ,
    SERVICE,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Event,
)

_FIELDS: Final = {
    CASE: "case", TEMPLATE: "template", PARENT: "parent", ROOT: "root", REQUESTER: "requester",
    ACTIVITY: "activity", LABEL: "label", ITEM: "item", LIFECYCLE: "lifecycle",
    TIMESTAMP: "timestamp", SEQ: "seq", RESOURCE: "resource", ROLE: "role", BEHALF: "behalf",
    TOUCHPOINT: "touchpoint", OUTCOME: "outcome", LINKED: "linked", COMPONENT: "component",
    PROPOSAL: "proposal", MOTIVATED: "motivated", TERM: "term", DUE: "due", RECORDED: "recorded",
}  # fmt: skip


def frame_of(events: Iterable[Event]) -> pd.DataFrame:
    """Return a row per event; see `EventLog.of`."""
    told, services = attrgetter(*_FIELDS.values()), {}
    rows = []
    for event in events:
        rows.append(told(event))
        if event.service:
            services[event.case] = event.service
    frame = pd.DataFrame(rows, columns=list(_FIELDS))
    moves = frame[frame[ACTIVITY].isin(MOVES)].sort_values(SEQ, kind="stable")
    if len(moves):
        ended_on = moves.groupby(CASE)[TEMPLATE].last()
        frame[TEMPLATE] = frame[CASE].map(ended_on).fillna(frame[TEMPLATE])
    if services:
        frame[SERVICE] = frame[ROOT].map(services)
    return frame
