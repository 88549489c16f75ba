"""What each step took at its place in a stream: what a map of the stream is drawn from."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import coded, stacked
from bdv_process.mining.work import AT

_KEYS: Final = ["pattern", "position", "template", "activity"]
_SUMS: Final = ["times", "cases", "turns", "processing", "waiting"]


def of_steps_in_place(
    steps: pd.DataFrame, cases: pd.DataFrame, streams: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Return what the steps of closed streams took, per pattern, place of the case, and activity.

    See `ValueStreams.steps` for the columns; `turns` is the sum of the turns. All whole numbers:
    those of parts of a log are, `added`, those of the log.

    Args:
        steps: as `stream_measures.steps_of` returns them: in turn within their stream.
        cases: as `stream_measures.measured_cases` returns them.
        streams: pattern and open, by number of the stream.
        names: what to call a template, as `tree.patterns` does.
    """
    stream, whose = steps["stream"].to_numpy(), steps[AT].to_numpy()
    found = pd.DataFrame(
        {
            "pattern": streams["pattern"].array[stream],
            "position": positions(cases, names).array[whose],
            "template": coded(cases["template"]).array[whose],
            "activity": steps["activity"],
            "times": 1,
            "cases": ~steps.duplicated([AT, "activity"]).to_numpy(),
            "turns": steps.groupby(AT).cumcount().to_numpy() + 1,
            "processing": steps["processing"].to_numpy(),
            "waiting": steps["waiting"].to_numpy(),
        }
    )
    return added([found[~streams["open"].to_numpy(dtype=bool)[stream]]])


def added(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the steps of parts of a log as those of the whole log."""
    every = stacked(parts)
    found = every.groupby(_KEYS, as_index=False, observed=True, dropna=False)[_SUMS].sum()
    return found.astype(dict.fromkeys(_SUMS, np.int64))


def placed(found: pd.DataFrame) -> pd.DataFrame:
    """Return steps with their mean turn, by pattern, position and turn."""
    turn = found["turns"] / found["times"]
    shown = found.assign(turn=turn)[[*_KEYS, "times", "cases", "turn", "processing", "waiting"]]
    shown = shown.astype(dict.fromkeys(_KEYS, "str")).fillna({"template": ""})
    return shown.sort_values(
        ["pattern", "position", "turn", "activity", "template"], ignore_index=True
    )


def positions(cases: pd.DataFrame, names: Mapping[str, str]) -> pd.Series:
    """Return by case the chain that leads to it, as `recover>change`, each kept once."""
    label = cases["template"].replace(dict(names)).astype("str").fillna("case")
    chain = label.to_numpy(dtype=object, copy=True)
    parent, depth = cases["parent"].to_numpy(), cases["depth"].to_numpy()
    for level in range(1, int(depth.max(initial=0)) + 1):
        at = np.flatnonzero(depth == level)
        chain[at] = chain[parent[at]] + ">" + chain[at]
    return coded(pd.Series(chain, dtype="str"))
