"""Read points in time strictly: what is not certain is refused, never guessed."""

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused

UTC_US: Final = "datetime64[us, UTC]"
UNITS: Final = ("s", "ms", "excel")
FOLDS: Final = ("earlier", "later")

_CLOCK = r"[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ISO: Final = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:{_CLOCK})?"
_ZONED: Final = rf"\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}(?:Z|[+-]\d{{2}}:?\d{{2}})"
_DAY_OR_MONTH_FIRST: Final = r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:[T ,].*)?"
_NUMBER: Final = r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
_EPOCH: Final = pd.Timestamp("1970-01-01", tz="UTC")
_EXCEL: Final = pd.Timestamp("1899-12-30")
_EARLIEST: Final = pd.Timestamp("1900-01-01", tz="UTC")


def zone(name: str, *, where: object = "") -> ZoneInfo:
    """Return the time zone `name`; refuse one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, RecursionError) as error:
        raise InputRefused("BDV-246", where=where, timezone=name) from error


def date_form(form: str, *, where: object = "") -> str:
    """Return a strptime format; refuse one that is wrong, or that leaves something to guess."""
    try:
        pd.to_datetime(pd.Series(["-"], dtype="str"), format=form, errors="coerce")
    except (ValueError, re.error) as error:
        raise InputRefused("BDV-253", where=where, form=form) from error
    # Words without a percent sign ask pandas to guess; the name of a zone (%Z) is not unique.
    if "%" not in form or "%Z" in form:
        raise InputRefused("BDV-253", where=where, form=form)
    return form


def moments(
    texts: pd.Series,
    *,
    timezone: ZoneInfo | None = None,
    date_format: str | None = None,
    unit: str | None = None,
    fold: str | None = None,
) -> tuple[pd.Series, pd.Series]:
    """Turn texts into moments and, where that cannot be done with certainty, a reason.

    Without `date_format` only ISO 8601 is read. A moment without a zone needs `timezone`; one that
    the clock shows twice needs `fold` (`earlier` or `later`); a number needs `unit` (`s`, `ms`
    since 1970, or `excel` days).

    Returns:
        Moments (datetime64[us, UTC], NaT where missing or refused) and reasons (an error code,
        missing where there is none), both with the index of `texts`.
    """
    present = texts.notna()
    reasons = pd.Series(None, index=texts.index, dtype="str")
    naive = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    result = pd.Series(pd.NaT, index=texts.index, dtype=UTC_US)
    if unit:
        numbers = present & texts.str.fullmatch(_NUMBER).astype(bool)
        reasons[present & ~numbers] = "BDV-233"
        values = pd.to_numeric(texts[numbers].str.replace(",", "."))
        if unit == "excel":
            naive[numbers] = _microseconds(values * 86_400_000_000, _EXCEL)
        else:
            result[numbers] = _microseconds(values * {"s": 1_000_000, "ms": 1_000}[unit], _EPOCH)
    elif date_format and "%z" in date_format:
        result = pd.to_datetime(texts, format=date_format, errors="coerce", utc=True)
        result = result.astype(UTC_US)
        reasons[present & result.isna()] = "BDV-233"
    elif date_format:
        naive = pd.to_datetime(texts, format=date_format, errors="coerce").astype("datetime64[us]")
        reasons[present & naive.isna()] = "BDV-233"
    else:
        zoned = present & texts.str.fullmatch(_ZONED).astype(bool)
        local = present & texts.str.fullmatch(_ISO).astype(bool)
        result[zoned] = _iso(texts[zoned], utc=True)
        naive[local] = _iso(texts[local], utc=False)
        reasons[present] = "BDV-233"
        reasons[present & texts.str.fullmatch(_NUMBER).astype(bool)] = "BDV-239"
        reasons[present & texts.str.fullmatch(_DAY_OR_MONTH_FIRST).astype(bool)] = "BDV-234"
        reasons[result.notna() | naive.notna()] = None
        if zoned.any():
            reasons[naive.notna()] = "BDV-240"
    _localise(naive.where(reasons.isna()), result, reasons, timezone, fold)
    return result, reasons


def out_of_range(times: pd.Series, now: pd.Timestamp) -> pd.Series:
    """Return which moments no log of ours can hold: before 1900, or over a day ahead of `now`."""
    return (times < _EARLIEST) | (times > now + pd.Timedelta(days=1))


def _iso(texts: pd.Series, *, utc: bool) -> pd.Series:
    cleaned = texts.str.replace(",", ".")
    parsed = pd.to_datetime(cleaned, format="ISO8601", errors="coerce", utc=utc)
    return parsed.astype(UTC_US if utc else "datetime64[us]")


def _microseconds(values: pd.Series, origin: pd.Timestamp) -> pd.Series:
    span = values.where(values.abs() < 2.0**62).round()
    return origin.as_unit("us") + pd.to_timedelta(span, unit="us").astype("timedelta64[us]")


def _localise(
    naive: pd.Series,
    result: pd.Series,
    reasons: pd.Series,
    timezone: ZoneInfo | None,
    fold: str | None,
) -> None:
    here = naive.notna()
    if not here.any():
        return
    if timezone is None:
        reasons[here] = "BDV-235"
        return
    earlier = naive[here].dt.tz_localize(
        timezone, ambiguous=np.ones(int(here.sum()), dtype=bool), nonexistent="NaT"
    )
    later = naive[here].dt.tz_localize(
        timezone, ambiguous=np.zeros(int(here.sum()), dtype=bool), nonexistent="NaT"
    )
    gap, twice = earlier.isna(), earlier.notna() & (earlier != later)
    reasons[gap.index[gap]] = "BDV-236"
    if fold is None:
        reasons[twice.index[twice]] = "BDV-237"
        earlier = earlier.mask(twice)
    chosen = later if fold == "later" else earlier
    result[here] = chosen.dt.tz_convert("UTC").astype(UTC_US)


def is_date_like(text: str) -> bool:
    """Return whether a text is a number or a date, so no name of a column."""
    return bool(re.fullmatch(_NUMBER, text)) or is_moment_like(text)


def is_moment_like(text: str) -> bool:
    """Return whether a text is a date, in one of the ways that people write them."""
    return bool(re.fullmatch(rf"{_ZONED}|{_ISO}|{_DAY_OR_MONTH_FIRST}", text))
