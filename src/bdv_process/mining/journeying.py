"""Follow citizens: the analysis that makes `Journeys`, part by part."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from numbers import Integral
from typing import Final

from bdv_process.errors import InputRefused
from bdv_process.eventlog.asked import refuse_one_text
from bdv_process.eventlog.event import CHANNEL
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.contact import Vocabulary
from bdv_process.mining.engine import LOCAL, Progress, run
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journey_frames import (
    OF_GROUP,
    journeys_shown,
    legible,
    needs_shown,
    workflows_of,
)
from bdv_process.mining.journey_groups import by_group, grouped
from bdv_process.mining.journey_parts import Followed, followed, in_order, together
from bdv_process.mining.journey_signs import Signs
from bdv_process.mining.preceding import SILENCE, preceding
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template

GAP: Final = timedelta(days=90)
LOST_AFTER: Final = timedelta(weeks=8)  #: the reasonable term of Awb 4:13


@dataclass(frozen=True, kw_only=True)
class Journeying:
    """The analysis that makes `Journeys`; see `journeys` for what is asked."""

    templates: tuple[Template, ...]
    organisation: str | None
    channel: str | None
    complaints: frozenset[str]
    chasers: frozenset[str]
    gap: timedelta
    lost_after: timedelta
    groups: int

    def survey(self, log: EventLog) -> Signs:
        """Return what a part can tell."""
        return Signs.of(log, self.templates)

    def surveyed(self, parts: Sequence[Signs]) -> Signs:
        """Return what the whole log can tell.

        Raises:
            InputRefused: it has no times, no requester, not a column that is asked for, or nothing
                knows what is called a complaint or a question how it stands.
        """
        can = Signs.together(parts)
        for column in (self.organisation, self.channel):
            if column is not None and column not in can.columns:
                raise InputRefused("BDV-442", where=can.source, column=column)
        if can.timeless:
            raise InputRefused("BDV-450", where=can.source)
        if not can.requested:
            raise InputRefused("BDV-451", where=can.source)
        known = can.happened.union(*({n.id for n in t.nodes} for t in self.templates))
        for activity in sorted((self.complaints | self.chasers) - known):
            raise InputRefused("BDV-455", where=can.source, activity=activity)
        return can

    def partial(self, log: EventLog, can: Signs) -> Followed:
        """Return the journeys in a part."""
        return followed(
            log,
            can,
            self._words(can),
            columns=self._columns(can),
            complaints=self.complaints,
            chasers=self.chasers,
            gap=self.gap,
            lost_after=self.lost_after,
        )

    def merge(self, parts: Sequence[Followed]) -> Followed:
        """Return the journeys of parts together."""
        return together(parts)

    def finish(self, whole: Followed, can: Signs) -> Journeys:
        """Put the journeys in groups, and in words.

        Raises:
            InputRefused: nobody had any contact.
        """
        if whole.contacts.empty:
            raise InputRefused("BDV-452", where=can.source)
        whole = in_order(whole)
        placed = grouped(whole.distinct, self.groups)
        unseen = can.unseen(
            self._words(can), self._columns(can), failures=bool(self.complaints | self.chasers)
        )
        about = preceding(whole.moments)
        if "withdrawn" in unseen or not about["left"].any():
            unseen["preceding"] = unseen.get("withdrawn", "unchecked.left")
            about = about[:0]
        if "silence" in unseen:
            about = about[about["kind"] != SILENCE].reset_index(drop=True)
        each = journeys_shown(whole.journeys, placed, unseen)
        needs = needs_shown(whole.needs, each, unseen)
        return Journeys(
            coded=whole.contacts,
            journeys=each,
            needs=needs,
            workflows=workflows_of(needs),
            groups=legible(by_group(whole.journeys, placed)[[*OF_GROUP]], unseen),
            preceding=about,
            gap=self.gap,
            lost_after=self.lost_after,
            unseen=unseen,
            notes=tuple(
                (f"journey.{name}", {"streams": streams})
                for name, streams in sorted(whole.notes.items())
            ),
        )

    def _words(self, can: Signs) -> Vocabulary:
        return Vocabulary(tuple(t for t in self.templates if t.key in can.run))

    def _columns(self, can: Signs) -> dict[str, str]:
        """Return the columns of the log that say how, and with whom, people met."""
        by = self.channel or (CHANNEL if CHANNEL in can.columns else None)
        columns = {"organisation": self.organisation, "channel": by}
        return {name: column for name, column in columns.items() if column is not None}


def journeys(
    log: EventLog | LogStore,
    templates: Iterable[Template] | None = None,
    *,
    organisation: str | None = None,
    channel: str | None = None,
    complaints: Collection[str] = (),
    chasers: Collection[str] = (),
    gap: timedelta = GAP,
    lost_after: timedelta = LOST_AFTER,
    groups: int = 8,
    engine: str = LOCAL,
    progress: Progress | None = None,
) -> Journeys:
    """Follow every requester of a log through all contacts, over streams and organisations.

    A journey ends when longer than `gap` there is neither contact nor an open stream. Streams that
    somebody inside began (proactive) are no journey.

    Args:
        log: the events, or a store of them.
        templates: which way a contact goes, what is a question, how cases end; by default the
            eight that we ship, () is none.
        organisation: column that says whose event it is.
        channel: column that says by which way they met; by default `bdv:channel`, if there is one.
        complaints: activities that are a complaint.
        chasers: activities that are a call of the citizen to ask how it stands.
        gap: see above.
        lost_after: an open stream that is silent for longer, and does not wait for the citizen, has
            no outcome.
        groups: how many groups of journeys there may be, one or more.
        engine: what carries it out: see `engine.run`.
        progress: told how much of it is done.

    Raises:
        InputRefused: the log has no times, no requester, no contact, or no such column; neither it
            nor a template knows an activity; cases are each other's ancestors; or what is asked
            for cannot be.
    """
    refuse_one_text(complaints=complaints, chasers=chasers)
    for name, lasted in (("gap", gap), ("lost_after", lost_after)):
        if not isinstance(lasted, timedelta) or lasted <= timedelta():
            raise InputRefused("BDV-457", where=name, value=lasted)
    if not isinstance(groups, Integral) or groups < 1:
        raise InputRefused("BDV-457", where="groups", value=groups)
    asked = Journeying(
        templates=or_shipped(templates),
        organisation=organisation,
        channel=channel,
        complaints=frozenset(complaints),
        chasers=frozenset(chasers),
        gap=gap,
        lost_after=lost_after,
        groups=int(groups),
    )
    return run(asked, log, engine=engine, progress=progress)
