"""One event, and the names of its columns in every log we read and write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Lifecycle(StrEnum):
    """What happened to a work item (XES 2016, standard lifecycle, the part we use)."""

    SCHEDULE = "schedule"  #: offered to a role, or offered again after a release
    ASSIGN = "assign"  #: claimed by a person, or handed to one
    START = "start"  #: work began
    SUSPEND = "suspend"  #: work was put aside
    RESUME = "resume"  #: work was taken up again
    COMPLETE = "complete"  #: done; also the one moment of an event without duration
    WITHDRAW = "withdraw"  #: no longer needed
    REASSIGN = "reassign"  #: the case as a whole went to another template, see `MOVES`


class Term(StrEnum):
    """What an event did to the term of decision (Awb 4:13-4:17)."""

    SUSPENDED = "suspended"  #: the clock stops: the requester has to complete the call
    RESUMED = "resumed"  #: the clock goes on
    EXTENDED = "extended"  #: put off once, with notice; `bdv:due` says until when
    NOTICE = "notice"  #: the requester gave notice of default (4:17)


class LinkSource(StrEnum):
    """How it is known which case started this one."""

    RECORDED = "recorded"  #: the system that kept the cases wrote it down
    REFERENCE = "reference"  #: another column names the case
    INFERRED = "inferred"  #: nobody wrote it down: it is the likeliest


# Columns of a log's frame; XES names where the standard has one (concept, lifecycle, time, org).
# A column that starts with "case:" is an attribute of the trace: equal in all rows of a case.
CASE: Final = "case:concept:name"
TEMPLATE: Final = "case:bdv:template"  #: key of the template the case runs, W1..W8
PARENT: Final = "case:bdv:parent"  #: case whose fork started this one
ROOT: Final = "case:bdv:root"  #: first case of the chain
REQUESTER: Final = "case:bdv:requester"  #: who asked; equal in the whole chain
ACTIVITY: Final = "bdv:activity"  #: element id in the template, `process_activity`
LABEL: Final = "concept:name"  #: Dutch label; in a foreign log the foreign name
ITEM: Final = "concept:instance"  #: work item
LIFECYCLE: Final = "lifecycle:transition"
TIMESTAMP: Final = "time:timestamp"  #: when it occurred, UTC
SEQ: Final = "bdv:seq"  #: order within the case as recorded; missing in foreign logs
RESOURCE: Final = "org:resource"
ROLE: Final = "org:role"
BEHALF: Final = "bdv:behalf"  #: the other person: in whose stead, or who handed the work on
TOUCHPOINT: Final = "bdv:touchpoint"  #: contact with the requester
OUTCOME: Final = "bdv:outcome"
CHANNEL: Final = "bdv:channel"  #: how they met: desk, phone, letter ...; a log need not have it
SERVICE: Final = "bdv:service"  #: the facility (voorziening) it is about; a log need not have it
# Evidence: what a step left behind that a rule beyond the path can look at; missing: not recorded.
LINKED: Final = "bdv:linked"  #: ids that intake linked the call to; NONE: looked, found nothing
COMPONENT: Final = "bdv:component"  #: components whose registration this event updated
PROPOSAL: Final = "bdv:proposal"  #: ids of improvement proposals that it made; NONE: considered
MOTIVATED: Final = "bdv:motivated"  #: whether what was decided was given a reason
TERM: Final = "bdv:term"  #: what it did to the term of decision, see `Term`
DUE: Final = "bdv:due"  #: by when the case must be decided, as announced here
RECORDED: Final = "bdv:recorded"  #: when it was written down, UTC
EVIDENCE: Final = (LINKED, COMPONENT, PROPOSAL, MOTIVATED, TERM, DUE, RECORDED)

COLUMNS: Final = (
    CASE, TEMPLATE, PARENT, ROOT, REQUESTER, ACTIVITY, LABEL, ITEM, LIFECYCLE, TIMESTAMP,
    SEQ, RESOURCE, ROLE, BEHALF, TOUCHPOINT, OUTCOME, *EVIDENCE,
)  # fmt: skip
#: Of the columns that are no text.
KINDS: Final = {
    TIMESTAMP: "date", SEQ: "int", TOUCHPOINT: "boolean", MOTIVATED: "boolean", DUE: "date",
    RECORDED: "date",
}  # fmt: skip
#: Whose case it is, in the joined log of several organisations: a column of no single one.
ORGANISATION: Final = "case:bdv:organisation"
LINK: Final = "case:bdv:link"  #: how its parent is known, in a log that was linked: `LinkSource`
CONFIDENCE: Final = "case:bdv:confidence"  #: of a link that was inferred, 0 to 1
ERASED: Final = "erased"  #: with a dash and the root case: a requester of whom nothing is kept
NONE: Final = "none"  #: in LINKED and PROPOSAL: somebody looked, and there was nothing
# What happens to a case as a whole stands in the column of activities under a name of its own.
REROUTED: Final = "rerouted"  #: to a sibling of its template; the outcome says which
MIGRATED: Final = "migrated"  #: to another version of its template; the outcome says which
MOVES: Final = (REROUTED, MIGRATED)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a case."""

    case: str
    seq: int  #: 1, 2, 3 ... within the case
    template: str
    parent: str | None = None
    root: str
    requester: str
    activity: str  #: element id in the template
    label: str  #: Dutch label
    item: str | None = None  #: work item, for what a person does
    lifecycle: Lifecycle
    timestamp: datetime  #: when it occurred, aware
    resource: str | None = None
    role: str | None = None
    behalf: str | None = None  #: absent colleague in whose stead, or who handed the work on
    touchpoint: bool = False
    outcome: str | None = None
    linked: str | None = None  #: ids separated by a space, or NONE; so are the next two
    component: str | None = None
    proposal: str | None = None
    motivated: bool | None = None
    term: Term | None = None
    due: datetime | None = None  #: aware
    recorded: datetime | None = None  #: when it was written down, aware
    data: Mapping[str, object] = field(
        default_factory=dict
    )  #: what was filled in; stays out of logs

    @property
    def aside(self) -> bool:
        """Return whether it was done to the case or to its term: in the flow nothing moved."""
        return self.activity in MOVES or self.term in (Term.EXTENDED, Term.NOTICE)

    @property
    def service(self) -> str | None:
        """Return the service that a call is about: its first event says so."""
        said = self.data.get("service") if self.seq == 1 else None
        return said if isinstance(said, str) else None


def version_in(happened: Sequence[Event]) -> str:
    """Return the version that a case runs, by all its events: it moved there last, or began so."""
    moved = (event for event in reversed(happened) if event.activity in MOVES)
    return str(next(moved, happened[0]).data.get("version"))
