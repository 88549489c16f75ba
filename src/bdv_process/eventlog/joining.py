"""Join the logs of several organisations: what one asked of another becomes one stream."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.event import (
    CASE,
    LINKED,
    ORGANISATION,
    PARENT,
    PROPOSAL,
    ROOT,
    TIMESTAMP,
)
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.table import Note

_SHOWN: Final = 5  # ids of what could not be linked


def join(
    logs: Mapping[str, EventLog], *, reference: str = PARENT, trace: str | None = None
) -> EventLog:
    """Return one log of several organisations, in which streams run on from one to the other.

    A case becomes the child of the case that `reference` names, when its own log has no such case
    and exactly one other log has. With `trace`, cases without a parent that have the same value in
    that column are one stream, its root the one that began first; who asked for whom stays unsaid.
    A case whose id several logs have is named `organisation:id`, also in what cases link to.
    The joined log has a column `case:bdv:organisation`; its notes say what could not be linked.

    Args:
        logs: by name of the organisation.
        reference: column that names the case elsewhere that asked for this one.
        trace: column whose value is the same in the whole chain.

    Raises:
        InputRefused: one is no log, no log has the column, or cases are each other's parents.
    """
    for log in logs.values():
        refuse_no_log(log)
    for column in filter(None, (reference, trace)):
        if not any(column in log.coded for log in logs.values()):
            raise InputRefused("BDV-287", where=", ".join(logs), column=column)
    cases = _cases(logs, reference, trace)
    twice = cases[CASE].duplicated(keep=False)
    cases["name"] = cases[CASE].where(~twice, cases[ORGANISATION] + ":" + cases[CASE])
    loose = _find_parents(cases)
    _find_roots(cases)
    notes = [_linked(cases, loose)]
    if trace:
        notes.append(_find_traces(cases))
    _name(cases)
    if twice.any():
        notes.append(("joined.renamed", {"count": int(twice.sum())}))
    frames = [_renamed(log, cases[cases[ORGANISATION] == name]) for name, log in logs.items()]
    return EventLog(frame=pd.concat(frames, ignore_index=True), provenance=_account(logs, notes))


def _cases(logs: Mapping[str, EventLog], reference: str, trace: str | None) -> pd.DataFrame:
    """Return a row per case: organisation, id, parent, root, reference, trace and beginning."""
    rows = []
    for name, log in logs.items():
        frame = log.frame
        first = frame.drop_duplicates(CASE).reset_index(drop=True)
        one = first[[CASE, PARENT, ROOT]].assign(**{ORGANISATION: name})
        for column, wanted in (("reference", reference), ("trace", trace)):
            one[column] = first[wanted].astype("str") if wanted in first else pd.NA
        one["begun"] = frame.groupby(CASE, sort=False)[TIMESTAMP].min().array
        rows.append(one)
    cases = pd.concat(rows, ignore_index=True)
    texts = [CASE, PARENT, ROOT, ORGANISATION, "reference", "trace"]
    return cases.astype(dict.fromkeys(texts, "str"))


def _find_parents(cases: pd.DataFrame) -> pd.Series:
    """Fill in `parent`, the row of the case that asked for each; return what names no one case."""
    row = pd.Series(cases.index, index=pd.MultiIndex.from_frame(cases[[ORGANISATION, CASE]]))
    own = row.reindex(pd.MultiIndex.from_frame(cases[[ORGANISATION, PARENT]])).array
    cases["parent"] = pd.array(own, dtype="Int64")
    open_ = cases[cases["parent"].isna() & cases["reference"].notna()]
    found = open_[["reference", ORGANISATION]].reset_index().merge(
        cases[[CASE, ORGANISATION]].reset_index(),
        left_on="reference", right_on=CASE, suffixes=("", "_there"),
    )  # fmt: skip
    found = found[found[ORGANISATION] != found[f"{ORGANISATION}_there"]]
    found = found[~found["index"].duplicated(keep=False)]
    cases.loc[found["index"], "parent"] = found["index_there"].array
    loose = cases.index.isin(open_.index) & cases["parent"].isna()
    return cases.loc[loose, "reference"]


def _find_roots(cases: pd.DataFrame) -> None:
    """Fill in `top`, the row of the first case of each chain."""
    top = cases["parent"].fillna(-1).astype("int64").to_numpy()
    top = pd.Series(top).where(top >= 0, cases.index).to_numpy()
    for _ in range(len(cases).bit_length()):
        top = top[top]
    circle = cases["parent"].notna().to_numpy()[top]
    if circle.any():
        where = ", ".join(cases["name"][circle].head(_SHOWN))
        raise InputRefused("BDV-288", where=where, count=int(circle.sum()))
    cases["top"] = top


def _find_traces(cases: pd.DataFrame) -> Note:
    """Give cases on top of their chains, of several organisations and one trace, one root."""
    on_top = cases[(cases["top"] == cases.index) & cases["trace"].notna()]
    wide = on_top.groupby("trace")[ORGANISATION].transform("nunique") > 1
    first = on_top[wide].sort_values("begun", kind="stable").drop_duplicates("trace")
    root = on_top["trace"].map(pd.Series(first.index, index=first["trace"]))
    moved = root.dropna().astype("int64")
    cases["top"] = cases["top"].map(lambda row: moved.get(row, row))
    facts = {"streams": len(first), "count": int((~wide).sum()), "of": len(on_top)}
    return "joined.traces", facts


def _name(cases: pd.DataFrame) -> None:
    """Fill in the names of parents and roots; one that is in no log stays as it was said."""
    named = cases["parent"].map(cases["name"]).astype("str")
    cases["parent_name"] = named.where(named.notna(), cases[PARENT])
    top = cases["top"].to_numpy()
    elsewhere = (cases[ROOT] != cases[CASE]).to_numpy()[top]
    cases["root_name"] = cases["name"].array[top]
    cases["root_name"] = cases["root_name"].mask(elsewhere, cases[ROOT].array[top])


def _linked(cases: pd.DataFrame, loose: pd.Series) -> Note:
    parents = cases["parent"].dropna().astype("int64")
    across = cases[ORGANISATION][parents.index].array != cases[ORGANISATION][parents].array
    shown = ", ".join(loose.drop_duplicates().head(_SHOWN)) or "-"
    facts = {"linked": int(across.sum()), "loose": len(loose), "ids": shown}
    return "joined.linked", facts


def _renamed(log: EventLog, cases: pd.DataFrame) -> pd.DataFrame:
    """Return the events of one log under the names that cases have in the joined one."""
    frame = log.frame
    new = cases.set_index(CASE)
    changed = new["name"][new["name"] != new.index].to_dict()
    for column in (LINKED, PROPOSAL):
        texts = frame[column].dropna().unique()
        said = {text: " ".join(changed.get(one, one) for one in text.split()) for text in texts}
        frame = frame.assign(**{column: frame[column].map(said) if changed else frame[column]})
    told = {CASE: "name", PARENT: "parent_name", ROOT: "root_name", ORGANISATION: ORGANISATION}
    whose = frame[CASE]
    return frame.assign(**{column: whose.map(new[known]) for column, known in told.items()})


def _account(logs: Mapping[str, EventLog], notes: list[Note]) -> Provenance:
    """Return the account of all logs together."""
    each = [log.provenance for log in logs.values()]
    return Provenance(
        source=" + ".join(logs),
        rows_in=sum(one.rows_in for one in each),
        used=sum(one.used for one in each),
        collapsed=sum(one.collapsed for one in each),
        rejected=pd.concat([one.rejected for one in each], ignore_index=True),
        notes=(*(note for one in each for note in one.notes), *notes),
        not_observable=tuple(dict.fromkeys(a for one in each for a in one.not_observable)),
    )
