"""Parquet: kept as it was, and limited before it is unpacked."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import CASE, LABEL, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.parquet import read

Refusal = Callable[..., BdvError]
ONE = {CASE: ["1"], LABEL: ["a"], TIMESTAMP: ["2026-01-01T09:00:00Z"]}


def test_texts_are_stored_once_and_referred_to(tmp_path: Path) -> None:
    EventLog(frame=pd.DataFrame({CASE: ["1", "1"], LABEL: ["a", "b"]})).write(
        tmp_path / "l.parquet"
    )
    group = pq.ParquetFile(tmp_path / "l.parquet").metadata.row_group(0)
    texts = {group.column(i).path_in_schema: group.column(i).encodings for i in range(5)}
    assert all("RLE_DICTIONARY" in encodings for encodings in texts.values())


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_truncated_file_is_refused(refusal: Refusal, tmp_path: Path, keep: float) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table(ONE), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    error = refusal(path)
    assert (error.code, error.exit_code) == ("BDV-250", 3)


def test_a_file_in_which_a_bit_fell_over_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({LABEL: [f"stap {n % 18}" for n in range(200)]}), path,
                   compression="none")  # fmt: skip
    whole, codes = path.read_bytes(), set()
    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 0x80
        path.write_bytes(flipped)
        try:
            read(path)
        except BdvError as refused:
            codes.add(refused.code)
    assert "BDV-250" in codes


def test_a_text_under_the_name_of_parquet_is_refused(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_text("case,activity\n1,a\n")
    assert refusal(tmp_path / "log.parquet").code == "BDV-250"


def test_nested_values_are_refused_with_their_column(refusal: Refusal, tmp_path: Path) -> None:
    pq.write_table(pa.table(ONE | {"tags": [["x", "y"]]}), tmp_path / "log.parquet")
    error = refusal(tmp_path / "log.parquet")
    assert (error.code, error.facts["column"]) == ("BDV-251", "tags")


def test_more_rows_than_we_promise_are_refused_before_they_are_read(
    refusal: Refusal, tmp_path: Path
) -> None:
    path = tmp_path / "log.parquet"
    value = pa.array(["a"]).dictionary_encode()
    batch = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_001, pa.int32()), value.dictionary)
    with pq.ParquetWriter(path, pa.schema({CASE: batch.type})) as writer:
        for _ in range(5):
            writer.write_table(pa.table({CASE: batch}))
    assert path.stat().st_size < 100_000
    error = refusal(path)
    assert (error.code, error.exit_code) == ("BDV-228", 9)


def test_a_log_without_events_can_be_written_and_read(tmp_path: Path) -> None:
    EventLog.of([]).write(tmp_path / "log.parquet")
    assert EventLog.read(tmp_path / "log.parquet").frame.equals(EventLog.of([]).frame)


def test_times_that_are_numbers_are_not_guessed_at(refusal: Refusal, tmp_path: Path) -> None:
    pq.write_table(pa.table(ONE | {TIMESTAMP: [1767258000]}), tmp_path / "log.parquet")
    assert refusal(tmp_path / "log.parquet").code == "BDV-239"


def test_a_moment_in_a_zone_that_does_not_exist_is_refused(
    refusal: Refusal, tmp_path: Path
) -> None:
    moment = pa.array([0], pa.timestamp("us", "QTC"))
    pq.write_table(pa.table(ONE | {TIMESTAMP: moment}), tmp_path / "log.parquet")
    assert refusal(tmp_path / "log.parquet").code == "BDV-246"


def test_a_number_past_what_we_hold_is_refused(refusal: Refusal, tmp_path: Path) -> None:
    big = pa.array([2**64 - 1], pa.uint64())
    pq.write_table(pa.table(ONE | {"n": big}), tmp_path / "log.parquet")
    assert (refusal(tmp_path / "log.parquet").code) == "BDV-241"


def test_other_tools_types_are_taken_as_ours(tmp_path: Path) -> None:
    moment = pd.Timestamp("2026-07-01 09:00")
    columns = ONE | {
        CASE: pa.array([7], pa.int32()),
        TIMESTAMP: pa.array([moment], pa.timestamp("ns")),
        "day": pa.array([moment.date()], pa.date32()),
        "kind": pa.array(["x"]).dictionary_encode(),
        "n": pa.array([None], pa.int16()),
    }
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    log = EventLog.read(tmp_path / "log.parquet", timezone="Europe/Amsterdam")
    assert log.frame.loc[0, [CASE, "day", "kind"]].tolist() == ["7", "2026-07-01", "x"]
    assert log.frame.loc[0, TIMESTAMP] == pd.Timestamp("2026-07-01 07:00", tz="UTC")
    assert str(log.frame["n"].dtype) == "Int64"
