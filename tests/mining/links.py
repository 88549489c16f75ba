"""A log of changes that call services, with who called which, and of services that people ask."""

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    CONFIDENCE,
    LIFECYCLE,
    LINK,
    PARENT,
    REQUESTER,
    TEMPLATE,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog

HOUR = 3600
FIRST = 1_767_225_600  # 1 January 2026
SERVICE = "case:service"


def called(
    *,
    changes: int = 4000,
    load: float = 1.0,
    alone: float = 0.5,
    services: int = 20,
    requesters: int | None = 400,
    unit: str = "s",
    returns: bool = True,
    seed: int = 2026,
) -> EventLog:
    """Make a log in which every change calls one service, and people ask for services themselves.

    Args:
        changes: how many.
        load: how many calls are open at a time per service, on average.
        alone: services that people ask for, per change.
        services: how many services there are; a change is about the one that it calls.
        requesters: how many people ask; None: the log does not say who.
        unit: to what the clock is rounded.
        returns: whether the log shows that a call came back.
        seed: of the chance.
    """
    chance = np.random.default_rng(seed)
    others = round(changes * alone)
    lag = chance.lognormal(np.log(0.5 * HOUR), 1.0, changes)
    took = chance.lognormal(np.log(20 * HOUR), 0.8, changes + others)
    back = chance.lognormal(np.log(2 * HOUR), 1.0, changes)
    whole = lag + took[:changes] + back
    span = whole.sum() / services / load
    begun = chance.uniform(0, span, changes)
    opened = np.concatenate([begun + HOUR + lag, chance.uniform(0, span, others)])
    came = opened[:changes] + took[:changes] + back
    who = chance.integers(0, requesters or 1, changes + others)
    which = chance.integers(0, services, changes + others)
    change = np.char.add("c", np.arange(changes).astype(str)).astype(object)
    service = np.char.add("s", np.arange(changes + others).astype(str)).astype(object)
    nobody = np.full(others, None, dtype=object)
    steps = [
        (change, "W2", None, "change_call", "complete", begun),
        (change, "W2", None, "change_deploy", "start", begun + HOUR),
        (change, "W2", None, "change_deploy", "complete", came),
        (change, "W2", None, "change_completed", "complete", came + (0 if returns else 99 * HOUR)),
        (service, "W5", [*change, *nobody], "operate_call", "complete", opened),
        (service, "W5", [*change, *nobody], "operate_completed", "complete", opened + took),
    ]
    if not returns:
        del steps[2]
    rows = []
    for case, template, parent, activity, stage, when in steps:
        whose = {CASE: case, TEMPLATE: template, PARENT: parent}
        about = {REQUESTER: who[: len(case)], SERVICE: which[: len(case)]}
        what = {ACTIVITY: activity, LIFECYCLE: stage, TIMESTAMP: FIRST + when.astype(np.int64)}
        rows.append(pd.DataFrame(whose | about | what))
    frame = pd.concat(rows, ignore_index=True)
    frame[REQUESTER] = "p" + frame[REQUESTER].astype(str) if requesters else None
    frame[SERVICE] = "d" + frame[SERVICE].astype(str)
    frame[TIMESTAMP] = pd.to_datetime(frame[TIMESTAMP], unit="s", utc=True).dt.floor(unit)
    return EventLog(frame=frame)


def without(log: EventLog, share: float = 0.3, seed: int = 1) -> EventLog:
    """The log with that share of its links lost."""
    linked = log.frame.drop_duplicates(CASE).dropna(subset=[PARENT])[CASE]
    lost = log.frame[CASE].isin(linked.sample(frac=share, random_state=seed))
    return EventLog(frame=log.frame.assign(**{PARENT: log.frame[PARENT].mask(lost)}))


def held_against(truth: EventLog, found: EventLog) -> tuple[float, float, pd.DataFrame]:
    """Precision and recall of the inferred links, and each of them: right, confidence."""
    true, made = (log.frame.drop_duplicates(CASE).set_index(CASE) for log in (truth, found))
    guessed = made[made[LINK] == "inferred"]
    right = guessed[PARENT] == true[PARENT].reindex(guessed.index)
    lost = true[PARENT].notna() & (made[LINK].isna() | (made[LINK] == "inferred"))
    each = pd.DataFrame({"right": right, "confidence": guessed[CONFIDENCE]})
    return right.mean(), right.sum() / lost.sum(), each
