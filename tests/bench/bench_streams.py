"""How long value streams, hand-overs and variants take, beside pm4py and plain pandas.

Every figure is of a process of its own that reads the log and then works: seconds of its processor
for the work alone, and the most memory it ever held, reading and imports included. Others do their
nearest functions: durations of cases, service times per activity, handover of work, variants. What
all of them can tell has to be equal, to the second and to the case, before a time is printed.
Nobody but we links cases into streams, splits the waiting or counts in office hours.

pm4py takes service times from its own event log, which of ten million events does not fit in 8 GB:
there it gets the first tenth of the cases, and its seconds times ten; its memory is of the tenth.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LABEL,
    LIFECYCLE,
    PARENT,
    RESOURCE,
    ROOT,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.handover import handovers
from bdv_process.mining.value_stream import value_streams

SIZES = (1_000_000, 10_000_000)
STEPS = 5
CHUNK = 100_000  #: cases that are made at once
MOST = 1_000_000  #: events of which pm4py makes an event log of its own
SECONDS = pd.Timedelta(seconds=1)

Answers = dict[str, str]
Work = Callable[[Any], Answers]


def made(first: int, cases: int) -> pd.DataFrame:
    """Streams of three cases, each of five steps that go one of three ways, by sixty people."""
    chance = np.random.default_rng(first)
    wait, took = (chance.exponential(h * 3600, (cases, STEPS)).astype(int) for h in (8, 1))
    begin = chance.integers(1_600_000_000, 1_730_000_000, cases)
    end = begin[:, None] + np.cumsum(wait + took + 2, axis=1)
    number = np.arange(first, first + cases)
    rows = np.repeat(np.arange(cases * STEPS), 2)
    case = rows // STEPS
    ids = pd.Series(number).astype("str").radd("Z")
    above = pd.Series(number - 1).astype("str").radd("Z").where(number % 3 > 0)
    names = np.array([f"step {n}{way}" for n in range(STEPS) for way in "abc"])
    way = chance.choice(3, p=(0.8, 0.15, 0.05), size=cases * STEPS)
    label = names[(np.arange(cases * STEPS) % STEPS * 3 + way)[rows]]
    return pd.DataFrame(
        {
            CASE: ids.array[case],
            PARENT: above.array[case],
            ROOT: pd.Series(number // 3 * 3).astype("str").radd("Z").array[case],
            LABEL: label,
            ACTIVITY: label,
            ITEM: (rows + first * STEPS).astype(str),
            LIFECYCLE: np.tile(["start", "complete"], cases * STEPS),
            TIMESTAMP: pd.to_datetime(np.stack([end - took - 1, end], 2).ravel(), unit="s")
            .as_unit("us")
            .tz_localize("UTC"),
            RESOURCE: np.array([f"p{n}" for n in range(60)])[
                chance.integers(0, 60, cases * STEPS)[rows]
            ],
        }
    )


def written(path: Path, events: int) -> None:
    writer = None
    for first in range(0, events // STEPS // 2, CHUNK):
        part = pa.Table.from_pandas(made(first, CHUNK), preserve_index=False)
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
    assert writer is not None
    writer.close()


def told(durations: Any = None, service: Any = None, variants: Any = None) -> Answers:
    """What was found, in short."""
    found: dict[str, Any] = {}
    if durations is not None:
        found["durations"] = np.sort(np.asarray(durations, dtype=np.int64)).tobytes()
    if service is not None:
        found["service"] = sorted((name, round(spent)) for name, spent in service.items())
    if variants is not None:
        found["variants"] = sorted((list(way), int(often)) for way, often in variants.items())
    digest = {
        name: sha256(value if isinstance(value, bytes) else json.dumps(value).encode())
        for name, value in found.items()
    }
    return {name: each.hexdigest()[:12] for name, each in digest.items()}


def our_streams(log: EventLog | LogStore, calendar: str = "none") -> Answers:
    found = value_streams(log, calendar=calendar)
    if calendar != "none":
        return {}
    took = found.activities.set_index("activity")["processing"] / SECONDS
    return told(found.cases["throughput"] / SECONDS, took.to_dict())


def our_streams_in_office_hours(log: EventLog) -> Answers:
    return our_streams(log, "kantooruren")


def our_streams_in_parts(log: LogStore) -> Answers:
    return our_streams(log)


def our_handovers(log: EventLog) -> Answers:
    handovers(log)
    return {}


def our_variants(log: EventLog) -> Answers:
    found = log.variants()
    return told(variants=dict(zip(found["variant"], found["cases"], strict=True)))


def pm4py_streams(log: pd.DataFrame) -> Answers:
    import pm4py
    from pm4py.objects.log.util.interval_lifecycle import to_interval
    from pm4py.statistics.service_time.pandas.get import Parameters, apply

    durations = pm4py.get_all_case_durations(log)
    given = {
        Parameters.AGGREGATION_MEASURE: "sum",
        Parameters.START_TIMESTAMP_KEY: "start_timestamp",
    }
    whole = pm4py.convert_to_dataframe(to_interval(pm4py.convert_to_event_log(log)))
    return told(durations, apply(whole, parameters=given))


def pm4py_handovers(log: pd.DataFrame) -> Answers:
    import pm4py

    pm4py.discover_handover_of_work_network(log[log[LIFECYCLE] == "complete"])
    return {}


def pm4py_variants(log: pd.DataFrame) -> Answers:
    import pm4py

    return told(variants=pm4py.get_variants(log[log[LIFECYCLE] == "complete"]))


def pandas_streams(log: pd.DataFrame) -> Answers:
    times = log.groupby(CASE)[TIMESTAMP]
    durations = (times.max() - times.min()) / SECONDS
    pairs = log.pivot_table(index=[CASE, ITEM, LABEL], columns=LIFECYCLE, values=TIMESTAMP)
    pairs = pairs.reset_index().sort_values([CASE, "complete"])
    took = (pairs["complete"] - pairs["start"]).groupby(pairs[LABEL]).sum() / SECONDS
    waited = pairs["start"] - pairs.groupby(CASE)["complete"].shift()
    waited.groupby(pairs[LABEL]).agg(["sum", "median"])
    return told(durations, took.to_dict())


def pandas_variants(log: pd.DataFrame) -> Answers:
    done = log[log[LIFECYCLE] == "complete"].sort_values([CASE, TIMESTAMP], kind="stable")
    return told(variants=done.groupby(CASE)[LABEL].agg(tuple).value_counts().to_dict())


def read(path: str, work: str, events: int) -> EventLog | LogStore | pd.DataFrame:
    if work.endswith("in_parts"):
        return LogStore.of_file(path, f"{path}-parts")
    if work.startswith("our"):
        return EventLog.read(path, limit=events)
    log = pd.read_parquet(path, columns=[CASE, LABEL, LIFECYCLE, ITEM, TIMESTAMP, RESOURCE])
    return log[: MOST if work == "pm4py_streams" else None].reset_index(drop=True)


WORKS: Mapping[str, tuple[Work, ...]] = {
    "value streams": (
        our_streams,
        our_streams_in_parts,
        our_streams_in_office_hours,
        pm4py_streams,
        pandas_streams,
    ),
    "hand-overs": (our_handovers, pm4py_handovers),
    "variants": (our_variants, pm4py_variants, pandas_variants),
}


def child(name: str, path: str, events: int) -> None:
    """Do one work and tell its seconds, the most memory in GB, and what it found."""
    if name == "written":
        written(Path(path), events)
        return
    work = {each.__name__: each for works in WORKS.values() for each in works}[name]
    os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    if name.startswith("pm4py"):
        import pm4py  # noqa: F401
    log = read(path, name, events)
    start = process_time()
    size = min(events, MOST) if name == "pm4py_streams" else events
    answers = work(log)
    seconds, most = process_time() - start, getrusage(RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write("\n" + json.dumps([seconds, most, size, answers]) + "\n")


def measured(work: str, path: Path, events: int) -> Any:
    call = [sys.executable, "-W", "ignore", "-m", "bench.bench_streams", work, str(path)]
    found = subprocess.run([*call, str(events)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(found.stdout.splitlines()[-1]) if found.stdout.strip() else None


def main(events: int) -> None:
    """Print the table of one size; stop when somebody finds something else."""
    out = sys.stdout.write
    with TemporaryDirectory() as name:
        path = Path(name) / "log.parquet"
        measured("written", path, events)  # not here: a child begins with what its parent held
        out(f"\n| {events} events | seconds | ratio | GB | ratio |\n|---|---|---|---|---|\n")
        for title, works in WORKS.items():
            known: Answers = {}
            first: tuple[float, float] | None = None
            for work in works:
                seconds, most, size, answers = measured(work.__name__, path, events)
                seconds *= events / size
                first = first or (seconds, most)
                if size == events and any(known.setdefault(k, v) != v for k, v in answers.items()):
                    sys.exit(f"{work.__name__} finds something else")
                out(f"| {title}: {work.__name__} | {seconds:.1f} | {seconds / first[0]:.1f} ")
                out(f"| {most:.2f} | {most / first[1]:.1f} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) == 4:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        for size in map(int, sys.argv[1:] or SIZES):
            main(size)
