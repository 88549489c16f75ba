"""What an object-centric log (OCEL 2.0) says, in texts, whichever of its three forms it came in.

Names of columns are those of the standard's SQLite form. A file hands over what stands in it;
`checked` refuses what contradicts itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT
from bdv_process.eventlog.table import Note

ID: Final = "ocel_id"
TYPE: Final = "ocel_type"
TIME: Final = "ocel_time"
EVENT: Final = "ocel_event_id"
OBJECT: Final = "ocel_object_id"
SOURCE: Final = "ocel_source_id"
TARGET: Final = "ocel_target_id"
QUALIFIER: Final = "ocel_qualifier"
#: Of an attribute, which the standard keeps in a column of its own.
NAME: Final = "ocel_field"
VALUE: Final = "ocel_value"
RESERVED: Final = "ocel_"  #: no attribute may begin with it

#: Since when an object has the attributes that it began with, in all three forms.
ALWAYS: Final = "1970-01-01T00:00:00Z"

#: The standard's kinds of values, other names of which are in use, and what we call them.
KINDS: Final = {
    "string": "", "text": "", "time": "date", "date": "date", "timestamp": "date",
    "integer": "int", "int": "int", "float": "float", "real": "float", "boolean": "boolean",
}  # fmt: skip
#: Our kinds, as the standard calls them.
NAMES: Final = {
    "": "string", "date": "time", "int": "integer", "float": "float", "boolean": "boolean",
}  # fmt: skip

#: The frames of a log.
COLUMNS: Final = {
    "events": (ID, TYPE, TIME),
    "event_values": (ID, NAME, VALUE),
    "objects": (ID, TYPE),
    "object_values": (ID, NAME, VALUE, TIME),
    "event_object": (EVENT, OBJECT, QUALIFIER),
    "object_object": (SOURCE, TARGET, QUALIFIER),
}

_SHOWN: Final = 5  # ids in a refusal
_AT_ONCE: Final = 10_000  # events, or objects, that are Python objects at any one time

Row = tuple[Any, ...]
Nested = tuple[Row, list[Row], list[Row]]  #: an event or object, its attributes, its relations
Types = Mapping[str, Mapping[str, str]]  #: by type: the kind (ours) of each of its attributes


def frame_of(columns: Iterable[str], rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows of texts as a frame, None and the empty text being missing."""
    names = list(columns)
    found = pd.DataFrame(list(rows), columns=names).astype(dict.fromkeys(names, "str"))
    empty = found == ""
    return found.mask(empty) if empty.to_numpy().any() else found


@dataclass(frozen=True, kw_only=True, eq=False)
class Ocel:
    """One object-centric log in texts; missing is NA. Rows stand as they do in the file.

    events: ocel_id, ocel_type, ocel_time. event_values: ocel_id, ocel_field, ocel_value.
    objects: ocel_id, ocel_type. object_values: as event_values, and ocel_time.
    event_object, object_object: ids and ocel_qualifier.
    """

    source: str
    event_types: Types
    object_types: Types
    events: pd.DataFrame
    event_values: pd.DataFrame
    objects: pd.DataFrame
    object_values: pd.DataFrame
    event_object: pd.DataFrame
    object_object: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def each_event(self) -> Iterator[Nested]:
        """Yield (id, type, moment) of each event, with its attributes and related objects."""
        return _nested(self.events, self.event_values, self.event_object)

    def each_object(self) -> Iterator[Nested]:
        """Yield (id, type) of each object, with its attributes over time and related objects."""
        return _nested(self.objects, self.object_values, self.object_object)


def _nested(rows: pd.DataFrame, *frames: pd.DataFrame) -> Iterator[Nested]:
    """Yield rows with what the other frames say of each; few at a time are Python objects."""
    place = pd.Index(rows[ID])
    inner = []
    for frame in frames:
        at = place.get_indexer(frame.iloc[:, 0])
        order = np.argsort(at, kind="stable")
        inner.append(
            (frame.iloc[:, 1:], order, np.searchsorted(at, range(len(rows) + 1), sorter=order))
        )
    for start in range(0, len(rows), _AT_ONCE):
        some = _tuples(rows.iloc[start : start + _AT_ONCE])
        told = []
        for frame, order, bounds in inner:
            first = bounds[start : start + len(some) + 1]
            values = _tuples(frame.iloc[order[first[0] : first[-1]]])
            told.append([values[a:b] for a, b in pairwise((first - first[0]).tolist())])
        yield from zip(some, *told, strict=True)


def _tuples(frame: pd.DataFrame) -> list[Row]:
    return list(frame.astype(object).itertuples(index=False, name=None))


@dataclass(kw_only=True)
class Draft:
    """An `Ocel` on its way in, row by row."""

    event_types: dict[str, dict[str, str]] = field(default_factory=dict)
    object_types: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    event_values: list[Row] = field(default_factory=list)
    objects: list[Row] = field(default_factory=list)
    object_values: list[Row] = field(default_factory=list)
    event_object: list[Row] = field(default_factory=list)
    object_object: list[Row] = field(default_factory=list)
    unkept: int = 0

    def declare(self, types: dict[str, dict[str, str]], name: str, where: str) -> dict[str, str]:
        """Return the attributes of a type that is new; refuse one that was declared before."""
        if name in types:
            raise InputRefused("BDV-274", where=where, count=1, ids=name)
        return types.setdefault(name, {})

    def done(self, source: str, limit: int) -> Ocel:
        """Return what was gathered, checked."""
        rows = {name: frame_of(columns, getattr(self, name)) for name, columns in COLUMNS.items()}
        for name in ("event_values", "object_values"):
            rows[name] = rows[name].dropna(subset=VALUE, ignore_index=True)
        for name in ("event_object", "object_object"):  # without a qualifier it still is one
            rows[name] = rows[name].fillna({QUALIFIER: ""})
        notes = (("eventlog.unkept", {"count": self.unkept}),) if self.unkept else ()
        return checked(
            Ocel(
                source=source,
                event_types=self.event_types,
                object_types=self.object_types,
                notes=notes,
                **rows,
            ),
            limit,
        )


