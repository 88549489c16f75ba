"""Cut contacts into journeys, and count and time what a citizen went through in each."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.turn import Turns
from bdv_process.mining.variants import distinct

#: Who can change between two contacts about one need, and what that is called of a journey.
CHANGES: Final = {
    "role": "role_changes",
    "organisation": "organisation_changes",
    "channel": "channel_changes",
}


def cut(contacts: pd.DataFrame, turns: Turns, gap: int) -> pd.DataFrame:
    """Return the contacts with what went before each: a journey ends when nothing is open so long.

    Added: journey (number, in order), silence, citizen, government (microseconds; the first of a
    journey has none).
    """
    new = contacts["subject"].to_numpy() != contacts["subject"].shift(fill_value=-1).to_numpy()
    new |= turns.idle > gap
    citizen, government = (np.where(new, 0, part) for part in (turns.citizen, turns.government))
    return contacts.assign(
        journey=np.cumsum(new) - 1,
        first=new,
        silence=citizen + government,
        citizen=citizen,
        government=government,
    )


def journeys_of(
    contacts: pd.DataFrame, streams: pd.DataFrame, turns: Turns
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row per journey, by number, and the distinct paths: see `Journeys.journeys`.

    Args:
        contacts: as `failing` returns them.
        streams: as `needs_of` returns them.
        turns: of the contacts and all streams.
    """
    grouped = contacts.groupby("journey")
    found = pd.DataFrame(
        {
            "subject": grouped["subject"].first(),
            "first": grouped["moment"].min(),
            "last": grouped["moment"].max(),
            "touchpoints": grouped.size(),
            "longest_silence": grouped["silence"].max(),
            "citizen": grouped["citizen"].sum(),
            "government": grouped["government"].sum(),
            "complaints": grouped["complains"].sum(),
            "inbound": grouped["inbound"].sum(),
            "failure_demand": grouped["fails"].sum(),
        }
    )
    found["number"] = found.groupby("subject").cumcount() + 1
    again = streams.assign(repeated=(streams["questions"] - 1).clip(lower=0))
    again["parallel"] = turns.parallel[again.index]
    about = again.groupby("journey")
    found["streams"] = about.size()
    found["parallel"] = about["parallel"].max().clip(lower=1)
    summed = ["cases", "repeated", "sent_on", "withdrawn", "without_outcome"]
    found = found.join(about[summed].sum()).join(about["open"].any())
    found["first_response"] = about["first_response"].max()
    for who, name in CHANGES.items():
        found[name] = _changes(contacts, who, len(found))
    events = pd.DataFrame({"at": contacts["journey"], "activity": contacts["activity"]})
    one = pd.DataFrame({"template": "", "open": False, "end": ""}, index=found.index)
    paths, path = distinct(events.assign(outcome=None), one)
    return found.assign(path=path), paths.rename(columns={"activities": "path"})


def _changes(contacts: pd.DataFrame, who: str, journeys: int) -> NDArray[np.int64]:
    """Return by journey how often a contact about a stream was with another than the one before."""
    if who not in contacts:
        return np.zeros(journeys, dtype=np.int64)
    known = contacts[contacts[who].notna()]
    code = pd.factorize(known[who])[0]
    known = known.assign(code=code).sort_values("stream", kind="stable")
    same = known["stream"] == known["stream"].shift()
    changed = same & (known["code"] != known["code"].shift())
    return np.bincount(known.loc[changed, "journey"], minlength=journeys)
