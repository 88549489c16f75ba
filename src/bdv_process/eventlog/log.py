"""The event log: one frame of events, and an honest account of where they came from."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog import delimited, parquet, xes, xes_writing
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    ITEM,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
    Event,
    Lifecycle,
)
from bdv_process.eventlog.files import replaced
from bdv_process.eventlog.intake import TEXT_COLUMNS, Provenance, taken_in
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.moments import UTC_US, zone
from bdv_process.eventlog.table import Table, refuse_unreadable


class _Read(Protocol):
    def __call__(self, path: Path, *, encoding: str = ...) -> Table: ...


_Format = tuple[_Read, Callable[[pd.DataFrame, BinaryIO], None]]
_FORMATS: Final[dict[str, _Format]] = {
    ".xes": (xes.read, xes_writing.write),
    ".xes.gz": (xes.read, xes_writing.write),
    ".csv": (delimited.read, delimited.write),
    ".csv.gz": (delimited.read, delimited.write),
    ".parquet": (parquet.read, parquet.write),
}
_FIELDS: Final = {
    CASE: "case", TEMPLATE: "template", PARENT: "parent", ROOT: "root", REQUESTER: "requester",
    ACTIVITY: "activity", LABEL: "label", ITEM: "item", LIFECYCLE: "lifecycle",
    TIMESTAMP: "timestamp", RESOURCE: "resource", ROLE: "role", TOUCHPOINT: "touchpoint",
    OUTCOME: "outcome",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EventLog:
    """What did happen: a row per event.

    `frame` has the columns of `event.py` in the order of `COLUMNS`, then any others. Texts are
    pandas `str`, missing is NA and never an empty text; moments are datetime64[us, UTC];
    `bdv:touchpoint` is bool; other columns are Int64, float64, boolean, moments or texts. Rows
    stand by case in order of first appearance, then by time, then in the order they came. Only a
    log in which no event has a time may lack times.

    A frame handed in may lack columns: the activity is taken from `concept:name` (and the other
    way round), the lifecycle is `complete`, the root of a chain is the case itself.
    """

    frame: pd.DataFrame
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", _normalised(self.frame, self.provenance.source))

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        mapping: Mapping | None = None,
        timezone: str | None = None,
        date_format: str | None = None,
        encoding: str = "utf-8",
        skip_bad: bool = False,
    ) -> Self:
        """Read a log from XES, CSV (each also `.gz`) or Parquet; the suffix says which.

        Args:
            path: the file.
            mapping: how a foreign log's columns and activities become ours.
            timezone: IANA name, for moments that state no zone.
            date_format: strptime format, for moments that are not ISO 8601.
            encoding: of a CSV file.
            skip_bad: leave out the rows that cannot be used, and list them in the provenance.

        Raises:
            NotFound: there is no such file.
            InputRefused: the file is not what it says, or rows cannot be used.
            LimitExceeded: the file is larger than we promise to handle.
        """
        if "://" in str(path):
            raise InputRefused("BDV-202", where=path)
        file = Path(path)
        read, _ = _format(file)
        table = read(file, encoding=encoding)
        frame, provenance = taken_in(
            table,
            mapping=mapping,
            timezone=zone(timezone) if timezone else None,
            date_format=date_format,
            skip_bad=skip_bad,
        )
        return cls(frame=frame, provenance=provenance)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Return the log of events; what was filled in (`Event.data`) stays out."""
        rows = list(map(attrgetter(*_FIELDS.values()), events))
        frame = pd.DataFrame(rows, columns=list(_FIELDS))
        frame[TIMESTAMP] = pd.to_datetime(frame[TIMESTAMP], utc=True)
        return cls(frame=frame, provenance=Provenance(rows_in=len(rows), used=len(rows)))

    def write(self, path: str | Path) -> None:
        """Write to XES, CSV (each also `.gz`) or Parquet by suffix: the whole file, or nothing.

        Only events are written. The provenance stays behind, and with it what a foreign system
        cannot record: to check such a log again, read its source again.
        """
        file = Path(path)
        _, write = _format(file)
        with replaced(file) as stream:
            write(self.frame, stream)

    @property
    def cases(self) -> int:
        """Return the number of cases."""
        return int(self.frame[CASE].nunique())

    def where(
        self,
        *,
        templates: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cases: Collection[str] | None = None,
    ) -> Self:
        """Return the log of some cases, each whole: half a case would look like a deviation.

        Args:
            templates: keys of the templates the cases run.
            since: cases whose first event is at or after this moment.
            until: cases whose first event is before this moment.
            cases: case ids.
        """
        keep = pd.Series(data=True, index=self.frame.index)
        if templates is not None:
            keep &= self.frame[TEMPLATE].isin(list(templates))
        if cases is not None:
            keep &= self.frame[CASE].isin(list(cases))
        if since is not None or until is not None:
            begin = self.frame.groupby(CASE, sort=False)[TIMESTAMP].transform("min")
            if since is not None:
                keep &= begin >= since
            if until is not None:
                keep &= begin < until
        note = ("eventlog.part", {"events": int(keep.sum()), "of": len(self)})
        return replace(
            self,
            frame=self.frame[keep],
            provenance=replace(self.provenance, notes=(*self.provenance.notes, note)),
        )

    def variants(self) -> pd.DataFrame:
        """Return the ways cases went: template, variant (activity ids of complete events), cases.

        The commonest way first; a case without a complete event has the empty variant.
        """
        frame = self.frame
        done = frame[frame[LIFECYCLE] == Lifecycle.COMPLETE]
        first = frame.drop_duplicates(CASE)
        codes = pd.Index(first[CASE]).get_indexer(pd.Index(done[CASE]))
        bounds = np.searchsorted(codes, np.arange(len(first) + 1))
        activities = done[ACTIVITY].tolist()
        ways = pd.DataFrame(
            {
                TEMPLATE: first[TEMPLATE].array,
                "variant": _slices(activities, bounds.tolist()),
            }
        )
        counted = ways.value_counts(sort=False, dropna=False).reset_index(name="cases")
        counted = counted.rename(columns={TEMPLATE: "template"})
        order = ["cases", "template", "variant"]
        return counted.sort_values(order, ascending=[False, True, True], ignore_index=True)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        """Say size, span, templates and what was left out, on one line."""
        times = self.frame[TIMESTAMP].dropna()
        span = f", {times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}" if len(times) else ", no times"
        keys = sorted(self.frame[TEMPLATE].dropna().unique())
        of = f", templates {' '.join(keys[:8])}" if keys else ""
        source = f" from {self.provenance.source}" if self.provenance.source else ""
        lost = f", {len(self.provenance.rejected)} rows rejected"
        size = f"{len(self)} events, {self.cases} cases"
        return (
            f"<EventLog{source}: {size}{span}{of}{lost if len(self.provenance.rejected) else ''}>"
        )


