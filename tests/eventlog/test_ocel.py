"""Our logs as OCEL 2.0 and back, in its three forms, and files that contradict themselves."""

import json
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import (
    CASE,
    COMPONENT,
    LABEL,
    LINKED,
    PARENT,
    RESOURCE,
    ROLE,
    SERVICE,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from eventlog.test_roundtrip import ROW, TYPED, assert_same, log_of, reread

Refusal = Callable[..., BdvError]
FORMS = [".jsonocel", ".xmlocel", ".sqlite"]
BEGIN = pd.Timestamp("2026-03-02T09:00:00Z")


def small(**columns: list[object]) -> EventLog:
    """Two cases of which the second is a child of the first; what is linked is a case or not."""
    rows = {
        CASE: ["Z1", "Z1", "Z2"],
        LABEL: ["Incident", "Aannemen", "Wijzigingsverzoek"],
        TIMESTAMP: [BEGIN, BEGIN + pd.Timedelta("1h"), BEGIN + pd.Timedelta("2h")],
        PARENT: [None, None, "Z1"],
        RESOURCE: [None, "ben", "ben"],
        LINKED: [None, "none", "Z1 C-7"],
        COMPONENT: [None, None, "C-7 C-8"],
    }
    return EventLog(frame=pd.DataFrame(rows | columns))


@pytest.mark.parametrize("suffix", FORMS)
@settings(max_examples=10, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=6), typed=st.lists(TYPED, min_size=1, max_size=6))
def test_every_column_in_its_type_and_the_order_of_events_come_back(
    suffix: str, rows: list[dict[str, object]], typed: list[dict[str, object]]
) -> None:
    log = log_of(rows, typed)
    assert_same(log, reread(log, suffix))


@pytest.mark.parametrize("suffix", FORMS)
def test_the_shipped_log_comes_back(root: Path, suffix: str) -> None:
    log = EventLog.read(root / "eventlogs/synthetic-eight-workflows.xes.gz")
    again = reread(log, suffix)
    assert_same(log, again)
    assert again.provenance.rows_in == again.provenance.used == len(log)


@pytest.mark.parametrize("suffix", FORMS)
def test_the_same_log_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        small().write(tmp_path / f"{name}{suffix}")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_events_relate_to_what_they_name_and_say_how() -> None:
    found = ObjectLog.of(small())
    assert sorted(found.event_object.itertuples(index=False, name=None)) == [
        ("e1", "case:Z1", "case"),
        ("e1", "stream:Z1", "stream"),
        ("e2", "case:Z1", "case"),
        ("e2", "resource:ben", "performer"),
        ("e2", "stream:Z1", "stream"),
        ("e3", "case:Z1", "linked"),
        ("e3", "case:Z2", "case"),
        ("e3", "component:C-7", "component"),
        ("e3", "component:C-7", "linked"),
        ("e3", "component:C-8", "component"),
        ("e3", "resource:ben", "performer"),
        ("e3", "stream:Z2", "stream"),
    ]
    assert sorted(found.object_object.itertuples(index=False, name=None)) == [
        ("case:Z1", "stream:Z1", "part of"),
        ("case:Z2", "case:Z1", "child of"),
        ("case:Z2", "stream:Z2", "part of"),
    ]


def test_a_service_and_a_role_are_objects_and_say_whose_they_are() -> None:
    """The first case is about a passport, and ben acts in two roles; all of it comes back."""
    frame = small().frame.assign(
        **{SERVICE: ["passport", "passport", None], ROLE: [None, "kcc", "toetser"]}
    )
    log = EventLog(frame=frame)
    found = ObjectLog.of(log)
    about = found.event_object[found.event_object["ocel_qualifier"] == "service"]
    assert about["ocel_object_id"].tolist() == ["service:passport"] * 2
    between = set(found.object_object.itertuples(index=False, name=None))
    assert between >= {
        ("case:Z1", "service:passport", "about"),
        ("resource:ben", "role:kcc", "acts as"),
        ("resource:ben", "role:toetser", "acts as"),
    }
    assert {"service", "role"} <= set(found.objects["ocel_type"])
    assert_same(log, reread(log, ".jsonocel"))


def test_a_parent_that_is_not_in_the_log_is_an_object_too() -> None:
    log = small().where(cases=["Z2"])
    found = ObjectLog.of(log)
    assert "case:Z1" in set(found.objects["ocel_id"])
    assert_same(log, reread(log, ".jsonocel"))


