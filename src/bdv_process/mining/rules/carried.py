"""What only a whole log can tell the rules: what it records at all, and of which templates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import numbered
from bdv_process.eventlog.event import (
    ACTIVITY,
    COMPONENT,
    DUE,
    LIFECYCLE,
    LINKED,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
)
from bdv_process.mining.rules.checked import Why
from bdv_process.template.procedure import Procedure

T = TypeVar("T")
Steps = frozenset[tuple[str, str]]  #: keys of templates and activities of their cases

#: Columns that rules lean on.
_COLUMNS: Final = (
    PARENT, REQUESTER, TIMESTAMP, RESOURCE, LINKED, COMPONENT, PROPOSAL, TERM, DUE, RECORDED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Carried:
    """What a log, or a part of it, can carry.

    `filled`: by column the templates ("" for none) of the cases in which it says something.
    `done`, `contact`, `in_role`: what was completed, of this what the log itself calls contact
        with the requester, and what was done in a role of the procedure.
    `latest`: the last moment in the log, NaT without times.
    `acquainted`: whether any requester did a step of the procedure, in any case.
    `asked`, `worked`: the names of requesters and of those who did such steps; one of each when
        they can tell no more: of a whole log, and where some are acquainted.
    """

    filled: Mapping[str, frozenset[str]]
    done: Steps
    contact: Steps
    in_role: Steps
    latest: pd.Timestamp
    asked: pd.Index
    worked: pd.Index
    acquainted: bool

    @classmethod
    def of(
        cls, log: pd.DataFrame, procedure: Procedure | None, hidden: Collection[str] = ()
    ) -> Self:
        """Return what a log, or a part of it, can carry."""
        template, keys = numbered(log[TEMPLATE])
        activity, names = numbered(log[ACTIVITY])
        complete = (log[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
        step = template.astype(np.int64) * len(names) + activity
        told = complete & (template >= 0)

        def steps(rows: NDArray[np.bool_]) -> Steps:
            found = pd.unique(step[rows])
            return frozenset(zip(keys[found // len(names)], names[found % len(names)], strict=True))

        def templates(column: str) -> frozenset[str]:
            rows = log[column].notna().to_numpy()
            found = np.bincount(template[rows] + 1, minlength=len(keys) + 1)
            return frozenset(np.append("", keys)[found > 0].tolist())

        asked = numbered(log[REQUESTER])[1]
        raci = {*procedure.raci} - {*hidden} if procedure else ()
        person, people = numbered(log[RESOURCE])
        at_work = person[complete & names.isin(raci)[activity]]
        worked = people[pd.unique(at_work[at_work >= 0])]
        acquainted = bool(asked.isin(worked).any())
        roles = procedure.role_ids if procedure else ()
        return cls(
            filled={column: templates(column) for column in _COLUMNS},
            done=steps(told),
            contact=steps(told & log[TOUCHPOINT].to_numpy(dtype=bool)),
            in_role=steps(told & log[ROLE].isin(roles).to_numpy()),
            latest=log[TIMESTAMP].max(),
            asked=asked[:1] if acquainted else asked,
            worked=worked[:1] if acquainted else worked,
            acquainted=acquainted,
        )

    @classmethod
    def all(cls, parts: Sequence[Self]) -> Self:
        """Return what the log of these parts can carry."""
        asked, worked = (
            first.append(others).unique()
            for first, *others in zip(*((part.asked, part.worked) for part in parts), strict=True)
        )
        acquainted = any(part.acquainted for part in parts) or asked.isin(worked).any()
        return cls(
            filled={column: _all(part.filled[column] for part in parts) for column in _COLUMNS},
            done=_all(part.done for part in parts),
            contact=_all(part.contact for part in parts),
            in_role=_all(part.in_role for part in parts),
            latest=pd.Series([part.latest for part in parts]).max(),
            asked=asked[:1],
            worked=worked[:1],
            acquainted=bool(acquainted),
        )

    def of_any(self, column: str) -> bool:
        """Return whether a column says something in any case."""
        return bool(self.filled[column])

    @property
    def strangers(self) -> Why | None:
        """Return why nothing shows who handles a case that they asked for, or None."""
        if self.acquainted:
            return None
        return Why.NAMES if len(self.asked) and len(self.worked) else Why.REQUESTER


def _all(parts: Iterable[frozenset[T]]) -> frozenset[T]:
    return frozenset[T]().union(*parts)
