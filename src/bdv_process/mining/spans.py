"""When a case was open, worked on, and waiting for its requester, another case or a partner."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import codes_of
from bdv_process.eventlog.event import ACTIVITY, ITEM, LIFECYCLE, TIMESTAMP, Lifecycle
from bdv_process.mining.calendar import Calendar, elapsed
from bdv_process.mining.instants import NEVER, UNKNOWN, microseconds
from bdv_process.mining.waiting import State
from bdv_process.mining.work import AT
from bdv_process.template.model import Kind, Template


def spans(
    rows: pd.DataFrame,
    cases: pd.DataFrame,
    worked: pd.DataFrame,
    templates: Iterable[Template],
    calendar: Calendar,
) -> pd.DataFrame:
    """Return what was true of cases for a while: at (number of the case), state, start, end.

    Both in counted time (see `calendar.elapsed`) and within the case; what has no end lasts until
    the case's end.

    Args:
        rows: the events, see `compact`.
        cases: as `measured_cases` returns them.
        worked: when there was work, as `pieces` returns it.
        templates: what asks the requester something, and what starts a case.
        calendar: which time counts.
    """
    templates = tuple(templates)
    forks, asked = _forked(rows, templates), _asked(rows, templates)
    opened, ended = microseconds(cases["started"]), microseconds(cases["ended"])
    case, parent = np.arange(len(cases), dtype=np.int32), cases["parent"].to_numpy()
    called = parent >= 0
    begun = np.full(len(cases), NEVER)
    for each in (worked, forks):
        np.minimum.at(begun, each[AT].to_numpy(), microseconds(each["start"]))
    whose = cases["organisation"]
    elsewhere = whose.notna() & (whose != whose.groupby(cases["code"]).transform("first"))
    away = np.flatnonzero(elsewhere)
    parts = [
        (State.OPEN, case, opened, ended),
        (State.BEGUN, case, begun, ended),
        (State.CHILD, parent[called], opened[called], ended[called]),
        (State.PARTNER, away, opened[away], ended[away]),
        *(
            (state, each[AT].to_numpy(), microseconds(each["start"]), microseconds(each["end"]))
            for state, each in (
                (State.WORK, worked),
                (State.CHILD, forks),
                (State.REQUESTER, asked),
            )
        ),
    ]
    state = np.repeat(np.array([part[0] for part in parts], np.int8), [len(p[1]) for p in parts])
    at, start, end = (np.concatenate(each) for each in list(zip(*parts, strict=True))[1:])
    end[end == UNKNOWN] = NEVER
    start, end = (np.clip(each, opened[at], ended[at]) for each in (start, end))
    # What lasts, even if none of it counts: what comes after it may count.
    at, state, start, end = (each[start < end] for each in (at, state, start, end))
    start, end = np.split(elapsed(np.concatenate([start, end]), calendar), 2)
    return pd.DataFrame({"at": at, "state": state, "start": start, "end": end})


def questions(templates: Iterable[Template]) -> list[str]:
    """Return the messages after which a case waits for whatever comes first."""
    return [
        node.id
        for template in templates
        for node in template.nodes
        if node.sends
        and any(
            template.by_id[flow.target].kind is Kind.EVENT_BASED
            for flow in template.outgoing(node.id)
        )
    ]


def _asked(rows: pd.DataFrame, templates: tuple[Template, ...]) -> pd.DataFrame:
    """Return from a question to whatever the template shows next in the case: at, start, end."""
    seen = [node_id for template in templates for node_id in template.visible]
    done = rows[rows[ACTIVITY].isin(seen) & (rows[LIFECYCLE] == Lifecycle.COMPLETE)]
    asks = done[ACTIVITY].isin(questions(templates))
    following = done[TIMESTAMP].shift(-1).where(done[AT] == done[AT].shift(-1))
    found = done.loc[asks, [AT, TIMESTAMP]].rename(columns={TIMESTAMP: "start"})
    return found.assign(end=following[asks])


def _forked(rows: pd.DataFrame, templates: tuple[Template, ...]) -> pd.DataFrame:
    """Return from the start of a fork until it was done: at, start, end (NaT: not yet)."""
    forks = [fork.id for template in templates for fork in template.forks]
    about = rows[rows[ACTIVITY].isin(forks) & rows[ITEM].notna()]
    over = about[LIFECYCLE].isin((Lifecycle.COMPLETE, Lifecycle.WITHDRAW))
    # By number: pandas would look at each text of all items.
    about = about.assign(item=codes_of(about[ITEM]), over=about[TIMESTAMP].where(over))
    times = about.groupby([AT, "item"])
    return times.agg(start=(TIMESTAMP, "min"), end=("over", "max")).reset_index(AT)