@pytest.mark.parametrize("suffix", FORMS)
def test_a_log_without_times_cannot_be_ocel(tmp_path: Path, suffix: str) -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["a"]}))
    with pytest.raises(BdvError, match="BDV-285"):
        log.write(tmp_path / f"log{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMS)
def test_a_column_with_a_name_that_ocel_reserves_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(BdvError, match="BDV-283"):
        small(ocel_time=["x", "y", "z"]).write(tmp_path / f"log{suffix}")
    assert list(tmp_path.iterdir()) == []


# What contradicts itself, told once and put in each of the three forms.

CLEAN: dict[str, Any] = {
    "objectTypes": [{"name": "order", "attributes": [{"name": "n", "type": "integer"}]}],
    "eventTypes": [{"name": "pay", "attributes": [{"name": "by", "type": "string"}]}],
    "objects": [
        {
            "id": "o1",
            "type": "order",
            "attributes": [{"name": "n", "value": "5", "time": "1970-01-01T00:00:00Z"}],
            "relationships": [],
        }
    ],
    "events": [
        {
            "id": "e1",
            "type": "pay",
            "time": "2026-03-02T09:00:00Z",
            "attributes": [{"name": "by", "value": "ben"}],
            "relationships": [{"objectId": "o1", "qualifier": "of"}],
        }
    ],
}


def changed(path: str, value: Any, log: dict[str, Any] = CLEAN) -> dict[str, Any]:
    """The clean log, or another, with another value at a place like `events.0.time`."""
    found = json.loads(json.dumps(log))
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inside = found
    for part in above:
        inside = inside[part]
    inside[last] = value
    return found


def as_xml(log: dict[str, Any]) -> str:
    def types(name: str, tag: str) -> str:
        return "".join(
            f'<{tag} name="{one["name"]}"><attributes>'
            + "".join(
                f'<attribute name="{a["name"]}" type="{a["type"]}"/>' for a in one["attributes"]
            )
            + f"</attributes></{tag}>"
            for one in log[name]
        )

    def rows(name: str, tag: str) -> str:
        return "".join(
            f'<{tag} id="{one["id"]}" type="{one["type"]}"'
            + (f' time="{one["time"]}"' if "time" in one else "")
            + "><attributes>"
            + "".join(
                f'<attribute name="{a["name"]}"'
                + (f' time="{a["time"]}"' if "time" in a else "")
                + f">{a['value']}</attribute>"
                for a in one["attributes"]
            )
            + "</attributes><objects>"
            + "".join(
                f'<relationship object-id="{r["objectId"]}" qualifier="{r["qualifier"]}"/>'
                for r in one["relationships"]
            )
            + f"</objects></{tag}>"
            for one in log[name]
        )

    return (
        f"<log><object-types>{types('objectTypes', 'object-type')}</object-types>"
        f"<event-types>{types('eventTypes', 'event-type')}</event-types>"
        f"<objects>{rows('objects', 'object')}</objects>"
        f"<events>{rows('events', 'event')}</events></log>"
    )


FAULTS = [
    ("events", [*CLEAN["events"], *CLEAN["events"]], "BDV-274"),
    ("objects", [*CLEAN["objects"], *CLEAN["objects"]], "BDV-274"),
    ("eventTypes", [*CLEAN["eventTypes"], *CLEAN["eventTypes"]], "BDV-274"),
    ("events.0.attributes", CLEAN["events"][0]["attributes"] * 2, "BDV-274"),
    ("events.0.relationships.0.objectId", "o9", "BDV-275"),
    ("objects.0.relationships", [{"objectId": "o9", "qualifier": ""}], "BDV-275"),
    ("events.0.type", "fly", "BDV-276"),
    ("objects.0.type", "", "BDV-276"),
    ("events.0.id", "", "BDV-276"),
    ("events.0.attributes.0.name", "at", "BDV-276"),
    ("eventTypes.0.attributes.0.name", "ocel_by", "BDV-276"),
    ("eventTypes.0.attributes.0.type", "blob", "BDV-270"),
    ("events.0.time", "", "BDV-232"),
    ("events.0.time", "2026-02-30T09:00:00Z", "BDV-233"),
    ("events.0.time", "2026-03-02 09:00:00", "BDV-235"),
    ("events.0.time", "1772442000", "BDV-239"),
    ("events.0.time", "2999-01-01T00:00:00Z", "BDV-238"),
    ("objects.0.attributes.0.value", "five", "BDV-241"),
    ("objects.0.attributes.0.time", "yesterday", "BDV-233"),
    ("events.0.attributes.0.value", "x" * 70_000, "BDV-227"),
]


@pytest.mark.parametrize("suffix", [".jsonocel", ".xmlocel"])
@pytest.mark.parametrize(("place", "value", "code"), FAULTS)
def test_a_log_that_contradicts_itself_is_refused(
    tmp_path: Path, suffix: str, place: str, value: Any, code: str
) -> None:
    log = changed(place, value)
    path = tmp_path / f"log{suffix}"
    path.write_text(json.dumps(log) if suffix == ".jsonocel" else as_xml(log), encoding="utf-8")
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert caught.value.code == code
    for lang in ("nl", "en"):
        assert caught.value.render(lang).startswith(f"{code}: ")


@pytest.mark.parametrize("suffix", FORMS)
def test_the_clean_log_is_read_alike_in_each_form(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "clean.jsonocel").write_text(json.dumps(CLEAN), encoding="utf-8")
    (tmp_path / "clean.xmlocel").write_text(as_xml(CLEAN), encoding="utf-8")
    ObjectLog.read(tmp_path / "clean.jsonocel").write(tmp_path / "clean.sqlite")
    found = ObjectLog.read(tmp_path / f"clean{suffix}")
    assert found.events.to_dict("records") == [
        {
            "ocel_id": "e1",
            "ocel_type": "pay",
            "ocel_time": pd.Timestamp("2026-03-02T09:00:00Z"),
            "by": "ben",
        }
    ]
    assert found.changes["ocel_value"].tolist() == ["5"]
    assert found.changes["ocel_time"].isna().all()


def test_an_event_log_is_asked_for_its_case_when_the_file_is_not_ours(
    refusal: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "log.json").write_text(json.dumps(CLEAN), encoding="utf-8")
    error = refusal(tmp_path / "log.json")
    assert (error.code, error.facts["types"]) == ("BDV-280", "order")


TWICE = [
    ("events.1.relationships", [{"objectId": f"case:Z{n}", "qualifier": "case"} for n in (1, 2)]),
    (
        "events.1.relationships",
        [
            {"objectId": "case:Z1", "qualifier": "case"},
            {"objectId": "resource:ben", "qualifier": "performer"},
            {"objectId": "case:Z2", "qualifier": "performer"},
        ],
    ),
    (
        "objects.1.relationships",
        [{"objectId": f"case:Z{n}", "qualifier": "child of"} for n in (1, 2)],
    ),
    (
        "objects.0.attributes",
        [{"name": "x", "value": "1", "time": f"{year}-01-01T00:00:00Z"} for year in (1970, 2020)],
    ),
]


@pytest.mark.parametrize(("place", "value"), TWICE)
def test_a_log_of_ours_in_which_something_single_became_two_is_no_event_log(
    refusal: Refusal, tmp_path: Path, place: str, value: Any
) -> None:
    small(**{"case:x": ["1", "1", "2"]}).write(tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    (tmp_path / "log.json").write_text(json.dumps(changed(place, value, log)), encoding="utf-8")
    assert refusal(tmp_path / "log.json").code == "BDV-280"
    assert len(ObjectLog.read(tmp_path / "log.json")) == 3


def test_two_ways_to_write_the_beginning_are_one_moment(tmp_path: Path) -> None:
    first = CLEAN["objects"][0]["attributes"][0]
    twice = [first, first | {"value": "6", "time": "1970-01-01 01:00:00"}]
    log = changed("objects.0.attributes", twice)
    (tmp_path / "log.json").write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(BdvError, match="BDV-274"):
        ObjectLog.read(tmp_path / "log.json")


@pytest.mark.parametrize("suffix", FORMS)
def test_a_log_without_events_can_be_written_and_read(tmp_path: Path, suffix: str) -> None:
    EventLog.of([]).write(tmp_path / f"log{suffix}")
    assert len(EventLog.read(tmp_path / f"log{suffix}")) == 0
    assert len(ObjectLog.read(tmp_path / f"log{suffix}").events) == 0


@pytest.mark.parametrize("suffix", FORMS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_refused_in_words_or_read(suffix: str, seed: int) -> None:
    dice = random.Random(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"log{suffix}"
        small().write(path)
        data = bytearray(path.read_bytes())
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(data))
            if dice.random() < 0.3:
                del data[place : place + dice.choice([1, 9, len(data)])]
            else:
                data[place : place + 1] = bytes([dice.randrange(256)]) * dice.choice([1, 1, 3])
            data = data or bytearray(b" ")
        path.write_bytes(data)
        try:
            ObjectLog.read(path)
        except BdvError as error:
            assert error.render("nl")  # noqa: PT017
        assert [found.name for found in Path(folder).iterdir()] == [path.name]


# The standard's own schema, and pm4py's readers.


def complaints(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """What a value does not keep to, of the part of JSON Schema that the standard uses."""
    kinds = {"object": dict, "array": list, "string": str}
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{place} is no {schema['type']}"]
    found = [f"{place} lacks {name}" for name in schema.get("required", []) if name not in value]
    for name, inner in schema.get("properties", {}).items():
        found += complaints(value[name], inner, f"{place}.{name}") if name in value else []
    if isinstance(value, list):
        for number, one in enumerate(value):
            found += complaints(one, schema["items"], f"{place}[{number}]")
    zoned = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    if schema.get("format") == "date-time" and not re.fullmatch(zoned, value):
        found.append(f"{place} is no date-time")
    return found


def test_the_json_we_write_is_valid_by_the_schema_of_the_standard(
    root: Path, shared: Path, tmp_path: Path
) -> None:
    schema = json.loads((shared / "data/schemas/schema_ocel2.json").read_text(encoding="utf-8"))
    log = EventLog.read(root / "eventlogs/synthetic-eight-workflows.xes.gz")
    log.write(tmp_path / "log.jsonocel")
    written = json.loads((tmp_path / "log.jsonocel").read_text(encoding="utf-8"))
    assert complaints(written, schema) == []
    assert len(written["events"]) == len(log)
    del written["events"][0]["time"]
    assert complaints(written, schema) == ["$.events[0] lacks time"]


@pytest.mark.parametrize("suffix", FORMS)
def test_pm4py_counts_what_we_wrote_alike(root: Path, tmp_path: Path, suffix: str) -> None:
    from pm4py.objects.ocel.importer.jsonocel.variants import ocel20_standard as of_json
    from pm4py.objects.ocel.importer.sqlite.variants import ocel20 as of_sqlite
    from pm4py.objects.ocel.importer.xmlocel.variants import ocel20 as of_xml

    log = EventLog.read(root / "eventlogs/synthetic-eight-workflows.xes.gz")
    path = tmp_path / f"log{suffix}"
    log.write(path)
    read = {".jsonocel": of_json, ".xmlocel": of_xml, ".sqlite": of_sqlite}[suffix]
    theirs, ours = read.apply(str(path)), ObjectLog.of(log)
    assert len(theirs.events) == len(ours)
    assert len(theirs.objects) == len(ours.objects)
    assert len(theirs.relations) == len(ours.event_object)
    assert len(theirs.o2o) == len(ours.object_object)
    begin = pd.to_datetime(theirs.events["ocel:timestamp"], utc=True).min()
    assert begin == log.frame[TIMESTAMP].min()


def test_sqlite_is_what_the_standard_says(tmp_path: Path) -> None:
    small().write(tmp_path / "log.sqlite")
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        mapped = dict(connection.execute("SELECT * FROM event_map_type"))
        events = connection.execute("SELECT * FROM event").fetchall()
    assert {"event", "object", "event_object", "object_object", "object_map_type"} < tables
    assert {f"event_{suffix}" for suffix in mapped.values()} < tables
    assert events == [("e1", "Incident"), ("e2", "Aannemen"), ("e3", "Wijzigingsverzoek")]


@pytest.mark.parametrize("suffix", FORMS)
def test_more_events_than_the_reader_allows_are_refused(
    refusal: Refusal, tmp_path: Path, suffix: str
) -> None:
    small().write(tmp_path / f"log{suffix}")
    error = refusal(tmp_path / f"log{suffix}", limit=2)
    assert (error.code, error.exit_code) == ("BDV-228", 9)
    assert len(EventLog.read(tmp_path / f"log{suffix}", limit=3)) == 3
