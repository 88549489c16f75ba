"""Links: which case asked for which, where the log does not say it in so many words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.eventlog.asked import refuse_one_text
from bdv_process.eventlog.coded import codes_of, column_of, numbered
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.event import (
    CASE,
    CONFIDENCE,
    LINK,
    PARENT,
    REQUESTER,
    ROOT,
    TIMESTAMP,
    LinkSource,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.table import Note
from bdv_process.mining.calls import answered, calls
from bdv_process.mining.instants import NEVER, microseconds
from bdv_process.mining.likely_parent import ENOUGH, LEAST, Usual, likely_parents
from bdv_process.mining.quality import clock
from bdv_process.mining.tree import tree
from bdv_process.mining.variants import cases_of, with_ends
from bdv_process.mining.work import AT, compact
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key

SURE: Final = 0.9  #: the confidence from which on an inferred link counts as sure

_GRAINS: Final = {"day": 86_400e6, "hour": 3_600e6, "minute": 60e6}  # else a second
_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


def link(
    log: EventLog,
    by: Iterable[str] | Mapping[str, str] = (),
    *,
    infer: bool = False,
    templates: Iterable[Template] | None = None,
    service: str | None = None,
    window: timedelta | None = None,
) -> EventLog:
    """Return the log with the parents of cases filled in, and how sure each link is.

    A parent that was recorded stays. Else each column of `by` is asked which case it names. Else,
    with `infer`, the likeliest call of a fork (see `likely_parent`); a case of which a root is
    recorded, or a parent that is not in the log, is not guessed at. Every case has
    `case:bdv:link` (`recorded`, `reference` or `inferred`; missing without a parent) and, when
    inferred, `case:bdv:confidence`; its root is that of the stream. The notes count all of it.

    Args:
        log: the events.
        by: columns that name the case that asked for this one, by its id; or of each such column
            the column that holds what it names, as the own number of a ticket.
        infer: whether to guess, too.
        templates: the forks, and what each calls; by default the shipped ones.
        service: column that is equal in a case and in what it calls.
        window: how long after a call a case begins at the latest; by default as long as known
            links make likely.

    Raises:
        InputRefused: there is no such column, the log lacks times to infer from, or cases would be
            each other's ancestors.
    """
    refuse_no_log(log)
    refuse_one_text(by=None if isinstance(by, Mapping) else by)
    frame, source = log.coded, log.provenance.source
    named = dict(by) if isinstance(by, Mapping) else dict.fromkeys(by, CASE)
    for column in filter(None, [*named, *named.values(), service]):
        if column not in frame:
            raise InputRefused("BDV-442", where=source, column=column)
    if infer and frame[TIMESTAMP].isna().any():
        raise InputRefused("BDV-443", where=source)
    cases = cases_of(frame)
    parent = pd.Index(cases["case"]).get_indexer(pd.Index(cases["parent"]))
    parent[cases["parent"].isna()] = -1
    how, sure = _so_far(frame, cases)
    notes: list[Note] = []
    for column, own in named.items():
        found, loose = _named(frame, column, own)
        new = (how == "") & (found >= 0)
        parent[new], how[new] = found[new], LinkSource.REFERENCE
        facts = {"column": column, "linked": int(new.sum()), "loose": loose}
        notes.append(("linked.reference", facts))
    if infer:
        forks = by_key(or_shipped(templates))
        within = NEVER if window is None else window // timedelta(microseconds=1)
        known = with_ends(frame, cases.assign(parent=parent, how=how), forks, ())
        pairs, of, learnt = _inferred(log, known, forks, service, within)
        likely = pairs["confidence"] >= LEAST
        left, pairs = int((~likely).sum()), pairs[likely]
        new = pairs["case"].to_numpy()
        parent[new], how[new], sure[new] = pairs["parent"], LinkSource.INFERRED, pairs["confidence"]
        sure_ones = int((pairs["confidence"] >= SURE).sum())
        facts = {"linked": len(new), "of": of, "sure": sure_ones, "left": left}
        notes.append(("linked.inferred", facts) if of else ("linked.nothing", {}))
        if of and not learnt:
            notes.append(("linked.assumed", {"enough": ENOUGH}))
    account = replace(log.provenance, notes=(*log.provenance.notes, *notes))
    return EventLog(frame=_written(frame, cases, parent, how, sure), provenance=account)


def without_inferred(log: EventLog) -> EventLog:
    """Return the log without the links that were inferred: what a measure is without guessing."""
    frame = log.coded
    if LINK not in frame:
        return log
    cases, at = cases_of(frame), codes_of(frame[CASE])
    how, _ = _so_far(frame, cases)
    guessed = how == LinkSource.INFERRED
    left = {PARENT: cases["parent"].mask(guessed), LINK: pd.Series(how).mask(guessed | (how == ""))}
    loose = frame.assign(**{name: _of_case(values, at) for name, values in left.items()})
    # What was below such a link had its own root before: the case that was linked by it.
    top = tree(loose.assign(**{ROOT: frame[CASE]}))["stream"]
    root = frame[ROOT].iloc[cases["first"]].astype("str").reset_index(drop=True)
    root = root.mask(top.isin(cases.loc[guessed, "case"]), top)
    told = loose.assign(**{ROOT: _of_case(root, at)}).assign(**{CONFIDENCE: np.nan})
    return EventLog(frame=told, provenance=log.provenance)


def _so_far(frame: pd.DataFrame, cases: pd.DataFrame) -> tuple[NDArray[np.object_], _Floats]:
    """Return by case how its parent is known ("" for none), and the confidence."""
    how = cases["parent"].notna().map({True: LinkSource.RECORDED, False: ""}).to_numpy(object)
    sure = np.full(len(cases), np.nan)
    if LINK in frame:
        told = frame[LINK].iloc[cases["first"]].astype("str").to_numpy(object)
        how = np.where(pd.isna(told), how, told)
    if CONFIDENCE in frame:  # not of a file that keeps no column without a value
        # A file may have kept it as text.
        sure = pd.to_numeric(frame[CONFIDENCE].astype("str")).to_numpy(copy=True)[cases["first"]]
    return how, sure


def _named(frame: pd.DataFrame, column: str, own: str) -> tuple[_Ints, int]:
    """Return by case the one other case that a column names, or -1; and how many name no such one.

    Args:
        frame: the events.
        column: what names another case.
        own: the column that has what it names.
    """
    at = codes_of(frame[CASE]).astype(np.int64)
    code, said = numbered(frame[column])
    asks = pd.DataFrame({"case": at, "name": code}).query("name >= 0").drop_duplicates()
    asks["name"] = said.to_numpy(dtype=object)[asks["name"]]
    code, said = numbered(frame[own])
    has = pd.DataFrame({"parent": at, "name": code}).query("name >= 0").drop_duplicates()
    has["name"] = said.to_numpy(dtype=object)[has["name"]]
    has = has[~has["name"].duplicated(keep=False)]
    met = asks.merge(has, on="name", how="left").fillna({"parent": -1}).astype({"parent": np.int64})
    met = met[met["parent"] != met["case"]]
    each = met.groupby("case")["parent"].agg(["min", "max"])
    one = each["min"].where(each["min"] == each["max"], -1)
    found = np.full(len(frame[CASE].cat.categories), -1)
    found[one.index] = one
    return found, int((one < 0).sum())


def _inferred(
    log: EventLog,
    cases: pd.DataFrame,
    templates: Mapping[str, Template],
    service: str | None,
    within: int,
) -> tuple[pd.DataFrame, int, bool]:
    """Return case, parent and confidence of the links that are likely.

    And of how many cases that was asked, and whether the usual lags were learnt.
    """
    frame, rows = log.coded, compact(log)
    times = microseconds(rows[TIMESTAMP])
    span = pd.Series(times).groupby(rows[AT]).agg(["min", "max"])
    cases = cases.assign(case=cases.index, started=span["min"], ended=span["max"])
    cases["requester"] = codes_of(frame[REQUESTER])[cases["first"]].astype(np.int64)
    common = ["requester"]
    if service is not None:
        code = pd.Series(numbered(frame[service])[0]).astype("int64")
        cases["service"] = code.where(code >= 0).groupby(rows[AT]).first().fillna(-1).astype(int)
        common.append("service")
    asked = calls(rows, cases, templates.values())
    asked = asked.join(cases[common], on="parent")
    met = answered(asked, cases)
    met = met[met >= 0]
    known = met[(cases["how"] != LinkSource.INFERRED)[met.index]]
    child, call = cases.loc[known.index], asked.loc[known]
    grain = _GRAINS.get(clock(log), 1e6)
    begun = child["started"].to_numpy() - call["start"].to_numpy()
    over = (call["end"] < NEVER).to_numpy() & ~child["open"].to_numpy()
    back = (call["end"].to_numpy()[over]) - child["ended"].to_numpy()[over]
    lags = (Usual.of(begun, grain), Usual.of(back, grain))
    alone = (cases["how"] == "") & cases["template"].isin(asked["target"])
    own = frame[ROOT].iloc[cases["first"]].astype("str").to_numpy() == frame[CASE].cat.categories
    orphans = cases.loc[alone & own, ["case", "template", "started", "ended", "open", *common]]
    free = asked.drop(met.unique())
    found = likely_parents(
        free.reset_index(drop=True), orphans.reset_index(drop=True), lags, within
    )
    pairs = pd.DataFrame(
        {
            "case": orphans["case"].to_numpy()[found["orphan"]],
            "parent": free["parent"].to_numpy()[found["call"]],
            "confidence": found["confidence"],
        }
    )
    return pairs, len(orphans), len(known) >= ENOUGH


def _written(
    frame: pd.DataFrame,
    cases: pd.DataFrame,
    parent: _Ints,
    how: NDArray[np.object_],
    sure: _Floats,
) -> pd.DataFrame:
    """Return the events with what is known of the links of their cases."""
    at = codes_of(frame[CASE])
    names = cases["case"].reindex(parent).array
    columns = {
        PARENT: cases["parent"].fillna(pd.Series(names)),
        LINK: pd.Series(how).replace("", np.nan),
        CONFIDENCE: pd.Series(sure),
    }
    told = {name: _of_case(values, at) for name, values in columns.items()}
    made = frame.assign(**told)
    return made.assign(**{ROOT: _of_case(tree(made)["stream"], at)})


def _of_case(values: pd.Series, at: NDArray[np.int32]) -> pd.Series:
    """Return a column of the cases as one of their events, texts kept once."""
    if pd.api.types.is_float_dtype(values.dtype):
        return pd.Series(values.to_numpy()[at])
    codes, texts = numbered(values.reset_index(drop=True))
    return column_of(codes[at], texts)
