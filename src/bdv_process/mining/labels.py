"""What a log calls its activities: the same names, whatever stands first in it."""

from collections.abc import Iterable

import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, LABEL


def first_names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name of each activity; of several the first in the alphabet."""
    return dict(sorted(pairs, reverse=True))


def named(frame: pd.DataFrame, activity: str = ACTIVITY, label: str = LABEL) -> dict[str, str]:
    """Return what activities are called in a frame that has both in a column."""
    pairs = frame[[activity, label]].drop_duplicates().dropna().astype("str")
    return first_names(pairs.itertuples(index=False, name=None))
