"""When a case was open, worked on, and waiting for its requester, another case or a partner."""

from collections.abc import Iterable

import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, ITEM, LIFECYCLE, TIMESTAMP, Lifecycle
from bdv_process.mining.waiting import State
from bdv_process.mining.work import AT
from bdv_process.template.model import Kind, Template


def spans(
    rows: pd.DataFrame, cases: pd.DataFrame, worked: pd.DataFrame, templates: Iterable[Template]
) -> pd.DataFrame:
    """Return what was true of cases for a while: at (number of the case), state, start, end.

    Args:
        rows: the events, see `compact`.
        cases: as `measured_cases` returns them.
        worked: when there was work, as `pieces` returns it.
        templates: what asks the requester something, and what starts a case.
    """
    templates = tuple(templates)
    forks = _forked(rows, templates)
    whole = cases[["started", "ended"]].set_axis(["start", "end"], axis=1).assign(at=cases.index)
    children = cases["parent"] >= 0
    called = whole[children].assign(at=cases.loc[children, "parent"])
    first = pd.concat([worked[["at", "start"]], forks[["at", "start"]]]).groupby("at").min()
    begun = whole.loc[first.index].assign(start=first["start"])
    whose = cases["organisation"]
    elsewhere = whose.notna() & (whose != whose.groupby(cases["code"]).transform("first"))
    parts = [
        (State.OPEN, whole),
        (State.BEGUN, begun),
        (State.WORK, worked),
        (State.CHILD, called),
        (State.CHILD, forks),
        (State.PARTNER, whole[elsewhere]),
        (State.REQUESTER, _asked(rows, templates)),
    ]
    every = [part[["at", "start", "end"]].assign(state=int(state)) for state, part in parts]
    return _within(pd.concat(every, ignore_index=True), cases)


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


def _within(found: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Cut off what is outside its case; what has no end lasts until the case's end."""
    opened, ended = (
        cases[name].iloc[found["at"]].set_axis(found.index) for name in ("started", "ended")
    )
    start = found["start"].clip(lower=opened)
    end = found["end"].fillna(ended).clip(upper=ended)
    return found.assign(start=start, end=end)[start < end]


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
    times = about.assign(over=about[TIMESTAMP].where(over)).groupby([AT, ITEM], observed=True)
    return times.agg(start=(TIMESTAMP, "min"), end=("over", "max")).reset_index(AT)
