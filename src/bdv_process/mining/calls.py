"""Calls: the stretches of time in which a case waits for another case that it started."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, LIFECYCLE, TIMESTAMP, Lifecycle
from bdv_process.mining.instants import NEVER, microseconds
from bdv_process.mining.work import AT, of_steps
from bdv_process.template.model import Template

_ENDS: Final = (Lifecycle.COMPLETE, Lifecycle.WITHDRAW)


def calls(rows: pd.DataFrame, cases: pd.DataFrame, templates: Iterable[Template]) -> pd.DataFrame:
    """Return the calls of a log: parent (row of the case), target (template), start and end.

    A call begins with the first event of an execution of a fork and ends when that is completed or
    withdrawn; when the log only shows its end, it begins with the event of the case before it.
    Moments are microseconds; the end of a call that did not come back is `NEVER`.

    Args:
        rows: the events, see `work.compact`.
        cases: with their template.
        templates: the forks, and which template each calls.
    """
    forks = pd.DataFrame(
        [(t.key, fork.id, fork.calls) for t in templates for fork in t.forks],
        columns=["template", "fork", "target"],
    )
    before = rows[TIMESTAMP].shift().where(rows[AT] == rows[AT].shift())
    about = rows.assign(before=before)[rows[ACTIVITY].isin(forks["fork"])]
    about = of_steps(about, ())
    ends = about[LIFECYCLE].isin(_ENDS)
    executions = about.assign(
        begun=about[TIMESTAMP].mask(ends), ended=about[TIMESTAMP].where(ends)
    ).groupby("work")
    found = executions.agg(
        parent=(AT, "first"),
        fork=(ACTIVITY, "first"),
        start=("begun", "min"),
        before=("before", "min"),
        end=("ended", "max"),
    ).astype({"fork": "str"})
    found["start"] = found["start"].fillna(found["before"]).fillna(found["end"])
    found["template"] = cases["template"].array[found["parent"]]
    found = found.merge(forks, on=["template", "fork"])
    end = microseconds(found["end"])
    return pd.DataFrame(
        {
            "parent": found["parent"].astype(np.int64),  # as cases have theirs: they are merged
            "target": found["target"].astype("str"),
            "start": microseconds(found["start"]),
            "end": np.where(found["end"].isna(), NEVER, end),
        }
    )


def answered(found: pd.DataFrame, cases: pd.DataFrame) -> "pd.Series[int]":
    """Return by case with a known parent the row of the call that started it, -1 for none.

    It is the last call of its parent to its template that began before the case did.

    Args:
        found: calls, see `calls`.
        cases: parent (row, -1 for none), template, started and ended (microseconds).
    """
    children = cases[cases["parent"] >= 0].rename(columns={"template": "target"})
    children = children[["parent", "target", "started"]].sort_values("started", kind="stable")
    asked = found.assign(call=found.index).sort_values("start", kind="stable")
    met = pd.merge_asof(
        children.assign(case=children.index), asked.rename(columns={"start": "started"}),
        on="started", by=["parent", "target"],
    )  # fmt: skip
    return met.set_index("case")["call"].fillna(-1).astype(np.int64)
