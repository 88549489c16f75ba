"""Journeys as people read them: ids for numbers, moments and durations for microseconds."""

from typing import Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import decoded
from bdv_process.mining.journey_groups import TROUBLES
from bdv_process.mining.journey_measures import CHANGES


def touchpoints_shown(
    contacts: pd.DataFrame, journeys: pd.DataFrame, unseen: dict[str, str]
) -> pd.DataFrame:
    """Return contacts as people read them.

    Args:
        contacts: whole journeys, compact: see `Journeys.coded`.
        journeys: those that the contacts are numbered by.
        unseen: what the log cannot tell.
    """
    whose = contacts["journey"].to_numpy()
    number = contacts.groupby("journey").cumcount() + 1
    silence = contacts["citizen"] + contacts["government"]
    turn = np.where(contacts["citizen"] > contacts["government"], "citizen", "government")
    found = contacts.assign(
        journey=journeys["journey"].array[whose],
        subject=journeys["subject"].array[whose],
        number=number,
        silence=silence.mask(number == 1),
        turn=pd.Series(np.where(silence > 0, turn, ""), index=contacts.index, dtype="str"),
    )
    return legible(decoded(found[[*_OF_CONTACT]]), unseen)


def journeys_shown(
    found: pd.DataFrame, placed: pd.DataFrame, unseen: dict[str, str]
) -> pd.DataFrame:
    """Return journeys as people read them.

    Args:
        found: as `journeys_of` returns them, with the text of the subject.
        placed: the distinct paths with their groups.
        unseen: what the log cannot tell.
    """
    subject = found["subject"].astype("str")
    shown = found.assign(
        subject=subject,
        journey=(subject + "/" + found["number"].astype("str")).astype("str"),
        path=placed["path"].array[found["path"]],
        group=placed["group"].array[found["path"]],
    )
    return legible(shown[[*_OF_JOURNEY]], unseen)


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
