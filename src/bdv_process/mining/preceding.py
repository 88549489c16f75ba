"""What stands before a withdrawal or a complaint more often than elsewhere."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.mining.interval import newcombe, wilson
from bdv_process.mining.journey_groups import few_of
from bdv_process.privacy import FEW

STEP: Final = "step"
SILENCE: Final = "silence"

_DAY: Final = 86_400_000_000  # microseconds
#: Silences by their length in days, the last without an end.
_LENGTHS: Final = {"week": 7, "fortnight": 14, "month": 28, "eight_weeks": 56, "longer": np.inf}


def moments(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return moments, and how often next about that need came a withdrawal or complaint (`left`).

    Columns: kind, moment, label, times, left. A moment is the contact before, or how long it was
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
    length = np.array([*_LENGTHS], dtype="str")[np.searchsorted([*_LENGTHS.values()], silence)]
    left = ends.to_numpy()[after].astype(np.int64)
    steps = {"kind": STEP, "moment": before["activity"].astype("str").array}
    steps |= {"label": before["label"].astype("str").array}
    lengths = {"kind": SILENCE, "moment": length, "label": ""}
    return counted([pd.DataFrame(kind | {"times": 1, "left": left}) for kind in (steps, lengths)])


def counted(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return what `moments` are together; of several labels the first in the alphabet."""
    about = pd.concat(parts, ignore_index=True).groupby(["kind", "moment"])
    return about.agg(
        label=("label", "min"), times=("times", "sum"), left=("left", "sum")
    ).reset_index()


def preceding(found: pd.DataFrame) -> pd.DataFrame:
    """Hold the share of each moment against that of all the others of its kind.

    See `Journeys.preceding` for the columns; `found` is what `moments` returns.
    """
    times, gone = found["times"], found["left"]
    about = found.groupby("kind")
    others = about["times"].transform("sum") - times
    others_gone = about["left"].transform("sum") - gone
    found = found.assign(share=gone / times)
    found["low"], found["high"] = wilson(gone, times)
    found["elsewhere"] = (others_gone / others).where(others > 0)
    found["lift"] = (found["share"] / found["elsewhere"]).where(found["elsewhere"] > 0)
    found["least"], found["most"] = newcombe(gone, times, others_gone, others)
    found["more"] = found["least"] > 0
    found = found[found["times"] >= FEW]
    order = ["kind", "moment", "label", "times", "left", "share", "low", "high", "elsewhere"]
    found = found.sort_values(["share", "kind", "moment"], ascending=[False, False, True])
    return found[[*order, "lift", "least", "most", "more"]].reset_index(drop=True)


def of_many(preceding: pd.DataFrame) -> pd.DataFrame:
    """Return the moments that a few did not leave after, without what gives away a few who did not.

    Args:
        preceding: as `preceding` returns them.
    """
    shown = preceding[preceding["left"] >= FEW].copy()
    few = few_of(shown["left"], shown["times"])
    for name in ("left", "share", "low", "high", "lift", "least", "most"):
        shown[name] = shown[name].mask(few)
    return shown
