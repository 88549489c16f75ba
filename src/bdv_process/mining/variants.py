"""What conformance compares: the events a template speaks of, and their distinct variants."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.coded import numbered
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    TEMPLATE,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.template.model import Kind, Node, Template

_KIND = ["template", "open", "end"]  # cases that differ in one of these are never one variant


def cases_of(log: pd.DataFrame) -> pd.DataFrame:
    """Return the cases in their order: case, template, parent, started, first (row in `log`).

    `started` is the moment of the first event. A log keeps the rows of a case together.
    """
    first = np.flatnonzero(begins(log))
    head = log[[CASE, TEMPLATE, PARENT, TIMESTAMP]].iloc[first]
    columns = {"case": head[CASE], "template": head[TEMPLATE], "parent": head[PARENT]}
    cases = pd.DataFrame(columns, dtype="str").reset_index(drop=True)
    return cases.assign(started=head[TIMESTAMP].array, first=first)


def compared(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    hidden: Collection[str],
) -> pd.DataFrame:
    """Return the completed events that count, in order: at (row in `cases`), activity, outcome.

    `cases` are all or some of `cases_of` the log, in its order.
    What a template knows but does not show, or what is hidden, does not count; what it does not
    know, does.
    """
    at = _rows(log, cases)
    activity, names = numbered(log[ACTIVITY])
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
    keep &= counts[key.astype(np.int16)[at], activity]
    return pd.DataFrame(
        {
            "at": at[keep],
            "activity": pd.Categorical.from_codes(activity[keep], names),
            "outcome": log[OUTCOME].array[keep],
        }
    )


def distinct(events: pd.DataFrame, cases: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the distinct variants and, by case, the row of its variant.

    A variant has template, open, end, activities and outcomes (tuples), and how many cases have it.
    Found without a loop over cases: level by level, cases get the number of their prefix.
    """
    activity, activities = pd.factorize(events["activity"])
    outcome, outcomes = pd.factorize(events["outcome"])
    steps = activity * (len(outcomes) + 1) + outcome + 1
    base = len(activities) * (len(outcomes) + 1)
    length = np.bincount(events["at"], minlength=len(cases))
    start = np.cumsum(length) - length
    number = cases.groupby(_KIND).ngroup().to_numpy(copy=True)
    for level in range(length.max()):
        going = np.flatnonzero(length > level)
        longer = number[going] * base + steps[start[going] + level]
        number[going] = pd.factorize(longer)[0]
    variant, ends = pd.factorize(length * (number.max() + 1) + number)
    example = np.empty(len(ends), dtype=np.int64)
    example[variant[::-1]] = np.arange(len(cases))[::-1]
    spans = [slice(start[case], start[case] + length[case]) for case in example]
    labels, results = np.array(activities, dtype=object), np.array([*outcomes, None], dtype=object)
    variants = cases.loc[example, _KIND].reset_index(drop=True)
    variants["activities"] = [tuple(labels[activity[span]]) for span in spans]
    variants["outcomes"] = [tuple(results[outcome[span]]) for span in spans]
    variants["cases"] = np.bincount(variant)
    return variants, variant


def shows_ends(log: pd.DataFrame, templates: Collection[Template]) -> bool:
    """Return whether a log shows silent starts or ends: then it shows how every case ends."""
    marks = {end.id for end in _ends(templates) if not end.visible}
    marks |= {template.start.id for template in templates}
    return bool(log[ACTIVITY].isin(marks).any())


def with_ends(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    running: Collection[str],
) -> pd.DataFrame:
    """Return the cases with two columns more, open and end.

    A case is open when it is in `running`, or has no end in a log that would show it. The end is
    the id of its last end event that the path does not show anyway, "" when the log has none: a
    case that is known to be completed is not explained by a withdrawal that nobody wrote down.
    """
    unfinished = cases["case"].isin(running)
    silent = [end.id for end in _ends(templates.values()) if not end.visible]
    known = ["", *dict.fromkeys(silent)]
    end = np.zeros(len(cases), dtype=np.int8)
    if shows_ends(log, templates.values()):
        ends = {each.id for each in _ends(templates.values())}
        rows = np.flatnonzero(log[ACTIVITY].isin(ends))
        at = _rows(log, cases)[rows]
        rows, at = rows[at >= 0], at[at >= 0]
        code = pd.Index(known).get_indexer(pd.Index(log[ACTIVITY].iloc[rows], dtype="str"))
        end[at[code > 0]] = code[code > 0]
        unfinished |= np.bincount(at, minlength=len(cases)) == 0
    end[unfinished] = 0
    return cases.assign(open=unfinished, end=pd.Categorical.from_codes(end, pd.Index(known)))


def _ends(templates: Collection[Template]) -> list[Node]:
    nodes = (node for template in templates for node in template.nodes)
    return [node for node in nodes if node.kind is Kind.END and node.case_outcome]


def begins(log: pd.DataFrame) -> NDArray[np.bool_]:
    """Return by event whether it is the first of its case: a log keeps those together."""
    case = log[CASE]
    return (case != case.shift()).to_numpy(dtype=bool)


def _rows(log: pd.DataFrame, cases: pd.DataFrame) -> NDArray[np.int32]:
    """Return by event the row of its case in `cases`, -1 when it is not there."""
    number = np.cumsum(begins(log), dtype=np.int32) - 1  # of its case, among all in the log
    row = np.full(number.max(initial=-1) + 1, -1, dtype=np.int32)
    row[number[cases["first"]]] = np.arange(len(cases))
    at: NDArray[np.int32] = row[number]
    return at
