"""Moments as whole numbers, and who comes when."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.moments import UTC_US

NEVER: Final = np.iinfo(np.int64).max  #: later than anything in a log
UNKNOWN: Final = pd.NaT.value  #: what a missing moment is: less than any


def microseconds(moments: pd.Series) -> NDArray[np.int64]:
    """Return moments as microseconds since 1970; a missing one as `UNKNOWN`."""
    return np.asarray(moments.astype(UTC_US).astype("int64"))


def moments(us: NDArray[np.int64]) -> pd.Series:
    """Return what `microseconds` were made of."""
    return pd.Series(pd.DatetimeIndex(us.view("M8[us]"), tz="UTC", copy=False), copy=False)


def in_order(
    owner: NDArray[np.integer], us: NDArray[np.int64], *others: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return the order by owner, moment and what else is given; what is equal stays as it came.

    Args:
        owner: whose moment it is, from 0.
        us: the moments.
        others: what decides between moments of one owner that are equal.
    """
    first = np.full(int(owner.max(initial=-1)) + 1, NEVER)
    np.minimum.at(first, owner, us)
    since = us - first[owner]
    width = int(since.max(initial=0)) + 1
    if len(first) * width >= 1 << 63:
        return np.lexsort((*reversed(others), us, owner))
    # To sort one number is ten times as quick as to sort two; few moments are equal.
    key = owner * np.int64(width) + since
    order = np.argsort(key, kind="stable")
    if others:
        key = key[order]
        same = np.zeros(len(key), dtype=bool)
        same[1:] = key[1:] == key[:-1]
        same[:-1] |= same[1:]
        tied = order[same]
        order[same] = tied[np.lexsort((*(each[tied] for each in reversed(others)), key[same]))]
    return order
