"""What a rule answers: it says nothing and why, or which cases it looked at and what is wrong."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLACES = ["case", "activity"]

Rows = NDArray[np.signedinteger]  #: places of events in the frame of a log, ascending
Mask = NDArray[np.bool_]  #: by case number


class State(StrEnum):
    """What looking for breaches of a rule came to."""

    UNCHECKED = "unchecked"  #: this log cannot carry it, and `reason` says why
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """What a rule found in the cases of one template."""

    rule: str
    template: str  #: its key
    state: State
    reason: str = ""  #: text key, "" unless unchecked
    #: By case of the template, in the order of the log, whether it was looked at; or empty.
    looked: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    #: Columns case and activity, one row per breach.
    breaches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PLACES))

    @property
    def checked(self) -> int:
        """Return how many cases were looked at."""
        return int(self.looked.sum())
