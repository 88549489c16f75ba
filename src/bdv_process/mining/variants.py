"""What conformance compares: the events a template speaks of, and their distinct variants."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.event import ACTIVITY, CASE, LIFECYCLE, OUTCOME, Lifecycle
from bdv_process.template.model import Kind, Template


def compared(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    hidden: Collection[str],
) -> pd.DataFrame:
    """Return the completed events that count, in order: at (row in `cases`), activity, outcome.

    What a template knows but does not show, or what is hidden, does not count; what it does not
    know, does.
    """
    at = pd.Index(cases["case"]).get_indexer(pd.Index(log[CASE]))
    activity, names = pd.factorize(log[ACTIVITY])
    key, keys = pd.factorize(cases["template"])
    counts = np.array(
        [
            [
                name not in templates[k].by_id or name in {*templates[k].visible} - {*hidden}
                for name in names
            ]
            for k in keys
        ]
    )
    keep = (at >= 0) & (log[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    keep &= counts[key[at], activity]
    return pd.DataFrame(
        {
            "at": at[keep],
            "activity": log[ACTIVITY].to_numpy()[keep],
            "outcome": log[OUTCOME].to_numpy()[keep],
        }
    )


def distinct(events: pd.DataFrame, cases: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the distinct variants and, by case, the row of its variant.

    A variant has template, open, activities and outcomes (tuples). Found without a loop over
    cases: level by level, cases get the number of their prefix.
    """
    activity, activities = pd.factorize(events["activity"])
    outcome, outcomes = pd.factorize(events["outcome"])
    steps = activity * (len(outcomes) + 1) + outcome + 1
    base = len(activities) * (len(outcomes) + 1)
    length = np.bincount(events["at"], minlength=len(cases))
    start = np.cumsum(length) - length
    number = cases.groupby(["template", "open"]).ngroup().to_numpy(copy=True)
    for level in range(length.max()):
        going = np.flatnonzero(length > level)
        longer = number[going] * base + steps[start[going] + level]
        number[going] = np.unique(longer, return_inverse=True)[1]
    ends = length * (number.max() + 1) + number
    _, example, variant = np.unique(ends, return_index=True, return_inverse=True)
    spans = [slice(start[case], start[case] + length[case]) for case in example]
    outcome_of = [*outcomes, None]
    variants = cases.loc[example, ["template", "open"]].reset_index(drop=True)
    variants["activities"] = [tuple(activities[activity[span]]) for span in spans]
    variants["outcomes"] = [tuple(outcome_of[code] for code in outcome[span]) for span in spans]
    return variants, variant


def still_open(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    running: Collection[str],
) -> pd.Series:
    """Return by case whether it is still open.

    A log that shows silent starts or ends shows every end: a case without one is open.
    """
    nodes = [node for template in templates.values() for node in template.nodes]
    ends = {node.id for node in nodes if node.kind is Kind.END and node.case_outcome}
    marks = {node.id for node in nodes if node.id in ends and not node.visible}
    marks |= {template.start.id for template in templates.values()}
    unfinished = cases["case"].isin(running)
    if log[ACTIVITY].isin(marks).any():
        unfinished |= ~cases["case"].isin(log.loc[log[ACTIVITY].isin(ends), CASE])
    return unfinished
