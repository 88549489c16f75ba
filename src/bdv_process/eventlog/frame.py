"""The frame of a log: our columns in few types, rows in order, and nothing we could not read."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    ITEM,
    KINDS,
    LABEL,
    LIFECYCLE,
    ROOT,
    SEQ,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
)
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT
from bdv_process.eventlog.moments import out_of_range
from bdv_process.eventlog.table import Rejections, Table, of_kind, refuse_unreadable

#: Transitions of the standard lifecycle: XES compares them without regard to case.
_TRANSITIONS: Final = {
    "schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "withdraw",
    "manualskip", "autoskip", "pi_abort", "ate_abort", "unknown",
}  # fmt: skip


def normalised(given: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return a frame as `EventLog` promises it.

    Raises:
        InputRefused: a column is there twice, a value does not fit its column, a case or an
            activity is missing, a text cannot be shown, or what belongs to a case varies in it.
    """
    given = given.reset_index(drop=True).rename(columns=str)
    twice = given.columns[given.columns.duplicated()]
    if len(twice):
        raise InputRefused("BDV-221", where=source, columns=", ".join(twice))
    rejections = _rejections(given, source)
    nothing = pd.Series(None, index=given.index, dtype="str")
    columns = {
        name: _column(name, given.get(name, nothing), rejections)
        for name in dict.fromkeys([*COLUMNS, *given.columns])
    }
    columns[ACTIVITY] = columns[ACTIVITY].fillna(columns[LABEL])
    columns[LABEL] = columns[LABEL].fillna(columns[ACTIVITY])
    lifecycle = columns[LIFECYCLE].fillna(str(Lifecycle.COMPLETE))
    lower = lifecycle.str.lower()
    columns[LIFECYCLE] = lifecycle.mask(lower.isin(_TRANSITIONS), lower)
    columns[ROOT] = columns[ROOT].fillna(columns[CASE])
    columns[TOUCHPOINT] = columns[TOUCHPOINT].fillna(value=False).astype(bool)
    for column, reason in ((CASE, "BDV-230"), (LABEL, "BDV-231"), (TIMESTAMP, "BDV-232")):
        missing = columns[column].isna()
        if column != TIMESTAMP or not missing.all():
            rejections.mark(missing, reason, columns[column], column)
    rejections.refuse()
    frame = pd.DataFrame(columns)
    refuse_unreadable(frame, source)
    frame = frame.iloc[_order(frame)].reset_index(drop=True)
    _refuse_varying(frame, source)
    return frame


def recorded(columns: Mapping[str, pd.Series] | pd.DataFrame) -> pd.Series:
    """Return which rows belong to a case of which every row has its place recorded."""
    known = columns[SEQ].notna()
    whole: pd.Series = known.groupby(columns[CASE], dropna=False).transform("all")
    return whole.astype(bool)


def impossible(columns: Mapping[str, pd.Series] | pd.DataFrame) -> Iterator[tuple[pd.Series, str]]:
    """Yield masks of rows whose time cannot be, each with its error code."""
    times = columns[TIMESTAMP]
    yield out_of_range(times, pd.Timestamp.now("UTC")), "BDV-238"
    if ITEM in columns and LIFECYCLE in columns:
        stage = columns[LIFECYCLE].str.lower()
        item = [columns[CASE], columns[ITEM]]
        begun = times.where(stage == Lifecycle.START).groupby(item).transform("min")
        early = (stage == Lifecycle.COMPLETE) & (times < begun)
        # Where the order was recorded it holds, also when the clock was set back in between.
        yield early & ~recorded(columns) if SEQ in columns else early, "BDV-247"


def refuse_unkept(frame: pd.DataFrame) -> None:
    """Refuse to write what our own readers refuse to read.

    Raises:
        InputRefused: a time cannot be.
        LimitExceeded: too many rows or columns, or a text that is too long.
    """
    for found, limit, code in (
        (len(frame), MAX_EVENTS, "BDV-228"),
        (len(frame.columns), MAX_COLUMNS, "BDV-226"),
    ):
        if found > limit:
            raise LimitExceeded(code, found=found, limit=limit)
    for column in frame.columns[frame.dtypes == "str"]:
        if (frame[column].str.len() > MAX_TEXT).any():
            raise LimitExceeded("BDV-227", where=column, limit=MAX_TEXT)
    rejections = _rejections(frame, "")
    for rows, reason in impossible(frame):
        rejections.mark(rows, reason, frame[TIMESTAMP], TIMESTAMP)
    rejections.refuse()


def _rejections(frame: pd.DataFrame, source: str) -> Rejections:
    rows = pd.Series(range(len(frame)), dtype="int64")
    return Rejections(
        Table(source=source or "frame", frame=frame, rows=rows, place=lambda row: f"iloc[{row}]")
    )


def _column(name: str, given: pd.Series, rejections: Rejections) -> pd.Series:
    """Return a column in one of our few types; an empty text is a missing one."""
    kind = KINDS.get(name) or ("" if name in COLUMNS else _kind(given.dtype))
    if name in KINDS and (given.dtype == object or pd.api.types.is_float_dtype(given.dtype)):
        given = given.convert_dtypes()  # True and None are truths, 1.0 and NaN whole numbers
    if not kind or pd.api.types.is_string_dtype(given.dtype):
        given = given.astype("str")
        given = given.mask(given == "")
    if not kind:
        return given
    values, reasons = of_kind(given, kind)
    rejections.add(reasons, given, name)
    return values


def _kind(dtype: Any) -> str:
    checks = {
        "boolean": pd.api.types.is_bool_dtype,
        "int": pd.api.types.is_integer_dtype,
        "float": pd.api.types.is_float_dtype,
        "date": pd.api.types.is_datetime64_any_dtype,
    }
    return next((kind for kind, fits in checks.items() if fits(dtype)), "")


def _order(frame: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Return rows by case as first met, then as recorded, else by time, then as they came."""
    case, _ = pd.factorize(frame[CASE])
    place = frame[SEQ].where(recorded(frame)).fillna(0).astype("int64")
    return np.lexsort((frame[TIMESTAMP].astype("int64").to_numpy(), place.to_numpy(), case))


def _refuse_varying(frame: pd.DataFrame, source: str) -> None:
    """Refuse an attribute of the case that differs between rows of one case."""
    case = frame[CASE].to_numpy()
    same = pd.Series(case[1:] == case[:-1])
    for column in frame.columns:
        if column.startswith("case:") and column != CASE:
            codes, _ = pd.factorize(frame[column])
            varies = same & (codes[1:] != codes[:-1])
            if varies.any():
                found = case[int(varies.to_numpy().argmax())]
                raise InputRefused("BDV-245", where=source, column=column, case=found)
