"""SQLite that nobody vouches for: only tables are read, nothing runs, nothing is made."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog import ocel_sqlite
from bdv_process.eventlog.object_log import ObjectLog
from eventlog.test_ocel import small

ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT 'e' || x AS ocel_id, 'Incident' AS ocel_type FROM n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    small().write(tmp_path / "log.sqlite")
    return tmp_path / "log.sqlite"


@pytest.fixture
def refused(path: Path) -> Callable[..., BdvError]:
    """Change the database, and read it."""

    def read(*statements: str) -> BdvError:
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        before = [(each, each.read_bytes()) for each in path.parent.iterdir()]
        with pytest.raises(BdvError) as caught:
            ObjectLog.read(path)
        assert [(each, each.read_bytes()) for each in path.parent.iterdir()] == before
        assert "\n" not in caught.value.render("nl")
        return caught.value

    return read


@pytest.mark.parametrize(
    ("statements", "what"),
    [
        (["ALTER TABLE event RENAME TO e", f"CREATE VIEW event AS {ENDLESS}"], "view"),
        (["CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END"], "trigger"),
        (["CREATE VIRTUAL TABLE v USING fts5(x)"], "virtual table"),
        (["ALTER TABLE event ADD COLUMN x GENERATED ALWAYS AS (hex(1))"], "generated column"),
    ],
)
def test_what_would_run_is_refused(
    refused: Callable[..., BdvError], statements: list[str], what: str
) -> None:
    error = refused(*statements)
    assert (error.code, error.facts["what"], error.exit_code) == ("BDV-278", what, 3)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DROP TABLE event_object", "BDV-279"),
        ("DROP TABLE event_Incident", "BDV-279"),
        ("ALTER TABLE event_Incident DROP COLUMN ocel_time", "BDV-279"),
        ("DELETE FROM event_map_type", "BDV-276"),
        ("DELETE FROM event WHERE ocel_id = 'e1'", "BDV-276"),
        ("DELETE FROM event_Incident", "BDV-232"),
        ("INSERT INTO event SELECT * FROM event", "BDV-274"),
        ("INSERT INTO event_Incident SELECT * FROM event_Incident", "BDV-274"),
        ("INSERT INTO event_map_type SELECT * FROM event_map_type", "BDV-274"),
        ("DELETE FROM object WHERE ocel_type = 'resource'", "BDV-275"),
        ("UPDATE event SET ocel_type = NULL", "BDV-276"),
        ("UPDATE event SET ocel_id = x'00ff'", "BDV-270"),
        ("UPDATE event_Incident SET ocel_time = 46000", "BDV-239"),
        ("UPDATE event_Incident SET ocel_time = '2026-03-02 09:00:00'", "BDV-240"),
    ],
)
def test_what_contradicts_itself_is_refused(
    refused: Callable[..., BdvError], statement: str, code: str
) -> None:
    assert refused(statement).code == code


def test_a_text_that_is_too_long_is_refused_before_it_is_in_memory(
    refused: Callable[..., BdvError],
) -> None:
    error = refused("UPDATE event SET ocel_type = hex(zeroblob(50000000))")
    assert (error.code, error.exit_code) == ("BDV-227", 9)


def test_reading_ends_in_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocel_sqlite, "MAX_SECONDS", -1)
    monkeypatch.setattr(ocel_sqlite, "_STEPS", 1)
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert (caught.value.code, caught.value.exit_code) == ("BDV-282", 9)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BDV-203"),
        (b"SQLite format 3\x00", "BDV-277"),
        (b"SQLite format 3\x00" + bytes(range(256)) * 40, "BDV-277"),
        (b"anything else", "BDV-277"),
        (b"%PDF-1.7", "BDV-204"),
    ],
)
def test_what_is_no_database_is_refused(path: Path, content: bytes, code: str) -> None:
    path.write_bytes(content)
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert (caught.value.code, caught.value.exit_code) == (code, 3)


def test_a_corrupt_page_is_found(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:4300] = b"\xff" * 204
    path.write_bytes(data)
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert caught.value.code == "BDV-277"
    assert caught.value.facts["detail"]


def test_damage_that_sqlite_quotes_in_a_complaint_that_is_no_text_is_refused(path: Path) -> None:
    data = path.read_bytes()
    assert b"CREATE TABLE" in data
    path.write_bytes(data.replace(b"CREATE TABLE", b"CREATE TABLE"[:-1] + b"\xff"))
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert caught.value.code == "BDV-277"


@pytest.mark.parametrize("lost", [1, 2_000, 4_096, 40_000])
def test_a_truncated_file_is_refused(path: Path, lost: int) -> None:
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path)
    assert caught.value.code == "BDV-277"


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(tmp_path / "no.sqlite")
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_names_of_types_and_attributes_are_never_taken_for_sql(tmp_path: Path) -> None:
    name = 'a"; DROP TABLE event; --'
    log = small(**{name: ["x", None, None], "concept:name": [name, "Object", "map_type"]})
    log.write(tmp_path / "log.sqlite")
    found = ObjectLog.read(tmp_path / "log.sqlite")
    assert found.events["ocel_type"].tolist() == [name, "Object", "map_type"]
    assert found.events[name].dropna().tolist() == ["x"]
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection:
        tables = [table for (table,) in connection.execute("SELECT name FROM sqlite_master")]
    assert all(re.fullmatch(r"\w+", table) for table in tables)


def test_types_that_differ_only_in_case_have_tables_of_their_own(tmp_path: Path) -> None:
    log = small(**{"concept:name": ["Toets", "toets", "To ets"]})
    log.write(tmp_path / "log.sqlite")
    found = ObjectLog.read(tmp_path / "log.sqlite")
    assert found.events["ocel_type"].tolist() == ["Toets", "toets", "To ets"]


def test_attributes_that_sqlite_takes_for_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BdvError, match="BDV-286"):
        small(Kanaal=["a", "b", "c"], kanaal=["d", "e", "f"]).write(tmp_path / "log.sqlite")
    assert list(tmp_path.iterdir()) == []
