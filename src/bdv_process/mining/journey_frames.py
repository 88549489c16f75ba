"""Journeys as people read them: ids for numbers, moments and durations for microseconds."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import decoded
from bdv_process.mining.journey_groups import TROUBLES
from bdv_process.mining.journey_measures import CHANGES


def touchpoints_shown(
    contacts: pd.DataFrame,
    cases: pd.DataFrame,
    streams: pd.DataFrame,
    names: NDArray[np.object_],
    ids: pd.Series,
) -> pd.DataFrame:
    """Return contacts as people read them."""
    at, first = contacts["at"].to_numpy(), contacts["first"].to_numpy()
    turn = np.where(contacts["citizen"] > contacts["government"], "citizen", "government")
    found = contacts.assign(
        journey=ids.array[contacts["journey"]],
        subject=names[contacts["subject"]],
        number=contacts.groupby("journey").cumcount() + 1,
        case=cases["case"].array[at],
        template=cases["template"].array[at],
        stream=streams["stream"].array[contacts["stream"]],
        turn=pd.Series(np.where(contacts["silence"] > 0, turn, ""), dtype="str"),
        **{
            name: pd.Series(index=contacts.index, dtype="str")
            for name in ("channel", "organisation")
            if name not in contacts
        },
    )
    found["silence"] = found["silence"].mask(first)
    return decoded(found[[*_OF_CONTACT]])


def journeys_shown(each: pd.DataFrame, paths: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Return journeys as people read them."""
    found = each.assign(journey=ids, path=paths["path"].array[each["path"]])
    return found[[*_OF_JOURNEY]].reset_index(drop=True)


def legible(found: pd.DataFrame, unseen: dict[str, str]) -> pd.DataFrame:
    """Return a frame with moments and durations, and nothing where nothing can be known."""
    durations = {
        name: found[name].round().astype("Int64").astype("timedelta64[us]")
        for name in found.columns.intersection([*_DURATIONS])
    }
    moments = {
        name: pd.to_datetime(found[name], unit="us", utc=True).astype("datetime64[us, UTC]")
        for name in found.columns.intersection([*_MOMENTS])
    }
    shown = found.assign(**durations, **moments)
    for name in shown.columns:
        if str(name).removesuffix("_low").removesuffix("_high") in unseen:
            dtype = "timedelta64[us]" if name in _DURATIONS else "float64"
            shown[name] = pd.Series(index=shown.index, dtype=dtype)
    if "turn" in shown and "citizen" in unseen:
        shown["turn"] = pd.Series(index=shown.index, dtype="str")
    return shown


_MOMENTS: Final = ("moment", "first", "last")
_DURATIONS: Final = (
    "silence", "longest_silence", "citizen", "government", "median", "low", "high",
)  # fmt: skip
_OF_CONTACT: Final = (
    "subject", "journey", "number", "moment", "case", "stream", "template", "activity", "label",
    "direction", "channel", "organisation", "role", "outcome", "silence", "citizen", "government",
    "turn",
)  # fmt: skip
_OF_JOURNEY: Final = (
    "journey", "subject", "first", "last", "streams", "cases", "touchpoints", "longest_silence",
    "citizen", "government", "repeated", "sent_on", *CHANGES.values(), "parallel", "withdrawn",
    "complaints", "without_outcome", "open", "path", "group",
)  # fmt: skip
OF_GROUP: Final = (
    "group", "path", "journeys", "share", "exact", "apart", "median", "low", "high", "touchpoints",
    "longest_silence", "citizen", "government",
    *(f"{name}{end}" for name in TROUBLES for end in ("", "_low", "_high")),
)  # fmt: skip