def _format(path: Path) -> _Format:
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    if suffix not in _FORMATS:
        raise InputRefused("BDV-208", where=path, suffix=suffix or "-", known=", ".join(_FORMATS))
    return _FORMATS[suffix]


def _slices(values: list[str], bounds: Sequence[int]) -> list[tuple[str, ...]]:
    return [tuple(values[a:b]) for a, b in pairwise(bounds)]


def _normalised(given: pd.DataFrame, source: str) -> pd.DataFrame:
    columns = {
        str(name): _plain(given[name].astype("str") if name in TEXT_COLUMNS else given[name])
        for name in given.columns
    }
    nothing = pd.Series(None, index=given.index, dtype="str")
    for column, other in ((ACTIVITY, LABEL), (LABEL, ACTIVITY)):
        columns[column] = columns.get(column, nothing).fillna(columns.get(other, nothing))
    columns[LIFECYCLE] = columns.get(LIFECYCLE, nothing).fillna(str(Lifecycle.COMPLETE))
    columns[ROOT] = columns.get(ROOT, nothing).fillna(columns[CASE])
    touch = columns.get(TOUCHPOINT, pd.Series(data=False, index=given.index))
    columns[TOUCHPOINT] = touch.astype("boolean").fillna(value=False).astype(bool)
    times = columns.get(TIMESTAMP, pd.Series(pd.NaT, index=given.index, dtype=UTC_US))
    columns[TIMESTAMP] = times.astype(UTC_US)
    rest = [name for name in columns if name not in COLUMNS]
    frame = pd.DataFrame({name: columns.get(name, nothing) for name in [*COLUMNS, *rest]})
    refuse_unreadable(frame, source)
    case, _ = pd.factorize(frame[CASE])
    order = np.lexsort((frame[TIMESTAMP].astype("int64").to_numpy(), case))
    frame = frame.iloc[order].reset_index(drop=True)
    _refuse_varying(frame, source)
    return frame


def _plain(values: pd.Series) -> pd.Series:
    """Return a column in one of our few types; an empty text is a missing one."""
    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return values.astype("boolean")
    if pd.api.types.is_integer_dtype(kind):
        return values.astype("Int64")
    if pd.api.types.is_float_dtype(kind):
        return values.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(kind):
        return values.astype(UTC_US)
    texts = values.astype("str")
    return texts.mask(texts == "")


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


__all__ = ["EventLog", "Provenance"]
