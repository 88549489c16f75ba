"""The object-centric log of anybody (OCEL 2.0): events, and the many objects they are about."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, SEQ, TIMESTAMP
from bdv_process.eventlog.files import replaced
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.moments import out_of_range, zone
from bdv_process.eventlog.ocel import (
    ALWAYS,
    EVENT,
    ID,
    NAME,
    OBJECT,
    QUALIFIER,
    TIME,
    TYPE,
    VALUE,
    Ocel,
    Types,
    linked,
    refuse_two_values,
)
from bdv_process.eventlog.ocel_events import FORMS, objects_of, performed, wide
from bdv_process.eventlog.table import Note, Rejections, Table, of_kind
from bdv_process.eventlog.xes_writing import as_texts
from bdv_process.faces import html


@dataclass(frozen=True, eq=False, repr=False)
class ObjectLog:
    """What happened to many objects at once; each event may be about any number of them.

    `said` is the log as texts, its moments in UTC. The frames of it: `events` (ocel_id, ocel_type,
    ocel_time and a typed column per attribute), `objects` (ocel_id, ocel_type), `changes` (what
    objects were like, and from when; no time: from the start), `event_object`, `object_object`.
    """

    said: Ocel

    @classmethod
    def read(cls, path: str | Path, *, timezone: str | None = None, skip_bad: bool = False) -> Self:
        """Read OCEL 2.0: JSON (.jsonocel, .json), XML (.xmlocel, .xml) or SQLite (.sqlite).

        Args:
            path: the file.
            timezone: IANA name, for moments that state no zone.
            skip_bad: leave out relations with what is not in the log, and note how many.

        Raises:
            NotFound: there is no such file.
            InputRefused: the file is not what it says, or contradicts itself.
            LimitExceeded: the file is larger than we promise to handle.
        """
        if "://" in str(path):
            raise InputRefused("BDV-202", where=path)
        read, _ = _form(Path(path))
        found = linked(read(Path(path)), skip_bad=skip_bad)
        return cls(_valued(found, {"timezone": zone(timezone) if timezone else None}))

    @staticmethod
    def reads(path: Path) -> bool:
        """Return whether the suffix is that of an object-centric log."""
        return path.suffix in FORMS

    @classmethod
    def of(cls, log: EventLog) -> Self:
        """Return an event log, its cases, streams, people and components as objects.

        Raises:
            InputRefused: an event has no time.
        """
        return cls(objects_of(log.coded, log.provenance.source))

    def write(self, path: str | Path) -> None:
        """Write OCEL 2.0; the suffix says in which form.

        Raises:
            NotFound: there is no such folder.
            InputRefused: the suffix is not known, or SQLite cannot tell two attributes apart.
            LimitExceeded: the file would be larger than we promise to read.
        """
        _, write = _form(Path(path))
        with replaced(Path(path)) as stream:
            write(self.said, stream)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what a reader should know of the log: text keys with facts."""
        return self.said.notes

    @cached_property
    def events(self) -> pd.DataFrame:
        """Return a row per event: id, type, moment (UTC), and its attributes in their types."""
        rows = self.said.events
        columns: dict[str, pd.Series] = {ID: rows[ID], TYPE: rows[TYPE]}
        columns[TIME] = of_kind(rows[TIME], "date")[0]
        kinds = _kinds(self.said.event_types)
        for name, texts in wide(self.said.event_values, rows[ID]).items():
            one = kinds[name]
            columns[name] = of_kind(texts, one)[0] if one else texts
        return pd.DataFrame(columns)

    @property
    def objects(self) -> pd.DataFrame:
        """Return a row per object: id and type."""
        return self.said.objects

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Return what was said of objects: id, attribute, value (text), and since when."""
        rows = self.said.object_values
        since = of_kind(rows[TIME].mask(rows[TIME] == ALWAYS), "date")[0]
        return rows.assign(**{TIME: since})

    @property
    def event_object(self) -> pd.DataFrame:
        """Return which event is about which object, and how."""
        return self.said.event_object

    @property
    def object_object(self) -> pd.DataFrame:
        """Return which object belongs to which, and how."""
        return self.said.object_object

    def flatten(self, kind: str, *, qualifier: str | None = None) -> EventLog:
        """Return the events as one case per object of a type; the log's notes say what it costs.

        An event about several of them is there several times (convergence), one about none is left
        out (deficiency), and an activity may seem repeated in a case because it was done for
        several other objects (divergence). A case has the attributes its object began with.

        Args:
            kind: type of the objects.
            qualifier: how an event must relate to one to be in its case; in any way if not given.

        Raises:
            InputRefused: there are no objects of this type.
        """
        types = self.objects[TYPE]
        if not (types == kind).any():
            near = get_close_matches(kind, list(types.unique()), 1, 0) or ["-"]
            raise InputRefused("BDV-281", where=self.said.source, type=kind, nearest=near[0])
        mine = self.objects[ID][types == kind]
        pair = [EVENT, OBJECT]
        about = self.event_object
        so = about[OBJECT].isin(mine) & (qualifier is None or about[QUALIFIER] == qualifier)
        chosen = about.loc[so, pair].drop_duplicates().rename(columns={OBJECT: CASE, EVENT: ID})
        events = self.events
        if qualifier != "case":  # the order that was recorded is that within a case of ours
            events = events.drop(columns=SEQ, errors="ignore")
        rows = events.assign(**performed(self.said)).merge(chosen, on=ID)
        rows = rows.sort_values(TIME, kind="stable", ignore_index=True)
        repeated = _repeated(rows[[CASE, TYPE, ID]], about[pair].drop_duplicates())
        first = self.said.object_values
        for name, values in wide(first[first[TIME] == ALWAYS], rows[CASE]).items():
            rows[f"case:{name}"] = values
        known = ACTIVITY if LABEL in rows else LABEL
        rows = rows.drop(columns=ID).rename(columns={TYPE: known, TIME: TIMESTAMP})
        note = (
            "objectlog.flattened",
            {
                "type": kind,
                "events": len(events),
                "dropped": len(events) - chosen[ID].nunique(),
                "duplicated": len(chosen) - chosen[ID].nunique(),
                "repeated": repeated,
            },
        )
        account = Provenance(
            source=self.said.source, rows_in=len(rows), used=len(rows), notes=(*self.notes, note)
        )
        return EventLog(frame=rows, provenance=account)

    def __len__(self) -> int:
        return len(self.said.events)

    def __repr__(self) -> str:
        """Say how many events, objects of which types, and relations, on one line."""
        types = self.objects[TYPE].value_counts()
        shown = ", ".join(f"{count} {name}" for name, count in types.head(6).items())
        of = f" ({shown}{', ...' if len(types) > 6 else ''})" if len(types) else ""
        source = f" from {self.said.source}" if self.said.source else ""
        related = f"{len(self.event_object)} + {len(self.object_object)} relations"
        return (
            f"<ObjectLog{source}: {len(self)} events, {len(self.objects)} objects{of}, {related}>"
        )

    def _repr_html_(self) -> str:
        """Show the line and the first events, in a notebook."""
        return html(self, self.events)


def _form(path: Path) -> Any:
    if path.suffix not in FORMS:
        known = ", ".join(FORMS)
        raise InputRefused("BDV-208", where=path, suffix=path.suffix or "-", known=known)
    return FORMS[path.suffix]


def _kinds(types: Types) -> dict[str, str]:
    """Return the kind of each attribute; a text when types do not agree on it."""
    found: dict[str, str] = {}
    for has in types.values():
        for name, kind in has.items():
            found[name] = kind if found.get(name, kind) == kind else ""
    return found


def _valued(ocel: Ocel, when: dict[str, ZoneInfo | None]) -> Ocel:
    """Return a log in which every value fits its kind, and moments are in UTC.

    Raises:
        InputRefused: a value does not fit, an event has no time, or a moment no zone.
    """
    times = ocel.events[TIME]
    rejections = _rejections(ocel, ocel.events)
    found, reasons = of_kind(times, "date", **when)
    rejections.add(reasons, times, TIME)
    rejections.mark(times.isna(), "BDV-232", times, TIME)
    rejections.mark(out_of_range(found, pd.Timestamp.now("UTC")), "BDV-238", times, TIME)
    rejections.refuse()
    events = ocel.events.assign(**{TIME: as_texts(found)[1]})
    since = ocel.object_values[TIME]
    later = ~(since.isna() | since.str.startswith(ALWAYS[:10]))
    found, reasons = of_kind(since.where(later), "date", **when)
    rejections = _rejections(ocel, ocel.object_values)
    rejections.add(reasons, since, TIME)
    rejections.refuse()
    objects = ocel.object_values.assign(**{TIME: as_texts(found)[1].fillna(ALWAYS)})
    # Two ways to write a moment may turn out to be one: then it has two values.
    refuse_two_values(ocel.source, objects)
    return replace(
        ocel,
        events=events,
        event_values=_fitting(ocel, ocel.event_values, ocel.events, ocel.event_types, when),
        object_values=_fitting(ocel, objects, ocel.objects, ocel.object_types, when),
    )


def _fitting(
    ocel: Ocel,
    values: pd.DataFrame,
    rows: pd.DataFrame,
    types: Types,
    when: dict[str, ZoneInfo | None],
) -> pd.DataFrame:
    """Return attributes of which the values fit their kinds; moments among them in UTC."""
    declared = {(t, name): kind for t, has in types.items() for name, kind in has.items()}
    whose = values[[ID]].merge(rows[[ID, TYPE]], on=ID, how="left")[TYPE]
    kinds = pd.Series(list(map(declared.get, zip(whose, values[NAME], strict=True))), dtype="str")
    rejections = _rejections(ocel, values)
    texts = values[VALUE]
    for kind in sorted(set(kinds.dropna()) - {""}):
        mine = texts.where((kinds == kind).to_numpy())
        found, reasons = of_kind(mine, kind, **(when if kind == "date" else {}))
        rejections.add(reasons, texts, kind)
        if kind == "date":
            texts = as_texts(found)[1].where(mine.notna(), texts)
    rejections.refuse()
    return values.assign(**{VALUE: texts})


def _rejections(ocel: Ocel, rows: pd.DataFrame) -> Rejections:
    ids = rows[ID]
    return Rejections(Table(source=ocel.source, frame=rows, place=lambda row: str(ids.iloc[row])))


def _repeated(rows: pd.DataFrame, about: pd.DataFrame) -> int:
    """Return how many events repeat an activity in their case, but for an object that is new."""
    step = [CASE, TYPE]
    others = rows.merge(about.rename(columns={EVENT: ID}), on=ID)
    others = others[others[OBJECT] != others[CASE]]
    fresh = others.drop_duplicates([*step, OBJECT])[[CASE, ID]].drop_duplicates()
    again = rows[rows.duplicated(step)]
    return len(again.merge(fresh, on=[CASE, ID]))
