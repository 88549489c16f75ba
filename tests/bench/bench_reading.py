"""How long reading takes, and how much memory, beside pm4py and bare Parquet: `make bench`.

Every figure is of a process of its own: seconds of its processor, after what it imports, and the
most memory it ever held, imports included. pm4py reads with its own default (`iterparse`), kept
from the Rust reader that it would switch to where that is installed. The bare work with Parquet is
the least that anybody does: decode each text once, sort by case and time.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bdv_process.eventlog import xes_writing
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    RESOURCE,
    ROLE,
    ROOT,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance

XES_EVENTS, PARQUET_EVENTS = 750_000, 10_000_000  # of XES: what 500 MB hold
SOURCE = Path(__file__).parents[2] / "eventlogs" / "synthetic-eight-workflows.xes.gz"
KEPT = [CASE, TEMPLATE, ACTIVITY, LABEL, LIFECYCLE, RESOURCE, ROLE, OUTCOME, TOUCHPOINT]


def ours(path: str) -> int:
    return len(EventLog.read(path, limit=PARQUET_EVENTS))


def pm4py(path: str) -> int:
    import pm4py

    return len(pm4py.read_xes(path, variant="iterparse"))


def bare(path: str) -> int:
    texts = [f.name for f in pq.read_schema(path) if pa.types.is_large_string(f.type)]
    table = pq.read_table(path, read_dictionary=texts, use_threads=False).unify_dictionaries()
    case = table[CASE].combine_chunks().indices
    order = np.lexsort((table[TIMESTAMP].cast(pa.int64()), case))
    return len(table.take(pa.array(order)))


def frames(path: str) -> int:
    log = EventLog.read(path, limit=PARQUET_EVENTS)
    return int(conformance(log, procedure=None).templates["events"].sum() and len(log))


def tiled(log: pd.DataFrame, first: int, copies: int) -> pd.DataFrame:
    """Copies of the log, each with cases of its own that begin 20 minutes later; by time."""
    tile = np.repeat(np.arange(first, first + copies), len(log))
    many = log.iloc[np.tile(np.arange(len(log)), copies)].reset_index(drop=True)
    number = pd.Series(tile).astype("str")
    for name in {CASE, PARENT, ROOT, ITEM} & {*many}:
        many[name] = many[name] + "-" + number
    start = pd.Timestamp("2010-01-01", tz="UTC") - log[TIMESTAMP].min()
    many[TIMESTAMP] += start + pd.to_timedelta(tile * 20, unit="min")
    return many.sort_values(TIMESTAMP, kind="stable")


def written(path: str) -> int:
    """Write a log: all columns in XES, by case; ten of them in Parquet, by time."""
    log = EventLog.read(SOURCE).frame
    if path.endswith(".xes"):
        many = tiled(log, 0, XES_EVENTS // len(log) + 1)[:XES_EVENTS]
        with Path(path).open("wb") as stream:
            xes_writing.write(many.sort_values(CASE, kind="stable"), stream)
        return len(many)
    log, left, writer = log[[*KEPT, TIMESTAMP]], PARQUET_EVENTS, None
    while left:
        begin = (PARQUET_EVENTS - left) // len(log)
        part = pa.Table.from_pandas(tiled(log, begin, 300)[:left], preserve_index=False)
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
        left -= len(part)
    writer.close()
    return PARQUET_EVENTS


def measured(work: Callable[[str], int], path: Path) -> tuple[int, float, float, float]:
    """Events, seconds, most memory (GB) and that of the imports (GB), of a fresh process."""
    call = [sys.executable, __file__, work.__name__, str(path)]
    told = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True).stdout
    events, *rest = told.splitlines()[-1].split()
    seconds, most, imports = map(float, rest)
    return int(events), seconds, most, imports


def child(name: str, path: str) -> None:
    work = {f.__name__: f for f in (written, ours, pm4py, bare, frames)}[name]
    if work is pm4py:
        sys.modules["r4pm"] = None  # type: ignore[assignment]
        os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    imports, start = getrusage(RUSAGE_SELF).ru_maxrss, process_time()
    events = work(path)
    seconds, most = process_time() - start, getrusage(RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"\n{events} {seconds} {most / 2**20} {imports / 2**20}\n")


def main() -> None:
    """Print the table."""
    out = sys.stdout.write
    with TemporaryDirectory() as name:
        for title, path, works in (
            ("XES", Path(name) / "log.xes", {"bdv_process": ours, "pm4py, iterparse": pm4py}),
            (
                "Parquet",
                Path(name) / "log.parquet",
                {
                    "bdv_process, to frames": frames,
                    "bdv_process, read": ours,
                    "decoded and sorted": bare,
                },
            ),
        ):
            # Not here: a process begins with the most memory that its parent ever held.
            measured(written, path)
            out(f"\n| {title} | events | seconds | ratio | GB | of which imports |\n")
            out("|---|---|---|---|---|---|\n")
            first = None
            for label, work in works.items():
                events, seconds, most, imports = measured(work, path)
                first = first or seconds
                out(f"| {label} | {events} | {seconds:.1f} | {seconds / first:.2f} ")
                out(f"| {most:.2f} | {imports:.2f} |\n")


if __name__ == "__main__":
    child(*sys.argv[1:]) if sys.argv[1:] else main()
