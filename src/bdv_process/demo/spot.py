"""A place for a fault: one case in its chain, and what can be done to its rows."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    RESOURCE,
    ROLE,
    SEQ,
    TEMPLATE,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.mining.deviation import DeviationKind
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What was planted where."""

    case: str
    kind: DeviationKind
    activity: str
    rule: str = ""  #: that it breaks, or the template that the case fits better


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A case to spoil, in its chain of parents and children."""

    case: str
    chain: pd.DataFrame
    templates: Mapping[str, Template]
    procedure: Procedure
    chance: random.Random

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Return the rows of the case."""
        return self.chain[self.chain[CASE] == self.case]

    @cached_property
    def template(self) -> Template:
        """Return the template that the case runs."""
        return self.templates[str(self.rows[TEMPLATE].iloc[0])]

    @cached_property
    def done(self) -> pd.DataFrame:
        """Return the steps that people completed."""
        rows = self.rows
        complete = rows[LIFECYCLE] == Lifecycle.COMPLETE
        return rows[rows[RESOURCE].notna() & rows[ITEM].notna() & complete]

    @cached_property
    def steps(self) -> list[str]:
        """Return the steps of a case that went well, when each was done once; else nothing."""
        ended = self.rows[OUTCOME].iloc[-1] == "completed"
        once = self.done[ACTIVITY].is_unique
        return self.done[ACTIVITY].tolist() if ended and once else []

    @property
    def has_parent(self) -> bool:
        """Return whether a fork started the case."""
        return bool(self.rows[PARENT].notna().any())

    def at(self, step: str) -> pd.Index:
        """Return where the case completed a step."""
        return self.done.index[self.done[ACTIVITY] == step]

    def fault(self, kind: DeviationKind, activity: str, rule: str = "") -> Fault:
        """Return a fault in this case."""
        return Fault(case=self.case, kind=kind, activity=activity, rule=rule)

    def breaks(self, rule: str, activity: str) -> tuple[Fault, ...]:
        """Return that the case breaks one rule."""
        return (self.fault(DeviationKind.RULE, activity, rule),)

    def changed(self, where: pd.Index | pd.Series, column: str, value: Any) -> pd.DataFrame:
        """Return the chain with a value in some rows."""
        chain = self.chain.copy()
        chain.loc[where, column] = value
        return chain

    def worked(self, step: str, person: str, role: str) -> pd.DataFrame:
        """Return the chain with another person and role behind what was done in a step."""
        chain = self.chain.copy()
        done = (chain[CASE] == self.case) & (chain[ACTIVITY] == step) & chain[RESOURCE].notna()
        chain.loc[done, [RESOURCE, ROLE]] = person, role
        return chain

    def inserted(self, rows: pd.DataFrame, step: str) -> pd.DataFrame:
        """Return the chain with rows right after a step, at its moment, numbered again."""
        here = list(self.chain.index).index(self.at(step)[-1]) + 1
        rows = rows.assign(**{TIMESTAMP: self.rows.loc[self.at(step)[-1], TIMESTAMP]})
        chain = pd.concat([self.chain.iloc[:here], rows, self.chain.iloc[here:]], ignore_index=True)
        mine = chain[CASE] == self.case
        chain.loc[mine, SEQ] = range(1, int(mine.sum()) + 1)
        return chain
