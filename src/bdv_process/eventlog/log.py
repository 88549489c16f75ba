"""The event log: one frame of events, and an honest account of where they came from."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog import delimited, ocel_events, parquet, xes, xes_writing
from bdv_process.eventlog.coded import codes_of, decoded
from bdv_process.eventlog.event import (
    ACTIVITY,
    BEHALF,
    CASE,
    COMPONENT,
    DUE,
    ITEM,
    LABEL,
    LIFECYCLE,
    LINKED,
    MOTIVATED,
    MOVES,
    OUTCOME,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    SEQ,
    SERVICE,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Event,
    Lifecycle,
)
from bdv_process.eventlog.exchange import Trace, from_pm4py, to_pm4py
from bdv_process.eventlog.files import MAX_EVENTS, replaced
from bdv_process.eventlog.frame import normalised, refuse_unkept, taken_apart
from bdv_process.eventlog.intake import Provenance, taken_in
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.moments import date_form, zone
from bdv_process.eventlog.table import Table
from bdv_process.eventlog.ways import ways
from bdv_process.faces import html


class _Read(Protocol):
    def __call__(self, path: Path, *, encoding: str = ..., limit: int = ...) -> Table: ...


_Format = tuple[_Read, Callable[[pd.DataFrame, BinaryIO], None]]
_FORMATS: Final[dict[str, _Format]] = {
    ".xes": (xes.read, xes_writing.write),
    ".xes.gz": (xes.read, xes_writing.write),
    ".csv": (delimited.read, delimited.write),
    ".csv.gz": (delimited.read, delimited.write),
    ".parquet": (parquet.read, parquet.write),
    **{form: (ocel_events.read, ocel_events.writer(form)) for form in ocel_events.FORMS},
}
_FIELDS: Final = {
    CASE: "case", TEMPLATE: "template", PARENT: "parent", ROOT: "root", REQUESTER: "requester",
    ACTIVITY: "activity", LABEL: "label", ITEM: "item", LIFECYCLE: "lifecycle",
    TIMESTAMP: "timestamp", SEQ: "seq", RESOURCE: "resource", ROLE: "role", BEHALF: "behalf",
    TOUCHPOINT: "touchpoint", OUTCOME: "outcome", LINKED: "linked", COMPONENT: "component",
    PROPOSAL: "proposal", MOTIVATED: "motivated", TERM: "term", DUE: "due", RECORDED: "recorded",
}  # fmt: skip


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
    way round), the lifecycle is `complete`, the root of a chain is the case itself. What does not
    fit is refused (InputRefused): a moment without zone, a row without case or activity.
    """

    coded: pd.DataFrame = field(init=False)
    provenance: Provenance

    def __init__(self, *, frame: pd.DataFrame, provenance: Provenance | None = None) -> None:
        account = provenance or Provenance()
        self._hold(taken_apart(frame, account.source), account)

    def _hold(self, columns: dict[str, pd.Series], provenance: Provenance) -> None:
        object.__setattr__(self, "provenance", provenance)
        object.__setattr__(self, "coded", normalised(columns, provenance.source))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the events with their texts written out, made when first asked for."""
        return decoded(self.coded)

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
        limit: int = MAX_EVENTS,
    ) -> Self:
        """Read a log from XES, CSV (each also `.gz`), Parquet or OCEL; the suffix says which.

        Args:
            path: the file.
            mapping: how a foreign log's columns and activities become ours.
            timezone: IANA name, for moments that state no zone.
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
            timezone=zone(timezone) if timezone else None,
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
        told, services = attrgetter(*_FIELDS.values()), {}
        rows = []
        for event in events:
            rows.append(told(event))
            if event.service:
                services[event.case] = event.service
        frame = pd.DataFrame(rows, columns=list(_FIELDS))
        moves = frame[frame[ACTIVITY].isin(MOVES)].sort_values(SEQ, kind="stable")
        if len(moves):
            ended_on = moves.groupby(CASE)[TEMPLATE].last()
            frame[TEMPLATE] = frame[CASE].map(ended_on).fillna(frame[TEMPLATE])
        if services:
            frame[SERVICE] = frame[ROOT].map(services)
        return cls(frame=frame, provenance=Provenance(rows_in=len(rows), used=len(rows)))

    @classmethod
    def from_pm4py(cls, given: pd.DataFrame | Iterable[Trace]) -> Self:
        """Return the log that pm4py holds: its frame, or its older EventLog object.

        Raises:
            InputRefused: a moment has no zone, or a case or activity is missing.
        """
        frame = from_pm4py(given)
        return cls(frame=frame, provenance=Provenance(rows_in=len(frame), used=len(frame)))

    def to_pm4py(self) -> pd.DataFrame:
        """Return a frame that every function of pm4py takes: the completed events, a copy.

        Raises:
            InputRefused: an event has no time.
        """
        return to_pm4py(self.frame)

    def write(self, path: str | Path, *, first: Callable[[], object] = lambda: None) -> None:
        """Write to XES, CSV (each also `.gz`), Parquet or OCEL by suffix: all of it, or nothing.

        Only events are written. The provenance stays behind, and with it what a foreign system
        cannot record: to check such a log again, read its source again. CSV keeps no types: other
        columns than ours come back as texts. XES and OCEL keep no column without any value.

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
        with replaced(file) as stream:
            first()
            write(self.coded, stream)

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
        for moment in (since, until):
            if moment is not None and not _placed(moment):
                raise InputRefused("BDV-252", moment=moment)
        log = self.coded
        keep = pd.Series(data=True, index=log.index)
        wanted = {
            TEMPLATE: templates, CASE: cases, REQUESTER: requesters, ACTIVITY: activities,
            OUTCOME: outcomes,
        }  # fmt: skip
        for column, values in wanted.items():
            if isinstance(values, str):
                raise InputRefused("BDV-297", value=values)
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


def _placed(moment: object) -> bool:
    """Return whether it is a moment at one place in time: dates and texts are not."""
    return isinstance(moment, datetime) and moment.utcoffset() is not None


def _format(path: Path) -> _Format:
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    if suffix not in _FORMATS:
        raise InputRefused("BDV-208", where=path, suffix=suffix or "-", known=", ".join(_FORMATS))
    return _FORMATS[suffix]


__all__ = ["EventLog", "Provenance"]
