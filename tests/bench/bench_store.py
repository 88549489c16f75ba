"""Fifty million events in 2 GiB: made, stored and mined, part by part, by the engine `local`.

`python -m bench.bench_store [EVENTS [FOLDER]]`, with `tests` on PYTHONPATH; FOLDER keeps what was
made and uses what is there. Every step is a process of its own that the kernel refuses more than
2 GiB of data (RLIMIT_DATA): it would stop with a MemoryError. To the kernel what is reserved counts
as data, also when it is never touched or no longer used: see `OWN`. Seconds are of its processor,
the ratio is to only reading all parts, and the most memory that it ever held includes the imports.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from resource import RLIMIT_DATA, RUSAGE_SELF, getrusage, setrlimit
from tempfile import TemporaryDirectory
from time import process_time, time

from bdv_process.demo.repetition import repeat
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.resources import folder

EVENTS = 50_000_000
LIMIT = 2 * 2**30
OWN = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # its own begins by reserving a whole GiB
    "MALLOC_MMAP_THRESHOLD_": "65536",  # what is freed goes back to the kernel, and leaves no holes
}
RUN = folder("eventlogs") / "synthetic-eight-workflows.xes.gz"


def made(path: Path, events: int) -> object:
    run = EventLog.read(RUN)
    return repeat(run, -(-events // len(run)), path / "log.parquet", lambda share: None)


def stored(path: Path, _events: int) -> object:
    return LogStore.of_file(path / "log.parquet", path / "store")


def read(path: Path, _events: int) -> object:
    store = LogStore.open(path / "store")
    return sum(len(store.part(number)) for number in range(store.parts))


def conformance(path: Path, _events: int) -> object:
    from bdv_process import conformance

    return conformance(LogStore.open(path / "store"))


def value_streams(path: Path, _events: int) -> object:
    from bdv_process import value_streams

    return value_streams(LogStore.open(path / "store"))


def handovers(path: Path, _events: int) -> object:
    from bdv_process import handovers

    return handovers(LogStore.open(path / "store"))


def journeys(path: Path, _events: int) -> object:
    from bdv_process import journeys

    return journeys(LogStore.open(path / "store"))


STEPS: dict[str, Callable[[Path, int], object]] = {
    step.__name__: step
    for step in (made, stored, read, conformance, value_streams, handovers, journeys)
}


def child(name: str, path: str, events: str) -> None:
    setrlimit(RLIMIT_DATA, (LIMIT, LIMIT))
    begun, start = time(), process_time()
    found = STEPS[name](Path(path), int(events))
    spent, lasted = process_time() - start, time() - begun
    most = getrusage(RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{found}\n{spent} {lasted} {most / 2**20}\n")


def measured(name: str, path: Path, events: int) -> tuple[str, float, float, float]:
    """What a step found, its seconds of processor and of the clock, and its most memory in GiB."""
    call = [sys.executable, __file__, name, str(path), str(events)]
    told = subprocess.run(
        call, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | OWN
    ).stdout
    *found, figures = told.splitlines()
    spent, lasted, most = map(float, figures.split())
    return " ".join(found), spent, lasted, most


def main(path: Path, events: int) -> None:
    """Print the table."""
    out = sys.stdout.write
    there = [name for name, file in (("made", "log.parquet"), ("stored", "store"))
             if (path / file).exists()]  # fmt: skip
    out("| step | seconds | of the clock | ratio | GiB | found |\n|---|---|---|---|---|---|\n")
    bare = None
    for name in [step for step in STEPS if step not in there]:
        found, spent, lasted, most = measured(name, path, events)
        bare = spent if name == "read" else bare
        ratio = f"{spent / bare:.1f}" if bare else ""
        out(f"| {name} | {spent:.0f} | {lasted:.0f} | {ratio} | {most:.2f} | {found[:160]} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in STEPS:
        child(*sys.argv[1:])
    else:
        given = sys.argv[1:]
        events = int(given[0]) if given else EVENTS
        if given[1:]:
            main(Path(given[1]), events)
        else:
            with TemporaryDirectory() as name:
                main(Path(name), events)
