"""What each case of a log costs to explain: by its template, or by any net."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import CASE, LABEL, LIFECYCLE, TEMPLATE, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.alignment import costs
from bdv_process.mining.variants import compared
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Template, by_key
from bdv_process.template.net import Net


def aligned_with_net(log: EventLog, net: Net) -> pd.DataFrame:
    """Return the columns case, cost and fitness (0..1) of all cases, by their `concept:name`.

    Raises:
        InputRefused: no case can reach the end of the net.
        LimitExceeded: the net can be in too many states.
    """
    case = log.frame[CASE]
    first = (case != case.shift()).to_numpy()  # a log keeps the rows of a case together
    at = np.cumsum(first) - 1
    done = (log.frame[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    cases = case[first].reset_index(drop=True)
    return _priced(cases, at[done], log.frame.loc[done, LABEL], Automaton.of(net))


def aligned_with_templates(log: EventLog, templates: Iterable[Template]) -> pd.DataFrame:
    """Return the columns case, cost and fitness (0..1), by `bdv:activity`, each case as if ended.

    Cases of other templates are left out; a log that names no template is held against the only
    one that is given.

    Raises:
        InputRefused: no case in the log runs one of the templates.
        LimitExceeded: a template can be in too many states.
    """
    given = by_key(templates)
    cases = log.frame.drop_duplicates(CASE)[[CASE, TEMPLATE]].reset_index(drop=True)
    cases.columns = pd.Index(["case", "template"])
    if len(given) == 1 and cases["template"].isna().all():
        cases["template"] = next(iter(given))
    found = []
    for key, own in cases[cases["template"].isin(given)].groupby("template"):
        template, hidden = given[str(key)], log.provenance.not_observable
        events = compared(log.frame, own, {template.key: template}, hidden)
        spoken = automaton(template, hidden)
        found.append(_priced(own["case"], events["at"].to_numpy(), events["activity"], spoken))
    if not found:
        raise InputRefused("BDV-401", where=log.provenance.source, templates=", ".join(given))
    return pd.concat(found).sort_index()


def _priced(
    cases: pd.Series, at: NDArray[np.int64], labels: pd.Series, spoken: Automaton
) -> pd.DataFrame:
    """Return the cost of each case, given by event the row of its case and its label."""
    name, names = pd.factorize(labels)
    lengths = np.bincount(at, minlength=len(cases))
    cost = costs(spoken, pd.Index(spoken.labels).get_indexer(pd.Index(names))[name], lengths)
    # A case without events may fit a template that asks for none.
    fitness = 1 - cost / np.maximum(lengths + spoken.shortest, 1)
    return pd.DataFrame({"case": cases, "cost": cost, "fitness": fitness}, index=cases.index)
