"""What a system cannot record stays with its log, or its loss is told."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.store import LogStore

HIDDEN = ("recover_verify", "recover_close")


@pytest.fixture
def mapped(tmp_path: Path, mapping_of: Callable[..., Mapping]) -> EventLog:
    path = tmp_path / "foreign.csv"
    path.write_text("case,state,time\n1,New,2026-01-05T09:00Z\n2,New,2026-01-06T09:00Z\n")
    mapping = mapping_of(f"not_observable = {list(HIDDEN)}")
    return EventLog.read(path, mapping=mapping)


@pytest.mark.parametrize("name", ["log.parquet", "log.xes", "log.xes.gz"])
def test_a_file_that_has_a_place_for_it_keeps_it(
    name: str, mapped: EventLog, tmp_path: Path
) -> None:
    mapped.write(tmp_path / name)
    again = EventLog.read(tmp_path / name)
    assert again.provenance.not_observable == HIDDEN
    assert again.frame.equals(mapped.frame)
    assert not again.provenance.notes


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "log.jsonocel"])
def test_a_file_that_has_none_is_written_with_a_warning(
    name: str, mapped: EventLog, tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match=rf"{name} .* 2 activiteiten"):
        mapped.write(tmp_path / name)
    assert (tmp_path / name).is_file()


def test_a_log_of_which_everything_can_be_recorded_is_written_in_silence(
    csv_of: Callable[[str], Path], tmp_path: Path
) -> None:
    log = EventLog.read(csv_of("1,a,2026-01-05T09:00Z\n"))
    log.write(tmp_path / "out.csv")
    log.write(tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").metadata is None


def test_a_store_that_is_made_of_such_a_file_keeps_it(mapped: EventLog, tmp_path: Path) -> None:
    mapped.write(tmp_path / "log.parquet")
    stored = LogStore.of_file(tmp_path / "log.parquet", tmp_path / "store")
    assert stored.part(0).provenance.not_observable == HIDDEN


def test_a_frame_that_pandas_takes_out_of_a_log_still_knows_it(mapped: EventLog) -> None:
    frame = mapped.frame
    some = frame[frame["case:concept:name"] == "2"].assign(extra=1)
    assert EventLog(frame=some).provenance.not_observable == HIDDEN
    merged = frame.merge(pd.DataFrame({"case:concept:name": ["2"]}))
    told = EventLog(frame=merged, provenance=mapped.provenance)
    assert told.provenance.not_observable == HIDDEN


@pytest.mark.parametrize("said", ["a  b", "<script>", "\x1b[2J", "-"])
def test_what_is_no_name_of_an_activity_is_refused(
    said: str, mapped: EventLog, tmp_path: Path, refusal: Callable[[Path], BdvError]
) -> None:
    mapped.write(tmp_path / "log.parquet")
    table = pq.read_table(tmp_path / "log.parquet")
    pq.write_table(
        table.replace_schema_metadata({"bdv:not_observable": said}), tmp_path / "log.parquet"
    )
    assert refusal(tmp_path / "log.parquet").code == "BDV-241"


def test_beside_the_columns_other_things_may_stand(mapped: EventLog, tmp_path: Path) -> None:
    table = pa.Table.from_pandas(mapped.frame).replace_schema_metadata({"theirs": b"\xff"})
    pq.write_table(table, tmp_path / "log.parquet")
    assert EventLog.read(tmp_path / "log.parquet").provenance.not_observable == ()
