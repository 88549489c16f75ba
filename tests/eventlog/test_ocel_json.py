"""JSON that nobody vouches for: the place at fault is named, and nothing is guessed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.object_log import ObjectLog

EMPTY = {"objectTypes": [], "eventTypes": [], "objects": [], "events": []}


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[bytes], BdvError]:
    def read(content: bytes) -> BdvError:
        (tmp_path / "log.jsonocel").write_bytes(content)
        with pytest.raises(BdvError) as caught:
            ObjectLog.read(tmp_path / "log.jsonocel")
        assert "\n" not in caught.value.render("nl")
        return caught.value

    return read


def log(**lists: str) -> bytes:
    """An empty log with some of its lists as given."""
    parts = dict.fromkeys(EMPTY, "[]") | lists
    return ("{" + ", ".join(f'"{name}": {text}' for name, text in parts.items()) + "}").encode()


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"", "BDV-203", ""),
        (b"   \n ", "BDV-203", ""),
        (b"[]", "BDV-270", "$"),
        (b"{}", "BDV-270", "$"),
        (b"<log/>", "BDV-270", "$"),
        (b"<!doctype html><html>", "BDV-204", ""),
        (b"PK\x03\x04 and so on", "BDV-204", ""),
        (b'{"ocel:global-log": {}, "ocel:events": {}}', "BDV-273", "$.ocel:global-log"),
        (log()[:-1], "BDV-271", ":1"),
        (log() + b"\n{}", "BDV-271", ":2"),
        (log(events="[1,]"), "BDV-270", "$.events[0]"),
        (log(events="[{},]"), "BDV-270", "$.events[0].id"),
        (log(events="[,]"), "BDV-271", "$.events[0]"),
        (log(events="{}"), "BDV-271", ""),
        (log(events='[{"id": 5}]'), "BDV-270", "$.events[0].id"),
        (log(events='[{"id": "e", "id": "f"}]'), "BDV-271", "$.events[0]"),
        (log(events='[{"id": NaN}]'), "BDV-271", "$.events[0]"),
        (log(events='[{"id": "e", "type": "t"}]'), "BDV-270", "$.events[0].time"),
        (log(objects='[{"id": "o", "type": "t", "attributes": {}}]'), "BDV-270", "attributes"),
        (
            log(objects='[{"id": "o", "type": "t", "relationships": ["p"]}]'),
            "BDV-270",
            "$.objects[0].relationships[0]",
        ),
        (log(eventTypes='[{"name": "t", "attributes": [{"name": "a"}]}]'), "BDV-270", "[0].type"),
        ('{"naam": "caf\xe9"}'.encode("cp1252"), "BDV-289", ""),
    ],
)  # fmt: skip
def test_what_is_no_ocel_is_refused_with_its_place(
    refused: Callable[[bytes], BdvError], content: bytes, code: str, place: str
) -> None:
    error = refused(content)
    assert (error.code, error.exit_code) == (code, 3)
    assert place in error.where


def test_a_list_twice_is_refused(refused: Callable[[bytes], BdvError]) -> None:
    assert refused(log()[:-1] + b', "events": []}').code == "BDV-271"


def test_depth_is_limited(refused: Callable[[bytes], BdvError]) -> None:
    error = refused(log(events="[" * 100_000 + "]" * 100_000))
    assert (error.code, error.exit_code) == ("BDV-272", 9)


VALUES = '[{"id": "e", "type": "t", "time": "2026-03-02T09:00:00Z", "attributes": [%s]}]'
TYPES = '[{"name": "t", "attributes": [{"name": "a", "type": "%s"}]}]'


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("integer", "7", 7),
        ("integer", '"7"', 7),
        ("float", "1.5e3", 1500.0),
        ("boolean", "true", True),
        ("boolean", '"false"', False),
        ("string", "1.50", "1.50"),
        ("string", '"NA"', "NA"),
    ],
)
def test_values_may_be_numbers_and_truths_as_many_programs_write_them(
    tmp_path: Path, kind: str, value: str, read: object
) -> None:
    events = VALUES % f'{{"name": "a", "value": {value}}}'
    (tmp_path / "l.json").write_bytes(log(events=events, eventTypes=TYPES % kind))
    assert ObjectLog.read(tmp_path / "l.json").events["a"].tolist() == [read]


@pytest.mark.parametrize("value", ["1" + "0" * 5_000, "null", "[1]", '{"a": 1}', "Infinity"])
def test_other_values_are_refused(refused: Callable[[bytes], BdvError], value: str) -> None:
    events = VALUES % f'{{"name": "a", "value": {value}}}'
    assert refused(log(events=events, eventTypes=TYPES % "integer")).exit_code == 3


def test_what_the_standard_does_not_name_is_counted(tmp_path: Path) -> None:
    more = json.dumps(EMPTY | {"meta": {"by": "someone"}})
    (tmp_path / "l.json").write_text(more, encoding="utf-8")
    assert ObjectLog.read(tmp_path / "l.json").notes == (("eventlog.unkept", {"count": 1}),)
