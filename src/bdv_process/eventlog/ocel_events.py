"""Our event log as an object-centric one (OCEL 2.0), and back: the same columns, the same order.

Objects have ids like `case:Z1`. Events relate to their `case`, `stream` (the whole chain),
`requester`, `performer`, `role`, `organisation`, `service`, to each `component` they updated and to
all that intake `linked`. A case is `child of` a case, `part of` a stream, `asked by` a requester,
`handled by` an organisation, `about` a service; who performs `acts as` a role. The rest are
attributes, under the names of our columns.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog import ocel_json, ocel_sqlite, ocel_xml
from bdv_process.eventlog.coded import coded
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COMPONENT,
    LABEL,
    LIFECYCLE,
    LINKED,
    NONE,
    ORGANISATION,
    PARENT,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    SERVICE,
    TIMESTAMP,
)
from bdv_process.eventlog.files import MAX_EVENTS
from bdv_process.eventlog.ocel import (
    ALWAYS,
    EVENT,
    ID,
    NAME,
    OBJECT,
    QUALIFIER,
    SOURCE,
    TARGET,
    TIME,
    TYPE,
    VALUE,
    Ocel,
    checked,
    frame_of,
    linked,
)
from bdv_process.eventlog.table import Table
from bdv_process.eventlog.xes_writing import as_texts

#: Column with one object for each event: type of that object, and how the event relates to it.
ONE: Final = {
    CASE: ("case", "case"),
    ROOT: ("stream", "stream"),
    REQUESTER: ("requester", "requester"),
    ORGANISATION: ("organisation", "organisation"),
    RESOURCE: ("resource", "performer"),
    ROLE: ("role", "role"),
    SERVICE: ("service", "service"),
}
_OF_CASE: Final = {ROOT: "part of", REQUESTER: "asked by", ORGANISATION: "handled by"}
#: Columns of which the events relate objects to each other: of the one, to the other, and how.
_OF_EVENT: Final = ((CASE, SERVICE, "about"), (RESOURCE, ROLE, "acts as"))
_CHILD: Final = "child of"
#: Columns with ids of any number of objects; they stay attributes too, to come back unchanged.
_MANY: Final = {COMPONENT: "component", LINKED: "linked"}

_KINDS: Final = {"string": "", "date": "date", "int": "int", "float": "float", "boolean": "boolean"}


def objects_of(frame: pd.DataFrame, source: str = "") -> Ocel:
    """Return the events of a log's frame, related to the objects that they name.

    Raises:
        InputRefused: an event has no time, or a column has a name that OCEL reserves.
    """
    if frame[TIMESTAMP].isna().any():
        raise InputRefused("BDV-285", where=source or TIMESTAMP)
    ids = pd.Series([f"e{number}" for number in range(1, len(frame) + 1)], dtype="str")
    frame = frame.reset_index(drop=True).assign(**{ID: ids})
    activities = frame[ACTIVITY].astype("str")
    cases = frame.drop_duplicates(CASE)
    names = list(map(str, frame))
    on_case = [n for n in names if n.startswith("case:") and n not in {*ONE, PARENT}]
    on_event = [
        n for n in names
        if not n.startswith("case:") and n not in {*ONE, ACTIVITY, TIMESTAMP, ID}
    ]  # fmt: skip
    event_values, event_kinds, used = _values(frame, on_event, ids, activities)
    case_ids = "case:" + cases[CASE].astype("str")
    object_values, case_kinds, _ = _values(cases, on_case, case_ids, case_ids)
    object_values = object_values.assign(**{TIME: pd.Series(ALWAYS, object_values.index, "str")})
    event_object = pd.concat([*_single(frame), *_several(frame)], ignore_index=True)
    object_object = pd.concat([*_between(cases), *_met(frame)], ignore_index=True)
    objects = pd.concat(
        [case_ids, event_object[OBJECT], object_object[TARGET]], ignore_index=True
    ).drop_duplicates(ignore_index=True)
    types = objects.str.extract("^([a-z]+):", expand=False).astype("str")
    return checked(
        Ocel(
            source=source,
            event_types={
                str(activity): {n: kind for n, kind in event_kinds.items() if activity in used[n]}
                for activity in activities.unique()
            },
            object_types={str(t): case_kinds if t == "case" else {} for t in types.unique()},
            events=pd.DataFrame({ID: ids, TYPE: activities, TIME: as_texts(frame[TIMESTAMP])[1]}),
            event_values=event_values,
            objects=pd.DataFrame({ID: objects, TYPE: types}),
            object_values=object_values,
            event_object=event_object,
            object_object=object_object,
        )
    )


def _values(
    frame: pd.DataFrame, columns: list[str], ids: pd.Series, whose: pd.Series
) -> tuple[pd.DataFrame, dict[str, str], dict[str, set[str]]]:
    """Return what columns say, a row per value; and of each column that says something its kind.

    And of whom it says that: the values of `whose`.
    """
    found, kinds, used = [frame_of([ID, NAME, VALUE], [])], {}, {}
    for column in columns:
        kind, texts = as_texts(frame[column])
        told = texts.notna()
        if told.any():
            name = column.removeprefix("case:")
            kinds[name], used[name] = _KINDS[kind], set(whose[told])
            says = pd.DataFrame({ID: ids[told], VALUE: texts[told].astype("str")})
            found.append(says.assign(**{NAME: pd.Series(name, says.index, "str")}))
    return pd.concat(found, ignore_index=True), kinds, used


def _single(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for column, (which, how) in ONE.items():
        if column in frame:
            ids = f"{which}:" + frame[column].astype("str")
            yield _related(EVENT, frame[ID], OBJECT, ids, how)


def _several(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    cases = set(frame[CASE])
    for column, how in _MANY.items():
        ids = frame.set_index(ID)[column].dropna().astype("str").str.split().explode().dropna()
        ids = ids[ids != NONE]
        # Intake links a call to cases and to components; a case is what this log has as one.
        which = ids.isin(cases).map({True: "case:", False: "component:"}).astype("str")
        if column == COMPONENT:
            which[:] = "component:"
        told = (which + ids.astype("str")).reset_index(drop=True)
        yield _related(EVENT, ids.index.to_series(), OBJECT, told, how)


def _between(cases: pd.DataFrame) -> Iterator[pd.DataFrame]:
    ids = "case:" + cases[CASE].astype("str")
    yield _related(SOURCE, ids, TARGET, "case:" + cases[PARENT].astype("str"), _CHILD)
    for column, how in _OF_CASE.items():
        if column in cases:
            others = f"{ONE[column][0]}:" + cases[column].astype("str")
            yield _related(SOURCE, ids, TARGET, others, how)


def _met(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield which objects were in one event, for kinds of which that says something."""
    for one, other, how in _OF_EVENT:
        if one in frame and other in frame:
            pairs = frame[[one, other]].drop_duplicates()
            ids, others = (f"{ONE[of][0]}:" + pairs[of].astype("str") for of in (one, other))
            yield _related(SOURCE, ids, TARGET, others, how)


