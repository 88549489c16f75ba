"""Journeys as people read them: ids for numbers, moments and durations for microseconds."""

from typing import Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import decoded
from bdv_process.mining.interval import of_median
from bdv_process.mining.journey_groups import ENDINGS, TROUBLES, few_of
from bdv_process.mining.journey_measures import CHANGES
from bdv_process.privacy import FEW


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


def needs_shown(
    found: pd.DataFrame, journeys: pd.DataFrame, unseen: dict[str, str]
) -> pd.DataFrame:
    """Return needs as people read them, by journey and in the order in which they began.

    Args:
        found: one row per stream, numbered by journey.
        journeys: those journeys.
        unseen: what the log cannot tell.
    """
    ended = found["ended"].where(found["closed"] & ~found["withdrawn"])
    shown = found.assign(
        stream=found["stream"].astype("str"),
        template=found["template"].astype("str"),
        first=found["started"],
        last=found["ended"].where(~found["open"]),
        lead_time=found["told"].where(ended.notna()) - found["started"],
        administrative=ended - found["started"],
    ).sort_values(["journey", "first", "stream"], ignore_index=True)
    shown["journey"] = journeys["journey"].array[shown["journey"]]
    return legible(shown[[*_OF_NEED]], unseen)


def workflows_of(needs: pd.DataFrame) -> pd.DataFrame:
    """Return by template how long requesters waited: see `Journeys.workflows`."""
    about = needs.assign(after=needs["administrative"] - needs["lead_time"]).groupby("template")
    found = pd.DataFrame({"needs": about.size()})
    for name in (*_WAITS, "after"):
        spread = {key: _spread(each) for key, each in about[name]}
        columns = [name, f"{name}_low", f"{name}_high"]
        found = found.join(pd.DataFrame.from_dict(spread, orient="index", columns=columns))
        found[f"{name}_times"] = about[name].count()
    return legible(found.rename_axis("template").reset_index(), {})


def waited(workflows: pd.DataFrame) -> pd.DataFrame:
    """Return workflows without what is of fewer than five needs."""
    shown = workflows[workflows["needs"] >= FEW].reset_index(drop=True)
    for name in (*_WAITS, "after"):
        times = shown[f"{name}_times"]
        for end in ("", "_low", "_high"):
            shown[f"{name}{end}"] = shown[f"{name}{end}"].mask(times < FEW)
        shown[f"{name}_times"] = times.mask((times < FEW) | few_of(times, shown["needs"]))
    return shown


def _spread(waited: pd.Series) -> tuple[float, ...]:
    """Return the median with its interval in microseconds, nothing of nothing."""
    known = waited.dropna().astype("int64")
    return (np.nan,) * 3 if known.empty else of_median(known)


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
        measure = next((str(name).removesuffix(e) for e in ENDINGS if str(name).endswith(e)), name)
        if measure in unseen:
            dtype = "timedelta64[us]" if name in _DURATIONS else "float64"
            shown[name] = pd.Series(index=shown.index, dtype=dtype)
    if "turn" in shown and "citizen" in unseen:
        shown["turn"] = pd.Series(index=shown.index, dtype="str")
    return shown


_MOMENTS: Final = ("moment", "first", "last", "told")
_WAITS: Final = ("first_response", "lead_time", "administrative")
_DURATIONS: Final = (
    "silence", "longest_silence", "citizen", "government", "median", "low", "high",
    *(f"{name}{end}" for name in (*_WAITS, "after") for end in ("", "_low", "_high")),
)  # fmt: skip
_OF_CONTACT: Final = (
    "subject", "journey", "number", "moment", "case", "stream", "template", "activity", "label",
    "direction", "channel", "organisation", "role", "outcome", "silence", "citizen", "government",
    "turn",
)  # fmt: skip
_OF_NEED: Final = (
    "journey", "stream", "template", "first", "told", "last", *_WAITS, "open", "withdrawn",
    "without_outcome",
)  # fmt: skip
_OF_JOURNEY: Final = (
    "journey", "subject", "first", "last", "streams", "cases", "touchpoints", "inbound",
    "first_response", "longest_silence", "citizen", "government", "failure_demand", "repeated",
    "sent_on", *CHANGES.values(), "parallel", "withdrawn", "complaints", "without_outcome", "open",
    "path", "group",
)  # fmt: skip
OF_GROUP: Final = (
    "group", "path", "journeys", "share", "exact", "apart", "median", "low", "high", "touchpoints",
    "first_response", "longest_silence", "citizen", "government", "inbound", "failure_demand_share",
    *(f"{name}{end}" for name in TROUBLES for end in ("", "_low", "_high")),
)  # fmt: skip
