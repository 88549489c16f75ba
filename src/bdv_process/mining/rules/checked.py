"""What a rule answers: it says nothing and why, or which cases it looked at and what is wrong."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.signedinteger]  #: places of events in the frame of a log, ascending
Mask = NDArray[np.bool_]  #: by case number


class State(StrEnum):
    """What looking for breaches of a rule came to."""

    UNCHECKED = "unchecked"  #: this log cannot carry it, and the reason says why
    CLEAN = "clean"
    BROKEN = "broken"
    NOT_APPLICABLE = "not_applicable"  #: the template has nothing that could break it


class Why(StrEnum):
    """Why a rule says nothing of some cases: a text key, or "" when it is not about them."""

    NOT_APPLICABLE = ""
    NOT_OBSERVABLE = "unchecked.not_observable"
    ABSENT = "unchecked.absent"  #: what the rule is about happened in no case
    PROCEDURE = "unchecked.procedure"
    ROLE = "unchecked.role"
    RESOURCE = "unchecked.resource"
    REQUESTER = "unchecked.requester"
    NAMES = "unchecked.names"
    PARENT = "unchecked.parent"
    LINKED = "unchecked.linked"
    TOUCHPOINT = "unchecked.touchpoint"
    COMPONENT = "unchecked.component"
    PROPOSAL = "unchecked.proposal"
    TERM = "unchecked.term"
    TIMES = "unchecked.times"
    RECORDED = "unchecked.recorded"
    OUTCOME = "unchecked.outcome"
    MOTIVATED = "unchecked.motivated"


@dataclass(frozen=True, kw_only=True, eq=False)
class Looked:
    """The cases a rule looked at and, one by one, the breaches it saw."""

    at: Mask
    cases: Rows  #: case numbers
    activities: str | NDArray[np.object_]  #: where it went wrong, for all or one by one
    absent: Why = Why.ABSENT  #: what it says when it looked at no case in the whole log
    clean: Why | None = None  #: what it says when the whole log shows no breach


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a rule says of the cases of one template: in a part of a log, or in all of it."""

    rule: str
    template: str  #: its key
    why: Why | None = None  #: why it says nothing, whatever happened in the cases
    looked: int = 0  #: cases that it looked at
    broken: int = 0  #: cases that broke it
    absent: Why = Why.ABSENT  #: see `Looked`; so is `clean`
    clean: Why | None = None

    @classmethod
    def of(cls, rule: str, template: str, seen: Looked | Why) -> Self:
        """Return what it comes to that a rule saw this."""
        if isinstance(seen, Why):
            return cls(rule=rule, template=template, why=seen)
        return cls(
            rule=rule,
            template=template,
            looked=int(seen.at.sum()),
            broken=len(np.unique(seen.cases)),
            absent=seen.absent,
            clean=seen.clean,
        )

    def __add__(self, other: Self) -> Self:
        """Return the answer to the cases of both."""
        return replace(
            self,
            looked=self.looked + other.looked,
            broken=self.broken + other.broken,
            absent=other.absent if self.absent is Why.ABSENT else self.absent,
        )

    @property
    def silent(self) -> Why | None:
        """Return why the rule says nothing of the whole log, or None."""
        if self.why is not None:
            return self.why
        if self.clean and not self.broken:
            return self.clean
        return None if self.looked else self.absent

    @property
    def state(self) -> State:
        """Return what looking came to."""
        if self.silent is None:
            return State.BROKEN if self.broken else State.CLEAN
        none = self.silent is Why.NOT_APPLICABLE
        return State.NOT_APPLICABLE if none else State.UNCHECKED

    @property
    def reason(self) -> str:
        """Return why the rule is unchecked: a text key, or "" when it is not."""
        return "" if self.silent is None else self.silent.value

    @property
    def checked(self) -> int:
        """Return how many cases the rule was checked of."""
        return self.looked if self.silent is None else 0
