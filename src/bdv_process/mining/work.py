"""Work in a log: which step was done by whom, from when until when."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import codes_of
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    RESOURCE,
    ROLE,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.instants import UNKNOWN, microseconds, moments
from bdv_process.template.model import Activity, Fork, Template

_Ints = NDArray[np.int64]

AT: Final = "at"  #: number of the case, in the order of the log


def compact(log: EventLog) -> pd.DataFrame:
    """Return what work needs of a log, with `AT`; texts are kept once: quicker to move."""
    kept = log.coded[[ACTIVITY, ITEM, LIFECYCLE, RESOURCE, ROLE, TIMESTAMP]]
    return kept.assign(**{AT: codes_of(log.coded[CASE]).astype(np.int32)})


def timed(rows: pd.DataFrame) -> bool:
    """Return whether a log says when work began: without, effort and waiting are not seen."""
    return bool(((rows[LIFECYCLE] == Lifecycle.START) & rows[TIMESTAMP].notna()).any())


def of_steps(rows: pd.DataFrame, templates: Iterable[Template]) -> pd.DataFrame:
    """Return the rows about steps that people do, and in `work` the number of the execution.

    What a template knows but is no step (its own events, messages) is left out; so are forks that
    nobody did: the cases that they start do the work. An execution is a work item up to its
    completion. Without a work item a start belongs to the first completion of the activity that
    came no earlier, and that no start before it has.
    """
    nodes = [node for template in templates for node in template.nodes]
    events = [node.id for node in nodes if not isinstance(node, Activity)]
    forks = [node.id for node in nodes if isinstance(node, Fork)]
    loose = rows[ITEM].isna()
    kept = ~rows[ACTIVITY].isin(events)
    kept &= ~rows[ACTIVITY].isin(forks) | rows[RESOURCE].notna()
    kept &= ~loose | rows[LIFECYCLE].isin((Lifecycle.START, Lifecycle.COMPLETE))
    if not kept.all():  # most logs are all of steps: no copy of those
        rows, loose = rows[kept], loose[kept]
    done, which = (rows[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy(), loose.to_numpy()
    turn = np.zeros(len(rows), dtype=np.int64)
    if which.any():
        alone = rows[which]
        step = _joined(alone[AT], alone[ACTIVITY])
        turn[which] = _completion(
            step, done[which].astype(np.int64), microseconds(alone[TIMESTAMP])
        )
    item = _joined(rows[AT], rows[ACTIVITY], rows[ITEM], turn)
    order = np.argsort(item, kind="stable")  # several times as quick as looking numbers up
    over = done & ~which
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (np.diff(item[order]) != 0) | over[order[:-1]]
    number = np.empty(len(rows), dtype=np.int32)
    number[order] = np.cumsum(begins, dtype=np.int32) - 1
    return rows.assign(work=number)


def work(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row per execution that was completed, in the order of the log (see `of_steps`).

    Columns: at, activity, resource, role, start (NaT when not recorded), end, work.
    """
    begun = rows.loc[rows[LIFECYCLE] == Lifecycle.START, ["work", TIMESTAMP]]
    names = {ACTIVITY: "activity", RESOURCE: "resource", ROLE: "role", TIMESTAMP: "end"}
    done = (rows[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    found = rows[[AT, *names, "work"]][done].rename(columns=names).reset_index(drop=True)
    start = np.full(int(rows["work"].max()) + 1 if len(rows) else 0, UNKNOWN)
    # From the last to the first: of several starts the first one stays.
    start[begun["work"].to_numpy()[::-1]] = microseconds(begun[TIMESTAMP])[::-1]
    # A clock may have been set back; nothing takes less than no time.
    start = np.minimum(start[found["work"]], microseconds(found["end"]))
    return found.assign(start=moments(start))


def pieces(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the stretches of time in which somebody worked: at, work, start, end.

    A stretch begins when work starts or is resumed and ends at whatever happens next to the same
    execution: it is completed, suspended, given back or withdrawn. Work that goes on is left out.
    """
    rows = rows[[AT, "work", LIFECYCLE, TIMESTAMP]].sort_values("work", kind="stable")
    begins = rows[LIFECYCLE].isin((Lifecycle.START, Lifecycle.RESUME))
    begins &= rows["work"] == rows["work"].shift(-1)
    found = rows.loc[begins, [AT, "work", TIMESTAMP]].rename(columns={TIMESTAMP: "start"})
    end = rows[TIMESTAMP].shift(-1)[begins].clip(lower=found["start"])
    return found.assign(end=end).reset_index(drop=True)


def _completion(item: _Ints, done: _Ints, moments: _Ints) -> _Ints:
    """Return of starts and completions the number, within their item, of the completion."""
    rows = pd.DataFrame({"item": item, "done": done, "moment": moments})
    nth: _Ints = rows.groupby(["item", "done"]).cumcount().to_numpy().astype(np.int64)
    begins = done == 0
    if not begins.any():
        return nth
    earlier = rows.groupby("item")["done"].cumsum()
    earlier -= rows.groupby(["item", "moment"])["done"].cumsum()
    # The n-th start takes the first one not before it, or that after what the start before it took.
    ahead = (earlier - nth)[begins].groupby(item[begins]).cummax()
    nth[begins] += ahead.to_numpy()
    return nth


def _joined(*columns: pd.Series | _Ints) -> _Ints:
    """Return one number per combination of values; a missing value is one of them."""
    number, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        if isinstance(column.dtype, pd.CategoricalDtype):
            code = codes_of(pd.Series(column))
        else:
            code = np.asarray(column)  # a number already
        values = int(code.max(initial=-1)) + 2
        if size * values >= 1 << 63:
            number, size = pd.factorize(number)[0], len(number)
        number, size = number * values + code + 1, size * values
    return number
