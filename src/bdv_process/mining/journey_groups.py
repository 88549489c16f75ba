"""A readable number of groups of journeys, each named by the path that stands in its middle."""

from math import fsum
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.interval import of_median, wilson
from bdv_process.mining.medoid import distances, medoids
from bdv_process.privacy import FEW

EVERY: Final = 0  #: as group: all journeys together
_COMPARED: Final = 300  #: commonest paths among which the middle ones are sought
_AT_ONCE: Final = 5_000  #: of the other paths, how many are compared at once
#: What a share of journeys has at least one of.
TROUBLES: Final = ("repeated", "sent_on", "failure_demand", "withdrawn", "without_outcome")
#: What stands behind the name of a measure in that of a column that it makes.
ENDINGS: Final = ("_low", "_high", "_share")

_Ints = NDArray[np.int64]


def grouped(paths: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the paths with group (1, 2 ..., the largest first), apart, medoid.

    `apart` is how far it is from the path that names its group, `medoid` that path's row. When
    there are at most `most` paths each is a group; else the groups are those around medoids of the
    commonest paths, and every other path goes to the nearest.

    Args:
        paths: path (tuple) and cases, one row for each distinct path.
        most: number of groups.
    """
    order = sorted(
        range(len(paths)), key=lambda row: (-paths["cases"].iloc[row], paths["path"].iloc[row])
    )
    path = [paths["path"].iloc[row] for row in order]
    weight = paths["cases"].to_numpy()[order]
    among = path[:_COMPARED]
    apart = distances(among, among)
    middle = medoids(apart, weight[:_COMPARED], most)
    to_middle = [apart[:, middle]]
    for start in range(_COMPARED, len(path), _AT_ONCE):
        part = path[start : start + _AT_ONCE]
        to_middle.append(distances(part, [path[row] for row in middle]))
    near = np.concatenate(to_middle)
    mine = near.argmin(axis=1)
    size = np.bincount(mine, weight, len(middle))
    rank = np.empty(len(middle), dtype=np.int64)
    rank[np.lexsort((middle, -size))] = np.arange(1, len(middle) + 1)
    rows = np.array(order, dtype=np.int64)
    found = pd.DataFrame(
        {"group": rank[mine], "apart": near.min(axis=1), "medoid": rows[middle[mine]]}, index=rows
    )
    return paths.join(found)


def by_group(journeys: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return what all journeys together, and those of each group, went through.

    See `Journeys.groups` for the columns; durations in and out are microseconds.

    Args:
        journeys: as `journeys_of` returns them.
        placed: the distinct paths, as `grouped` returns them, with path and cases.
    """
    group = placed["group"].to_numpy()[journeys["path"]]
    parts = [(np.zeros(len(group), dtype=np.int64), placed.assign(group=EVERY)), (group, placed)]
    found = pd.concat([_summed(journeys, whose, paths) for whose, paths in parts])
    found["share"] = found["journeys"] / len(journeys)
    found["path"] = [(), *placed["path"].iloc[placed.groupby("group")["medoid"].first()]]
    return found.rename_axis("group").reset_index()


def _summed(journeys: pd.DataFrame, group: _Ints, paths: pd.DataFrame) -> pd.DataFrame:
    """Return by group what its journeys add up to."""
    lasted = (journeys["last"] - journeys["first"]).groupby(group)
    about = journeys.groupby(group)
    found = pd.DataFrame({"journeys": about.size()})
    found["exact"] = (
        paths["cases"].where(paths["medoid"] == paths.index, 0).groupby(paths["group"]).sum()
    )
    # Exact, so that it does not matter in what order it is added up.
    apart = (paths["apart"] * paths["cases"]).groupby(paths["group"]).agg(fsum)
    found["apart"] = apart / found["journeys"]
    spread = {name: of_median(each) for name, each in lasted}
    middle = pd.DataFrame.from_dict(spread, orient="index", columns=["median", "low", "high"])
    found = found.join(middle)
    found["touchpoints"] = about["touchpoints"].median()
    found["longest_silence"] = about["longest_silence"].median()
    found["first_response"] = about["first_response"].median()
    found = found.join(about[["citizen", "government", "inbound"]].sum())
    failed = about["failure_demand"].sum()
    found["failure_demand_share"] = (failed / found["inbound"]).where(found["inbound"] > 0)
    for name in TROUBLES:
        found[name] = (journeys[name] > 0).groupby(group).sum()
        found[f"{name}_low"], found[f"{name}_high"] = wilson(found[name], found["journeys"])
    return found


def hidden(groups: pd.DataFrame) -> pd.DataFrame:
    """Return groups without what gives away fewer than five journeys, or all but fewer than five.

    Shares of all journeys go with the row of all: they would give away how many those are.
    """
    shown = groups.copy()
    for name in ("exact", *TROUBLES):
        few = few_of(shown[name], shown["journeys"])
        shown[name] = shown[name].astype("Int64")
        names = [name, *(f"{name}{end}" for end in ENDINGS), *(["apart"] * (name == "exact"))]
        for column in shown.columns.intersection(names):
            shown[column] = shown[column].mask(few)
    return shown if EVERY in set(shown["group"]) else shown.drop(columns="share")


def few_of(some: pd.Series, whole: pd.Series) -> pd.Series:
    """Return where some of a whole, or the others of it, are one to four: not to be shown."""
    return some.between(1, FEW - 1) | (whole - some).between(1, FEW - 1)
