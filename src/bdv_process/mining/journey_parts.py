"""The journeys of one part of a log, and of parts together: rows in as few bytes as may be.

A part keeps all streams of a requester, so a journey lies whole in one part.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import coded, column_of, stacked
from bdv_process.eventlog.event import REQUESTER
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.contact import Vocabulary, asked, contacts_of, streams_of
from bdv_process.mining.journey_measures import cut, journeys_of
from bdv_process.mining.journey_signs import Signs
from bdv_process.mining.need import failing, needs_of
from bdv_process.mining.preceding import counted, moments
from bdv_process.mining.turn import turns


@dataclass(frozen=True, kw_only=True, eq=False)
class Followed:
    """Journeys before they are put in groups and in words; moments and durations microseconds.

    `contacts`: see `_compact`; by journey (row in `journeys`), and in order within it.
    `journeys`: see `journeys_of`; subject is a text, path a place in `paths`.
    `needs`: one row per stream: journey (row in `journeys`) and what of `needs_of` is shown.
    `moments`: see `preceding.moments`.
    `notes`: streams that are left out, by why.
    """

    contacts: pd.DataFrame
    journeys: pd.DataFrame
    needs: pd.DataFrame
    paths: tuple[tuple[str, ...], ...]
    moments: pd.DataFrame
    notes: Counter[str]

    @property
    def distinct(self) -> pd.DataFrame:
        """Return the paths, and of how many journeys each is."""
        times = np.bincount(self.journeys["path"], minlength=len(self.paths))
        path = pd.Series(self.paths, dtype=object)
        return pd.DataFrame({"path": path, "cases": times})


def followed(
    log: EventLog,
    can: Signs,
    words: Vocabulary,
    *,
    columns: dict[str, str],
    complaints: Collection[str],
    chasers: Collection[str],
    gap: timedelta,
    lost_after: timedelta,
) -> Followed:
    """Return the journeys in a log, or in a part of one; see `journeys` for what is asked.

    Args:
        log: the events.
        can: what the whole log shows.
        words: what the steps mean.
        columns: name (organisation, channel) -> column of the log.
        complaints: activities that are a complaint.
        chasers: activities that are a question how it stands.
        gap: how long it is quiet between two journeys.
        lost_after: how long an open stream may be silent.

    Raises:
        InputRefused: cases are each other's ancestors.
    """
    frame = log.coded
    cases, streams = streams_of(frame, words, can.ends, can.horizon)
    inside = streams["template"].isin([t.key for t in words.templates if t.proactive])
    nobody = streams["subject"] < 0
    streams.loc[inside, "subject"] = -1
    contacts = contacts_of(
        frame, cases, streams, words, complaints=complaints, chasers=chasers, columns=columns
    )
    silent = (streams["subject"] >= 0) & ~streams.index.isin(contacts["stream"])
    streams.loc[silent, "subject"] = -1  # nobody outside sees anything of it
    waits = asked(frame, cases, words)
    swept = turns(contacts, streams, waits)
    contacts = cut(contacts, swept, _micros(gap))
    needs = needs_of(contacts, streams, waits, words, can.ends, _micros(lost_after), can.horizon)
    contacts = failing(contacts, needs, words)
    found, paths = journeys_of(contacts, needs, swept)
    names = np.sort(frame[REQUESTER].cat.categories.to_numpy(dtype=object))
    found["subject"] = _coded(names, found["subject"].to_numpy())
    return Followed(
        contacts=_compact(contacts, cases, streams),
        journeys=found.reset_index(drop=True),
        needs=_compact_needs(needs),
        paths=tuple(paths["path"]),
        moments=moments(contacts),
        notes=+Counter(
            {"inside": int(inside.sum()), "nobody": int(nobody.sum()), "silent": int(silent.sum())}
        ),
    )


def together(parts: Sequence[Followed]) -> Followed:
    """Return the journeys of all parts."""
    if len(parts) == 1:
        return parts[0]
    start = np.cumsum([0, *(len(part.journeys) for part in parts)], dtype=np.int32)
    place: dict[tuple[str, ...], int] = {}
    path = [
        np.array([place.setdefault(own, len(place)) for own in part.paths], dtype=np.int32)
        for part in parts
    ]
    return Followed(
        contacts=_renumbered([part.contacts for part in parts], start),
        journeys=stacked(
            [
                part.journeys.assign(path=own[part.journeys["path"]])
                for part, own in zip(parts, path, strict=True)
            ]
        ),
        needs=_renumbered([part.needs for part in parts], start),
        paths=tuple(place),
        moments=counted([part.moments for part in parts]),
        notes=sum((part.notes for part in parts), start=Counter[str]()),
    )


def _renumbered(frames: Sequence[pd.DataFrame], start: NDArray[np.int32]) -> pd.DataFrame:
    """Return the rows of parts, their journeys numbered as they stand after each other."""
    pairs = zip(frames, start, strict=False)  # the last is where the next would start
    return stacked([frame.assign(journey=frame["journey"] + first) for frame, first in pairs])


def in_order(found: Followed) -> Followed:
    """Return the same journeys by subject and number, whatever parts they came from."""
    subject = found.journeys["subject"]
    rank = np.empty(len(subject.cat.categories), dtype=np.int32)
    rank[np.argsort(subject.cat.categories.to_numpy(dtype=object))] = np.arange(len(rank))
    order = np.lexsort((found.journeys["number"], rank[subject.cat.codes]))
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    contacts = found.contacts.assign(journey=place[found.contacts["journey"]])
    if (np.diff(order) != 1).any():
        contacts = contacts.iloc[np.argsort(contacts["journey"].to_numpy(), kind="stable")]
    return Followed(
        contacts=contacts.reset_index(drop=True),
        journeys=found.journeys.iloc[order].reset_index(drop=True),
        needs=found.needs.assign(journey=place[found.needs["journey"]]),
        paths=found.paths,
        moments=found.moments,
        notes=found.notes,
    )


def _compact(contacts: pd.DataFrame, cases: pd.DataFrame, streams: pd.DataFrame) -> pd.DataFrame:
    """Return contacts, each text kept once, without what can be reckoned from the rest."""
    at = contacts["at"].to_numpy()
    found = pd.DataFrame(
        {
            "journey": contacts["journey"].astype(np.int32),
            "moment": contacts["moment"],
            "case": _coded(cases["case"], at),
            "stream": _coded(streams["stream"], contacts["stream"].to_numpy()),
            "template": coded(cases["template"].iloc[at].reset_index(drop=True)),
        }
    )
    for name in ("activity", "label", "direction", "channel", "organisation", "role", "outcome"):
        values = contacts.get(name, pd.Series(index=contacts.index, dtype="str"))
        found[name] = coded(values)
    return found.assign(citizen=contacts["citizen"], government=contacts["government"])


def _compact_needs(needs: pd.DataFrame) -> pd.DataFrame:
    names = ["started", "ended", "told", "first_response", "open", "closed", "withdrawn"]
    found = needs[[*names, "without_outcome"]].reset_index(drop=True)
    return found.assign(
        journey=needs["journey"].to_numpy().astype(np.int32),
        stream=coded(needs["stream"].reset_index(drop=True)),
        template=coded(needs["template"].reset_index(drop=True)),
    )


def _coded(texts: pd.Series | NDArray[np.object_], numbers: NDArray[np.int64]) -> pd.Series:
    """Return by row the text of that number."""
    return coded(column_of(numbers.astype(np.int32), pd.Index(texts, dtype="str")))


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
