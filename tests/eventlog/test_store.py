"""A stored log: whole or not there, and in parts that keep together what belongs together."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from bdv_process.demo.run import incident_log
from bdv_process.errors import BdvError, InputRefused, IntegrityBroken, NotFound
from bdv_process.eventlog.event import CASE, LABEL, PARENT, REQUESTER, ROOT, TIMESTAMP
from bdv_process.eventlog.log import EventLog, Provenance
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.tree import tree
from bdv_process.resources import folder

MOMENT = pd.Timestamp("2026-03-02T09:00:00Z")


@pytest.fixture(scope="module")
def log() -> EventLog:
    return EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")


@pytest.fixture
def store(log: EventLog, tmp_path: Path) -> LogStore:
    return LogStore.write(log, tmp_path / "store", parts=5)


def test_what_comes_back_is_what_went_in(log: EventLog, store: LogStore) -> None:
    parts = [store.part(number) for number in range(store.parts)]
    assert store.parts == 5
    assert (len(store), store.cases) == (len(log), log.cases)
    for part in parts:
        ids = part.coded[CASE].cat.categories
        assert_frame_equal(part.frame, log.where(cases=ids).frame)
        # A log that is checked afresh comes to the same, to the numbers of its texts.
        assert_frame_equal(part.coded, EventLog(frame=part.coded).coded)
    assert sorted(id_ for part in parts for id_ in part.coded[CASE].cat.categories) == sorted(
        log.coded[CASE].cat.categories
    )


def test_a_file_is_divided_without_reading_it_whole(log: EventLog, tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    rows = log.frame.assign(extra=range(len(log))).sample(frac=1, random_state=1)
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file, row_group_size=500)
    passed = LogStore.of_file(file, tmp_path / "passed", parts=4)
    whole = LogStore.write(EventLog.read(file), tmp_path / "whole", parts=4)
    assert passed.parts == whole.parts == 4
    assert passed.columns == whole.columns
    for number in range(4):
        ours, theirs = passed.part(number), whole.part(number)
        assert_frame_equal(ours.frame, theirs.frame)
        assert_frame_equal(ours.coded[[CASE]], theirs.coded[[CASE]])
    assert_same_origin(passed.provenance, whole.provenance)
    assert {path.suffix for path in passed.folder.iterdir()} == {".parquet", ".json"}


def assert_same_origin(found: Provenance, expected: Provenance) -> None:
    assert_frame_equal(found.rejected, expected.rejected)
    for name in set(vars(expected)) - {"rejected"}:
        assert getattr(found, name) == getattr(expected, name), name


def test_where_a_log_comes_from_is_kept(tmp_path: Path) -> None:
    mapped = incident_log()
    rejected = pd.DataFrame({"row": [3, 9], "reason": ["BDV-230", "BDV-249"], "value": ["x", None]})
    origin = replace(mapped.provenance, rejected=rejected.astype({"reason": "str", "value": "str"}))
    store = LogStore.write(EventLog.kept(mapped.coded, origin), tmp_path / "store", parts=2)
    assert store.provenance.not_observable
    for found in (store.provenance, store.part(1).provenance):
        assert_same_origin(found, origin)


def test_what_a_file_says_of_itself_adds_up_over_the_parts(tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    rows = [
        (f"z{n}", name) for n in range(20) for name in ("Besluit", "besluit ", "sluit", "sluit")
    ]
    frame = pd.DataFrame(rows, columns=[CASE, LABEL]).assign(**{TIMESTAMP: MOMENT})
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file)
    passed = LogStore.of_file(file, tmp_path / "passed", parts=3)
    assert passed.parts == 3
    assert_same_origin(passed.provenance, EventLog.read(file).provenance)
    assert {key for key, _ in passed.provenance.notes} == {
        "eventlog.lookalikes", "eventlog.duplicates",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_is_not_stored_either(tmp_path: Path) -> None:
    good = {CASE: [f"z{n}" for n in range(9)], LABEL: ["a"] * 9, TIMESTAMP: [MOMENT] * 9}
    for harm, code in (
        ({CASE: [*good[CASE][:8], None]}, "BDV-230"),
        ({LABEL: [*["a"] * 8, ""]}, "BDV-231"),
        ({TIMESTAMP: [*[MOMENT] * 8, None]}, "BDV-232"),
        ({PARENT: ["z1", "z0", *[None] * 7]}, "BDV-295"),
        ({"nested": [["x"]] * 9}, "BDV-251"),
    ):
        pq.write_table(pa.table(good | harm), tmp_path / "log.parquet")
        with pytest.raises(InputRefused) as refused:
            LogStore.of_file(tmp_path / "log.parquet", tmp_path / "store", parts=3)
        assert refused.value.code == code
        assert [path.name for path in tmp_path.iterdir()] == ["log.parquet"]


def test_the_row_that_is_refused_is_the_row_in_the_file(tmp_path: Path) -> None:
    labels = ["a"] * 40
    labels[31] = ""
    rows = {CASE: [f"z{n}" for n in range(40)], LABEL: labels, TIMESTAMP: [MOMENT] * 40}
    pq.write_table(pa.table(rows), tmp_path / "log.parquet")
    with pytest.raises(InputRefused) as refused:
        LogStore.of_file(tmp_path / "log.parquet", tmp_path / "store", parts=5)
    assert refused.value.where == "log.parquet: 32"


def test_an_empty_log_is_a_store_too(tmp_path: Path) -> None:
    nothing = pa.table({name: pa.array([], pa.string()) for name in (CASE, LABEL)})
    pq.write_table(nothing, tmp_path / "log.parquet")
    for store in (
        LogStore.of_file(tmp_path / "log.parquet", tmp_path / "passed"),
        LogStore.write(EventLog.read(tmp_path / "log.parquet"), tmp_path / "whole"),
    ):
        assert (len(store), store.cases, len(store.part(0))) == (0, 0, 0)


IDS = st.sampled_from([f"z{n}" for n in range(12)])
PEOPLE = st.sampled_from(["anna", "ben", "carla", None])


@settings(deadline=None)
@given(
    links=st.lists(st.tuples(st.one_of(st.none(), IDS), IDS, PEOPLE), min_size=1, max_size=10),
    parts=st.integers(1, 6),
)
def test_no_tree_and_no_person_is_ever_divided(
    links: list[tuple[str | None, str, str | None]], parts: int
) -> None:
    def known(id_: str | None, case: int) -> str | None:
        """Return an id unless it is of a later case: no case may be its own ancestor."""
        return None if id_ and case <= int(id_[1:]) < len(links) else id_

    rows = [
        {CASE: f"z{n}", LABEL: "a", PARENT: known(parent, n), ROOT: known(root, n), REQUESTER: who}
        for n, (parent, root, who) in enumerate(links)
    ]
    log = EventLog(frame=pd.DataFrame(rows))
    whole = tree(log.coded).assign(who=[row[REQUESTER] for row in rows])
    with TemporaryDirectory() as folder:
        store = LogStore.write(log, Path(folder) / "store", parts=parts)
        logs = [store.part(number) for number in range(store.parts)]
    found = pd.concat(tree(part.coded).assign(part=n) for n, part in enumerate(logs))
    both = whole.merge(found, on="case", suffixes=("", "_in_part"))
    assert both["stream"].tolist() == both["stream_in_part"].tolist()
    assert both["depth"].tolist() == both["depth_in_part"].tolist()
    for stream in both.groupby("stream", as_index=False):
        assert stream[1]["part"].nunique() == 1
    first = both[both["case"] == both["stream"]].set_index("stream")["who"]
    last = both.groupby("stream")["who"].max()
    subject = first.reindex(last.index).fillna(last).rename("subject")
    of_person = both.join(subject, on="stream").groupby("subject")["part"].nunique()
    assert (of_person == 1).all()


def test_a_chain_and_a_requester_are_in_one_part(store: LogStore) -> None:
    where = pd.concat(store.part(n).frame.assign(part=n) for n in range(store.parts))
    for column in (ROOT, REQUESTER):
        assert (where.groupby(column)["part"].nunique() == 1).all()


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_a_part_that_was_lost_or_changed_is_not_read(store: LogStore, harm: str) -> None:
    path = store.folder / store.contents[2].file
    data = path.read_bytes()
    path.unlink()
    if harm == "changed":
        path.write_bytes(data[:-1] + b"?")
    with pytest.raises(IntegrityBroken) as refused:
        store.part(2)
    assert (refused.value.code, refused.value.where) == ("BDV-292", str(path))


def opened(folder: Path) -> BdvError:
    with pytest.raises(BdvError) as refused:
        LogStore.open(folder)
    return refused.value


def test_what_is_no_store_is_refused(store: LogStore, tmp_path: Path) -> None:
    manifest = store.folder / "manifest.json"
    told = json.loads(manifest.read_text())
    assert opened(tmp_path / "nowhere").code == "BDV-201"
    assert opened(tmp_path).code == "BDV-290"
    manifest.write_text(json.dumps(told | {"format": 2}))
    assert opened(store.folder).code == "BDV-291"
    for text in ("", "[]", json.dumps(told | {"parts": [{}]})):
        manifest.write_text(text)
        assert opened(store.folder).code == "BDV-290"


def test_a_store_is_replaced_and_nothing_else_is(log: EventLog, store: LogStore) -> None:
    again = LogStore.write(log, store.folder, parts=2)
    assert (again.parts, LogStore.open(store.folder).signature) == (2, again.signature)
    with pytest.raises(InputRefused) as refused:
        LogStore.write(log, store.folder.parent)
    assert refused.value.code == "BDV-293"
    assert [path.name for path in store.folder.parent.iterdir()] == ["store"]
    with pytest.raises(NotFound):
        LogStore.write(log, store.folder.parent / "no" / "store")
