"""What an analyst asks for, looked at where it comes in: a slip is refused, never guessed at."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from bdv_process.errors import InputRefused


def refuse_one_text(**asked: Iterable[object] | None) -> None:
    """Refuse a text where several may be named: its letters would be taken for names.

    Raises:
        InputRefused: one of these, by name, is a text.
    """
    for name, values in asked.items():
        if isinstance(values, str):
            raise InputRefused("BDV-297", where=name, value=values)


def refuse_unplaced(**asked: object) -> None:
    """Refuse what is no moment at one place in time, as dates, texts and NaT are not.

    Raises:
        InputRefused: one of these, by name, has no time zone.
    """
    for name, moment in asked.items():
        if moment is None:
            continue
        if not isinstance(moment, datetime) or pd.isna(moment) or moment.utcoffset() is None:
            raise InputRefused("BDV-252", where=name, moment=moment)
