"""Customer journeys: every contact of one citizen, over all that he or she asked, in order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    CHANNEL,
    LABEL,
    REQUESTER,
    TEMPLATE,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.mining.contact import Vocabulary, asked, contacts_of, measurable, streams_of
from bdv_process.mining.discovery import ProcessMap, discover
from bdv_process.mining.journey_frames import (
    OF_GROUP,
    journeys_shown,
    legible,
    touchpoints_shown,
)
from bdv_process.mining.journey_groups import EVERY, by_group, grouped, hidden
from bdv_process.mining.journey_measures import cut, journeys_of, outcomes
from bdv_process.mining.preceding import preceding
from bdv_process.mining.turn import turns
from bdv_process.mining.variants import shows_ends
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

GAP: Final = timedelta(days=90)
LOST_AFTER: Final = timedelta(weeks=8)  #: the reasonable term of Awb 4:13


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Journeys(Shown):
    """What citizens went through. Durations are timedelta64[us]; subjects are pseudonyms.

    `touchpoints`: one row per contact, by subject and in order: subject, journey, number (in the
        journey), moment, case, stream, template, activity, label, direction (in, out, both; NaN
        when no template knows the step), channel, organisation, role, outcome, silence (since the
        contact before, as far as something was open; NaT for the first), citizen and government
        (the parts of it: whose turn it was), turn (who had the larger part, "" for none).
    `journeys`: one row per journey: journey, subject, first, last, streams, cases, touchpoints,
        longest_silence, citizen, government (together the time between first and last in which
        something was open, to the microsecond), repeated (second and later questions about one
        need), sent_on (calls rejected at intake after which the subject called again),
        role_changes, organisation_changes, channel_changes (between contacts about one need),
        parallel (most streams open at once), withdrawn, complaints, without_outcome (streams),
        open (whether anything is), path (tuple of activity ids), group.
    `groups`: one row per group, and group 0 for all: group, path (that names it), journeys, share,
        exact (journeys that went just so), apart (mean distance to it, 0..1), median, low, high
        (95 %) of the time from first to last, touchpoints and longest_silence (medians), citizen
        and government (sums), and repeated, sent_on, withdrawn, without_outcome: the journeys that
        have any, each with `_low` and `_high` (95 %) of their share.
    `preceding`: one row per moment that occurred five times or more: kind (step, silence), moment,
        label, times, left (next came a withdrawal or a complaint), share, low, high, elsewhere (the
        share after other moments), lift (share / elsewhere), least and most (95 % of share -
        elsewhere), more (whether it is more than chance). The highest share first.
    `unseen`: text key of the reason per measure that this log cannot carry: it is missing then.
    `notes`: text keys with facts: what was left out.
    """

    touchpoints: pd.DataFrame
    journeys: pd.DataFrame
    groups: pd.DataFrame
    preceding: pd.DataFrame
    gap: timedelta
    lost_after: timedelta
    unseen: dict[str, str]
    notes: tuple[tuple[str, dict[str, int]], ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """Return the journeys."""
        return self.journeys

    @property
    def shown(self) -> pd.DataFrame:
        """Return the groups of five journeys or more; group 0 unless it gives a small one away."""
        left = int(self.groups.loc[self.groups["journeys"] < FEW, "journeys"].sum())
        large = self.groups[self.groups["journeys"] >= FEW]
        return large[large["group"] != EVERY] if 0 < left < FEW else large

    def of(self, subject: str) -> pd.DataFrame:
        """Return the contacts of one subject.

        Raises:
            NotFound: the log has no contact of this subject.
        """
        found = self.touchpoints[self.touchpoints["subject"] == subject]
        if found.empty:
            raise NotFound("BDV-453", where=subject)
        return found.reset_index(drop=True)

    def map(self, group: int = EVERY) -> ProcessMap:
        """Return what really happened in the journeys of a group, contact by contact.

        A case of the map is a journey; draw it with `draw_map`.

        Raises:
            NotFound: there is no such group.
        """
        if group not in set(self.groups["group"]):
            raise NotFound("BDV-454", where=group, last=int(self.groups["group"].max()))
        named = self.journeys.set_index("journey")["group"]
        mine = self.touchpoints
        if group != EVERY:
            mine = mine[(mine["journey"].map(named) == group).to_numpy()]
        names = {"journey": CASE, "activity": ACTIVITY, "label": LABEL, "moment": TIMESTAMP}
        (found,) = discover(EventLog(frame=mine[[*names]].rename(columns=names)))
        return found

    def to_dict(self, subject: str | None = None) -> dict[str, Any]:
        """Return plain values for JSON, durations in seconds: what stands for five or more.

        A count of one to four is None. With a subject: the contacts and journeys of that one.
        """
        told = self.preceding[self.preceding["left"] >= FEW]
        frames = {"groups": hidden(self.shown), "preceding": told}
        if subject is not None:
            mine = self.of(subject)
            own = self.journeys[self.journeys["subject"] == subject]
            frames = {"journeys": own, "touchpoints": mine}
        return {
            "format": 1,
            "gap": self.gap.total_seconds(),
            "lost_after": self.lost_after.total_seconds(),
            "unseen": self.unseen,
            "notes": [{"text": key, "facts": facts} for key, facts in self.notes],
            **{name: plain(frame) for name, frame in frames.items()},
        }

    def __repr__(self) -> str:
        """Say how many journeys of how many subjects there are, and what is wrong, on one line."""
        whole = self.groups.iloc[0]
        lost = whole["without_outcome"]
        said = "outcome not measurable" if pd.isna(lost) else f"{lost} without an outcome"
        return (
            f"<Journeys: {len(self.journeys)} of {self.journeys['subject'].nunique()} subjects, "
            f"{len(self.touchpoints)} contacts, {len(self.groups) - 1} groups "
            f"({whole['exact'] / whole['journeys']:.0%} exactly as their name), {said}>"
        )


def journeys(
    log: EventLog,
    templates: Iterable[Template] = (),
    *,
    organisation: str | None = None,
    channel: str | None = None,
    complaints: Collection[str] = (),
    gap: timedelta = GAP,
    lost_after: timedelta = LOST_AFTER,
    groups: int = 8,
) -> Journeys:
    """Follow every requester of a log through all contacts, over streams and organisations.

    A journey ends when longer than `gap` there is neither contact nor an open stream. Streams that
    somebody inside began (proactive) are no journey.

    Args:
        log: the events.
        templates: which way a contact goes, what is a question, how cases end.
        organisation: column that says whose event it is.
        channel: column that says by which way they met; by default `bdv:channel`, if there is one.
        complaints: activities that are a complaint.
        gap: see above.
        lost_after: an open stream that is silent for longer, and does not wait for the citizen, has
            no outcome.
        groups: how many groups of journeys there may be.

    Raises:
        InputRefused: the log has no times, no requester, no contact, or no such column; or cases
            are each other's ancestors.
    """
    frame, source = log.coded, log.provenance.source
    if channel is None and CHANNEL in frame:
        channel = CHANNEL
    columns = {"organisation": organisation, "channel": channel}
    given = {name: column for name, column in columns.items() if column is not None}
    for column in given.values():
        if column not in frame:
            raise InputRefused("BDV-442", where=source, column=column)
    if frame[TIMESTAMP].isna().any():
        raise InputRefused("BDV-450", where=source)
    if frame[REQUESTER].isna().all():
        raise InputRefused("BDV-451", where=source)
    run = set(frame[TEMPLATE].cat.categories)
    words = Vocabulary(tuple(template for template in templates if template.key in run))
    cases, streams = streams_of(frame, words)
    inside = streams["template"].isin([t.key for t in words.templates if t.proactive])
    nobody = streams["subject"] < 0
    streams.loc[inside, "subject"] = -1
    contacts = contacts_of(frame, cases, streams, words, complaints=complaints, columns=given)
    if contacts.empty:
        raise InputRefused("BDV-452", where=source)
    silent = (streams["subject"] >= 0) & ~streams.index.isin(contacts["stream"])
    streams.loc[silent, "subject"] = -1  # nobody outside sees anything of it
    waits = asked(frame, cases, words)
    swept = turns(contacts, streams, waits)
    contacts = cut(contacts, swept, _micros(gap))
    horizon = int(cases["ended"].max())
    ends = shows_ends(cases)
    became = outcomes(contacts, streams, waits, words, ends, _micros(lost_after), horizon)
    each, paths = journeys_of(contacts, became, swept)
    placed = grouped(paths, groups).iloc[each["path"]].set_axis(each.index)
    each = each.join(placed)
    hidden_there = log.provenance.not_observable
    unseen = measurable(words, frame, hidden_there, given, ends=bool(ends))
    about = preceding(contacts)
    if "withdrawn" in unseen or not about["left"].any():
        unseen["preceding"] = unseen.get("withdrawn", "unchecked.left")
        about = about[:0]
    names = np.sort(frame[REQUESTER].cat.categories.to_numpy(dtype=object))
    each["subject"] = names[each["subject"]]
    ids = (each["subject"] + "/" + each["number"].astype("str")).astype("str")
    return Journeys(
        touchpoints=legible(touchpoints_shown(contacts, cases, streams, names, ids), unseen),
        journeys=legible(journeys_shown(each, paths, ids), unseen),
        groups=legible(by_group(each, paths)[[*OF_GROUP]], unseen),
        preceding=about,
        gap=gap,
        lost_after=lost_after,
        unseen=unseen,
        notes=tuple(
            (f"journey.{name}", {"streams": int(which.sum())})
            for name, which in (("inside", inside), ("nobody", nobody), ("silent", silent))
            if which.any()
        ),
    )


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
