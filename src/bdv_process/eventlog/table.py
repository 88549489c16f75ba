"""What every format hands over: texts and types as they stand in the file, not yet believed."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.eventlog.coded import codes_of, texts_of
from bdv_process.eventlog.moments import UTC_US, moments

Note = tuple[str, Mapping[str, object]]  #: text key and its facts

DECLARED: Final = "BDV-249"  #: rejected because the mapping says so: no reason to refuse the file

# Control characters (but tab and line ends), non-characters, and marks that reorder what is shown.
_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff"
_REORDER: Final = "\u202a-\u202e\u2066-\u2069"
_ODD: Final = np.int64(-0x61C8864680B583EB)  # spreads what differs over all 64 bits
_SHOWN: Final = 20  # pairs of look-alikes; more says: the wrong column
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """One file as read: a row per event, nothing dropped.

    `frame`: columns named as in the file, values as coded text unless `kinds` or the dtype says
        more; its index counts from 0.
    `kinds`: what a column of texts must hold: date, int, float or boolean.
    `first`: the number by which a person finds the first row in the file.
    `place`: says where the row at a position stands.
    `reasons`: error code by position of a row that the format itself cannot use.
    `not_observable`: activities that the system of the file cannot record, if the file says so.
    """

    source: str
    frame: pd.DataFrame
    first: int = 1
    place: Callable[[int], str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    reasons: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    notes: tuple[Note, ...] = ()
    not_observable: tuple[str, ...] = ()

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
        self._found = [pd.DataFrame(columns=["reason", "value", "column"], dtype="str")]
        self.usable = np.ones(len(table.frame), dtype=bool)

    def add(self, reasons: pd.Series, values: pd.Series | None = None, column: str = "") -> None:
        """Add reasons, by position, for rows that have none yet."""
        fresh = reasons[self.usable[reasons.index]]
        if fresh.empty:
            return
        self.usable[fresh.index] = False
        shown = None if values is None else values.iloc[fresh.index].astype("str")
        more = pd.DataFrame({"reason": fresh, "value": shown, "column": column}, dtype="str")
        self._found.append(more)

    def mark(self, rows: pd.Series, reason: str, values: pd.Series, column: str) -> None:
        """Reject `rows` (a mask) for one reason."""
        self.add(pd.Series(reason, index=np.flatnonzero(rows), dtype="str"), values, column)

    def refuse(self) -> None:
        """Refuse the file when any row cannot be used: the commonest reason, first positions."""
        found = self._all
        found = found[found["reason"] != DECLARED]
        if found.empty:
            return
        code = found["reason"].value_counts().index[0]
        rows = found[found["reason"] == code]
        places = "; ".join(self._table.place(int(row)) for row in rows.index[:5])
        raise InputRefused(
            str(code),
            where=f"{self._table.source}: {places}",
            count=len(rows),
            column=rows["column"].iloc[0],
            value=str(rows["value"].iloc[0])[:60],
        )

    @property
    def frame(self) -> pd.DataFrame:
        """Return row, reason and value of what was rejected."""
        found = self._all
        found.insert(0, "row", found.index.astype("int64") + self._table.first)
        return found[["row", "reason", "value"]].reset_index(drop=True)

    @property
    def _all(self) -> pd.DataFrame:
        return pd.concat(self._found).sort_index()


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
    """Return a column as `kind`, whatever its type; `when`: as `typed`.

    Returns:
        Values (missing where refused), and the reason for each row that has one, by position.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        found, reasons = typed(pd.Series(values.cat.categories, dtype="str"), kind, **when)
        codes = codes_of(values)
        rows = np.flatnonzero(np.append(reasons.notna(), [False])[codes])
        by_row = pd.Series(reasons.array[codes[rows]], index=rows)
        taken = found.array.take(codes, allow_fill=True)
        return pd.Series(taken, index=values.index, copy=False), by_row
    dated = pd.api.types.is_datetime64_any_dtype(dtype)
    fits = {
        "date": dated and values.dt.tz is not None,
        "int": pd.api.types.is_signed_integer_dtype(dtype),
        "float": pd.api.types.is_float_dtype(dtype),
        "boolean": pd.api.types.is_bool_dtype(dtype),
    }
    if fits[kind]:
        return values.astype(_DTYPES[kind]), pd.Series(dtype="str")
    texts = values.astype("str")
    if dated:
        # True dates without a zone: say them in ISO and read them like any other.
        texts = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").astype("str")
        when["date_format"] = None
    found, reasons = typed(texts, kind, **when)
    return found, reasons.reset_index(drop=True).dropna()


def refuse_unreadable(frame: pd.DataFrame, where: object) -> None:
    """Refuse texts that cannot be shown as they are: control characters, reordered text."""
    for column in texts_of(frame):
        texts = pd.Series(frame[column].cat.categories)
        for pattern, code in ((_CONTROL, "BDV-242"), (_REORDER, "BDV-243")):
            bad = texts[texts.str.contains(f"[{pattern}]", regex=True)]
            if len(bad):
                found = re.search(f"[{pattern}]", bad.iloc[0])
                point = f"U+{ord(found[0]):04X}" if found else ""
                raise InputRefused(code, where=where, column=column, point=point)


def lookalikes(names: Iterable[str]) -> tuple[Note, ...]:
    """Note names that a reader takes for one: other case, spaces, accents or invisible marks."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name)).casefold()
        groups.setdefault(" ".join(folded.split()), []).append(name)
    pairs = [" = ".join(repr(name) for name in group) for group in groups.values() if group[1:]]
    return (("eventlog.lookalikes", {"pairs": "; ".join(pairs[:_SHOWN])}),) if pairs else ()


def copies(frame: pd.DataFrame) -> int:
    """Return how many rows say in every column what an earlier one says."""
    keys = _keys(frame)
    keys.sort()
    shared = keys[1:][keys[1:] == keys[:-1]]
    # Rows that differ seldom share a key; whether these do is seen by looking.
    return int(frame[np.isin(_keys(frame), shared)].duplicated().sum()) if len(shared) else 0


def _keys(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return by row a number that equal rows share, and others seldom."""
    keys = np.zeros(len(frame), dtype=np.int64)
    for name in frame:
        keys *= _ODD
        keys += _numbers(frame[name])
    return keys


def _numbers(values: pd.Series) -> NDArray[Any]:
    """Return by row a number that is equal where the values are."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return codes_of(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pd.DatetimeIndex(values, copy=False).asi8
    return pd.factorize(values)[0]
