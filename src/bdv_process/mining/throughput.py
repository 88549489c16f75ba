"""Throughput time: how long cases take from their first to their last event."""

import pandas as pd

from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.event import CASE, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport, conformance


def throughput(log: EventLog, report: ConformanceReport | None = None) -> pd.DataFrame:
    """Return how long the closed cases of each template took, in calendar days.

    One row per template with closed cases, by its key: template, cases, median, mean, p90. Open
    cases are left out: their time is not over; which are open says the report, that of
    `conformance` unless one is handed in. Term as in edeaR (throughput time).

    Raises:
        InputRefused: it is no log, or what refuses `conformance`.
    """
    refuse_no_log(log)
    report = report or conformance(log, procedure=None)
    closed = report.cases.loc[~report.cases["open"], "case"]
    times = log.coded[log.coded[CASE].isin(closed)].groupby(CASE, sort=False, observed=True)
    days = (times[TIMESTAMP].max() - times[TIMESTAMP].min()).dt.total_seconds() / 86_400
    by_template = days.dropna().groupby(times[TEMPLATE].first())
    frame = pd.DataFrame(
        {
            "cases": by_template.size(),
            "median": by_template.median(),
            "mean": by_template.mean(),
            "p90": by_template.quantile(0.9),
        }
    )
    return (
        frame.rename_axis("template")
        .reset_index()
        .astype({"template": "str"})
        .sort_values("template", ignore_index=True)
    )
