"""A readable number of groups of journeys, each named by the path that stands in its middle."""

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
TROUBLES: Final = ("repeated", "sent_on", "withdrawn", "without_outcome")

_Ints = NDArray[np.int64]


def grouped(paths: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return by path, in its given order: group (1, 2 ..., the largest first), apart, medoid.

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
    return found.sort_index()


def by_group(journeys: pd.DataFrame, paths: pd.DataFrame) -> pd.DataFrame:
    """Return what the journeys of each group, and all together, went through.

    See `Journeys.groups` for the columns; durations in and out are microseconds.

    Args:
        journeys: as `journeys_of` returns them, with the columns of `grouped`.
        paths: the distinct ones.
    """
    every = pd.concat([journeys.assign(group=EVERY), journeys], ignore_index=True)
    lasted = (every["last"] - every["first"]).groupby(every["group"])
    about = every.groupby("group")
    found = pd.DataFrame({"journeys": about.size()})
    found["share"] = found["journeys"] / len(journeys)
    found["exact"] = (every["path"] == every["medoid"]).groupby(every["group"]).sum()
    found["apart"] = about["apart"].mean()
    spread = {group: of_median(each) for group, each in lasted}
    middle = pd.DataFrame.from_dict(spread, orient="index", columns=["median", "low", "high"])
    found = found.join(middle)
    found["touchpoints"] = about["touchpoints"].median()
    found["longest_silence"] = about["longest_silence"].median()
    found = found.join(about[["citizen", "government"]].sum())
    for name in TROUBLES:
        found[name] = (every[name] > 0).groupby(every["group"]).sum()
        found[f"{name}_low"], found[f"{name}_high"] = wilson(found[name], found["journeys"])
    medoid = about["medoid"].first().drop(EVERY)
    found["path"] = [(), *paths["path"].loc[medoid]]
    return found.rename_axis("group").reset_index()


def hidden(groups: pd.DataFrame) -> pd.DataFrame:
    """Return groups without the counts that are of fewer than five journeys."""
    shown = groups.copy()
    for name in ("exact", *TROUBLES):
        few = (shown[name] > 0) & (shown[name] < FEW)
        for column in shown.columns.intersection([name, f"{name}_low", f"{name}_high"]):
            shown[column] = shown[column].mask(few)
    return shown
