"""Where deviations occurred: what each variant, misfit and rule comes to, case by case.

Of millions of rows few differ in what they say: that is said once, and the rows refer to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.rules import Checked
from bdv_process.template.model import Template

WHAT = ["template", "kind", "activity", "rule"]

Ints = NDArray[np.int64]
What = tuple[str, str, str, str]
Part = tuple[Ints, Ints, Ints]  #: row in `cases`, number of what was found there, times


def occurrences(
    cases: pd.DataFrame,
    path: pd.DataFrame,
    variant: Ints,
    sibling: Ints,
    given: Sequence[Template],
    checked: Iterable[Checked],
) -> pd.DataFrame:
    """Return one row per case and deviation: case, started, template, kind, activity, rule, times.

    Args:
        cases: the cases looked at: case, started, template.
        path: how each variant left the path of its template.
        variant: by case the row of its variant.
        sibling: by case the position in `given` of a template that it fits better, or -1. Of such a
            case that is said, and not how it left the path of its own.
        given: the templates.
        checked: what the rules found.
    """
    numbers: defaultdict[What, int] = defaultdict(lambda: len(numbers))
    parts = [
        _left_path(path, variant, sibling < 0, numbers),
        _misfits(cases["template"], sibling, given, numbers),
    ]
    index = pd.Index(cases["case"])
    parts += [_broken(each, index, numbers) for each in checked if len(each.breaches)]
    at, what, times = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    whats = pd.DataFrame(list(numbers), columns=WHAT, dtype="str").astype("category")
    found = pd.concat(
        [frame.reset_index(drop=True) for frame in (
            cases[["case", "started"]].take(at), whats.take(what),
        )],
        axis=1,
    )  # fmt: skip
    return found.assign(times=times)


def _left_path(
    path: pd.DataFrame, variant: Ints, own: NDArray[np.bool_], numbers: defaultdict[What, int]
) -> Part:
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
) -> Part:
    """Return the cases that fit another template better, at the first activity of their own."""
    at = np.flatnonzero(sibling >= 0)
    own = pd.Index([each.key for each in given]).get_indexer(pd.Index(templates.iloc[at]))
    pair, pairs = pd.factorize(own * len(given) + sibling[at])
    said = []
    for mine, other in (divmod(each, len(given)) for each in pairs.tolist()):
        intake, better = given[mine].activities[0].id, given[other].key
        said.append(numbers[given[mine].key, DeviationKind.SIBLING.value, intake, better])
    return at, np.array(said, dtype=np.int64)[pair], np.ones_like(at)


def _broken(checked: Checked, cases: pd.Index, numbers: defaultdict[What, int]) -> Part:
    """Return the breaches of one rule, counted per case and activity."""
    at = cases.get_indexer(pd.Index(checked.breaches["case"]))
    activity, activities = pd.factorize(checked.breaches["activity"])
    place, places = pd.factorize(at * len(activities) + activity)
    kind = DeviationKind.RULE.value
    said = [numbers[checked.template, kind, name, checked.rule] for name in activities]
    at, activity = np.divmod(places, len(activities))
    return at, np.array(said, dtype=np.int64)[activity], np.bincount(place)
