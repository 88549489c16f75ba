"""How good a log is: what it leaves out, and how fine its clock is."""

import pandas as pd

from bdv_process.eventlog import event
from bdv_process.eventlog.log import EventLog
from bdv_process.template.term import HERE

#: What findings lean on, by the name under which a reader meets it.
_EVIDENCE = {
    "time": event.TIMESTAMP,
    "resource": event.RESOURCE,
    "role": event.ROLE,
    "requester": event.REQUESTER,
    "outcome": event.OUTCOME,
    "linked": event.LINKED,
    "component": event.COMPONENT,
    "proposal": event.PROPOSAL,
    "due": event.DUE,
    "recorded": event.RECORDED,
}
_CLOCKS = {"day": "D", "hour": "h", "minute": "min", "second": "s"}  #: from coarse to fine


def evidence(log: EventLog) -> pd.DataFrame:
    """Return how many cases lack what findings lean on: evidence, missing, of (all cases), share.

    A case lacks it when none of its events has a value.
    """
    cases = log.frame[event.CASE]
    of = cases.nunique()
    missing = [
        of - (cases[log.frame[column].notna()].nunique() if column in log.frame else 0)
        for column in _EVIDENCE.values()
    ]
    share = [lacking / of for lacking in missing]
    return pd.DataFrame({"evidence": list(_EVIDENCE), "missing": missing, "of": of, "share": share})


def clock(log: EventLog) -> str:
    """Return the coarsest clock that could have stamped every event: day .. second, fraction.

    "" without times. Days and hours may be those of UTC or of Dutch local time.
    """
    moments = log.frame[event.TIMESTAMP].dropna()
    if moments.empty:
        return ""
    zones = (moments, moments.dt.tz_convert(HERE).dt.tz_localize(None))
    fits = (
        name
        for name, unit in _CLOCKS.items()
        if any((zone == zone.dt.floor(unit)).all() for zone in zones)
    )
    return next(fits, "fraction")
