"""A stored log: whole or not there, and in parts that keep together what belongs together."""

import json
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from bdv_process.errors import BdvError, InputRefused, IntegrityBroken, NotFound
from bdv_process.eventlog.event import CASE, REQUESTER, ROOT
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.resources import folder


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
