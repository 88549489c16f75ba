"""What streams took together: per pattern, and per activity, role and organisation."""

from typing import Final

import numpy as np
import pandas as pd

from bdv_process.mining.interval import of_median, wilson

LOG: Final = ""  #: as pattern: all streams together


def by_pattern(streams: pd.DataFrame, times: tuple[str, ...]) -> pd.DataFrame:
    """Return what the streams of each pattern took; durations in and out are microseconds.

    See `ValueStreams.patterns` for the columns. Only closed streams are measured: the time of the
    others is not over.
    """
    every = pd.concat([streams.assign(pattern=LOG), streams], ignore_index=True)
    closed = every[~every["open"]]
    grouped = closed.groupby("pattern")
    took = grouped["throughput"]
    size = every.groupby("pattern").size()
    frame = pd.DataFrame({"streams": size, "closed": grouped.size().reindex(size.index).fillna(0)})
    medians = {pattern: of_median(each) for pattern, each in took}
    spread = pd.DataFrame.from_dict(medians, "index", columns=["median", "low", "high"])
    frame = frame.astype(np.int64).join(spread)
    frame["mean"], frame["p90"] = took.mean(), took.quantile(0.9)
    frame = frame.join(grouped[list(times)].sum())
    frame["efficiency"] = frame["busy"] / frame["throughput"].where(frame["throughput"] > 0)
    handed = ["handovers", "role_handovers", "organisation_handovers"]
    frame = frame.join(grouped[handed].mean())
    frame["ping_pong"] = (closed["ping_pong"] > 0).groupby(closed["pattern"]).mean()
    frame["rework"] = grouped["repeated"].sum() / grouped["steps"].sum()
    frame["right"] = grouped["right"].mean()
    right = grouped["right"].sum().reindex(size.index).fillna(0)
    frame["right_low"], frame["right_high"] = wilson(right, frame["closed"])
    frame = frame.rename_axis("pattern").reset_index()
    order = pd.DataFrame({"log": frame["pattern"] != LOG, "less": -frame["streams"]})
    rows = order.assign(pattern=frame["pattern"]).sort_values(["log", "less", "pattern"]).index
    return frame.loc[rows].reset_index(drop=True)


def of_steps_by(steps: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return what the steps of each activity, role or organisation took, in microseconds.

    Columns: the level, times, cases, processing, waiting (sum) and median_waiting. Most waiting
    comes first.
    """
    grouped = steps.dropna(subset=[level]).groupby(level, observed=True)
    frame = pd.DataFrame(
        {
            "times": grouped.size(),
            "cases": grouped["at"].nunique(),
            "processing": grouped["processing"].sum(),
            "waiting": grouped["waiting"].sum(),
            "median_waiting": grouped["waiting"].median(),
        }
    )
    frame = frame.rename_axis(level).reset_index().astype({level: "str"})
    return frame.sort_values(["waiting", level], ascending=[False, True], ignore_index=True)
