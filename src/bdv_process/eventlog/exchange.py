"""Hand a log to pm4py and take one back, without importing it: a frame is all that it needs."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import CASE, LIFECYCLE, TIMESTAMP, Lifecycle


class Trace(Protocol):
    """A case of pm4py's older EventLog: attributes, and events that are mappings."""

    attributes: Mapping[str, Any]

    def __iter__(self) -> Any: ...


def to_pm4py(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the completed events as pm4py wants them, in the order of the log.

    Raises:
        InputRefused: an event has no time; pm4py orders by it.
    """
    done = frame[frame[LIFECYCLE] == Lifecycle.COMPLETE]
    if done[TIMESTAMP].isna().any():
        raise InputRefused("BDV-254", where=TIMESTAMP)
    coded = done.columns[done.dtypes == "category"]
    return done.astype(dict.fromkeys(coded, "str")).reset_index(drop=True)


def from_pm4py(given: pd.DataFrame | Iterable[Trace]) -> pd.DataFrame:
    """Return the events of pm4py's frame, or of its older EventLog, as a frame of ours to be."""
    if isinstance(given, pd.DataFrame):
        return given[[name for name in given.columns if not str(name).startswith("@@")]]
    rows = [
        {f"case:{name}": value for name, value in trace.attributes.items()} | dict(event)
        for trace in given
        for event in trace
    ]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[CASE])
