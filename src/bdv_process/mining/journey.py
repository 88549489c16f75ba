"""Customer journeys: every contact of one citizen, over all that he or she asked, in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import html, plain
from bdv_process.language import Language
from bdv_process.mining.discovery import ProcessMap, discover
from bdv_process.mining.journey_frames import (
    touchpoints_shown,
    waited,
)
from bdv_process.mining.journey_groups import EVERY, hidden
from bdv_process.mining.preceding import of_many
from bdv_process.picture.picture import Picture
from bdv_process.privacy import FEW
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Journeys:
    """What citizens went through. Durations are timedelta64[us]; subjects are pseudonyms.

    `touchpoints`, made when first asked for: one row per contact, by subject and in order: subject,
        journey, number (in the journey), moment, case, stream, template, activity, label, direction
        (in, out, both; NaN when no template knows the step), channel, organisation, role, outcome,
        silence (since the contact before, as far as something was open; NaT for the first), citizen
        and government (the parts of it: whose turn it was), turn (who had the larger part, "" for
        none).
    `journeys`: one row per journey: journey, subject, first, last, streams, cases, touchpoints,
        inbound (contacts in which only the citizen is heard), first_response (the longest of its
        needs), longest_silence, citizen, government (together the time between first and last in
        which something was open, to the microsecond), failure_demand (inbound contacts that are a
        complaint, a question how it stands, an answer to a second or later question about one need,
        or the call after one that was rejected), repeated (second and later questions about one
        need), sent_on (calls rejected at intake after which the subject called again),
        role_changes, organisation_changes, channel_changes (between contacts about one need),
        parallel (most streams open at once), withdrawn, complaints, without_outcome (streams),
        open (whether anything is), path (tuple of activity ids), group.
    `needs`: one row per stream that has contacts: journey, stream, template (of its first case),
        first, told (last contact in which the citizen could hear how it ended), last (event; NaT:
        open), first_response (until government was heard, since the citizen first was), lead_time
        (told - first) and administrative (last - first), both when closed and not withdrawn, open,
        withdrawn, without_outcome.
    `workflows`: one row per template: template, needs, and of first_response, lead_time,
        administrative and after (from telling to the last event) each the median, `_low` and
        `_high` (95 %), and of how many (`_times`).
    `groups`: one row per group, and group 0 for all: group, path (that names it), journeys, share,
        exact (journeys that went just so), apart (mean distance to it, 0..1), median, low, high
        (95 %) of the time from first to last, touchpoints, first_response and longest_silence
        (medians), citizen, government and inbound (sums), failure_demand_share (of inbound
        contacts), and repeated, sent_on, failure_demand, withdrawn, without_outcome: the journeys
        that have any, each with `_low` and `_high` (95 %) of their share.
    `preceding`: one row per moment that occurred five times or more: kind (step, silence), moment,
        label, times, left (next came a withdrawal or a complaint), share, low, high, elsewhere (the
        share after other moments), lift (share / elsewhere), least and most (95 % of share -
        elsewhere), more (whether it is more than chance). The highest share first.
    `coded`: the contacts with each text kept once and the journey by its row in `journeys`, which
        is what is computed with: of many a few bytes each.
    `unseen`: text key of the reason per measure that this log cannot carry: it is missing then.
    `notes`: text keys with facts: what was left out.
    """

    coded: pd.DataFrame
    journeys: pd.DataFrame
    needs: pd.DataFrame
    workflows: pd.DataFrame
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

    @cached_property
    def touchpoints(self) -> pd.DataFrame:
        """Return the contacts with their texts written out."""
        return touchpoints_shown(self.coded, self.journeys, self.unseen)

    @property
    def shown(self) -> pd.DataFrame:
        """Return the groups of five journeys or more; group 0 unless it gives a small one away."""
        left = int(self.groups.loc[self.groups["journeys"] < FEW, "journeys"].sum())
        large = self.groups[self.groups["journeys"] >= FEW]
        return large[large["group"] != EVERY] if 0 < left < FEW else large

    @property
    def told(self) -> pd.DataFrame:
        """Return of the groups that are shown what gives no few of their journeys away."""
        return hidden(self.shown)

    @property
    def waited(self) -> pd.DataFrame:
        """Return the workflows of five needs or more, with medians of five needs or more."""
        return waited(self.workflows)

    def of(self, subject: str) -> pd.DataFrame:
        """Return the contacts of one subject.

        Raises:
            NotFound: the log has no contact of this subject.
        """
        rows = np.flatnonzero(self.journeys["subject"] == subject)
        if not len(rows):
            raise NotFound("BDV-453", where=subject)
        found = self.coded[self.coded["journey"].isin(rows)].reset_index(drop=True)
        return touchpoints_shown(found, self.journeys, self.unseen)

    def map(self, group: int = EVERY) -> ProcessMap:
        """Return what really happened in the journeys of a group, contact by contact.

        A case of the map is a journey; draw it with `draw_map`.

        Raises:
            NotFound: there is no such group.
            InputRefused: it has, or together they would give away, so few that it is not shown.
        """
        if group not in set(self.groups["group"]):
            raise NotFound("BDV-454", where=group, last=int(self.groups["group"].max()))
        if group not in set(self.shown["group"]):
            raise InputRefused("BDV-473", where=group, few=FEW)
        contacts = self.coded
        if group != EVERY:
            mine = self.journeys["group"].to_numpy() == group
            contacts = contacts[mine[contacts["journey"]]]
        frame = pd.DataFrame(
            {
                CASE: self.journeys["journey"].array[contacts["journey"]],
                ACTIVITY: contacts["activity"].array,
                LABEL: contacts["label"].array,
                TIMESTAMP: pd.to_datetime(contacts["moment"].array, unit="us", utc=True),
            }
        )
        (found,) = discover(EventLog(frame=frame))
        return found

    def _repr_html_(self) -> str:
        """Show the line, the map and the groups in a notebook; of no one citizen anything."""
        return html(self, self.told)

    def to_dict(self, subject: str | None = None) -> dict[str, Any]:
        """Return plain values for JSON, durations in seconds: what stands for five or more.

        A count of one to four, or of all but so few, is None.
        With a subject: the contacts and journeys of that one.
        """
        frames = {
            "groups": self.told,
            "workflows": self.waited,
            "preceding": of_many(self.preceding),
        }
        if subject is not None:
            mine = self.of(subject)
            own = self.journeys[self.journeys["subject"] == subject]
            needs = self.needs[self.needs["journey"].isin(own["journey"])]
            frames = {"journeys": own, "needs": needs, "touchpoints": mine}
        return {
            "format": 1,
            "gap": self.gap.total_seconds(),
            "lost_after": self.lost_after.total_seconds(),
            "unseen": self.unseen,
            "notes": [{"text": key, "facts": facts} for key, facts in self.notes],
            **{name: plain(frame) for name, frame in frames.items()},
        }

    def chart(
        self,
        kind: str = "map",
        *,
        group: int | None = None,
        subject: str | None = None,
        templates: Iterable[Template] | None = None,
        procedure: Procedure | None = None,
        lang: Language | None = None,
    ) -> Picture:
        """Return a picture of journeys.

        Args:
            kind: `map`, contacts as a line over time with the silences between them; `funnel`, how
                many journeys of a group reach each contact of its path.
            group: of which journeys; by default of the group whose path most followed exactly,
                paths of several contacts before those of one.
            subject: the map of this one citizen instead.
            templates: what names the steps; by default the shipped ones.
            procedure: what names the roles; without one they are called by their ids.
            lang: whose words; by default the reader's.

        Raises:
            InputRefused: no such kind, or so few journeys that they may not be shown.
            NotFound: no such group or subject.
        """
        from bdv_process.mining.journey_chart import chart

        return chart(
            self, kind, group=group, subject=subject, templates=templates, procedure=procedure,
            lang=lang,
        )  # fmt: skip

    def __repr__(self) -> str:
        """Say how many journeys of how many subjects there are, and what is wrong, on one line."""
        told = self.told
        every = told[told["group"] == EVERY]
        lost = "outcome not measurable" if "without_outcome" in self.unseen else ""
        if every.empty:
            some = f"{told['journeys'].sum()} in {len(told)} groups" if len(told) else "none"
            return f"<Journeys: {some} of {FEW} or more{', ' * bool(lost)}{lost}>"
        whole = every.iloc[0]
        exact = whole["exact"] / whole["journeys"]
        exactly = f" ({exact:.0%} exactly as their name)" if pd.notna(exact) else ""
        few = pd.isna(whole["without_outcome"])
        lost = (
            lost or f"{'few or nearly all' if few else whole['without_outcome']} without an outcome"
        )
        return (
            f"<Journeys: {len(self.journeys)} of {self.journeys['subject'].nunique()} subjects, "
            f"{len(self.coded)} contacts, {len(self.groups) - 1} groups{exactly}, {lost}>"
        )
