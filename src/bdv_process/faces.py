"""The faces of a result: its rows as plain values, for JSON, and how a notebook shows it."""

from datetime import datetime, timedelta
from html import escape
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from bdv_process.errors import BdvError

_HEAD: Final = 10  #: rows that a notebook shows


class _Framed(Protocol):
    @property
    def frame(self) -> pd.DataFrame: ...


class Shown:
    """A result that shows itself in a notebook: its line, its chart if it has one, first rows."""

    def _repr_html_(self: _Framed) -> str:
        """Show this in a notebook."""
        return html(self, self.frame)


def html(result: object, frame: pd.DataFrame) -> str:
    """Return a result as HTML: what it says in a line, its chart if it has one, the first rows."""
    chart = ""
    if hasattr(result, "chart"):
        try:
            drawn = result.chart()
            chart = f"<figure>{drawn.svg}<figcaption>{escape(drawn.says)}</figcaption></figure>"
        except BdvError as refusal:  # as of cases so few that they may not be shown
            chart = f"<p>{escape(str(refusal))}</p>"
    table = frame.head(_HEAD).to_html(border=0, float_format="{:.4g}".format, na_rep="")
    more = f"<p>{_HEAD} / {len(frame)}</p>" if len(frame) > _HEAD else ""
    line = f"<p><code>{escape(repr(result))}</code></p>"
    return f'{line}{chart}<div style="overflow-x:auto">{table}</div>{more}'


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON knows values.

    Durations are seconds and moments ISO 8601; what is missing, or infinite, is None.
    """
    columns = [_values(frame[name]) for name in frame]
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series) -> list[Any]:
    if pd.api.types.is_timedelta64_dtype(column):
        column = column.dt.total_seconds()
    values = column.astype(object).where(column.notna(), None)
    return [_told(value) for value in values.tolist()]


def _told(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case tuple() | list():
            return [_told(each) for each in value]
        case float():
            return float(value) if np.isfinite(value) else None
        case np.generic():
            return value.item()
    return value
