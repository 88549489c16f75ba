"""Cases that fit another template than the one they run: by what was done, and what was started.

A template is charged the cost of the path, and 1 for each child of the case that runs a template
which none of its forks calls. W3 and W4 ask for the same steps; only the child tells them apart.
A case that was rerouted is charged for no child: its forks led elsewhere before.
"""

from collections.abc import Callable, Mapping
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.mining.alignment import costs
from bdv_process.mining.model import Models
from bdv_process.template.model import Template

Ints = NDArray[np.int64]

DEARER = 1 << 30  # than anything a case could cost


def better(
    every: pd.DataFrame,
    cases: pd.DataFrame,
    variants: pd.DataFrame,
    variant: Ints,
    given: Mapping[str, Template],
    model: Models,
) -> Ints:
    """Return by case the position in `given` of the template it fits strictly better, or -1.

    The best counts, of equals the first. A template that shares no step with a case is not weighed:
    it could only be shorter.

    Args:
        every: all cases of the log: template and parent.
        cases: template and cost of the cases looked at, and whether they were rerouted.
        variants: their distinct variants.
        variant: by case the row of its variant.
        given: the templates to weigh, by key.
        model: what each allows, by key.
    """
    astray = _astray(every, cases)
    least = cases["cost"].to_numpy(dtype=np.int64, copy=True)
    for key, template in given.items():
        own = (cases["template"] == key).to_numpy(dtype=bool)
        least[own] += astray(template)[own]
    limit = np.zeros(len(variants), dtype=np.int64)
    np.maximum.at(limit, variant, least)
    price = _pricing(variants, limit, model)
    found = np.full(len(cases), -1)
    for position, template in enumerate(given.values()):
        paid = price(template)[variant] + astray(template)
        wins = paid < least
        least[wins], found[wins] = paid[wins], position
    return found


def _astray(every: pd.DataFrame, cases: pd.DataFrame) -> Callable[[Template], Ints]:
    """Return what counts by case the children whose template no fork of a template calls."""
    children = every.dropna(subset=["template", "parent"])
    if len(children):
        index = pd.Index(cases["case"])
        children = children.assign(parent=index.get_indexer(pd.Index(children["parent"])))
        children = children[children["parent"] >= 0]
        children = children[~cases["rerouted"].to_numpy()[children["parent"]]]

    def astray(template: Template) -> Ints:
        called = children["template"].isin([fork.calls for fork in template.forks])
        return np.bincount(children.loc[~called, "parent"], minlength=len(cases))

    return astray


def _pricing(variants: pd.DataFrame, limit: Ints, model: Models) -> Callable[[Template], Ints]:
    """Return what gives by variant the cost of the path of another template, when below `limit`."""
    dear = np.flatnonzero(limit > 0)
    words = variants["activities"].to_numpy()[dear]
    at = np.repeat(dear, [len(word) for word in words])
    step, steps = pd.factorize(np.array([*chain.from_iterable(words)], dtype=object))

    def price(template: Template) -> Ints:
        found = np.full(len(variants), DEARER)
        known = np.array([name in template.by_id for name in steps], dtype=bool)
        # An activity that a template does not know costs 1, whatever else there is.
        unknown = np.bincount(at[~known[step]], minlength=len(variants))
        weighed = (variants["template"] != template.key).to_numpy(dtype=bool) & (unknown < limit)
        for end in variants.loc[weighed, "end"].unique():
            ended = weighed & (variants["end"] == end).to_numpy(dtype=bool)
            language = model(template.key, end).automaton
            code = pd.Index(language.labels).get_indexer(pd.Index(steps))
            heard = ended[at] & ((code >= 0) | ~known)[step]
            lengths = np.bincount(at[heard], minlength=len(variants))[ended]
            running = variants["open"].to_numpy(dtype=bool)[ended]
            cost = costs(language, code[step[heard]], lengths, running)
            alone = lengths + np.where(running, 0, language.shortest)  # when they share no step
            found[ended] = np.where(cost < alone, cost, DEARER)
        return found

    return price
