"""What each case of a log costs to explain: by its template, or by any model."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import LimitExceeded
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.event import CASE, LABEL, LIFECYCLE, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.language import text
from bdv_process.mining.alignment import costs, prefix_costs
from bdv_process.mining.bounds import SECONDS, bounds
from bdv_process.mining.model import models
from bdv_process.mining.tier import Tier
from bdv_process.mining.tree_costs import tree_costs
from bdv_process.mining.variants import begins, cases_of, compared, held, with_ends
from bdv_process.template.automaton import Automaton
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key
from bdv_process.template.net import Net
from bdv_process.template.pnml import read_pnml
from bdv_process.template.process_tree import ProcessTree, read_ptml
from bdv_process.template.reachability import MAX_STATES

TREE_STATES = 3_000  # beyond, the intervals of a tree are faster than the states of its net


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Aligned(Shown):
    """What was found when a log was held against one model, or each case against its template.

    `frame`: of cases: case, cost (Int64), fitness (0..1), and, where a search may run out of time,
        lower and upper (the cost lies between them, and is missing when they differ). Of prefixes:
        case, event (1 is the first), cost (Int64).
    `tiers`: by template ("" for another model), which way of aligning ran.
    """

    frame: pd.DataFrame
    tiers: dict[str, Tier]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {"format": 1, "tiers": dict(self.tiers), "rows": plain(self.frame)}

    def __repr__(self) -> str:
        """Say how many cases cost something to explain, on one line."""
        cost = self.frame.groupby("case", sort=False)["cost"].last()
        by = ", ".join(dict.fromkeys(map(text, self.tiers.values())))
        return (
            f"<Aligned: {len(cost)} cases, {int((cost == 0).sum())} cost nothing, "
            f"{int(cost.isna().sum())} unsure, by {by}>"
        )


def aligned(
    log: EventLog,
    model: Net | ProcessTree | str | Path | None = None,
    *,
    templates: Iterable[Template] | None = None,
    prefixes: bool = False,
) -> Aligned:
    """Return what each case costs to explain, by its template or by one model for all.

    Args:
        log: the events.
        model: a net or process tree to hold all cases against, by their `concept:name`; or its
            file: .pnml, or .ptml.
        templates: without a model, what each case should do, by `bdv:activity`; by default the
            shipped ones.
        prefixes: return what a case has cost after each event; what may still come is free.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is no log, the file is no model, no case can reach its end, or no case in
            the log runs one of the templates.
        LimitExceeded: there are too many states for what is asked.
    """
    refuse_no_log(log)
    if model is None:
        return aligned_with_templates(log, or_shipped(templates), prefixes=prefixes)
    if isinstance(model, str | Path):
        read = read_ptml if Path(model).suffix == ".ptml" else read_pnml
        model = read(Path(model))
    return aligned_with_net(log, model, prefixes=prefixes)


def aligned_with_net(
    log: EventLog, net: Net | ProcessTree, *, prefixes: bool = False, seconds: float = SECONDS
) -> Aligned:
    """Hold all cases, by their `concept:name`, against one model.

    Args:
        log: the events; each case counts as ended.
        net: a net, or a process tree, with which larger models are within reach.
        prefixes: return what a case has cost after each event; what may still come is free.
        seconds: for each variant, where nothing but a search is left.

    Raises:
        InputRefused: no case can reach the end of the net.
        LimitExceeded: the net can be in too many states for what is asked.
    """
    case = log.coded[CASE]
    first = begins(log.coded)
    at = np.cumsum(first) - 1
    done = (log.coded[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    cases = case[first].reset_index(drop=True)
    labels = log.coded.loc[done, LABEL]
    model = within_reach(net)
    if isinstance(model, Automaton):
        ended = np.zeros(len(cases), dtype=bool)
        found = _by_automaton(model, cases, ended, at[done], labels, prefixes=prefixes)
        return Aligned(frame=found, tiers={"": Tier.of(model)})
    lengths = np.bincount(at[done], minlength=len(cases))
    ways = pd.Series(
        [tuple(way) for way in np.split(labels.to_numpy(dtype=object), np.cumsum(lengths)[:-1])]
    )
    if isinstance(model, ProcessTree):
        found = _by_tree(model, cases, ways, prefixes=prefixes)
        return Aligned(frame=found, tiers={"": Tier.TREE})
    if prefixes:
        raise LimitExceeded("BDV-402", limit=MAX_STATES)
    return Aligned(frame=_by_search(model, cases, ways, seconds), tiers={"": Tier.SEARCH})


def aligned_with_templates(
    log: EventLog, templates: Iterable[Template], *, prefixes: bool = False
) -> Aligned:
    """Hold each case against its template, by `bdv:activity`; open cases as `conformance` does.

    Cases of other templates are left out; a log that names no template is held against the only
    one that is given.

    Args:
        log: the events.
        templates: what should happen.
        prefixes: return what a case has cost after each event; what may still come is free.

    Raises:
        InputRefused: no case in the log runs one of the templates.
        LimitExceeded: a template can be in too many states.
    """
    given = by_key(templates)
    cases = cases_of(log.coded)
    if len(given) == 1 and cases["template"].isna().all():
        cases["template"] = next(iter(given))
    known, cases = held(cases, given, log.provenance.source)
    cases = with_ends(log.coded, cases, known, ())
    hidden = log.provenance.not_observable
    events = compared(log.coded, cases, known, hidden)
    kinds = cases.groupby(["template", "end"], observed=True)
    kind = kinds.ngroup().to_numpy()[events["at"]]
    events["at"] = kinds.cumcount().to_numpy()[events["at"]]
    events = events.take(np.argsort(kind, kind="stable"))
    many = np.bincount(kind, minlength=kinds.ngroups)
    found, tiers = [], {}
    model_of = models(known, hidden)
    for ((key, end), own), until, size in zip(kinds, many.cumsum(), many, strict=True):
        mine = events.iloc[until - size : until]
        at, labels = mine["at"].to_numpy(), mine["activity"]
        model = model_of(str(key), str(end)).automaton
        running = own["open"].to_numpy()
        found.append(_by_automaton(model, own["case"], running, at, labels, prefixes=prefixes))
        tiers[str(key)] = Tier.of(model)
    order = ["event"] if prefixes else []
    frame = pd.concat(found).rename_axis("row").sort_values(["row", *order])
    return Aligned(frame=frame.reset_index(drop=True), tiers=tiers)


def within_reach(net: Net | ProcessTree) -> Automaton | ProcessTree | Net:
    """Return a model in the form in which it is aligned fastest.

    Raises:
        InputRefused: no case can reach its end.
        LimitExceeded: it has too many states, and it is no plain net.
    """
    tree = net if isinstance(net, ProcessTree) and net.separable else None
    plain = net.net() if isinstance(net, ProcessTree) else net
    try:
        model = Automaton.of(plain)
    except LimitExceeded:
        if not plain.plain:
            raise
        return tree or plain
    return tree if tree and len(model.steps) > TREE_STATES else model


def _by_automaton(
    model: Automaton,
    cases: pd.Series,
    running: NDArray[np.bool_],
    at: NDArray[np.int64],
    labels: pd.Series,
    *,
    prefixes: bool,
) -> pd.DataFrame:
    """Return costs under the index of the cases, given by event its case's row and its label."""
    name, names = pd.factorize(labels)
    codes = pd.Index(model.labels).get_indexer(pd.Index(names))[name]
    lengths = np.bincount(at, minlength=len(cases))
    if prefixes:
        return _numbered(cases, lengths, prefix_costs(model, codes, lengths))
    cost = costs(model, codes, lengths, running)
    return _priced(cases, cost, lengths + np.where(running, 0, model.shortest))


