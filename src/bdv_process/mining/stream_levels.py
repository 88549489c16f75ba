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
    whole = _grouped(streams.assign(pattern=LOG), times)
    each = _grouped(streams, times).sort_values("pattern", kind="stable")
    each = each.sort_values("streams", ascending=False, kind="stable")
    return pd.concat([whole, each], ignore_index=True)


def _grouped(streams: pd.DataFrame, times: tuple[str, ...]) -> pd.DataFrame:
    closed = streams[~streams["open"]]
    grouped = closed.groupby("pattern", observed=True)
    took = grouped["throughput"]
    size = streams.groupby("pattern", observed=True).size()
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
    return frame.rename_axis("pattern").reset_index().astype({"pattern": "str"})


def of_steps_by(steps: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return what the steps of each activity, role or organisation took: numbers that add up.

    Columns: the level, times, cases, processing and waiting (sums, in microseconds).
    """
    grouped = steps.dropna(subset=[level]).groupby(level, observed=True)
    frame = pd.DataFrame(
        {
            "times": grouped.size(),
            "cases": grouped["at"].nunique(),
            "processing": grouped["processing"].sum(),
            "waiting": grouped["waiting"].sum(),
        }
    )
    return frame.rename_axis(level).reset_index()
