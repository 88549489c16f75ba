"""Files that are not what they say, and files that must not be half there."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError, LimitExceeded
from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.eventlog.files import replaced
from bdv_process.eventlog.log import EventLog

Refusal = Callable[..., BdvError]


def test_a_missing_file_is_not_found_and_a_folder_is_no_file(
    refusal: Refusal, tmp_path: Path
) -> None:
    missing = refusal(tmp_path / "no.csv")
    assert (missing.code, missing.exit_code) == ("BDV-201", 4)
    assert "no.csv" in missing.render()
    (tmp_path / "folder.xes").mkdir()
    assert refusal(tmp_path / "folder.xes").code == "BDV-296"


def test_an_address_on_the_web_is_refused(refusal: Refusal) -> None:
    assert (refusal("https://example.org/log.csv")).code == "BDV-202"


def test_an_unknown_suffix_is_refused_and_the_known_ones_are_named(
    refusal: Refusal, tmp_path: Path
) -> None:
    error = refusal(tmp_path / "log.pickle")
    assert (error.code, error.exit_code) == ("BDV-208", 3)
    assert ".parquet" in error.hint("nl")


@pytest.mark.parametrize("name", ["log.xes", "log.csv", "log.parquet"])
@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_called_empty(
    refusal: Refusal, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert (refusal(tmp_path / name)).code == "BDV-203"


def test_only_a_byte_order_mark_is_empty_and_many_empty_lines_are_no_header(
    refusal: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_bytes(b"\xef\xbb\xbf")
    assert refusal(tmp_path / "log.csv").code == "BDV-203"
    for lines in (3, 100):
        (tmp_path / "log.csv").write_text("\n" * lines + "case:concept:name\nc1\n")
        assert refusal(tmp_path / "log.csv").code == "BDV-220"


@pytest.mark.parametrize("name", ["log.xes", "log.csv", "log.parquet", "log.csv.gz"])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04rest of a zip", "ZIP"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"\xef\xbb\xbf <html lang='nl'></html>", "HTML"),
        (b"SQLite format 3\x00", "SQLite"),
    ],
)
def test_another_kind_of_file_is_named(
    refusal: Refusal, tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    error = refusal(tmp_path / name)
    assert (error.code, error.exit_code) == ("BDV-204", 3)
    assert found in error.what("nl")


def test_gz_that_is_no_gzip_says_so(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_text("case,activity\n")
    assert refusal(tmp_path / "log.csv.gz").code == "BDV-205"


@pytest.mark.parametrize("name", ["log.csv.gz", "log.xes.gz"])
def test_truncated_gzip_says_so(refusal: Refusal, tmp_path: Path, name: str) -> None:
    data = gzip.compress(b"<log>" + os.urandom(50_000).hex().encode())
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    error = refusal(tmp_path / name)
    assert (error.code, error.exit_code) == ("BDV-206", 3)


@pytest.mark.parametrize("name", ["log.csv.gz", "log.xes.gz"])
def test_a_gzip_bomb_stops_at_a_hundred_times_its_size(
    refusal: Refusal, tmp_path: Path, name: str
) -> None:
    with gzip.open(tmp_path / name, "wb") as bomb:
        bomb.write(b"<log>")
        for _ in range(100):
            bomb.write(b" " * 1_000_000)
    packed = (tmp_path / name).stat().st_size
    error = refusal(tmp_path / name)
    assert (error.code, error.exit_code) == ("BDV-207", 9)
    seen = error.facts["bytes"]
    assert isinstance(seen, int)
    assert seen <= packed * 100 + (1 << 20)


def test_a_small_file_may_pack_well(tmp_path: Path) -> None:
    rows = "c1,a,2026-01-01T00:00:00Z\n" * 5_000
    (tmp_path / "log.csv.gz").write_bytes(
        gzip.compress(b"case:concept:name,concept:name,time:timestamp\n" + rows.encode())
    )
    log = EventLog.read(tmp_path / "log.csv.gz")
    assert log.provenance.notes == (("eventlog.duplicates", {"count": 4_999}),)


@pytest.mark.parametrize("suffix", [".xes", ".xes.gz", ".csv", ".csv.gz", ".parquet"])
def test_equal_logs_give_equal_files(tmp_path: Path, suffix: str) -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["1", "1"], LABEL: ["a", "b"]}))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        log.write(tmp_path / name / f"log{suffix}")
    one, two = (tmp_path / name / f"log{suffix}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert sorted(p.name for p in tmp_path.rglob("*.*")) == [f"log{suffix}"] * 2


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("old")

    def fail() -> None:
        with replaced(path) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_packs_too_well_to_be_read_again_is_not_written(tmp_path: Path) -> None:
    with (
        pytest.raises(LimitExceeded, match="BDV-207"),
        replaced(tmp_path / "log.csv.gz") as stream,
    ):
        stream.write(b"x" * 10_000_000)
    assert list(tmp_path.iterdir()) == []


def test_writing_into_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["a"]}))
    with pytest.raises(BdvError, match="BDV-201"):
        log.write(tmp_path / "nowhere" / "log.csv")
    assert not (tmp_path / "nowhere").exists()
