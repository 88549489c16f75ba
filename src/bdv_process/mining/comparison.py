"""Hold what was found beside what was found before, or elsewhere: more, less, or only chance."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport
from bdv_process.mining.interval import newcombe
from bdv_process.mining.occurrence import WHAT
from bdv_process.mining.tally import sizes
from bdv_process.template.term import HERE

Span = Literal["month", "quarter"]
_MONTHS: dict[Span, int] = {"month": 1, "quarter": 3}


@dataclass(frozen=True, kw_only=True)
class Period:
    """Local days from `first` up to, not including, `end`; None: no bound."""

    first: date | None = None
    end: date | None = None

    def holds(self, started: pd.Series) -> "pd.Series[bool]":
        """Return which moments lie in the period; none without a time."""
        held = started.notna()
        if self.first:
            held &= started >= pd.Timestamp(self.first, tz=HERE)
        if self.end:
            held &= started < pd.Timestamp(self.end, tz=HERE)
        return held


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """The same measures here and there, of cases that are closed.

    A case that still runs can still deviate, so that the newest would look better than they will
    be: open cases are left out on both sides.

    `frame`: template, finding ("" for following the path), kind, activity, rule; cases, of (of a
    rule, the cases it looked at), share here; cases_other, of_other, share_other there; difference
    (here - there) with low and high (95 %, Newcombe); state: more, less, or same when chance alone
    can make the difference. Only what has cases on both sides; the widest difference first.
    """

    here: str | Period  #: the name of a log, or a period
    there: str | Period
    frame: pd.DataFrame


def compare(
    report: ConformanceReport, other: ConformanceReport, *, here: str, there: str
) -> Comparison:
    """Compare what was found in two logs."""
    sides = (report.cases, report), (other.cases, other)
    return Comparison(here=here, there=there, frame=_compared(*sides))


def split(log: EventLog, report: ConformanceReport, at: Span | date) -> Comparison:
    """Compare the cases of a log that started in one period with those that started before.

    A case belongs to the period it started in, so that none is cut in two. `at` is the day between
    both, or "month" or "quarter": the last in which cases started that are closed and that the log
    holds whole, and the one before it.

    Raises:
        InputRefused: a case of the log has no time.
    """
    started = report.cases["started"]
    if started.isna().any():
        raise InputRefused("BDV-403", where=log.provenance.source)
    if isinstance(at, str):
        latest = started[~report.cases["open"]].max()
        ends = log.coded[TIMESTAMP].max()
        here, there = _last(at, ends if pd.isna(latest) else latest, ends)
    else:
        here, there = _since(at)
    sides = ((report.cases[p.holds(started)], report) for p in (here, there))
    return Comparison(here=here, there=there, frame=_compared(*sides))


def _since(day: date) -> tuple[Period, Period]:
    return Period(first=day), Period(end=day)


def _last(span: Span, latest: pd.Timestamp, ends: pd.Timestamp) -> tuple[Period, Period]:
    months = _MONTHS[span]
    whole = _spans(ends + timedelta(days=1), months)
    last = min(_spans(latest, months) + 1, whole)
    edges = [date(m // 12, m % 12 + 1, 1) for m in ((last - n) * months for n in range(3))]
    return Period(first=edges[1], end=edges[0]), Period(first=edges[2], end=edges[1])


def _spans(moment: pd.Timestamp, months: int) -> int:
    """Return how many spans of so many months lie before that of a moment, from year 0."""
    local = moment.tz_convert(HERE)
    return int(local.year * 12 + local.month - 1) // months


_Side = tuple[pd.DataFrame, ConformanceReport]  # some cases, and the report they stand in


def _compared(here: _Side, there: _Side) -> pd.DataFrame:
    closed = {
        end: (cases[~cases["open"]], report)
        for end, (cases, report) in {"": here, "_other": there}.items()
    }
    counted = [_counted(*side) for side in closed.values()]
    both = counted[0].merge(counted[1], on=["finding", *WHAT], how="outer", suffixes=list(closed))
    for end, (cases, report) in closed.items():
        both[f"of{end}"] = sizes(both, cases, report.looked)
    both = both[(both["of"] > 0) & (both["of_other"] > 0)]
    counts = ["cases", "of", "cases_other", "of_other"]
    both = both.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, int))
    for end in closed:
        both[f"share{end}"] = both[f"cases{end}"] / both[f"of{end}"]
    both["difference"] = both["share"] - both["share_other"]
    both["low"], both["high"] = newcombe(*(both[name] for name in counts))
    both["state"] = np.select([both["low"] > 0, both["high"] < 0], ["more", "less"], "same")
    order = both["difference"].abs().sort_values(ascending=False, kind="stable").index
    return both.loc[order].reset_index(drop=True)


def _counted(cases: pd.DataFrame, report: ConformanceReport) -> pd.DataFrame:
    """Return in how many of these cases each finding was made, and how many followed the path."""
    found = report.occurrences[report.occurrences["case"].isin(cases["case"])]
    counted = found.groupby(WHAT, observed=True)["case"].nunique().rename("cases").reset_index()
    counted = counted.merge(report.deviations[["finding", *WHAT]], on=WHAT)
    fitting = cases.groupby("template", observed=True)["fits"].sum().rename("cases").reset_index()
    fitting = fitting.assign(finding="", kind="", activity="", rule="")
    return pd.concat([fitting, counted], ignore_index=True)
