"""Divide a log into parts that keep together the cases of a stream, and the streams of one person.

Whose a stream is and which cases it has is decided as mining does (see `lineage`).
"""

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bdv_process.eventlog.event import CASE, PARENT, REQUESTER, ROOT
from bdv_process.eventlog.lineage import linked, subjects

LINKS: Final = (CASE, PARENT, ROOT, REQUESTER)  #: what tells which cases belong together

EVENTS: Final = 500_000  #: in a part, about


def parts_for(events: int) -> int:
    """Return into how many parts so many events go."""
    return max(1, -(-events // EVENTS))


def divided(cases: pa.Table, parts: int) -> NDArray[np.int32]:
    """Return by case the number of its part: that of whose stream it is, else of the stream's id.

    Args:
        cases: a row per case, with the columns of `LINKS`; empty is null.
        parts: how many there are to choose from.

    Raises:
        InputRefused: cases are each other's ancestors.
    """
    case, parent, root, requester = (cases[name].combine_chunks() for name in LINKS)
    of_root = _places(root, case)
    _, top, depth = linked(case.to_pandas(), _places(parent, case), of_root)
    # A stream whose first case is not in the log goes by the id of that case.
    absent = of_root[top] < 0
    strangers = root.take(pa.array(top)).filter(pa.array(absent)).dictionary_encode()
    stream = top.copy()
    stream[absent] = len(case) + strangers.indices.to_numpy()
    number, streams = pd.factorize(stream)
    names = pc.unique(requester.drop_null())
    names = names.take(pc.sort_indices(names))
    begins = (depth == 0) & ~absent
    subject = subjects(number, begins, _places(requester, names)).to_numpy()
    own = streams < len(case)
    hashes = np.empty(len(streams), dtype=np.uint64)
    hashes[own] = hashed(case.take(pa.array(streams[own])))
    hashes[~own] = hashed(strangers.dictionary)[streams[~own] - len(case)]
    hashes = np.where(subject < 0, hashes, np.append(hashed(names), np.uint64(0))[subject])
    found: NDArray[np.int32] = (hashes % np.uint64(parts)).astype(np.int32)[number]
    return found


def _places(texts: pa.Array, among: pa.Array) -> NDArray[np.int64]:
    """Return where each text stands among others, -1 when it does not or is missing."""
    found = pc.index_in(texts, value_set=among, skip_nulls=True).fill_null(-1)
    places: NDArray[np.int64] = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def hashed(texts: pa.Array, key: str = "0" * 16) -> NDArray[np.uint64]:
    """Return numbers that depend on the texts alone: equal in every process, on every machine."""
    values = texts.to_numpy(zero_copy_only=False)
    numbers: NDArray[np.uint64] = pd.util.hash_array(values, hash_key=key, categorize=False)
    return numbers
