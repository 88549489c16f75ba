"""Where deviations occurred: what each variant, misfit and rule comes to, case by case.

Of millions of rows few differ in what they say: that is said once, and the rows refer to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.rules import Answer, Looked
from bdv_process.template.model import Template

WHAT = ["template", "kind", "activity", "rule"]

Ints = NDArray[np.int64]
What = tuple[str, str, str, str]
_Found = tuple[Ints, Ints, Ints]  #: row of the case, number of what was found there, times


@dataclass(frozen=True, kw_only=True, eq=False)
class Occurrences:
    """What was found in which case how often; rows of one case and `What` are in order."""

    at: NDArray[np.int32]  #: row of the case
    what: NDArray[np.int32]  #: its place in `whats`
    times: NDArray[np.int32]
    whats: tuple[What, ...]

    @classmethod
    def all(cls, parts: Sequence["Occurrences"], cases: Iterable[int]) -> "Occurrences":
        """Return those of parts of a log, given the number of cases in each."""
        numbers: defaultdict[What, int] = defaultdict(lambda: len(numbers))
        codes = [np.array([numbers[what] for what in part.whats], dtype=np.int32) for part in parts]
        first = np.cumsum([0, *cases])[: len(parts)].astype(np.int32)
        if not parts:
            none = np.empty(0, dtype=np.int32)
            return cls(at=none, what=none, times=none, whats=())
        return cls(
            at=np.concatenate([part.at + row for part, row in zip(parts, first, strict=True)]),
            what=np.concatenate([own[part.what] for part, own in zip(parts, codes, strict=True)]),
            times=np.concatenate([part.times for part in parts]),
            whats=tuple(numbers),
        )

    def spelled(self, cases: pd.DataFrame, rank: Ints, answers: Sequence[Answer]) -> pd.DataFrame:
        """Return one row per case and deviation: case, started, and what `WHAT` says, times.

        What concerns the path comes first, then other templates, then rule by rule.

        Args:
            cases: in order: case and started.
            rank: by row of a case its place in `cases`.
            answers: of the rules, in order.
        """
        place = {(each.template, each.rule): number for number, each in enumerate(answers)}
        group = np.array([self._group(what, place) for what in self.whats], dtype=np.int64)
        order = np.lexsort((rank[self.at], group[self.what]))
        said = self.what[order]
        used = np.unique(said)
        known = pd.DataFrame([self.whats[what] for what in used], columns=WHAT, dtype="str")
        found = cases[["case", "started"]].take(rank[self.at[order]]).reset_index(drop=True)
        spelled = known.astype("category").take(np.searchsorted(used, said))
        found[WHAT] = spelled.reset_index(drop=True)
        return found.assign(times=self.times[order].astype(np.int64))

    @staticmethod
    def _group(what: What, place: dict[tuple[str, str], int]) -> int:
        template, kind, _, rule = what
        if kind == DeviationKind.RULE:
            return place[template, rule]
        return -1 if kind == DeviationKind.SIBLING else -2


def occurrences(
    templates: pd.Series,
    path: pd.DataFrame,
    variant: Ints,
    sibling: Ints,
    given: Sequence[Template],
    checked: Iterable[tuple[Answer, Looked]],
) -> Occurrences:
    """Return where deviations occurred, by row of the cases.

    Args:
        templates: what the cases run.
        path: how each variant left the path of its template.
        variant: by case the row of its variant.
        sibling: by case the position in `given` of a template that it fits better, or -1. Of such a
            case that is said, and not how it left the path of its own.
        given: the templates.
        checked: what the rules saw, by row of the cases.
    """
    numbers: defaultdict[What, int] = defaultdict(lambda: len(numbers))
    found = [
        _left_path(path, variant, sibling < 0, numbers),
        _misfits(templates, sibling, given, numbers),
        *(_broken(answer, seen, numbers) for answer, seen in checked if len(seen.cases)),
    ]
    at, what, times = (
        np.concatenate(arrays).astype(np.int32) for arrays in zip(*found, strict=True)
    )
    return Occurrences(at=at, what=what, times=times, whats=tuple(numbers))


def _left_path(
    path: pd.DataFrame, variant: Ints, own: NDArray[np.bool_], numbers: defaultdict[What, int]
) -> _Found:
    """Repeat what each variant deviates in for each of its cases that fits no other better."""
    said = [numbers[what] for what in path[WHAT].itertuples(index=False, name=None)]
    many = np.bincount(path["variant"], minlength=variant.max() + 1)
    first = np.cumsum(many) - many
    many = many[variant] * own
    at = np.repeat(np.arange(len(variant)), many)
    within = np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many)
    row = first[variant[at]] + within
    return at, np.array(said, dtype=np.int64)[row], path["times"].to_numpy()[row]


def _misfits(
    templates: pd.Series, sibling: Ints, given: Sequence[Template], numbers: defaultdict[What, int]
) -> _Found:
    """Return the cases that fit another template better, at the first activity of their own."""
    at = np.flatnonzero(sibling >= 0)
    own = pd.Index([each.key for each in given]).get_indexer(pd.Index(templates.iloc[at]))
    pair, pairs = pd.factorize(own * len(given) + sibling[at])
    said = []
    for mine, other in (divmod(each, len(given)) for each in pairs.tolist()):
        intake, better = given[mine].activities[0].id, given[other].key
        said.append(numbers[given[mine].key, DeviationKind.SIBLING.value, intake, better])
    return at, np.array(said, dtype=np.int64)[pair], np.ones_like(at)


def _broken(answer: Answer, seen: Looked, numbers: defaultdict[What, int]) -> _Found:
    """Return the breaches of one rule, counted per case and activity."""
    alike = isinstance(seen.activities, str)
    names = np.array([seen.activities] if alike else seen.activities, dtype=object)
    activity, activities = pd.factorize(names)
    place, places = pd.factorize(seen.cases * len(activities) + activity)
    kind = DeviationKind.RULE.value
    said = [numbers[answer.template, kind, name, answer.rule] for name in activities]
    at, activity = np.divmod(places, len(activities))
    return at, np.array(said, dtype=np.int64)[activity], np.bincount(place)
