"""The frame of a log: our columns in few types, rows in order, and nothing we could not read."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.coded import (
    Codes,
    coded,
    codes_of,
    column_of,
    filled,
    missing,
    recoded,
    same,
    texts_of,
)
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


def taken_apart(frame: pd.DataFrame, source: str) -> dict[str, pd.Series]:
    """Return the columns of a frame by name.

    Raises:
        InputRefused: a column is there twice.
    """
    names = frame.columns.map(str)
    twice = names[names.duplicated()]
    if len(twice):
        raise InputRefused("BDV-221", where=source, columns=", ".join(twice))
    columns = dict(zip(names, (column for _, column in frame.items()), strict=True))
    return {CASE: missing("", len(frame))} | columns


def normalised(given: dict[str, pd.Series], source: str) -> pd.DataFrame:
    """Return columns as the frame that `EventLog.coded` promises; `given` is emptied on the way.

    So a large log is never in memory twice.

    Raises:
        InputRefused: a value does not fit its column, a case or an activity is missing, a text
            cannot be shown, or what belongs to a case varies in it.
    """
    rows = pd.RangeIndex(len(given[CASE]))
    rejections = _rejections(pd.DataFrame(index=rows), source)
    columns = {name: _column(name, given.pop(name).set_axis(rows), rejections) for name in [*given]}
    for name, other in ((LABEL, ACTIVITY), (ACTIVITY, LABEL)):
        known = columns.get(name, missing("", len(rows)))
        columns[name] = filled(known, columns.get(other, known))
    for name, reason in ((CASE, "BDV-230"), (LABEL, "BDV-231"), (TIMESTAMP, "BDV-232")):
        if name in columns:
            absent = columns[name].isna()
            if name != TIMESTAMP or not absent.all():
                rejections.mark(absent, reason, columns[name], name)
    rejections.refuse()
    _put_in_order(columns)
    frame = _completed(columns)
    refuse_unreadable(frame, source)
    _refuse_varying(frame, source)
    return frame


def _completed(given: dict[str, pd.Series]) -> pd.DataFrame:
    """Return the columns of `COLUMNS` and then any others; what is not told has its default."""
    rows = len(given[CASE])
    columns = {
        name: given[name] if name in given else missing(KINDS.get(name, ""), rows)
        for name in dict.fromkeys([*COLUMNS, *given])
    }
    stage = filled(columns[LIFECYCLE], same(str(Lifecycle.COMPLETE), rows))
    names = [n.lower() if n.lower() in _TRANSITIONS else n for n in stage.cat.categories]
    columns[LIFECYCLE] = recoded(stage, pd.Index(names, dtype="str"))
    columns[ROOT] = filled(columns[ROOT], columns[CASE])
    columns[TOUCHPOINT] = columns[TOUCHPOINT].fillna(value=False).astype(bool)
    return pd.DataFrame(columns, copy=False)


def recorded(columns: Mapping[str, pd.Series] | pd.DataFrame) -> pd.Series:
    """Return which rows belong to a case of which every row has its place recorded."""
    known = columns[SEQ].notna()
    if known.any():
        known = known.groupby(columns[CASE], dropna=False).transform("all")
    return known.astype(bool)


def impossible(columns: Mapping[str, pd.Series] | pd.DataFrame) -> Iterator[tuple[pd.Series, str]]:
    """Yield masks of rows whose time cannot be, each with its error code."""
    times = columns[TIMESTAMP]
    yield out_of_range(times, pd.Timestamp.now("UTC")), "BDV-238"
    if ITEM in columns and LIFECYCLE in columns:
        stages = columns[LIFECYCLE].cat.categories.str.lower()
        begins, ends = (
            columns[LIFECYCLE].isin(columns[LIFECYCLE].cat.categories[stages == stage])
            for stage in (Lifecycle.START, Lifecycle.COMPLETE)
        )
        work = columns[ITEM].notna() & (begins | ends)
        item = [columns[CASE][work], columns[ITEM][work]]
        begun = times[work].where(begins[work]).groupby(item, observed=True).transform("min")
        early = ends & (times < begun.reindex(times.index))
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
    for column in texts_of(frame):
        if (frame[column].cat.categories.str.len() > MAX_TEXT).any():
            raise LimitExceeded("BDV-227", where=column, limit=MAX_TEXT)
    rejections = _rejections(frame, "")
    for rows, reason in impossible(frame):
        rejections.mark(rows, reason, frame[TIMESTAMP], TIMESTAMP)
    rejections.refuse()


def _rejections(frame: pd.DataFrame, source: str) -> Rejections:
    table = Table(source=source or "frame", frame=frame, place=lambda row: f"iloc[{row}]")
    return Rejections(table)


def _column(name: str, given: pd.Series, rejections: Rejections) -> pd.Series:
    """Return a column in one of our few types; an empty text is a missing one."""
    kind = KINDS.get(name) or ("" if name in COLUMNS else _kind(given.dtype))
    if name in KINDS and (given.dtype == object or pd.api.types.is_float_dtype(given.dtype)):
        given = given.convert_dtypes()  # True and None are truths, 1.0 and NaN whole numbers
    if not kind:
        return coded(given)
    if pd.api.types.is_string_dtype(given.dtype):
        given = given.mask(given == "")
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


def _put_in_order(columns: dict[str, pd.Series]) -> None:
    """Order rows by case as first met, then as recorded, else by time, then as they came."""
    numbers, met = pd.factorize(codes_of(columns[CASE]))
    # Cases are numbered as they stand: what is counted per case needs no look at their names.
    columns[CASE] = column_of(numbers, columns[CASE].cat.categories[met])
    del numbers
    keys: list[Codes] = [codes_of(columns[CASE])]
    if SEQ in columns:
        place = columns[SEQ].where(recorded(columns)).fillna(0).astype("int64")
        keys.insert(0, place.to_numpy())
    if TIMESTAMP in columns:
        keys.insert(0, pd.DatetimeIndex(columns[TIMESTAMP], copy=False).asi8)
    order = np.lexsort(keys).astype(np.int32)
    del keys
    for name in columns:
        columns[name] = pd.Series(columns[name].array.take(order), copy=False)


def _refuse_varying(frame: pd.DataFrame, source: str) -> None:
    """Refuse an attribute of the case that differs between rows of one case."""
    case = codes_of(frame[CASE])
    within = case[1:] == case[:-1]
    for column in frame.columns:
        if column.startswith("case:") and column != CASE:
            values = frame[column]
            codes = codes_of(values) if column in texts_of(frame) else pd.factorize(values)[0]
            varies = within & (codes[1:] != codes[:-1])
            if varies.any():
                found = frame[CASE].iloc[int(varies.argmax())]
                raise InputRefused("BDV-245", where=source, column=column, case=found)
