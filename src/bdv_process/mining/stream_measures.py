"""Count and time the cases, steps and streams of a log; durations are whole microseconds."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import coded
from bdv_process.eventlog.event import (
    ACTIVITY,
    LIFECYCLE,
    LINK,
    TIMESTAMP,
    Lifecycle,
    LinkSource,
)
from bdv_process.mining.calendar import Calendar, lasted
from bdv_process.mining.concurrency import enabling, in_turn
from bdv_process.mining.tree import patterns, tree
from bdv_process.mining.variants import with_ends
from bdv_process.mining.work import AT, work
from bdv_process.template.model import Activity, Template, by_key

#: Who can hand over, by column of the steps, and what that is called of a stream.
HANDED: Final = {
    "resource": "handovers",
    "role": "role_handovers",
    "organisation": "organisation_handovers",
}


def measured_cases(
    log: pd.DataFrame,
    rows: pd.DataFrame,
    templates: tuple[Template, ...],
    ends: frozenset[str],
    organisation: str | None,
) -> pd.DataFrame:
    """Return the tree of cases (see `tree`), and of each what is known of it.

    Added: code (number of its stream), link (how its parent is known), organisation, open,
    started, ended, steps (executions of activities, forks too) and repeated (those of an activity
    that the case had done before).

    Args:
        log: the events.
        rows: the same, see `compact`.
        templates: what is known of the cases.
        ends: the templates of which the whole log shows how cases end.
        organisation: column that says whose case it is.
    """
    cases = with_ends(log, tree(log), by_key(templates), (), ends)
    moments = rows.groupby(AT)[TIMESTAMP]
    others = [n.id for t in templates for n in t.nodes if not isinstance(n, Activity)]
    done = rows[(rows[LIFECYCLE] == Lifecycle.COMPLETE) & ~rows[ACTIVITY].isin(others)]
    again = done[done.duplicated([AT, ACTIVITY])]
    whose = None
    if organisation is not None:
        whose = log.groupby(rows[AT])[organisation].first().array
    link = cases["parent"].ge(0).map({True: LinkSource.RECORDED.value, False: None})
    if LINK in log:
        link = log[LINK].iloc[cases["first"]].reset_index(drop=True).astype("str").fillna(link)
    return cases.assign(
        link=link.astype("str"),
        code=pd.factorize(cases["stream"])[0].astype(np.int32),
        organisation=coded(pd.Series(whose, index=cases.index, dtype="str")),
        started=moments.min(),
        ended=moments.max(),
        steps=_times(done[AT], len(cases)),
        repeated=_times(again[AT], len(cases)),
    )


def steps_of(
    rows: pd.DataFrame,
    worked: pd.DataFrame,
    cases: pd.DataFrame,
    concurrent: Iterable[tuple[str, str]],
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the steps that were done, in turn: what each took, and waited after the one before.

    The first step of a stream waited since the stream began. Columns: as `work`, and stream, after,
    organisation, processing, waiting.
    """
    steps = work(rows)
    steps = in_turn(steps.assign(stream=cases["code"].to_numpy()[steps[AT]]))
    after = enabling(steps, concurrent)
    begun = cases.groupby("code")["started"].min()
    since = steps["end"].reindex(after).set_axis(steps.index)
    since = since.fillna(begun.reindex(steps["stream"]).set_axis(steps.index))
    took = np.bincount(
        worked["work"], worked["processing"], rows["work"].to_numpy().max(initial=-1) + 1
    )
    return steps.assign(
        after=after,
        organisation=cases["organisation"].array[steps[AT]],
        processing=took[steps["work"]].astype(np.int64),
        waiting=lasted(since, steps["start"].fillna(steps["end"]), calendar),
    )


def streams_of(
    cases: pd.DataFrame,
    steps: pd.DataFrame,
    templates: tuple[Template, ...],
    calendar: Calendar,
) -> pd.DataFrame:
    """Return the streams in order of appearance, with what can be counted of them."""
    grouped = cases.groupby("code")
    found = pd.DataFrame(
        {
            "stream": grouped["stream"].first(),
            "cases": grouped.size(),
            "open": grouped["open"].any(),
            "started": grouped["started"].min(),
            "ended": grouped["ended"].max(),
        }
    ).join(grouped[["processing", "steps", "repeated"]].sum())
    pattern = patterns(cases, {template.key: template.process for template in templates})
    found["pattern"] = coded(pattern.reindex(found["stream"])).array
    found["throughput"] = lasted(found["started"], found["ended"], calendar)
    found["right"] = found["repeated"] == 0
    before, stream = steps["after"].to_numpy(), steps["stream"]
    for who, name in HANDED.items():
        handed, again = _handed(pd.factorize(steps[who])[0], before)
        found[name] = _times(stream[handed], len(found))
        if who == "resource":
            found["ping_pong"] = _times(stream[again], len(found))
    return found


def _handed(
    who: NDArray[np.int64], before: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which steps came from somebody else, and which came back to who gave them away.

    How many steps the other did in between is all one.
    """
    handed = (before >= 0) & (who >= 0) & (who[before] >= 0) & (who != who[before])
    other = before.copy()  # the last step before that somebody else did
    while (same := (other >= 0) & (who == who[other])).any():
        other[same] = other[other[same]]
    giver = other[before]
    return handed, handed & (giver >= 0) & (who == who[giver])


def _times(which: "pd.Series[int]", of: int) -> NDArray[np.int64]:
    return np.bincount(which, minlength=of)
