"""Plant known faults in a copy of a log, to see whether conformance finds exactly those.

The register refuses all of them, so they are made where no engine looks: in the exported log.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    RESOURCE,
    ROLE,
    SEQ,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.deviation import DeviationKind
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What was planted where."""

    case: str
    kind: DeviationKind
    activity: str
    rule: str = ""  #: that it breaks


#: Changes the rows of one case and returns them with the fault; None: it cannot be here.
Plant = Callable[[pd.DataFrame, Procedure, random.Random], tuple[pd.DataFrame, Fault] | None]


def plant(
    log: EventLog, procedure: Procedure, *, share: float, seed: int
) -> tuple[EventLog, tuple[Fault, ...]]:
    """Return a copy of `log` in which about `share` of the cases has one fault, and the faults."""
    chance = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    frame = log.frame
    ids = sorted(frame[CASE].unique())
    wanted = round(share * log.cases)
    faults: list[Fault] = []
    spoiled: dict[str, pd.DataFrame] = {}
    by_case = dict(iter(frame.groupby(CASE, sort=False)))
    kin = {*frame.loc[frame[PARENT].notna(), CASE], *frame[PARENT].dropna()}
    for case in chance.sample(ids, len(ids)):
        if len(faults) == wanted:
            break
        sow = PLANTS[len(faults) % len(PLANTS)]
        if sow is unite and case in kin:
            continue  # the same person may have worked in kin, and break a second rule there
        planted = sow(by_case[case], procedure, chance)
        if planted is not None:
            spoiled[case], fault = planted
            faults.append(fault)
    kept = frame[~frame[CASE].isin(spoiled)]
    return EventLog(frame=pd.concat([kept, *spoiled.values()]), provenance=log.provenance), tuple(
        faults
    )


def skip(
    rows: pd.DataFrame, _procedure: Procedure, chance: random.Random
) -> tuple[pd.DataFrame, Fault] | None:
    """Leave out one step that was done once."""
    items = _done_once(rows)
    if not items:
        return None
    activity = chance.choice(items[1:-1])
    return rows[rows[ACTIVITY] != activity], _fault(rows, DeviationKind.SKIPPED, activity)


def add(
    rows: pd.DataFrame, _procedure: Procedure, _chance: random.Random
) -> tuple[pd.DataFrame, Fault] | None:
    """Do the second step again, right after itself."""
    items = _done_once(rows)
    if not items:
        return None
    again = rows[rows[ACTIVITY] == items[1]].copy()
    again[ITEM] += "-again"
    again[TIMESTAMP] = again[TIMESTAMP].max()
    here = list(rows.index).index(again.index[-1]) + 1
    longer = pd.concat([rows.iloc[:here], again, rows.iloc[here:]])
    longer = longer.assign(**{SEQ: range(1, len(longer) + 1)})
    return longer, _fault(rows, DeviationKind.REPEATED, items[1])


def move(
    rows: pd.DataFrame, _procedure: Procedure, _chance: random.Random
) -> tuple[pd.DataFrame, Fault] | None:
    """Let the first and second step change places; the people stay with their step."""
    items = _done_once(rows)
    if not items:
        return None
    moved = rows.copy()
    one, other = (moved.index[moved[ACTIVITY] == activity] for activity in items[:2])
    if len(one) != len(other):
        return None
    for place in (TIMESTAMP, SEQ):
        moved.loc[one, place] = rows.loc[other, place].array
        moved.loc[other, place] = rows.loc[one, place].array
    return moved, _fault(rows, DeviationKind.MOVED, items[1])


def change_role(
    rows: pd.DataFrame, procedure: Procedure, chance: random.Random
) -> tuple[pd.DataFrame, Fault] | None:
    """Let somebody do a step in a role that may not."""
    items = _done_once(rows)
    if not items:
        return None
    activity = chance.choice(items)
    wrong = sorted(procedure.role_ids - set(procedure.raci[activity].responsible))
    spoiled = _by(rows, activity, "onbevoegd-1", chance.choice(wrong))
    return spoiled, _fault(rows, DeviationKind.RULE, activity, "responsible")


def unite(
    rows: pd.DataFrame, procedure: Procedure, _chance: random.Random
) -> tuple[pd.DataFrame, Fault] | None:
    """Let one person do two steps that two people should do."""
    who = rows[rows[LIFECYCLE] == Lifecycle.COMPLETE].groupby(ACTIVITY)[RESOURCE].first()
    for separation in procedure.separations:
        for one in sorted(separation.one & set(who.index)):
            for other in sorted(separation.other & set(_done_once(rows))):
                role = procedure.raci[other].responsible[0]
                spoiled = _by(rows, other, str(who[one]), role)
                return spoiled, _fault(rows, DeviationKind.RULE, other, separation.id)
    return None


PLANTS: tuple[Plant, ...] = (skip, add, move, change_role, unite)


def _fault(rows: pd.DataFrame, kind: DeviationKind, activity: str, rule: str = "") -> Fault:
    return Fault(case=str(rows[CASE].iloc[0]), kind=kind, activity=activity, rule=rule)


def _done_once(rows: pd.DataFrame) -> list[str]:
    """Return the steps of a case that went well, when each was done once; else nothing."""
    done = rows[
        rows[RESOURCE].notna() & rows[ITEM].notna() & (rows[LIFECYCLE] == Lifecycle.COMPLETE)
    ]
    ended = rows[OUTCOME].iloc[-1] == "completed"
    return done[ACTIVITY].tolist() if ended and done[ACTIVITY].is_unique else []


def _by(rows: pd.DataFrame, activity: str, person: str, role: str) -> pd.DataFrame:
    """Return the rows with another person and role behind what was done in a step."""
    changed = rows.copy()
    done = (rows[ACTIVITY] == activity) & rows[RESOURCE].notna()
    changed.loc[done, [RESOURCE, ROLE]] = person, role
    return changed
