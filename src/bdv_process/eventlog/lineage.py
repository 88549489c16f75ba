"""Which cases belong together: parents make a tree, and its first case names the stream."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused

_Ints = NDArray[np.int64]


def linked(cases: pd.Series, parent: _Ints, root: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Return by case its parent, the first case of its chain and how far below that it is.

    A parent outweighs a recorded root: a case that was linked late takes its children along. What
    lost its parent comes below the case that is its recorded root.

    Args:
        cases: their ids.
        parent: the row of each case's parent, -1 for none in the log.
        root: likewise of its recorded root.

    Raises:
        InputRefused: cases are each other's ancestors.
    """
    rows = np.arange(len(cases))
    top, _ = _climbed(parent, cases)
    # A recorded root that is one's own descendant was written down before the link was known.
    lost = (parent < 0) & (root >= 0) & (root != rows) & (top[root] != rows)
    parent = np.where(lost, root, parent)
    return parent, *_climbed(parent, cases)


def subjects(stream: _Ints, top: NDArray[np.bool_], requester: _Ints) -> pd.Series:
    """Return by stream whose it is: who asked for its first case, else the last in the alphabet.

    Args:
        stream: the number of each case's stream.
        top: whether the case started it.
        requester: the place of its requester in the alphabet, -1 for none.
    """
    last = pd.Series(requester).groupby(stream).max()
    asked = pd.Series(requester[top], index=stream[top]).reindex(last.index, fill_value=-1)
    return asked.where(asked >= 0, last)


def _climbed(parent: _Ints, cases: pd.Series) -> tuple[_Ints, _Ints]:
    """Return the top of each case and how far it is, by pointer jumping."""
    rows = np.arange(len(parent))
    top = np.where(parent < 0, rows, parent)
    depth = (parent >= 0).astype(np.int64)
    for _ in range(len(parent).bit_length()):
        depth += depth[top]
        top = top[top]
    # Who has not arrived by now goes round in a circle.
    circle = parent[top] >= 0
    if circle.any():
        where = cases.iloc[int(circle.argmax())]
        raise InputRefused("BDV-295", where=where, count=int(circle.sum()))
    return top, depth
