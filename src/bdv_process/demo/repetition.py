"""A log as large as you like: one run, many times over, never whole in memory."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bdv_process.eventlog.coded import codes_of, texts_of
from bdv_process.eventlog.event import CASE, ITEM, LINKED, PARENT, REQUESTER, ROOT
from bdv_process.eventlog.files import replaced
from bdv_process.eventlog.log import EventLog

_BLOCK: Final = 500_000  # events that are in memory at the same time
_WEEKS: Final = 52
_WEEK: Final = 7 * 86_400  # seconds
_OWN: Final = (CASE, PARENT, ROOT, REQUESTER, ITEM)

_Ints = NDArray[np.int64]


def repeat(log: EventLog, times: int, target: Path, progress: Callable[[float], None]) -> None:
    """Write a log many times over to one Parquet file.

    Each copy has cases, work items and requesters of its own. It begins whole weeks earlier, up to
    a year, so that hours and days of the week stay, and some seconds. Nothing in it is new: what
    happens there varies no more than in one run.

    Args:
        log: one run.
        times: how many copies.
        target: the file; it may become larger than `EventLog.read` takes, not than a store.
        progress: told which share is written.
    """
    most = max(1, _BLOCK // max(1, len(log)))
    blocks = np.split(np.arange(times), range(most, times, most))
    with replaced(target, most=sys.maxsize) as stream:
        schema = _copied(log.coded, blocks[0][:1]).schema
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for copies in blocks:
                writer.write_table(_copied(log.coded, copies))
                progress((int(copies[-1]) + 1) / times)


def _copied(log: pd.DataFrame, copies: _Ints) -> pa.Table:
    """Return these copies of a log, one after the other."""
    weeks, seconds = copies % _WEEKS, copies // _WEEKS
    earlier = (weeks * _WEEK + seconds) * 1_000_000
    shift = pa.array(np.repeat(earlier, len(log)), pa.duration("us"))
    cases = {*log[CASE].cat.categories}
    columns = {}
    for name in map(str, log):
        if name in texts_of(log):
            columns[name] = _renamed(log[name], copies, name, cases)
            continue
        columns[name] = pa.concat_arrays([pa.array(log[name])] * len(copies))
        if pd.api.types.is_datetime64_any_dtype(log[name].dtype):
            columns[name] = pc.subtract(columns[name], shift)
    return pa.table(columns)


def _renamed(values: pd.Series, copies: _Ints, name: str, cases: set[str]) -> pa.Array:
    """Return a column of texts in these copies: what is of the copy ends in its number."""
    names = [str(text) for text in values.cat.categories]
    codes = np.tile(codes_of(values).astype(np.int32), len(copies))
    missing = codes < 0
    if name in (*_OWN, LINKED):
        own = _linked if name == LINKED else _suffixed
        codes += np.repeat(np.arange(len(copies), dtype=np.int32) * len(names), len(values))
        names = [own(text, copy, cases) for copy in copies for text in names]
    texts = pa.array(names, pa.large_string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), texts)


def _suffixed(text: str, copy: int, _cases: set[str]) -> str:
    return f"{text}-{copy}"


def _linked(text: str, copy: int, cases: set[str]) -> str:
    """Return ids that a case was linked to, those of cases in the copy."""
    return " ".join(f"{id_}-{copy}" if id_ in cases else id_ for id_ in text.split(" "))
