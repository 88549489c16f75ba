"""What a log can tell of journeys at all, and why it cannot carry a measure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from bdv_process.eventlog.event import (
    ACTIVITY,
    OUTCOME,
    REQUESTER,
    ROLE,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.contact import WITHDRAWN, Vocabulary, suspended
from bdv_process.mining.variants import ends_shown
from bdv_process.template.model import Template, by_key


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What a log, or a part of one, shows anywhere; of the parts together that of the whole."""

    source: str
    columns: frozenset[str]
    run: frozenset[str]  #: templates that cases run
    ends: frozenset[str]  #: templates of which it shows how cases end
    happened: frozenset[str]  #: steps that occur
    decided: frozenset[str]  #: steps of which a contact says how it ended
    hidden: frozenset[str]  #: activities that its system cannot record
    suspended: bool  #: a contact stopped a term
    withdrawn: bool  #: something ended as withdrawn
    met: frozenset[str]  #: steps that it calls a contact
    roles: bool  #: a contact names a role
    timeless: bool
    requested: bool  #: a case says who asked
    horizon: int  #: last moment, microseconds

    @classmethod
    def of(cls, log: EventLog, templates: Sequence[Template]) -> "Signs":
        """Return what a log shows."""
        frame, run = log.coded, frozenset(log.coded[TEMPLATE].cat.categories)
        given = by_key(template for template in templates if template.key in run)
        contact = frame[TOUCHPOINT]
        time = frame[TIMESTAMP]
        return cls(
            source=log.provenance.source,
            columns=frozenset(frame.columns),
            run=run,
            ends=ends_shown(frame, given, ()),
            happened=frozenset(frame[ACTIVITY].cat.categories),
            decided=frozenset(frame.loc[contact & frame[OUTCOME].notna(), ACTIVITY].unique()),
            hidden=frozenset(log.provenance.not_observable),
            suspended=bool(suspended(frame).any()),
            withdrawn=bool((frame[OUTCOME] == WITHDRAWN).any()),
            met=frozenset(frame.loc[contact, ACTIVITY].unique()),
            roles=bool(frame.loc[contact, ROLE].notna().any()),
            timeless=bool(time.isna().any()),
            requested=bool(frame[REQUESTER].notna().any()),
            horizon=int(time.astype("int64").max()) if len(log) else 0,
        )

    @classmethod
    def together(cls, parts: Sequence["Signs"]) -> "Signs":
        """Return what the whole log shows of which these are parts."""
        found: dict[str, Any] = {}
        for field in fields(cls):
            values = [getattr(part, field.name) for part in parts]
            every = isinstance(values[0], frozenset)
            found[field.name] = frozenset().union(*values) if every else max(values)
        return cls(**found)

    def unseen(
        self, words: Vocabulary, columns: Collection[str], *, failures: bool
    ) -> dict[str, str]:
        """Return the measures that the log cannot carry, each with the text key of the reason.

        Args:
            words: what the steps mean.
            columns: which of organisation and channel it names.
            failures: whether it was said what is a complaint, or a question how it stands.
        """
        questions = frozenset(words.questions)
        asks = self.suspended or questions - self.hidden or questions & self.happened
        withdrawn = self.withdrawn or not self.happened.isdisjoint(words.withdrawals)
        reasons = (
            (asks, Why.QUESTION, ("citizen", "government", "repeated")),
            (self.roles, Why.ROLE, ("role_changes",)),
            ("organisation" in columns, Why.ORGANISATION, ("organisation_changes",)),
            ("channel" in columns, Why.CHANNEL, ("channel_changes",)),
            (self.decided & set(words.intakes), Why.OUTCOME, ("sent_on",)),
            (self.ends or withdrawn, Why.ENDS, ("withdrawn",)),
            (failures, Why.FAILURE, ("failure_demand",)),
            (not self.hidden & set(words.replies), Why.NOT_OBSERVABLE, ("first_response",)),
            (
                self.happened & set(words.begins),
                Why.CALL,
                ("first_response", "inbound", "failure_demand"),
            ),
            (
                not self.hidden & set(words.tells),
                Why.NOT_OBSERVABLE,
                ("without_outcome", "lead_time"),
            ),
            (
                # With intakes alone nobody is seen to keep silent: the same in `principles`.
                self.met - set(words.intakes) - self.hidden,
                Why.TOUCHPOINT,
                ("silence", "longest_silence"),
            ),
            (
                # Without them only calls and questions are seen: that is no silence of government.
                self.met,
                Why.CONTACT,
                (
                    *("silence", "longest_silence", "citizen", "government", "first_response"),
                    *("without_outcome", "lead_time"),
                ),
            ),
            (self.ends, Why.ENDS, ("without_outcome", "open", "lead_time", "administrative")),
        )
        return {name: str(why) for seen, why, names in reasons if not seen for name in names}


class Why(StrEnum):
    """Why a log cannot carry a measure of journeys: text keys."""

    QUESTION = "unchecked.question"
    ROLE = "unchecked.no_role"
    ORGANISATION = "unchecked.organisation"
    CHANNEL = "unchecked.channel"
    OUTCOME = "unchecked.outcome"
    ENDS = "unchecked.ends"
    CALL = "unchecked.call"
    CONTACT = "unchecked.contact"
    TOUCHPOINT = "unchecked.touchpoint"
    FAILURE = "unchecked.failure"
    NOT_OBSERVABLE = "unchecked.not_observable"
