"""Every engine gives the same, and refuses what it cannot do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from bdv_process.demo.planting import plant
from bdv_process.demo.run import synthesise
from bdv_process.errors import BdvError
from bdv_process.eventlog.coded import decoded
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.conformance import conformance
from bdv_process.mining.engine import run
from bdv_process.mining.handover import handovers
from bdv_process.mining.journeying import journeys
from bdv_process.mining.value_stream import value_streams
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure
from mining.share import Share

MINED: dict[str, Callable[..., Any]] = {
    "conformance": conformance,
    "value streams": partial(value_streams, calendar="kantooruren"),
    "hand-overs": partial(handovers, causes=True),
    "journeys": partial(journeys, complaints=["operate_rejected"]),
}


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


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[EventLog, LogStore]:
    """Three cases of each workflow, faults in a third of them: whole, and in five parts."""
    run = synthesise(cases=3, seed=7, stage=silent)
    log, _ = plant(run, shipped(), shipped_procedure(), share=0.3, seed=7)
    return log, LogStore.write(log, tmp_path_factory.mktemp("spoiled") / "store", parts=5)


@contextmanager
def silent(_label: str, _length: int) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


@pytest.mark.parametrize("mined", MINED)
def test_a_log_in_parts_is_mined_to_the_same_as_the_whole(
    spoiled: tuple[EventLog, LogStore], dask: str, mined: str
) -> None:
    log, store = spoiled
    whole = MINED[mined](log)
    for engine in ("local", dask):
        found = MINED[mined](store, engine=engine)
        assert repr(found) == repr(whole)
        assert found.to_dict() == whole.to_dict()
        for name, frame in vars(whole).items():
            if isinstance(frame, pd.DataFrame):
                assert_frame_equal(decoded(getattr(found, name)), decoded(frame))


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
