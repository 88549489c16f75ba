"""Plant known faults in a copy of a log, to see whether conformance finds exactly those.

The register refuses all of them, so they are made where no engine looks: in the exported log. A
chain of cases gets one fault at most, so that no fault hides or causes another.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Final

import pandas as pd

from bdv_process.demo.faults import Plant, keep_silent, lapse, plants, unlink
from bdv_process.demo.spot import Fault, Spot
from bdv_process.eventlog.event import CASE, ROOT, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.template.model import Template, by_key
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Habit:
    """A rule that one workflow often breaks from one day on: a change that must be noticed."""

    sow: Plant
    rule: str
    template: str
    since: datetime
    share: float = 0.3  #: of the cases since then


HABITS: Final = (
    Habit(sow=keep_silent, rule="feedback", template="W4", since=datetime(2026, 2, 16, tzinfo=UTC)),
    Habit(sow=lapse, rule="term", template="W2", since=datetime(2026, 3, 2, tzinfo=UTC)),
    Habit(sow=unlink, rule="linked", template="W5", since=datetime(2026, 4, 1, tzinfo=UTC)),
)


def plant(
    log: EventLog, templates: Iterable[Template], procedure: Procedure, *, share: float, seed: int
) -> tuple[EventLog, tuple[Fault, ...]]:
    """Return a copy of `log` with faults of every kind and the habits, and what was planted.

    About `share` of the cases get a fault, of each kind about as often; a kind that fits nowhere is
    left out. The habits come on top of that.
    """
    garden = _Garden(log, by_key(templates), procedure, seed)
    every = plants(procedure)
    for sow in islice(cycle(every), round(share * log.cases)):
        any(garden.sow(sow, case) for case in garden.anywhere())
    for habit in HABITS:
        for case in garden.started(habit.template, habit.since):
            if garden.chance.random() < habit.share:
                garden.sow(habit.sow, case)
    spoiled = EventLog(frame=pd.concat(garden.chains.values()), provenance=log.provenance)
    return spoiled, tuple(garden.faults)


class _Garden:
    """A log in chains, of which each is spoiled once."""

    def __init__(
        self, log: EventLog, templates: dict[str, Template], procedure: Procedure, seed: int
    ) -> None:
        self.templates, self.procedure = templates, procedure
        self.chance = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
        coded = [name for name, kind in log.frame.dtypes.items() if kind == "category"]
        frame = log.frame.astype(dict.fromkeys(coded, "str"))  # what is new has no code yet
        self.cases = frame.drop_duplicates(CASE).set_index(CASE)
        self.chains = dict(iter(frame.groupby(ROOT, sort=False)))
        self.faults: list[Fault] = []
        self._spoiled: set[str] = set()

    def anywhere(self) -> list[str]:
        """Return the cases in an order of chance."""
        ids = sorted(self.cases.index)
        return self.chance.sample(ids, len(ids))

    def started(self, template: str, since: datetime) -> list[str]:
        """Return the cases of a template that started since a moment."""
        found = (self.cases[TEMPLATE] == template) & (self.cases[TIMESTAMP] >= since)
        return sorted(self.cases.index[found])

    def sow(self, sow: Plant, case: str) -> bool:
        """Plant a fault in a case, when it can be there and its chain has none."""
        root = str(self.cases.at[case, ROOT])
        if root in self._spoiled:
            return False
        spot = Spot(
            case=case, chain=self.chains[root], templates=self.templates,
            procedure=self.procedure, chance=self.chance,
        )  # fmt: skip
        planted = sow(spot)
        if planted is None:
            return False
        self.chains[root], faults = planted
        self.faults += faults
        self._spoiled.add(root)
        return True
