"""The event log: one frame of events, and an honest account of where they came from."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol, Self
from warnings import warn
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog import delimited, ocel_events, parquet, unobservable, xes, xes_writing
from bdv_process.eventlog.asked import refuse_one_text, refuse_unplaced
from bdv_process.eventlog.coded import codes_of, decoded
from bdv_process.eventlog.doubts import doubts, unfinished
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    TEMPLATE,
    TIMESTAMP,
    Event,
    Lifecycle,
)
from bdv_process.eventlog.exchange import Trace, from_pm4py, to_pm4py
from bdv_process.eventlog.files import MAX_EVENTS, replaced
from bdv_process.eventlog.frame import normalised, refuse_unkept, taken_apart
from bdv_process.eventlog.intake import Provenance, taken_in
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.moments import date_form, zone
from bdv_process.eventlog.recording import frame_of
from bdv_process.eventlog.table import Note, Table
from bdv_process.eventlog.translation import begun
from bdv_process.eventlog.ways import ways
from bdv_process.faces import html
from bdv_process.language import text


class _Read(Protocol):
    def __call__(self, path: Path, *, encoding: str = ..., limit: int = ...) -> Table: ...


_Format = tuple[_Read, Callable[..., None]]
_FORMATS: Final[dict[str, _Format]] = {
    ".xes": (xes.read, xes_writing.write),
    ".xes.gz": (xes.read, xes_writing.write),
    ".csv": (delimited.read, delimited.write),
    ".csv.gz": (delimited.read, delimited.write),
    ".parquet": (parquet.read, parquet.write),
    **{form: (ocel_events.read, ocel_events.writer(form)) for form in ocel_events.FORMS},
}


@dataclass(frozen=True, init=False, eq=False, repr=False)
class EventLog:
    """What did happen: a row per event.

    `frame` has the columns of `event.py` in the order of `COLUMNS`, then any others. Texts are
    pandas `str`, missing is NA and never an empty text; moments are datetime64[us, UTC];
    `bdv:touchpoint` is bool; `bdv:seq` is Int64; other columns are Int64, float64, boolean, moments
    or texts. Rows stand by case in order of first appearance; within a case by `bdv:seq` when all
    its rows have one (a clock may step back), else by time, then in the order they came. Only a log
    in which no event has a time may lack times.

    `coded` is the same with each text kept once (pandas categories), which is what we compute with;
    in it cases are numbered as they stand. `frame` is made from it when first asked for, and kept:
    of a large log, ask `coded` for the columns you need.

    A frame handed in may lack columns: the activity is taken from `concept:name` (and the other
    way round), the lifecycle is `complete`, the root of a chain is the case itself. A row with a
    `start_timestamp` is work that began then. What does not fit is refused (InputRefused): a moment
    without zone, a row without case or activity.

    Of a frame that was made of a log's own, hand in `provenance=log.provenance` too: it says what
    the system cannot record, without which the absence of such steps is held against every case. A
    frame that pandas took out of `log.frame` still knows that by itself (`attrs`), a merged one may
    not.
    """

    coded: pd.DataFrame = field(init=False)
    provenance: Provenance

    def __init__(self, *, frame: pd.DataFrame, provenance: Provenance | None = None) -> None:
        account = provenance
        if account is None:
            rows, hidden = len(frame), unobservable.known(frame)
            frame, notes = begun(frame.reset_index(drop=True))
            account = Provenance(rows_in=rows, used=rows, notes=tuple(notes), not_observable=hidden)
        self._hold(taken_apart(frame, account.source), account)
        if provenance is None:
            self._note(doubts(self.coded, self.coded))

    def _hold(self, columns: dict[str, pd.Series], provenance: Provenance) -> None:
        object.__setattr__(self, "provenance", provenance)
        object.__setattr__(self, "coded", normalised(columns, provenance.source))
        self._note(unfinished(self.coded))

    def _note(self, found: list[Note]) -> None:
        known = dict(self.provenance.notes)
        notes = (*self.provenance.notes, *(note for note in found if note[0] not in known))
        object.__setattr__(self, "provenance", replace(self.provenance, notes=notes))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the events with their texts written out, made when first asked for."""
        return unobservable.told(decoded(self.coded), self.provenance.not_observable)

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        mapping: Mapping | None = None,
        timezone: str | ZoneInfo | None = None,
        date_format: str | None = None,
        encoding: str = "utf-8",
        skip_bad: bool = False,
        limit: int = MAX_EVENTS,
    ) -> Self:
        """Read a log from XES, CSV (each also `.gz`), Parquet or OCEL; the suffix says which.

        Args:
            path: the file.
            mapping: how a foreign log's columns and activities become ours.
            timezone: IANA name or a ZoneInfo, for moments that state no zone.
            date_format: strptime format, for moments that are not ISO 8601.
            encoding: of a CSV file.
            skip_bad: leave out the rows that cannot be used, and list them in the provenance.
            limit: how many events there may be; ten million fit in a gigabyte.

        Raises:
            NotFound: there is no such file.
            InputRefused: the file is not what it says, or rows cannot be used.
            LimitExceeded: the file is larger than we promise to handle.
        """
        if "://" in str(path):
            raise InputRefused("BDV-202", where=path)
        file = Path(path)
        if file.is_dir():
            raise InputRefused("BDV-296", where=file)
        read, _ = _format(file)
        frame, provenance = taken_in(
            read(file, encoding=encoding, limit=limit),
            mapping=mapping,
            timezone=zone(str(timezone)) if timezone else None,
            date_format=date_form(date_format) if date_format else None,
            skip_bad=skip_bad,
        )
        columns = taken_apart(frame, provenance.source)
        del frame  # each column is let go as it is taken in: a large log is never there twice
        log = cls.__new__(cls)
        log._hold(columns, provenance)
        return log

    @classmethod
    def kept(cls, coded: pd.DataFrame, provenance: Provenance) -> Self:
        """Return the log of a frame that already is as `coded` promises: nothing is checked."""
        log = cls.__new__(cls)
        object.__setattr__(log, "provenance", provenance)
        object.__setattr__(log, "coded", coded)
        return log

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Return the log of events; what was filled in (`Event.data`) stays out.

        Only the service that a call is about comes along, to every case of its chain.

        A case that moved to another template is one of the template that it ended on, from its
        first row on: that is what it was replayed on, and what it can be held against.
        """
        frame = frame_of(events)
        return cls(frame=frame, provenance=Provenance(rows_in=len(frame), used=len(frame)))

    @classmethod
    def from_pm4py(cls, given: pd.DataFrame | Iterable[Trace]) -> Self:
        """Return the log that pm4py holds: its frame, or its older EventLog object.

        Raises:
            InputRefused: a moment has no zone, or a case or activity is missing.
        """
        return cls(frame=from_pm4py(given))

    def to_pm4py(self) -> pd.DataFrame:
        """Return a frame that every function of pm4py takes: the completed events, a copy.

        Raises:
            InputRefused: an event has no time.
        """
        return to_pm4py(self.frame)

    def write(self, path: str | Path, *, first: Callable[[], object] = lambda: None) -> None:
        """Write to XES, CSV (each also `.gz`), Parquet or OCEL by suffix: all of it, or nothing.

        Only events are written. Of the provenance goes along what a foreign system cannot record,
        in Parquet and XES; CSV and OCEL have no place for it, of which a UserWarning tells. CSV
        keeps no types: other columns than ours come back as texts. XES and OCEL keep no column
        without any value.

        Args:
            path: the file; one that is there is replaced.
            first: is done when the file can be made, before anything is written.

        Raises:
            NotFound: there is no such folder.
            InputRefused: the suffix is not known, or we could not read the file again.
            LimitExceeded: the file would be larger than we promise to read.
        """
        file = Path(path)
        _, write = _format(file)
        refuse_unkept(self.coded)
        hidden = self.provenance.not_observable
        kept = {"hidden": hidden} if file.name.endswith(unobservable.KEPT_BY) else {}
        with replaced(file) as stream:
            first()
            write(self.coded, stream, **kept)
        if hidden and not kept:
            told = text("eventlog.forgotten", file=file.name, count=len(hidden))
            warn(told, stacklevel=2)

    @property
    def cases(self) -> int:
        """Return the number of cases."""
        return len(self.coded[CASE].cat.categories)

    def where(
        self,
        *,
        templates: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cases: Collection[str] | None = None,
        requesters: Collection[str] | None = None,
        activities: Collection[str] | None = None,
        outcomes: Collection[str] | None = None,
    ) -> Self:
        """Return the log of some cases, each whole: half a case would look like a deviation.

        Args:
            templates: keys of the templates the cases run.
            since: cases whose first event is at or after this moment.
            until: cases whose first event is before this moment.
            cases: case ids.
            requesters: pseudonyms of who asked for the cases.
            activities: ids of steps: cases with an event of one of them.
            outcomes: cases with an event that turned out so: of a step or, at an end, of the case.

        Raises:
            InputRefused: a moment without a zone, or one text where several may be named.
        """
        refuse_unplaced(since=since, until=until)
        refuse_one_text(
            templates=templates,
            cases=cases,
            requesters=requesters,
            activities=activities,
            outcomes=outcomes,
        )
        log = self.coded
        keep = pd.Series(data=True, index=log.index)
        wanted = {
            TEMPLATE: templates, CASE: cases, REQUESTER: requesters, ACTIVITY: activities,
            OUTCOME: outcomes,
        }  # fmt: skip
        for column, values in wanted.items():
            if values is not None:
                having = log.loc[log[column].isin(list(values)), CASE]
                keep &= log[CASE].isin(having)
        if since is not None or until is not None:
            begin = log.groupby(CASE, sort=False, observed=True)[TIMESTAMP].transform("min")
            if since is not None:
                keep &= begin >= since
            if until is not None:
                keep &= begin < until
        note = ("eventlog.part", {"events": int(keep.sum()), "of": len(self)})
        account = replace(self.provenance, notes=(*self.provenance.notes, note))
        return type(self)(frame=log[keep], provenance=account)

    def variants(self) -> pd.DataFrame:
        """Return the ways cases went: template, variant (activity ids of complete events), cases.

        The commonest way first; a case without a complete event has the empty variant.
        """
        done = (self.coded[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
        case = codes_of(self.coded[CASE])  # cases are numbered as they stand
        length = np.bincount(case[done], minlength=self.cases)
        activity = codes_of(self.coded[ACTIVITY])[done]
        first = np.flatnonzero(np.diff(case, prepend=-1))
        template = self.coded[TEMPLATE].iloc[first].reset_index(drop=True)
        way = ways(codes_of(template), activity, length)
        _, example, often = np.unique(way, return_index=True, return_counts=True)
        begin = (np.cumsum(length) - length)[example]
        names = self.coded[ACTIVITY].cat.categories.to_numpy(dtype=object)
        variant = [
            tuple(names[activity[a:b]]) for a, b in zip(begin, begin + length[example], strict=True)
        ]
        counted = pd.DataFrame(
            {"template": template.astype("str").array[example], "variant": variant, "cases": often}
        )
        order = ["cases", "template", "variant"]
        return counted.sort_values(order, ascending=[False, True, True], ignore_index=True)

    def __len__(self) -> int:
        return len(self.coded)

    def __repr__(self) -> str:
        """Say size, span, templates and what was left out, on one line."""
        times = self.coded[TIMESTAMP].dropna()
        span = f", {times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}" if len(times) else ", no times"
        keys = sorted(self.coded[TEMPLATE].cat.categories)
        of = f", templates {' '.join(keys[:8])}" if keys else ""
        source = f" from {self.provenance.source}" if self.provenance.source else ""
        lost = f", {len(self.provenance.rejected)} rows rejected"
        size = f"{len(self)} events, {self.cases} cases"
        return (
            f"<EventLog{source}: {size}{span}{of}{lost if len(self.provenance.rejected) else ''}>"
        )

    def _repr_html_(self) -> str:
        """Show the line and the first events, in a notebook."""
        filled = self.coded.columns[self.coded.head().notna().any()]
        return html(self, self.coded[filled])


def _format(path: Path) -> _Format:
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    if suffix not in _FORMATS:
        raise InputRefused("BDV-208", where=path, suffix=suffix or "-", known=", ".join(_FORMATS))
    return _FORMATS[suffix]


__all__ = ["EventLog", "Provenance"]
