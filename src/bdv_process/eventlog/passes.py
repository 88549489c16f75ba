"""Divide a Parquet file that may be larger than memory, in two passes over its rows.

The first looks only at what links cases, the second puts every row with its part. In memory are a
batch of rows, the ids of all cases and, in the end, one part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog import parquet
from bdv_process.eventlog.coded import coded, codes_of
from bdv_process.eventlog.dividing import LINKS, divided, hashed, parts_for
from bdv_process.eventlog.event import CASE, ROOT, TIMESTAMP
from bdv_process.eventlog.files import MAX_EVENTS, opened
from bdv_process.eventlog.intake import Provenance, taken_in
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.table import Table, lookalikes

Progress = Callable[[float], None]  #: is told which share of the work is done, 0..1

_BATCH: Final = 250_000  # rows
_FILES: Final = 500  # that are open at the same time
_PENDING: Final = 1_000_000  # rows about cases of which the first is not yet known


def logs_of(
    path: Path, parts: int | None, workshop: Path, progress: Progress
) -> Iterator[EventLog]:
    """Yield the parts of a file that have any rows, each as the log that it would be on its own.

    Args:
        path: Parquet, with our columns; of any size.
        parts: into how many at most; by its size unless told.
        workshop: a folder for the rows in between, which take several times the room of the file.
        progress: told which share of the work is done.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is not what it says, rows cannot be used, or cases are each other's
            ancestors.
        LimitExceeded: what has to stay together is too large for a part.
    """
    try:
        with opened(path), parquet.opened_coded(path, path) as file:
            total = file.metadata.num_rows
            if not total:
                yield EventLog.read(path)
                return
            cases = _cases(file, path, lambda rows: progress(rows / total / 3))
            parts = min(parts or parts_for(total), _FILES)
            where = _Parts(cases, divided(cases, parts))
            spilled = workshop / "rows"
            spilled.mkdir()
            _spill(file, where, spilled, lambda rows: progress((1 + rows / total) / 3))
            del cases, where
            done = 0
            hidden = parquet.not_observable(file.schema_arrow, path)
            for rows in sorted(spilled.iterdir()):
                log = _taken_in(rows, path, hidden)
                rows.unlink()
                done += log.provenance.rows_in
                yield log
                progress((2 + done / total) / 3)
            spilled.rmdir()
    except (pa.ArrowException, OSError) as error:
        raise InputRefused("BDV-250", where=path) from error


class _Parts:
    """Where the rows of each case go: numbers for their ids, none of which two share."""

    def __init__(self, cases: pa.Table, part: NDArray[np.int32]) -> None:
        self._key = 0
        while True:
            numbers = self._hashed(cases[CASE].combine_chunks())
            order = np.argsort(numbers)
            self._numbers, self._part = numbers[order], part[order]
            if (self._numbers[1:] != self._numbers[:-1]).all():
                break
            self._key += 1

    def of(self, cases: pd.Series) -> NDArray[np.int32]:
        """Return by row the part of its case, 0 where it has none: reading will refuse it."""
        texts = pa.array(cases.cat.categories, pa.large_string())
        place = np.searchsorted(self._numbers, self._hashed(texts))
        parts: NDArray[np.int32] = np.append(self._part[place], np.int32(0))[codes_of(cases)]
        return parts

    def _hashed(self, texts: pa.Array) -> NDArray[np.uint64]:
        return hashed(texts, f"{self._key:016}")


def _cases(file: pq.ParquetFile, path: Path, told: Callable[[int], None]) -> pa.Table:
    """Return a row per case, with the columns of `LINKS` as its first row has them."""
    names = file.schema_arrow.names
    # Refuses a file without cases, and says which column may be meant.
    Table(source=path.name, frame=pd.DataFrame(columns=names), place=str).column(CASE)
    links = [name for name in LINKS if name in names]
    known, pending, rows = pa.table({name: _texts([]) for name in LINKS}), [], 0
    for batch in file.iter_batches(_BATCH, columns=links):
        found = {name: coded(parquet.column(pa.chunked_array([batch[name]]))) for name in links}
        codes = codes_of(found[CASE])
        first = np.unique(codes, return_index=True)[1]
        first = first[codes[first] >= 0]
        texts = {name: _texts(values.iloc[first].astype("str")) for name, values in found.items()}
        absent = pa.nulls(len(first), pa.large_string())
        pending.append(pa.table({name: texts.get(name, absent) for name in LINKS}))
        if sum(map(len, pending)) > _PENDING:
            known, pending = _firsts([known, *pending]), []
            pa.default_memory_pool().release_unused()
        rows += len(batch)
        told(rows)
    known = _firsts([known, *pending])
    root = pc.coalesce(known[ROOT], known[CASE])
    return known.set_column(known.schema.get_field_index(ROOT), ROOT, root)


def _firsts(tables: list[pa.Table]) -> pa.Table:
    """Return the first row of each case."""
    both = pa.concat_tables(tables).combine_chunks()
    codes = both[CASE].combine_chunks().dictionary_encode().indices.to_numpy()
    return both.take(pa.array(np.sort(np.unique(codes, return_index=True)[1])))


def _texts(values: pd.Series | list[str]) -> pa.Array:
    return pa.array(values, pa.large_string())


def _spill(file: pq.ParquetFile, parts: _Parts, folder: Path, told: Callable[[int], None]) -> None:
    """Write the rows of each part to a file of its own, in their order, and last their number."""
    row = 0
    with ExitStack() as stack:
        writers: dict[int, pa.RecordBatchStreamWriter] = {}
        for batch in file.iter_batches(_BATCH):
            columns = [_decoded(values) for values in batch.columns]
            numbers = pa.array(np.arange(row, row + len(batch)))
            case = coded(parquet.column(pa.chunked_array([batch[CASE]])))
            part = parts.of(case)
            order = np.argsort(part, kind="stable")
            names = [*batch.schema.names, "row"]
            rows = pa.table([*columns, numbers], names=names).take(pa.array(order)).combine_chunks()
            bounds = np.flatnonzero(np.diff(part[order], prepend=-1, append=-1))
            for start, end in pairwise(bounds):
                number = int(part[order[start]])
                if number not in writers:
                    sink = stack.enter_context((folder / f"{number:05}.arrow").open("wb"))
                    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
                    writers[number] = stack.enter_context(
                        pa.ipc.new_stream(sink, rows.schema, options=options)
                    )
                writers[number].write_table(rows.slice(start, end - start))
            row += len(batch)
            told(row)
            pa.default_memory_pool().release_unused()


def _decoded(values: pa.Array) -> pa.Array:
    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def _taken_in(rows: Path, path: Path, hidden: tuple[str, ...]) -> EventLog:
    """Return the log of the rows of one part, checked as any other file is."""
    with pa.ipc.open_stream(rows) as stream:
        names = stream.schema.names
        chunks: list[list[pa.Array]] = [[] for _ in names]
        for batch in stream:
            for gathered, values in zip(chunks, batch.columns, strict=True):
                text = parquet.is_text(values.type)
                gathered.append(values.dictionary_encode() if text else values)
    number = np.concatenate(chunks.pop())
    if len(number) > MAX_EVENTS:
        raise LimitExceeded("BDV-294", where=path, found=len(number), limit=MAX_EVENTS)
    columns = {}
    for name in reversed(names[:-1]):
        columns[name] = parquet.column(pa.chunked_array(chunks.pop()), f"{path}: {name}")
    frame = pd.DataFrame({name: columns[name] for name in names[:-1]}, copy=False)
    table = Table(
        source=path.name,
        frame=frame,
        place=lambda at: str(number[at] + 1),
        not_observable=hidden,
    )
    events, provenance = taken_in(
        table, mapping=None, timezone=None, date_format=None, skip_bad=False
    )
    return EventLog(frame=events, provenance=provenance)


def together(logs: Sequence[Provenance], names: Iterable[str]) -> Provenance:
    """Return where a log comes from of which these are the parts, with these names of steps."""
    counts: dict[str, int] = {}
    said: dict[str, Mapping[str, object]] = {}
    for key, facts in (note for log in logs for note in log.notes if "count" in note[1]):
        counts[key] = counts.get(key, 0) + int(str(facts["count"]))
        said.setdefault(key, facts)
    if any("eventlog.unfinished" not in dict(log.notes) for log in logs):
        counts.pop("eventlog.unfinished", None)  # true of a part, and not of the whole
    timeless = sum("eventlog.timeless" in dict(log.notes) for log in logs)
    if 0 < timeless < len(logs):  # each was a log without times, and together they are none
        count = counts["eventlog.timeless"]
        raise InputRefused("BDV-232", where=logs[0].source, count=count, column=TIMESTAMP)
    return replace(
        logs[0],
        rows_in=sum(log.rows_in for log in logs),
        used=sum(log.used for log in logs),
        notes=(
            *lookalikes(names),
            *((key, {**said[key], "count": n}) for key, n in counts.items()),
        ),
    )
