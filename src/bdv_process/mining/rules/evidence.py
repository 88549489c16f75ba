"""A log as rules look at it: events by number, cases by number, never case by case.

An event is its place in the log's frame. Rows of a case stand together and in order, so of two
events of one case the one with the smaller number came first.
"""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import numbered
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    PARENT,
    RESOURCE,
    TEMPLATE,
    TOUCHPOINT,
    Lifecycle,
)
from bdv_process.mining.rules.carried import Carried
from bdv_process.mining.rules.checked import Looked, Mask, Rows
from bdv_process.mining.variants import begins, rerouted
from bdv_process.template.model import Activity, Template

_NONE: Final = np.empty(0, dtype=np.int32)
NEVER: Final = np.iinfo(np.intp).max  #: a place after every event


class Evidence:
    """What a log, or a part of it, shows; `can` is what the whole log can carry."""

    def __init__(
        self,
        log: pd.DataFrame,
        templates: Collection[Template],
        can: Carried,
        hidden: Collection[str],
        still_open: Mask,
    ) -> None:
        self.log = log
        self.templates = tuple(templates)
        self.can = can
        self.hidden = frozenset(hidden)
        starts = begins(log)
        self.case = np.cumsum(starts, dtype=np.int32) - np.int32(1)  # by row
        self.begin = np.flatnonzero(starts)  # first row, by case number
        self.template = np.asarray(log[TEMPLATE].iloc[self.begin], dtype=object)
        parent = log[PARENT].iloc[self.begin]
        self.child: Mask = parent.notna().to_numpy()
        self.parent = _numbers(pd.Index(log[CASE].iloc[self.begin], dtype="str"), parent)
        self.open = still_open
        self.rerouted: Mask = rerouted(log)
        self.activity, self.names = numbered(log[ACTIVITY])
        self.complete = (log[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
        self._filled: dict[str, Rows] = {}
        self._done: dict[str, Rows] = {}

    def did(self, ids: Iterable[str]) -> Rows:
        """Return the completed events of these activities."""
        return np.sort(np.concatenate([_NONE, *map(self._did, ids)]))

    def filled(self, column: str) -> Rows:
        """Return the events, of any lifecycle, in which a column says something."""
        if column not in self._filled:
            self._filled[column] = np.flatnonzero(self.log[column].notna().to_numpy())
        return self._filled[column]

    def at(self, rows: Rows, column: str) -> pd.Series:
        """Return what a column says in these events."""
        return self.log[column].iloc[rows]

    def named(self, rows: Rows) -> NDArray[Any]:
        """Return the activity of each event."""
        names: NDArray[Any] = np.asarray(self.names, dtype=object)
        return names[self.activity[rows]]

    def touching(self) -> Rows:
        """Return the completed events that the log itself calls contact with the requester."""
        return np.flatnonzero(self.log[TOUCHPOINT].to_numpy(dtype=bool) & self.complete)

    @cached_property
    def person(self) -> Rows:
        """Return by event the number of who did it in `people`, or -1."""
        return self._resources[0]

    @cached_property
    def people(self) -> pd.Index:
        """Return the names of those who worked."""
        return self._resources[1]

    @cached_property
    def _resources(self) -> tuple[Rows, pd.Index]:
        return numbered(self.log[RESOURCE])

    def _did(self, id_: str) -> Rows:
        if id_ not in self._done:
            code = self.names.get_indexer(pd.Index([id_]))[0]
            done = _NONE if code < 0 else np.flatnonzero((self.activity == code) & self.complete)
            self._done[id_] = done.astype(np.int32)
        return self._done[id_]


class Cases:
    """What a log shows of the cases of one template; a rule looks at these."""

    def __init__(self, evidence: Evidence, template: Template) -> None:
        self.evidence = evidence
        self.template = template
        self.mine: Mask = evidence.template == template.key

    @cached_property
    def intake(self) -> Activity:
        """Return the first step of the template."""
        node = self.template.start
        while not isinstance(node, Activity):
            node = self.template.by_id[self.template.outgoing(node.id)[0].target]
        return node

    def step(self, name: str) -> str:
        """Return the id of a step of the template's process: `close` is `agree_close`."""
        return f"{self.template.process}_{name}"

    def has(self, *ids: str) -> bool:
        """Return whether the template has all these steps."""
        return all(id_ in self.template.by_id for id_ in ids)

    def hides(self, *ids: str) -> bool:
        """Return whether the log's system cannot record one of these steps."""
        return not self.evidence.hidden.isdisjoint(ids)

    def own(self, rows: Rows) -> Rows:
        """Return those of some events that belong to these cases."""
        own: Rows = rows[self.mine[self.evidence.case[rows]]]
        return own

    def did(self, *ids: str) -> Rows:
        """Return the completed events of these activities in these cases."""
        return self.own(self.evidence.did(ids))

    def filled(self, column: str) -> Rows:
        """Return the events of these cases in which a column says something."""
        return self.own(self.evidence.filled(column))

    def carry(self, column: str) -> bool:
        """Return whether a column says something in any of these cases in the whole log."""
        return self.template.key in self.evidence.can.filled[column]

    def first(self, rows: Rows) -> Rows:
        """Return by case number the first of some events, or NEVER."""
        found = np.full(len(self.mine), NEVER)
        found[self.evidence.case[rows][::-1]] = rows[::-1]
        return found

    def last(self, rows: Rows) -> Rows:
        """Return by case number the last of some events, or -1."""
        found = np.full(len(self.mine), -1)
        found[self.evidence.case[rows]] = rows
        return found

    def times(self, rows: Rows) -> Rows:
        """Return by case number how many of some events it has."""
        return np.bincount(self.evidence.case[rows], minlength=len(self.mine))

    def among(self, rows: Rows) -> Mask:
        """Return by case number whether it has one of some events."""
        found = np.zeros(len(self.mine), dtype=bool)
        found[self.evidence.case[rows]] = True
        return found

    def looked(self, at: Mask, broken: Mask, activity: str) -> Looked:
        """Return breaches that a case as a whole shows, at one activity."""
        return Looked(at=at, cases=np.flatnonzero(at & broken), activities=activity)

    def looked_through(self, at: Mask, broken: Rows) -> Looked:
        """Return breaches that single events show."""
        names = self.evidence.named(broken)
        return Looked(at=at, cases=self.evidence.case[broken], activities=names)


def _numbers(ids: pd.Index, of: pd.Series) -> Rows:
    """Return the place of each id in `ids`, or -1; only the ids asked for are looked up."""
    codes, names = pd.factorize(of)
    at = pd.Index(names, dtype="str").get_indexer(ids) if len(names) else _NONE
    place = np.full(len(names) + 1, -1)  # the last is that of what is missing, code -1
    place[at[at >= 0]] = np.flatnonzero(at >= 0)
    found: Rows = place[codes]
    return found
