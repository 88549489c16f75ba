"""Decide row by row what of a file can be used, and keep count: in = used + rejected."""

from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog import translation
from bdv_process.eventlog.coded import coded, missing, texts_of
from bdv_process.eventlog.doubts import doubts
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    KINDS,
    LABEL,
    TIMESTAMP,
)
from bdv_process.eventlog.frame import impossible
from bdv_process.eventlog.mapping import START, Mapping
from bdv_process.eventlog.moments import UTC_US, is_moment_like
from bdv_process.eventlog.table import (
    DECLARED,
    Note,
    Rejections,
    Table,
    of_kind,
)
from bdv_process.language import Language, text

_TEXTS: Final = frozenset(COLUMNS) - KINDS.keys()

_NOTHING_REJECTED: Final = pd.DataFrame(
    {
        "row": pd.Series(dtype="int64"),
        "reason": pd.Series(dtype="str"),
        "value": pd.Series(dtype="str"),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Provenance:
    """Where a log comes from and what became of every row: `rows_in` = `used` + rejected.

    `collapsed` counts the used rows that gave no event of their own: a mapping reads the change
    of a state, not its repetition, and some states are no activity of ours (see `notes`).
    `rejected`: row (as numbered in the file), reason (error code) and value.
    `notes`: text keys with facts, for a reader of the report.
    `not_observable`: activities the system cannot be relied on to record.
    """

    source: str = ""
    rows_in: int = 0
    used: int = 0
    collapsed: int = 0
    rejected: pd.DataFrame = field(default_factory=_NOTHING_REJECTED.copy)
    notes: tuple[Note, ...] = ()
    not_observable: tuple[str, ...] = ()

    def told(self, lang: Language | None = None) -> list[str]:
        """Return the notes in words: the reader's, unless a language is given."""
        return [text(key, lang, **facts) for key, facts in self.notes]


def taken_in(
    table: Table,
    *,
    mapping: Mapping | None,
    timezone: ZoneInfo | None,
    date_format: str | None,
    skip_bad: bool,
) -> tuple[pd.DataFrame, Provenance]:
    """Return the events of a table and the account of its rows.

    Raises:
        InputRefused: a row cannot be used and `skip_bad` is off; a column is missing.
    """
    rejections = Rejections(table)
    rejections.add(table.reasons)
    state = mapping.columns[LABEL] if mapping else LABEL
    if mapping:
        broken = translation.rejected(mapping, table)
        rejections.mark(broken, DECLARED, table.column(state), state)
    frame = _standard(table, mapping, rejections, timezone, date_format)
    if not skip_bad:
        rejections.refuse()
    used = frame if rejections.usable.all() else _only(frame, rejections.usable)
    notes = [_naming(state, note) for note in table.notes] + doubts(used, table.frame)
    events, collapsed = used, 0
    if mapping:
        events, collapsed, mapped = translation.translated(mapping, used, table)
        notes += mapped
    else:
        events, begun = translation.begun(used)
        notes += begun
    hidden = [*table.not_observable, *(mapping.not_observable if mapping else ())]
    return events, Provenance(
        source=table.source,
        rows_in=len(frame),
        used=len(used),
        collapsed=collapsed,
        rejected=rejections.frame,
        notes=tuple(notes),
        not_observable=tuple(dict.fromkeys(hidden)),
    )


def _naming(state: str, note: Note) -> Note:
    """Return a note of a file; what says which column tells activities apart names this one."""
    key, facts = note
    return (key, {**facts, "column": state}) if key == "eventlog.classifiers" else note


def _standard(
    table: Table,
    mapping: Mapping | None,
    rejections: Rejections,
    timezone: ZoneInfo | None,
    date_format: str | None,
) -> pd.DataFrame:
    """Return the table under our column names with typed values; bad ones go to `rejections`."""
    if mapping:
        wanted = mapping.wanted([str(name) for name in table.frame.columns])
        named = {ours: translation.values(mapping, table, name) for ours, name in wanted.items()}
    else:
        named = {str(name): table.frame[name] for name in table.frame.columns}
        named[CASE] = table.column(CASE)
        if TIMESTAMP in named or any(map(_timed, named.values())):
            named[TIMESTAMP] = table.column(TIMESTAMP)
        else:
            named[TIMESTAMP] = missing("date", len(table.frame))
        label = LABEL if LABEL in named or ACTIVITY not in named else ACTIVITY
        named[LABEL] = table.column(label)
    theirs = mapping.columns if mapping else {}  # what an analyst would look for
    at = theirs.get(TIMESTAMP, TIMESTAMP)
    for column in named.keys() & _TEXTS:
        named[column] = coded(named[column])
    for column, reason in ((CASE, "BDV-230"), (LABEL, "BDV-231")):
        rejections.mark(named[column].isna(), reason, named[column], theirs.get(column, column))
    when: dict[str, object] = {"timezone": timezone, "date_format": date_format}
    if mapping:
        when = {
            "timezone": timezone or mapping.timezone,
            "date_format": date_format or mapping.date_format,
            "unit": mapping.unit,
            "fold": mapping.fold,
        }
    timed = named[TIMESTAMP].notna().any()
    others = {name: kind for name, kind in table.kinds.items() if name not in COLUMNS}
    kinds = {START: "date", **others, **KINDS}
    for column, given in named.items():
        dated = pd.api.types.is_datetime64_any_dtype(given.dtype)
        kind = kinds.get(column) or ("date" if dated else "")
        if kind:
            named[column], reasons = of_kind(given, kind, **when if kind == "date" else {})
            rejections.add(reasons, given, theirs.get(column, column))
    times = named[TIMESTAMP] = named[TIMESTAMP].astype(UTC_US)
    if timed:
        rejections.mark(times.isna(), "BDV-232", times, at)
    for rows, reason in impossible(named):
        rejections.mark(rows, reason, times, at)
    if START in named:
        rejections.mark(times < named[START], "BDV-247", times, at)
    order = [*(c for c in COLUMNS if c in named), *(c for c in named if c not in COLUMNS)]
    return pd.DataFrame({name: named[name] for name in order}, copy=False)


def _only(frame: pd.DataFrame, rows: NDArray[np.bool_]) -> pd.DataFrame:
    """Return some rows, each coded column with the texts that still occur."""
    left = frame[rows]
    return left.assign(**{name: coded(left[name]) for name in texts_of(left)})


def _timed(column: pd.Series) -> bool:
    """Return whether a column holds moments, under whatever name."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return True
    texts = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else ()
    return any(map(is_moment_like, texts[:1]))
