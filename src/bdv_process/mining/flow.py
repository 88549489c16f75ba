"""How streams come in, wait, and go out: work in progress, rates, and Little's law as a check."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.instants import microseconds
from bdv_process.mining.interval import of_mean
from bdv_process.template.term import HERE

_DAY: Final = 86_400e6  # microseconds


def flow(streams: pd.DataFrame) -> pd.DataFrame:
    """Return what came in and went out: of the whole log, then per month in the Netherlands.

    Columns: month ("2026-03", "" for the log), since, until, started and closed (streams), arrival
    and throughput (per day of 24 hours), wip (streams under way, mean over the time), lead (mean
    days of those that closed), expected with low and high (arrival x lead, its 95 % interval), gap
    (|wip - expected| / wip). By Little's law the gap is nil in the long run: a large one means that
    cases are missing or that the load changes. Always on the clock, as the law asks.

    Args:
        streams: started, ended (of an open one: its last event) and open; not empty.
    """
    start, last = streams["started"], streams["ended"].max()
    end = streams["ended"].mask(streams["open"], last)
    lead = (microseconds(end) - microseconds(start)) / _DAY
    first = start.min().tz_convert(HERE)
    edges = pd.date_range(
        first.normalize().replace(day=1), last.tz_convert(HERE), freq="MS", inclusive="left"
    )
    came, gone = (edges.searchsorted(moments, side="right") for moments in (start, end))
    since, until = [first, *edges[1:]], [*edges[1:], last]
    rows = [_period(start, end, first, last, lead[~streams["open"]], len(start))]
    for month, (a, b) in enumerate(zip(since, until, strict=True), 1):
        closed = (gone == month) & ~streams["open"].to_numpy()
        rows.append(_period(start, end, a, b, lead[closed], int((came == month).sum())))
    names = ["", *edges.strftime("%Y-%m")]
    frame = pd.DataFrame(rows)
    frame.insert(0, "month", pd.Series(names, dtype="str"))
    return frame


def _period(
    start: pd.Series,
    end: pd.Series,
    since: pd.Timestamp,
    until: pd.Timestamp,
    lead: NDArray[np.float64],
    came: int,
) -> dict[str, object]:
    """Return a row: the presence of all streams in the period, and what the law expects of it."""
    a, b = microseconds(pd.Series([since, until]))
    present = (np.clip(microseconds(end), a, b) - np.clip(microseconds(start), a, b)).sum() / _DAY
    days = (b - a) / _DAY if b > a else np.nan
    rate, wip = came / days, present / days
    mean, low, high = of_mean(lead) if len(lead) > 1 else (lead.sum() or np.nan, np.nan, np.nan)
    return {
        "since": since.tz_convert("UTC"),
        "until": until.tz_convert("UTC"),
        "started": came,
        "closed": len(lead),
        "arrival": rate,
        "throughput": len(lead) / days,
        "wip": wip,
        "lead": mean,
        "expected": rate * mean,
        "low": rate * low,
        "high": rate * high,
        "gap": abs(wip - rate * mean) / wip if wip else np.nan,
    }
