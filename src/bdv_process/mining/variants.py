"""What conformance compares: the events a template speaks of, and their distinct variants."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.eventlog.coded import Codes, codes_of, decoded, numbered
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    REROUTED,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    Lifecycle,
    Term,
)
from bdv_process.eventlog.ways import ways
from bdv_process.template.model import Kind, Node, Template

_KIND = ["template", "open", "end"]  # cases that differ in one of these are never one variant


def cases_of(log: pd.DataFrame) -> pd.DataFrame:
    """Return the cases in their order: case, template, parent, started, first (row in `log`).

    `started` is the moment of the first event. A log keeps the rows of a case together.
    """
    first = np.flatnonzero(begins(log))
    head = log[[CASE, TEMPLATE, PARENT, TIMESTAMP]].iloc[first]
    names = {CASE: "case", TEMPLATE: "template", PARENT: "parent", TIMESTAMP: "started"}
    return decoded(head.reset_index(drop=True)).rename(columns=names).assign(first=first)


def held(
    cases: pd.DataFrame, given: Mapping[str, Template], source: str
) -> tuple[dict[str, Template], pd.DataFrame]:
    """Return the templates that cases run, in the order given, and the cases that run one of them.

    Raises:
        InputRefused: no case runs one of the templates.
    """
    known = {key: given[key] for key in given if (cases["template"] == key).any()}
    if not known:
        raise InputRefused("BDV-401", where=source, templates=", ".join(given))
    return known, cases[cases["template"].isin(known)].reset_index(drop=True)


def compared(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    hidden: Collection[str],
) -> pd.DataFrame:
    """Return the completed events that count, in order: at (row in `cases`), activity, outcome.

    `cases` are all or some of `cases_of` the log, in its order.
    What a template knows but does not show, or what is hidden, does not count; what it does not
    know, does, but for what was done to the term: that stands under a name of its sibling when the
    case was rerouted. Of a case of none of the templates all counts.
    """
    at = _rows(log, cases)
    activity, names = numbered(log[ACTIVITY])
    key, keys = pd.factorize(cases["template"])
    counts = np.ones((len(keys), len(names)), dtype=bool)
    strange = np.zeros_like(counts)
    for row, odd, own in zip(counts, strange, keys, strict=True):
        if own in templates:
            odd[:] = [name not in templates[own].by_id for name in names]
            shown = {*templates[own].visible} - {*hidden}
            row[:] = odd | names.isin(shown)
    keep = (at >= 0) & (log[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    runs = key.astype(np.int16)[at]
    keep &= counts[runs, activity]
    keep &= ~(strange[runs, activity] & log[TERM].isin((Term.EXTENDED, Term.NOTICE)).to_numpy())
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
    """
    activity, activities = pd.factorize(events["activity"])
    outcome, outcomes = pd.factorize(events["outcome"])
    steps = activity * (len(outcomes) + 1) + outcome + 1
    length = np.bincount(events["at"], minlength=len(cases))
    start = np.cumsum(length) - length
    variant = ways(cases.groupby(_KIND).ngroup().to_numpy(), steps, length)
    _, example = np.unique(variant, return_index=True)
    spans = [slice(start[case], start[case] + length[case]) for case in example]
    labels, results = np.array(activities, dtype=object), np.array([*outcomes, None], dtype=object)
    variants = cases.loc[example, _KIND].reset_index(drop=True)
    variants["activities"] = [tuple(labels[activity[span]]) for span in spans]
    variants["outcomes"] = [tuple(results[outcome[span]]) for span in spans]
    variants["cases"] = np.bincount(variant)
    return variants, variant


