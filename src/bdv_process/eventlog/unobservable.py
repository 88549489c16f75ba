"""What a system cannot record goes along with its log: without it, what is absent looks wrong.

Parquet has a place for it beside its columns, XES among the attributes of the log, and a frame in
its `attrs`; CSV and OCEL have none.
"""

import re
from collections.abc import Collection
from typing import Final

import pandas as pd

from bdv_process.errors import InputRefused

NOT_OBSERVABLE: Final = "bdv:not_observable"  #: ids of activities, separated by a space
KEPT_BY: Final = (".parquet", ".xes", ".xes.gz")

_ID: Final = re.compile(r"[^\W\d][\w.-]*")


def written(activities: Collection[str]) -> str:
    """Return ids of activities as one text."""
    return " ".join(activities)


def read(said: str, where: object) -> tuple[str, ...]:
    """Return the ids in a text.

    Raises:
        InputRefused: it holds something else.
    """
    activities = tuple(said.split(" "))
    if not all(map(_ID.fullmatch, activities)):
        facts = {"count": 1, "column": NOT_OBSERVABLE, "value": said[:60]}
        raise InputRefused("BDV-241", where=where, **facts)
    return activities


def told(frame: pd.DataFrame, activities: tuple[str, ...]) -> pd.DataFrame:
    """Return the frame, which from now on knows this, as does what pandas takes out of it."""
    if activities:
        frame.attrs[NOT_OBSERVABLE] = activities
    return frame


def known(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return what a frame knows of this."""
    return tuple(frame.attrs.get(NOT_OBSERVABLE, ()))
