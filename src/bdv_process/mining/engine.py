"""Carry out an analysis: of a log in memory, or of a store part by part, here or by workers.

Workers open the store's folder themselves, so no events travel: Dask's have to see that folder.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from bdv_process.errors import InputRefused, IntegrityBroken, LimitExceeded, StorageUnavailable
from bdv_process.eventlog.dividing import parts_for
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.passes import Progress
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.analysis import Analysis, analysed

S = TypeVar("S")
P = TypeVar("P")
R = TypeVar("R")

_Step = Callable[[int], Any]  # of the part with this number
_Each = Callable[[_Step], Iterator[tuple[int, Any]]]  # the steps of all parts, as they get done

LOCAL: Final = "local"
_PROCESSES: Final = "processes"
_DASK: Final = "dask://"
_PATIENCE: Final = 10  # seconds until a scheduler that does not answer counts as unreachable


def run(
    analysis: Analysis[S, P, R],
    log: EventLog | LogStore,
    *,
    engine: str = LOCAL,
    progress: Progress | None = None,
) -> R:
    """Return the result of an analysis; it is the same on every engine.

    Args:
        analysis: what to compute.
        log: in memory, or a store; of a store no more than one part is in memory at a time, in
            each process that works on it.
        engine: `local`; `processes`, as many as there are processors, or `processes:4`; or
            `dask://host:port`, the workers of a Dask scheduler that see the store's folder.
        progress: told which share of the work is done, up to 1.

    Raises:
        InputRefused: it is no log; or the engine is unknown, or not installed, or cannot see a log
            in memory.
        StorageUnavailable: the scheduler does not answer.
        LimitExceeded: a worker stopped, as it does for lack of memory.
        IntegrityBroken: the store is not what it was.
        BdvError: what refuses the analysis.
    """
    refuse_no_log(log, stored=True)
    progress = progress or (lambda share: None)
    if engine == LOCAL and isinstance(log, EventLog):
        found = analysed(analysis, log)
        progress(1)
        return found
    with _engine(engine, log) as (store, each):
        part = store.part if engine == LOCAL else partial(_part, store.folder, store.signature)
        of_parts = partial(_gathered, each, lambda done: progress(done / store.parts / 2))
        # Each part is looked at twice.
        can = analysis.surveyed(of_parts(partial(_survey, analysis, part), 0))
        # What parts show has no name here: it goes once it is merged.
        whole = analysis.merge(of_parts(partial(_partial, analysis, part, can), store.parts))
        return analysis.finish(whole, can)


@contextmanager
def _engine(engine: str, log: EventLog | LogStore) -> Iterator[tuple[LogStore, _Each]]:
    """Give the store to work on, and what does the steps."""
    name, _, number = engine.partition(":")
    if engine.startswith(_DASK):
        if isinstance(log, EventLog):
            raise InputRefused("BDV-462", where=engine)
        with _dask(engine, log.parts) as each:
            yield log, each
    elif name == _PROCESSES and engine == f"{name}:{number}".rstrip(":") and _whole(number):
        workers = int(number or cpu_count() or 1)
        with _stored(log, workers) as store, _processes(workers, store.parts) as each:
            yield store, each
    elif engine == LOCAL and isinstance(log, LogStore):
        yield log, lambda step: ((number, step(number)) for number in range(log.parts))
    else:
        raise InputRefused("BDV-460", where=engine)


def _whole(number: str) -> bool:
    return not number or (number.isdecimal() and int(number) > 0)


def _gathered(each: _Each, told: Callable[[int], None], step: _Step, done: int) -> list[Any]:
    """Return what a step returns of every part, in their order."""
    found = {}
    for number, result in each(step):
        found[number] = result
        told(done + len(found))
    return [found[number] for number in sorted(found)]


# What workers do has to be found by its name there.


def _part(folder: Path, signature: str, number: int) -> EventLog:
    store = LogStore.open(folder)
    if store.signature != signature:
        raise IntegrityBroken("BDV-292", where=folder)
    return store.part(number)


def _survey(analysis: Analysis[S, P, R], part: Callable[[int], EventLog], number: int) -> S:
    return analysis.survey(part(number))


def _partial(
    analysis: Analysis[S, P, R], part: Callable[[int], EventLog], can: S, number: int
) -> P:
    return analysis.partial(part(number), can)


@contextmanager
def _stored(log: EventLog | LogStore, workers: int) -> Iterator[LogStore]:
    """Give the store that it is, or one for the time being."""
    if isinstance(log, LogStore):
        yield log
        return
    with TemporaryDirectory() as folder:
        parts = max(parts_for(len(log)), workers)
        yield LogStore.write(log, Path(folder) / "log", parts=parts)


@contextmanager
def _processes(workers: int, parts: int) -> Iterator[_Each]:
    """Give processes of this machine that begin empty, as they do everywhere but on Linux."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:

        def each(step: _Step) -> Iterator[tuple[int, Any]]:
            tasks = {pool.submit(step, number): number for number in range(parts)}
            for task in as_completed(tasks):
                yield tasks.pop(task), task.result()

        try:
            yield each
        except BrokenProcessPool as error:
            raise LimitExceeded("BDV-463") from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _dask(engine: str, parts: int) -> Iterator[_Each]:
    """Give the workers of a scheduler."""
    try:
        import distributed
    except ImportError as error:
        raise InputRefused("BDV-461", where=engine, problem=error) from error
    address = engine.removeprefix(_DASK)
    try:
        client = distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=_PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise StorageUnavailable("BDV-464", where=engine, problem=error) from error
    with client:

        def each(step: _Step) -> Iterator[tuple[int, Any]]:
            tasks = client.map(step, range(parts), pure=False)
            numbers = {task.key: number for number, task in enumerate(tasks)}
            done = distributed.as_completed(  # type: ignore[no-untyped-call]
                tasks, loop=client.loop, with_results=True
            )
            for task, result in done:
                yield numbers[task.key], result

        try:
            yield each
        except distributed.KilledWorker as error:
            raise LimitExceeded("BDV-463", where=engine) from error


__all__ = ["LOCAL", "Progress", "run"]