def with_ends(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    running: Collection[str],
    shown: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return the cases with two columns more, open and end.

    The end is the id of its last end event that the path does not show anyway, "" when the log has
    none: a case that is known to be completed is not explained by a withdrawal that nobody wrote
    down. A case is open when it is in `running`. Without any end it is open too when such ends are
    shown of its template (in `shown`: of a part of a log what `shows_ends` says of the whole), or
    when the log shows what the case waits for. That a start event is shown proves nothing, nor do
    ends of another template: another system may keep its cases.
    """
    activity, names = numbered(log[ACTIVITY])
    at = _rows(log, cases)
    key, keys = pd.factorize(cases["template"])
    known = ["", *dict.fromkeys(end for each in templates.values() for end in _unseen(each))]
    # By template, the last row of none: no end, else its place in `known`.
    means = np.full((len(keys) + 1, len(names)), -1, dtype=np.int16)
    for row, own in zip(means[:-1], keys, strict=True):
        for node in _ends(templates[own]) if own in templates else ():
            row[names == node.id] = 0 if node.visible else known.index(node.id)
    said = means[key.astype(np.int16)[at], activity]
    said[at < 0] = -1
    end = np.zeros(len(cases), dtype=np.int16)
    end[at[said > 0]] = said[said > 0]
    ended = np.bincount(at[said >= 0], minlength=len(cases)) > 0
    going = cases["case"].isin(running).to_numpy()
    end[going] = 0
    cases = cases.assign(end=pd.Categorical.from_codes(end, pd.Index(known)))
    stated = cases["template"].isin(shows_ends(cases) if shown is None else shown).to_numpy()
    waits = _waits(log, np.where(ended[at], -1, at), len(cases))
    return cases.assign(open=going | ~ended & (stated | waits))


def shows_ends(cases: pd.DataFrame) -> frozenset[str]:
    """Return the templates of which a log shows how cases end, given its cases `with_ends`."""
    return frozenset(cases.loc[cases["end"] != "", "template"])


def ends_shown(
    log: pd.DataFrame, templates: Mapping[str, Template], running: Collection[str]
) -> frozenset[str]:
    """Return what `shows_ends` does of cases `with_ends`, by looking at their events alone."""
    template, keys = numbered(log[TEMPLATE])
    activity, names = numbered(log[ACTIVITY])
    ends = np.zeros((len(keys) + 1, len(names)), dtype=bool)  # the last: of no template
    for row, own in zip(ends[:-1], keys, strict=True):
        if own in templates:
            row[:] = names.isin(_unseen(templates[own]))
    at = ends[template, activity]
    if len(running):
        at &= ~log[CASE].isin(running).to_numpy()
    return frozenset(keys[pd.unique(template[at])])


def _waits(log: pd.DataFrame, at: NDArray[np.int32], cases: int) -> NDArray[np.bool_]:
    """Return by case whether it waits, by the rows `at` of the events (-1: do not look).

    It waits for work that was offered or begun and neither completed nor withdrawn, or for an
    answer for which the term stands still.
    """
    item, items = codes_of(log[ITEM]), log[ITEM].cat.categories
    work = np.flatnonzero((item >= 0) & (at >= 0))
    last = work[_last(at[work] * np.int64(len(items)) + item[work])]
    left = last[~log[LIFECYCLE].iloc[last].isin([Lifecycle.COMPLETE, Lifecycle.WITHDRAW])]
    told = np.flatnonzero(log[TERM].isin([Term.SUSPENDED, Term.RESUMED]) & (at >= 0))
    last = told[_last(at[told])]
    asked = last[log[TERM].iloc[last] == Term.SUSPENDED]
    waits = np.zeros(cases, dtype=bool)
    waits[at[left]] = waits[at[asked]] = True
    return waits


def _last(about: Codes) -> NDArray[np.bool_]:
    """Return of events whether they are the last about the same."""
    return ~pd.Series(about, copy=False).duplicated(keep="last").to_numpy()


def _ends(template: Template) -> list[Node]:
    return [node for node in template.nodes if node.kind is Kind.END and node.case_outcome]


def _unseen(template: Template) -> list[str]:
    """Return the ends of cases that no path shows."""
    return [node.id for node in _ends(template) if not node.visible]


def begins(log: pd.DataFrame) -> NDArray[np.bool_]:
    """Return by event whether it is the first of its case: a log keeps those together."""
    case = codes_of(log[CASE])
    found = np.ones(len(case), dtype=bool)
    found[1:] = case[1:] != case[:-1]
    return found


def rerouted(log: pd.DataFrame) -> NDArray[np.bool_]:
    """Return by case whether it moved to a sibling of its template on the way."""
    activity, names = numbered(log[ACTIVITY])
    starts = begins(log)
    found = np.zeros(int(starts.sum()), dtype=bool)
    code = names.get_indexer(pd.Index([REROUTED]))[0]
    if code >= 0:
        found[np.cumsum(starts)[activity == code] - 1] = True
    return found


def _rows(log: pd.DataFrame, cases: pd.DataFrame) -> NDArray[np.int32]:
    """Return by event the row of its case in `cases`, -1 when it is not there."""
    number = np.cumsum(begins(log), dtype=np.int32) - 1  # of its case, among all in the log
    row = np.full(number.max(initial=-1) + 1, -1, dtype=np.int32)
    row[number[cases["first"]]] = np.arange(len(cases))
    at: NDArray[np.int32] = row[number]
    return at
