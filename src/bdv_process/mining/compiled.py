"""The walk of all cases through the table of rows, compiled by numba: the extra `fast`.

Imported only when it is needed. Compiled once, and kept where Python keeps its own compiled files:
in `__pycache__`, or the user's cache when that cannot be written, or else nowhere.
"""

import numpy as np
import pandas as pd
from numba import njit

from bdv_process.mining.rows import Costs, Numbers, Rows


def walk(
    rows: Rows, codes: Numbers, lengths: Numbers, paths: Costs | None
) -> tuple[Numbers, Costs]:
    """Do what `Rows.walk` does, case by case."""
    end = np.cumsum(lengths)
    at = end - lengths
    row, cost = np.zeros(len(end), dtype=np.int64), np.zeros(len(end), dtype=np.int32)
    kept = np.empty(0, dtype=np.int32) if paths is None else paths
    # The first cases ask for nearly all there is to know: the others need not wait with them.
    for waiting in np.split(np.arange(len(end)), [1_000, 20_000]):
        keys = waiting
        while len(keys):
            waiting, keys = advance(
                rows.table, rows.width, codes, end, kept, waiting, at, row, cost
            )
            rows.learn(pd.unique(keys))
    return row, cost


def _advance(table, width, codes, end, paths, waiting, at, row, cost):  # type: ignore[no-untyped-def]  # numba
    """Take each waiting case on until it ends or asks for what the table does not know."""
    stopped, keys = np.empty_like(waiting), np.empty_like(waiting)
    number = 0
    for case in waiting:
        here, paid, event = row[case], cost[case], at[case]
        while event < end[case]:
            key = here * width + codes[event] + 1
            found = table[key]
            if found < 0:
                stopped[number], keys[number] = case, key
                number += 1
                break
            if len(paths):
                paths[event] = found
            here, paid, event = found >> 1, paid + (found & 1), event + 1
        row[case], cost[case], at[case] = here, paid, event
    return stopped[:number], keys[:number]


try:
    advance = njit(cache=True)(_advance)
except RuntimeError:  # nowhere to keep it
    advance = njit(_advance)