def _by_tree(
    tree: ProcessTree, cases: pd.Series, ways: pd.Series, *, prefixes: bool
) -> pd.DataFrame:
    found = {way: tree_costs(tree, way) for way in ways.unique()}
    lengths = ways.map(len).to_numpy()
    if prefixes:
        return _numbered(cases, lengths, np.concatenate([found[way][1] for way in ways]))
    cost = np.array([found[way][0] for way in ways])
    return _priced(cases, cost, lengths + tree_costs(tree, ())[0])


def _by_search(net: Net, cases: pd.Series, ways: pd.Series, seconds: float) -> pd.DataFrame:
    distinct = ways.unique().tolist()
    told, shortest = bounds(net, distinct, seconds)
    found = dict(zip(distinct, told, strict=True))
    lower = pd.array([found[way].lower for way in ways], dtype="Int64")
    upper = pd.array([found[way].upper for way in ways], dtype="Int64")
    sure = np.array([found[way].lower == found[way].upper for way in ways])
    longest = ways.map(len).to_numpy() + (shortest or 0)
    priced = _priced(cases, np.where(sure, lower, 0).astype(np.int64), longest)
    priced["cost"] = priced["cost"].where(sure)
    priced["fitness"] = priced["fitness"].where(sure & (shortest is not None))
    return priced.assign(lower=lower, upper=upper)


def _priced(
    cases: pd.Series, cost: NDArray[np.integer], longest: NDArray[np.integer]
) -> pd.DataFrame:
    # A case without events may fit a model that asks for none.
    fitness = 1 - cost / np.maximum(longest, 1)
    priced = pd.array(cost, dtype="Int64")
    return pd.DataFrame({"case": cases, "cost": priced, "fitness": fitness}, index=cases.index)


def _numbered(
    cases: pd.Series, lengths: NDArray[np.int64], cost: NDArray[np.integer]
) -> pd.DataFrame:
    row = np.repeat(np.arange(len(cases)), lengths)
    event = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
    whose = cases.iloc[row]
    paid = pd.array(cost, dtype="Int64")
    return pd.DataFrame({"case": whose, "event": event, "cost": paid}, index=whose.index)
