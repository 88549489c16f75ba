"""Occurrences of deviations, counted: what was found how often, in which share, since when."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.interval import wilson
from bdv_process.mining.labels import first_names
from bdv_process.mining.occurrence import WHAT
from bdv_process.mining.rules import Answer, Looked
from bdv_process.template.model import Template

EXAMPLES = 5


def deviations(
    occurrences: pd.DataFrame,
    cases: pd.DataFrame,
    names: Iterable[tuple[str, str]],
    templates: Collection[Template],
    answers: Iterable[Answer],
) -> pd.DataFrame:
    """Return what was found per template, kind, activity and rule, that in most cases first.

    Its share is of the cases of the template; of a rule, of the cases that the rule looked at.
    What no template knows is called as the log does, in `names` by activity; of several names as
    the first in the alphabet.
    """
    counted = occurrences.groupby(WHAT, observed=True).agg(
        count=("times", "sum"),
        cases=("case", "size"),
        since=("started", "min"),
        until=("started", "max"),
        examples=("case", lambda ids: tuple(ids[:EXAMPLES])),
    )
    counted = counted.reset_index().astype(dict.fromkeys(WHAT, "str"))
    what = counted[WHAT].itertuples(index=False, name=None)
    counted["finding"] = pd.Series([_finding(*each) for each in what], dtype="str")
    labels = first_names(names) | {
        node.id: node.name for each in templates for node in each.nodes if node.name
    }
    counted["label"] = counted["activity"].map(labels).astype("str")
    looked = pd.Series({(c.template, c.rule): c.checked for c in answers}, dtype=int)
    pairs = pd.MultiIndex.from_frame(counted[["template", "rule"]])
    sizes = counted["template"].map(cases["template"].value_counts())
    broken = counted["kind"] == DeviationKind.RULE
    counted["of"] = np.where(broken, looked.reindex(pairs), sizes).astype(int)
    counted = _with_share(counted, counted["of"])
    ascending = [False, *[True] * len(WHAT)]
    counted = counted.sort_values(["cases", *WHAT], ascending=ascending, ignore_index=True)
    return counted[[
        "finding", "template", "kind", "activity", "label", "rule", "count", "cases", "of",
        "share", "low", "high", "since", "until", "examples",
    ]]  # fmt: skip


def rules(answers: Iterable[Answer]) -> pd.DataFrame:
    """Return what every rule came to, per template."""
    rows = [(c.template, c.rule, c.state.value, c.reason, c.checked, c.broken) for c in answers]
    columns = ["template", "rule", "state", "reason", "checked", "cases"]
    found = pd.DataFrame(rows, columns=columns)
    return _with_share(found, found["checked"])


def looked(seen: Iterable[tuple[Answer, Looked | None]], cases: int) -> pd.DataFrame:
    """Return by case and rule whether it was looked at, given what rules saw of so many cases."""
    found: dict[str, NDArray[np.bool_]] = {}
    for answer, saw in seen:
        at = found.setdefault(answer.rule, np.zeros(cases, dtype=bool))
        if saw:
            at |= saw.at
    return pd.DataFrame(found)


def able(cases: pd.DataFrame, seen: pd.DataFrame, kind: str, rule: str) -> pd.DataFrame:
    """Return those of some cases that can show a finding; `sizes` counts them for many at once."""
    return cases[seen.loc[cases.index, rule]] if kind == DeviationKind.RULE else cases


def sizes(what: pd.DataFrame, cases: pd.DataFrame, seen: pd.DataFrame) -> "pd.Series[int]":
    """Return in how many of some cases each finding could have been made.

    Args:
        what: template, kind and rule of the findings.
        cases: the cases, with their rows of `ConformanceReport.cases`.
        seen: `ConformanceReport.looked`; of a rule only the cases count that it looked at.
    """
    template = cases["template"].astype("str")
    looked_at = seen.loc[cases.index].groupby(template).sum().stack()
    pairs = pd.MultiIndex.from_frame(what[["template", "rule"]].astype("str"))
    of = what["template"].astype("str").map(template.value_counts())
    broken = what["kind"] == DeviationKind.RULE
    found = np.where(broken, looked_at.reindex(pairs).to_numpy(), of.to_numpy())
    return pd.Series(found, index=what.index).fillna(0).astype(int)


def runs(ways: pd.DataFrame) -> pd.DataFrame:
    """Return how many cases took each path through the model, by template and open or closed."""
    return ways.groupby(["template", "open", "path"])["cases"].sum().reset_index()


def templates(cases: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Return the figures per template."""
    summed = cases.groupby("template").agg(
        cases=("case", "size"),
        fitting=("fits", "sum"),
        fitness=("fitness", "mean"),
        events=("events", "sum"),
    )
    summed["variants"] = ways.groupby("template")["activities"].nunique()
    columns = ["template", "cases", "fitting", "fitness", "variants", "events"]
    return summed.reset_index()[columns]


def _finding(template: str, kind: str, activity: str, rule: str) -> str:
    """Return an id that stays the same from run to run and says what it is about."""
    if kind == DeviationKind.RULE:
        return f"{template}.{rule}.{activity}"
    return ".".join(filter(None, (template, kind, activity, rule)))


def _with_share(frame: pd.DataFrame, of: pd.Series) -> pd.DataFrame:
    """Add the share of `cases` in `of`, row by row, with its interval; of nothing it is 0."""
    low, high = wilson(frame["cases"], of)
    share = frame["cases"].to_numpy() / np.maximum(of.to_numpy(dtype=float), 1)
    return frame.assign(share=share, low=low, high=high)
