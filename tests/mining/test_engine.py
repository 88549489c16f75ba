"""Every engine gives the same, and refuses what it cannot do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.engine import run
from bdv_process.resources import folder
from mining.share import Share


@pytest.fixture(scope="module")
def log() -> EventLog:
    return EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")


@pytest.fixture(scope="module")
def store(log: EventLog, tmp_path_factory: pytest.TempPathFactory) -> LogStore:
    return LogStore.write(log, tmp_path_factory.mktemp("log") / "store", parts=3)


@pytest.fixture(scope="module")
def dask() -> Iterator[str]:
    """The address of a scheduler with two workers, each a process of its own."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address.replace("tcp", "dask")


def test_every_engine_gives_the_same(log: EventLog, store: LogStore, dask: str) -> None:
    whole = run(Share(), log)
    assert sum(whole.values()) == pytest.approx(1)
    for engine in ("local", "processes:2", dask):
        done: list[float] = []
        assert run(Share(), store, engine=engine, progress=done.append) == whole
        assert done == [step / 6 for step in range(1, 7)]
    assert run(Share(), log, engine="processes:2") == whole


def test_a_log_in_memory_does_not_go_to_another_machine(log: EventLog) -> None:
    assert refused(log, "dask://localhost:8786").code == "BDV-462"


@pytest.mark.parametrize("engine", ["", "spark", "processes:", "processes:0", "processes:x"])
def test_an_unknown_engine_is_refused(store: LogStore, engine: str) -> None:
    for given in (store, store.part(0)):
        assert refused(given, engine).code == "BDV-460"


def test_a_scheduler_that_does_not_answer_is_named(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bdv_process.mining.engine._PATIENCE", 1)
    for address in ("dask://localhost:1", "dask://nowhere.invalid:8786", "dask://"):
        error = refused(store, address)
        assert (error.code, error.where) == ("BDV-464", address)


def refused(log: EventLog | LogStore, engine: str) -> BdvError:
    with pytest.raises(BdvError) as refusal:
        run(Share(), log, engine=engine)
    return refusal.value


def test_a_store_that_changes_under_way_is_not_mined(log: EventLog, tmp_path: Path) -> None:
    store = LogStore.write(log, tmp_path / "store", parts=3)
    LogStore.write(log, tmp_path / "store", parts=2)
    assert refused(store, "local").code == refused(store, "processes:1").code == "BDV-292"