def _related(one: str, ids: pd.Series, other: str, others: pd.Series, how: str) -> pd.DataFrame:
    """Return a row per pair; what is missing has no relation."""
    rows = pd.DataFrame({one: ids.array, other: others.array}, dtype="str")
    return rows.assign(**{QUALIFIER: pd.Series(how, rows.index, "str")}).dropna()


def is_ours(ocel: Ocel) -> bool:
    """Return whether a log has what `objects_of` gives: each event in one case, with a label."""
    how = ocel.event_object[QUALIFIER]
    of_case = ocel.event_object[how == "case"]
    single = ocel.event_object[how.isin([qualifier for _, qualifier in ONE.values()])]
    children = ocel.object_object[ocel.object_object[QUALIFIER] == _CHILD]
    return (
        all({LABEL, LIFECYCLE} <= has.keys() for has in ocel.event_types.values())
        and len(of_case) == len(ocel.events)
        and bool(of_case[OBJECT].str.startswith("case:").all())
        and not single.duplicated([EVENT, QUALIFIER]).any()
        and children[SOURCE].is_unique
        and bool((ocel.object_values[TIME] == ALWAYS).all())
    )


def events_of(ocel: Ocel) -> Table:
    """Return the events of a log that is ours, as a table.

    Raises:
        InputRefused: it is not ours: what the case is has to be chosen; or a relation is loose.
    """
    ocel = linked(ocel)
    if not is_ours(ocel):
        types = ", ".join(ocel.object_types) or "-"
        raise InputRefused("BDV-280", where=ocel.source, types=types)
    ids = ocel.events[ID]
    columns = {ACTIVITY: ocel.events[TYPE], TIMESTAMP: ocel.events[TIME]}
    columns |= wide(ocel.event_values, ids)
    columns |= {CASE: ids} | _related_to_one(ocel, ONE)  # ids: where there is no event, no relation
    cases = "case:" + columns[CASE]
    children = ocel.object_object[ocel.object_object[QUALIFIER] == _CHILD]
    parents = children.set_index(SOURCE)[TARGET].str.removeprefix("case:")
    columns[PARENT] = parents.reindex(cases).reset_index(drop=True)
    columns |= {f"case:{n}": v for n, v in wide(ocel.object_values, cases).items()}
    kinds = {n: kind for has in ocel.event_types.values() for n, kind in has.items() if kind}
    kinds |= {f"case:{n}": kind for n, kind in ocel.object_types.get("case", {}).items() if kind}
    return Table(
        source=ocel.source,
        frame=pd.DataFrame({name: coded(values) for name, values in columns.items()}),
        place=lambda position: str(ids[position]),
        kinds=kinds,
        notes=ocel.notes,
    )


