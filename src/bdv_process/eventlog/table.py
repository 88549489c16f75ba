"""What every format hands over: texts and types as they stand in the file, not yet believed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.moments import UTC_US, moments

Note = tuple[str, Mapping[str, object]]  #: text key and its facts

DECLARED: Final = "BDV-249"  #: rejected because the mapping says so: no reason to refuse the file

# Control characters (but tab and line ends), non-characters, and marks that reorder what is shown.
_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff"
_REORDER: Final = "\u202a-\u202e\u2066-\u2069"
_SHOWN: Final = 20  # pairs of look-alikes; more says: the wrong column
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """One file as read: a row per event, nothing dropped.

    `frame`: columns named as in the file, values as text unless `kinds` or the dtype says more.
    `kinds`: what a column of texts must hold: date, int, float or boolean.
    `rows`: the number by which a person finds each row in the file.
    `place`: says where the row at a position stands.
    `reasons`: error code per row the format itself cannot use (missing where it can).
    """

    source: str
    frame: pd.DataFrame
    rows: pd.Series
    place: Callable[[int], str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    reasons: pd.Series | None = None
    notes: tuple[Note, ...] = ()

    def column(self, name: str) -> pd.Series:
        """Return a column; refuse when the file lacks it, naming the closest one."""
        if name not in self.frame.columns:
            present = [str(column) for column in self.frame.columns]
            close = get_close_matches(name.lower(), [p.lower() for p in present], 1, 0.5)
            nearest = next((p for p in present if close and p.lower() == close[0]), "-")
            raise InputRefused(
                "BDV-223",
                where=self.source,
                column=name,
                present=", ".join(present[:40]),
                nearest=nearest,
            )
        return self.frame[name]


class Rejections:
    """The rows that cannot be used, each with its first reason and the value at fault."""

    def __init__(self, table: Table) -> None:
        self._table = table
        index = table.frame.index
        self.reason = pd.Series(None, index=index, dtype="str")
        self.value = pd.Series(None, index=index, dtype="str")
        self.column = pd.Series(None, index=index, dtype="str")

    def add(self, reasons: pd.Series, values: pd.Series | None = None, column: str = "") -> None:
        """Add reasons (missing = none) for rows that have none yet."""
        fresh = reasons.notna() & self.reason.isna()
        if not fresh.any():
            return
        self.reason[fresh] = reasons[fresh]
        self.column[fresh] = column
        if values is not None:
            self.value[fresh] = values[fresh].astype("str")

    def mark(self, rows: pd.Series, reason: str, values: pd.Series, column: str) -> None:
        """Reject `rows` (a mask) for one reason."""
        self.add(pd.Series(reason, index=rows.index, dtype="str").where(rows), values, column)

    def refuse(self) -> None:
        """Refuse the file when any row cannot be used: the commonest reason, first positions."""
        found = self.reason[self.reason.notna() & (self.reason != DECLARED)]
        if found.empty:
            return
        code = found.value_counts().index[0]
        rows = found.index[found == code]
        places = "; ".join(self._table.place(int(row)) for row in rows[:5])
        raise InputRefused(
            str(code),
            where=f"{self._table.source}: {places}",
            count=len(rows),
            column=self.column[rows[0]],
            value=str(self.value[rows[0]])[:60],
        )

    @property
    def frame(self) -> pd.DataFrame:
        """Return row, reason and value of what was rejected."""
        there = self.reason.notna()
        return pd.DataFrame(
            {
                "row": self._table.rows[there].astype("int64"),
                "reason": self.reason[there],
                "value": self.value[there],
            }
        ).reset_index(drop=True)


_DTYPES: Final[dict[str, Any]] = {
    "date": UTC_US,
    "int": "Int64",
    "float": "float64",
    "boolean": "boolean",
}
_PATTERNS: Final = {
    "int": r"[+-]?\d{1,19}",
    "float": r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN",
    "boolean": r"true|false|1|0",
}


def typed(texts: pd.Series, kind: str, **when: object) -> tuple[pd.Series, pd.Series]:
    """Turn texts into values of `kind`; `when` says how moments are read (see `moments`).

    Returns:
        Values (missing where refused) and reasons, as `moments` does.
    """
    if kind == "date":
        return moments(texts, **when)  # type: ignore[arg-type]
    right = texts.notna() & texts.str.fullmatch(_PATTERNS[kind]).astype(bool)
    if kind == "int":
        long = right & (texts.str.len() > 18)
        right[long] = texts[long].map(lambda text: -(2**63) <= int(text) < 2**63).astype(bool)
    reasons = pd.Series("BDV-241", index=texts.index, dtype="str").where(texts.notna() & ~right)
    good = texts[right]
    found = good.isin(["true", "1"]) if kind == "boolean" else good.astype(_DTYPES[kind])
    return found.astype(_DTYPES[kind]).reindex(texts.index), reasons


def of_kind(values: pd.Series, kind: str, **when: object) -> tuple[pd.Series, pd.Series]:
    """Return a column as `kind`, whatever its type; `when` and what is returned: as `typed`."""
    dtype = values.dtype
    dated = pd.api.types.is_datetime64_any_dtype(dtype)
    fits = {
        "date": dated and values.dt.tz is not None,
        "int": pd.api.types.is_signed_integer_dtype(dtype),
        "float": pd.api.types.is_float_dtype(dtype),
        "boolean": pd.api.types.is_bool_dtype(dtype),
    }
    if fits[kind]:
        return values.astype(_DTYPES[kind]), pd.Series(None, index=values.index, dtype="str")
    if dated:
        # True dates without a zone: say them in ISO and read them like any other.
        texts = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").astype("str")
        return typed(texts, kind, **when | {"date_format": None})
    return typed(values.astype("str"), kind, **when)


def refuse_unreadable(frame: pd.DataFrame, where: object) -> None:
    """Refuse texts that cannot be shown as they are: control characters, reordered text."""
    for column in frame.columns:
        values = frame[column]
        if values.dtype != "str":
            continue
        for pattern, code in ((_CONTROL, "BDV-242"), (_REORDER, "BDV-243")):
            bad = values.str.contains(f"[{pattern}]", regex=True).astype(bool) & values.notna()
            if bad.any():
                found = re.search(f"[{pattern}]", values[bad].iloc[0])
                point = f"U+{ord(found[0]):04X}" if found else ""
                raise InputRefused(code, where=where, column=column, point=point)


def lookalikes(names: pd.Series) -> tuple[Note, ...]:
    """Note names that a reader takes for one: other case, spaces, accents or invisible marks."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names.dropna().unique()):
        folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name)).casefold()
        groups.setdefault(" ".join(folded.split()), []).append(name)
    pairs = [" = ".join(repr(name) for name in group) for group in groups.values() if group[1:]]
    return (("eventlog.lookalikes", {"pairs": "; ".join(pairs[:_SHOWN])}),) if pairs else ()
