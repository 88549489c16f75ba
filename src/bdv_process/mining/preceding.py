"""What stands before a withdrawal or a complaint more often than elsewhere."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.interval import newcombe, wilson
from bdv_process.privacy import FEW

STEP: Final = "step"
SILENCE: Final = "silence"

_DAY: Final = 86_400_000_000  # microseconds
#: Silences by their length in days, the last without an end.
_LENGTHS: Final = {"week": 7, "fortnight": 14, "month": 28, "eight_weeks": 56, "longer": np.inf}


def preceding(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return moments and how often the next contact about that need was a withdrawal or complaint.

    See `Journeys.preceding` for the columns. A moment is the contact before, or how long it was
    silent since. Contacts after the first withdrawal or complaint of a stream are not looked at.

    Args:
        contacts: stream, moment (microseconds), activity, label, withdraws, complains; in order.
    """
    ordered = contacts.sort_values("stream", kind="stable").reset_index(drop=True)
    ends = ordered["withdraws"] | ordered["complains"]
    over = ends.groupby(ordered["stream"]).cumsum() > 0
    follows = (ordered["stream"] == ordered["stream"].shift()) & ~over.shift(fill_value=False)
    after = np.flatnonzero(follows)
    before = ordered.iloc[after - 1]
    silence = (ordered["moment"].to_numpy()[after] - before["moment"].to_numpy()) / _DAY
    left = ends.to_numpy()[after]
    bins = np.searchsorted([*_LENGTHS.values()], silence)
    labels = ordered.drop_duplicates("activity").set_index("activity")["label"].astype("str")
    steps = _counted(STEP, before["activity"].astype("str").to_numpy(), left)
    steps["label"] = labels.reindex(steps["moment"]).array
    lengths = _counted(SILENCE, np.array([*_LENGTHS], dtype=object)[bins], left)
    return _compared(pd.concat([steps, lengths.assign(label="")], ignore_index=True), left)


def _counted(kind: str, moment: NDArray[Any], left: NDArray[Any]) -> pd.DataFrame:
    found = pd.DataFrame({"moment": moment, "left": left}).groupby("moment")["left"]
    counted = found.agg(times="size", left="sum").reset_index()
    return counted.assign(kind=kind, moment=counted["moment"].astype("str"))


def _compared(found: pd.DataFrame, left: NDArray[Any]) -> pd.DataFrame:
    """Hold the share of each moment against that of all the others of its kind."""
    times, gone = found["times"], found["left"].astype(int)
    others, others_gone = len(left) - times, int(left.sum()) - gone
    found["left"] = gone
    found["share"] = gone / times
    found["low"], found["high"] = wilson(gone, times)
    found["elsewhere"] = (others_gone / others).where(others > 0)
    found["lift"] = (found["share"] / found["elsewhere"]).where(found["elsewhere"] > 0)
    found["least"], found["most"] = newcombe(gone, times, others_gone, others)
    found["more"] = found["least"] > 0
    found = found[found["times"] >= FEW]
    order = ["kind", "moment", "label", "times", "left", "share", "low", "high", "elsewhere"]
    found = found.sort_values(["share", "kind", "moment"], ascending=[False, False, True])
    return found[[*order, "lift", "least", "most", "more"]].reset_index(drop=True)