def performed(ocel: Ocel) -> dict[str, pd.Series]:
    """Return by whom, and in which role, the events of a log that is ours were done."""
    return _related_to_one(ocel, (RESOURCE, ROLE)) if is_ours(ocel) else {}


def _related_to_one(ocel: Ocel, columns: Iterable[str]) -> dict[str, pd.Series]:
    """Return for each column with one object per event the name of that object."""
    how, whose = ocel.event_object[QUALIFIER], ocel.event_object.set_index(EVENT)[OBJECT]
    found = {}
    for column in columns:
        which, qualifier = ONE[column]
        mine = whose[(how == qualifier).to_numpy()].str.removeprefix(f"{which}:")
        if len(mine):
            found[column] = mine.reindex(ocel.events[ID]).reset_index(drop=True)
    return found


def wide(values: pd.DataFrame, ids: pd.Series) -> dict[str, pd.Series]:
    """Return a column per attribute, with a row for each of `ids`."""
    return {
        str(name): told.set_index(ID)[VALUE].reindex(ids).reset_index(drop=True)
        for name, told in values.groupby(NAME, sort=False)
    }


class _Read(Protocol):
    def __call__(self, path: Path, *, limit: int = ...) -> Ocel: ...


_Form = tuple[_Read, Callable[[Ocel, BinaryIO], None]]
FORMS: Final[dict[str, _Form]] = {
    ".jsonocel": (ocel_json.read, ocel_json.write),
    ".json": (ocel_json.read, ocel_json.write),
    ".sqlite": (ocel_sqlite.read, ocel_sqlite.write),
    ".xmlocel": (ocel_xml.read, ocel_xml.write),
    ".xml": (ocel_xml.read, ocel_xml.write),
}


def read(path: Path, *, encoding: str = "utf-8", limit: int = MAX_EVENTS) -> Table:
    """Read an object-centric log that we wrote; the suffix says in which form.

    Raises:
        InputRefused: the file is not what it says, or not an event log of ours.
        LimitExceeded: the file is larger than we promise to handle.
    """
    return events_of(FORMS[path.suffix][0](path, limit=limit))


def writer(suffix: str) -> Callable[[pd.DataFrame, BinaryIO], None]:
    """Return what writes a log's frame in the form of a suffix."""

    def write(frame: pd.DataFrame, stream: BinaryIO) -> None:
        FORMS[suffix][1](objects_of(frame), stream)

    return write