def kind(given: str, where: str) -> str:
    """Return what we call a kind of value."""
    if given.lower() not in KINDS:
        raise InputRefused("BDV-270", where=where, found=given, expected=", ".join(NAMES.values()))
    return KINDS[given.lower()]


def checked(ocel: Ocel, limit: int = MAX_EVENTS) -> Ocel:
    """Return a log in which ids are unique, and types and attributes are declared.

    What a relation refers to may be absent: see `linked`.

    Raises:
        InputRefused: an id, or a value of one moment, is there twice; something lacks an id or a
            type; a type or an attribute is not declared; an attribute has a reserved name.
        LimitExceeded: more events, attributes or text than we promise to handle.
    """
    _refuse_over(ocel, limit)
    _refuse_twice(ocel.source, ocel.events, [ID])
    _refuse_twice(ocel.source, ocel.objects, [ID])
    _refuse_twice(ocel.source, ocel.event_values, [ID, NAME])
    refuse_two_values(ocel.source, ocel.object_values)
    for rows, values, types in (
        (ocel.events, ocel.event_values, ocel.event_types),
        (ocel.objects, ocel.object_values, ocel.object_types),
    ):
        named = rows[ID].notna() & rows[TYPE].isin(types)
        _refuse_some(ocel.source, "BDV-276", rows[~named], [ID, TYPE])
        _refuse_some(ocel.source, "BDV-276", values[~_declared(rows, values, types)], [ID, NAME])
        reserved = [a for has in types.values() for a in has if a.startswith(RESERVED)]
        if reserved:
            raise InputRefused("BDV-283", where=ocel.source, names=", ".join(reserved[:_SHOWN]))
    return replace(
        ocel,
        event_object=ocel.event_object.drop_duplicates(ignore_index=True),
        object_object=ocel.object_object.drop_duplicates(ignore_index=True),
    )


def _declared(rows: pd.DataFrame, values: pd.DataFrame, types: Types) -> NDArray[np.bool_]:
    """Return by value whether the type of what it is of has such an attribute."""
    kind, kinds = pd.factorize(rows[TYPE])
    name, names = pd.factorize(values[NAME])
    has = [[each in types.get(of, {}) for each in (*names, None)] for of in (*kinds, None)]
    whose = np.append(kind, -1)[pd.Index(rows[ID]).get_indexer(values[ID])]
    found: NDArray[np.bool_] = np.array(has, dtype=bool)[whose, name]
    return found


def linked(ocel: Ocel, *, skip_bad: bool = False) -> Ocel:
    """Return a log in which every relation is between things that are there.

    Raises:
        InputRefused: one is not, and `skip_bad` is off; else such relations are left out and noted.
    """
    events, objects = ocel.events[ID], ocel.objects[ID]
    whole = {
        "event_object": ocel.event_object[EVENT].isin(events)
        & ocel.event_object[OBJECT].isin(objects),
        "object_object": ocel.object_object[SOURCE].isin(objects)
        & ocel.object_object[TARGET].isin(objects),
    }
    loose = {name: getattr(ocel, name)[~fits] for name, fits in whole.items()}
    count = sum(map(len, loose.values()))
    if not count:
        return ocel
    if not skip_bad:
        ids = _shown(
            next(rows for rows in loose.values() if len(rows)), [EVENT, SOURCE, OBJECT, TARGET]
        )
        raise InputRefused("BDV-275", where=ocel.source, count=count, ids=ids)
    kept: dict[str, Any] = {
        name: getattr(ocel, name)[fits].reset_index(drop=True) for name, fits in whole.items()
    }
    note = ("objectlog.loose", {"count": count})
    return replace(ocel, **kept, notes=(*ocel.notes, note))


def _refuse_over(ocel: Ocel, most: int) -> None:
    for found, limit, code in (
        (len(ocel.events), most, "BDV-228"),
        (max(map(len, ocel.event_types.values()), default=0), MAX_COLUMNS, "BDV-226"),
        (max(map(len, ocel.object_types.values()), default=0), MAX_COLUMNS, "BDV-226"),
    ):
        if found > limit:
            raise LimitExceeded(code, where=ocel.source, found=found, limit=limit)
    for name in COLUMNS:
        for column, texts in getattr(ocel, name).items():
            if (texts.str.len() > MAX_TEXT).any():
                raise LimitExceeded("BDV-227", where=f"{ocel.source}: {column}", limit=MAX_TEXT)


def refuse_two_values(source: str, object_values: pd.DataFrame) -> None:
    """Refuse (`InputRefused`) two values of one attribute of an object at one moment."""
    _refuse_twice(source, object_values, [ID, NAME, TIME])


def _refuse_twice(source: str, rows: pd.DataFrame, key: list[str]) -> None:
    _refuse_some(source, "BDV-274", rows[rows.duplicated(key)], key)


def _refuse_some(source: str, code: str, rows: pd.DataFrame, shown: list[str]) -> None:
    if len(rows):
        raise InputRefused(code, where=source, count=len(rows), ids=_shown(rows, shown))


def _shown(rows: pd.DataFrame, columns: list[str]) -> str:
    few = rows[[name for name in columns if name in rows]].head(_SHOWN).fillna("-")
    return "; ".join(" ".join(row)[:60] for row in few.itertuples(index=False, name=None))
