"""What a part of a log contributes to a conformance report, as small as it can be per case."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import numbered
from bdv_process.eventlog.event import CASE, TEMPLATE
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.alignment import Alignment
from bdv_process.mining.explanation import Move
from bdv_process.mining.occurrence import Ints, Occurrences
from bdv_process.mining.rules import Answer, Carried
from bdv_process.mining.variants import begins, ends_shown
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """What a log, or a part of it, can tell at all.

    `cases`: how many run which template, "" for none.
    `shown`: the templates of which the log shows how cases end.
    `hidden`: activities that the log's system cannot record.
    `running`: those of the cases that are said to be running that it has.
    """

    source: str
    cases: Counter[str]
    shown: frozenset[str]
    hidden: frozenset[str]
    running: frozenset[str]
    carried: Carried

    @classmethod
    def of(
        cls,
        log: EventLog,
        templates: Mapping[str, Template],
        procedure: Procedure | None,
        not_observable: Collection[str],
        running: Collection[str],
    ) -> Self:
        """Return what a part can tell."""
        template, keys = numbered(log.coded[TEMPLATE])
        many = np.bincount(template[begins(log.coded)] + 1, minlength=len(keys) + 1)
        hidden = frozenset({*log.provenance.not_observable, *not_observable})
        return cls(
            source=log.provenance.source,
            cases=Counter(dict(zip(["", *keys], many.tolist(), strict=True))),
            shown=ends_shown(log.coded, templates, running),
            hidden=hidden,
            running=frozenset(running).intersection(log.coded[CASE].cat.categories),
            carried=Carried.of(log.coded, procedure, hidden),
        )

    @classmethod
    def all(cls, parts: Sequence[Self]) -> Self:
        """Return what the log of these parts can tell."""
        return cls(
            source=parts[0].source,
            cases=reduce(add, (part.cases for part in parts)),
            shown=frozenset[str]().union(*(part.shown for part in parts)),
            hidden=frozenset[str]().union(*(part.hidden for part in parts)),
            running=frozenset[str]().union(*(part.running for part in parts)),
            carried=Carried.all([part.carried for part in parts]),
        )


class Way(NamedTuple):
    """What cases have in common that did the same and are explained alike."""

    template: str
    open: bool
    activities: tuple[str, ...]
    path: tuple[str, ...]  #: through the model
    cost: int
    fitness: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What conformance found in a part of a log.

    `cases`: one row per case of the templates: case, started, way (its place in `ways`).
    `looked`: by row of `cases` and rule (columns), whether the rule looked at the case.
    `occurrences`: by row of `cases`.
    `answers`: one per template and rule, in the same order in every part that has cases.
    `names`: what the log calls activities that no template knows and that are found fault with.
    """

    cases: pd.DataFrame
    ways: tuple[Way, ...]
    looked: pd.DataFrame
    occurrences: Occurrences
    answers: tuple[Answer, ...]
    names: frozenset[tuple[str, str]]

    @classmethod
    def none(cls) -> Self:
        """Return what is found where no case runs one of the templates."""
        return cls(
            cases=pd.DataFrame(columns=["case", "started", "way"]),
            ways=(),
            looked=pd.DataFrame(),
            occurrences=Occurrences.all([], []),
            answers=(),
            names=frozenset(),
        )

    @classmethod
    def all(cls, parts: Sequence[Self]) -> Self:
        """Return what was found in all these parts."""
        some = [part for part in parts if len(part.cases)]
        if len(some) < 2:
            return [*some, parts[0]][0]
        numbers: defaultdict[Way, int] = defaultdict(lambda: len(numbers))
        cases = []
        for part in some:
            number = np.array([numbers[way] for way in part.ways], dtype=np.int32)
            cases.append(part.cases.assign(way=number[part.cases["way"]]))
        return cls(
            cases=pd.concat(cases, ignore_index=True),
            ways=tuple(numbers),
            looked=pd.concat([part.looked for part in some], ignore_index=True),
            occurrences=Occurrences.all(
                [part.occurrences for part in some], [len(part.cases) for part in some]
            ),
            answers=tuple(
                reduce(add, told) for told in zip(*(part.answers for part in some), strict=True)
            ),
            names=frozenset[tuple[str, str]]().union(*(part.names for part in some)),
        )

    def told(self, order: Ints) -> pd.DataFrame:
        """Return the cases of the report, in this order."""
        ways = self.counted()
        ways["events"] = ways["activities"].map(len)
        ways["fits"] = ways["cost"] == 0
        cases = self.cases.take(order).reset_index(drop=True)
        shared = ways.take(cases["way"].to_numpy()).reset_index(drop=True)
        columns = ["case", "template", "started", "events", "cost", "fitness", "fits", "open"]
        return pd.concat([cases, shared], axis=1)[columns]

    def looked_at(self, templates: pd.Series, order: Ints) -> pd.DataFrame:
        """Return which cases, in this order, rules looked at that say something."""
        looked = self.looked.take(order).reset_index(drop=True)
        for each in self.answers:
            if each.silent and each.looked:
                looked.loc[(templates == each.template).to_numpy(), each.rule] = False
        return looked

    def counted(self) -> pd.DataFrame:
        """Return the ways with the number of cases that went each."""
        ways = pd.DataFrame(self.ways, columns=Way._fields).astype({"template": "str"})
        return ways.assign(cases=np.bincount(self.cases["way"], minlength=len(ways)))


def ways_of(
    variants: pd.DataFrame, explained: Sequence[Alignment]
) -> tuple[tuple[Way, ...], NDArray[np.int32]]:
    """Return what is the same for cases that are explained alike, and by variant which it is."""
    numbers: defaultdict[Way, int] = defaultdict(lambda: len(numbers))
    kinds = zip(variants["template"], variants["open"], variants["activities"], strict=True)
    way = [
        numbers[Way(key, still, did, _taken(each), each.cost, each.fitness)]
        for (key, still, did), each in zip(kinds, explained, strict=True)
    ]
    return tuple(numbers), np.array(way, dtype=np.int32)


def _taken(alignment: Alignment) -> tuple[str, ...]:
    """Return the path through the model that explains a variant."""
    return tuple(label for move, label in alignment.moves if move is not Move.LOG)


def in_order(cases: pd.DataFrame) -> Ints:
    """Return the rows of cases by when they started, then by id; without times by id."""
    moment = pd.DatetimeIndex(cases["started"], copy=False).asi8
    order = np.argsort(moment, kind="stable")
    same = np.diff(moment[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[tied]  # texts are compared only where they have to be
    place = np.empty(len(rows), dtype=np.int64)
    place[cases["case"].take(rows).array.argsort()] = np.arange(len(rows))
    order[tied] = rows[np.lexsort((place, moment[rows]))]
    return order
