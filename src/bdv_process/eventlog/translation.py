"""Apply a mapping: turn the rows of a foreign log into events of our activities."""

from typing import Any, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    EVIDENCE,
    ITEM,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    PARENT,
    REQUESTER,
    ROOT,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
)
from bdv_process.eventlog.mapping import START, ActivityRule, Condition, Mapping, texts_in
from bdv_process.eventlog.table import Note, Table

_OF_CASE: Final = (PARENT, ROOT, REQUESTER)


def values(mapping: Mapping, table: Table, name: str) -> pd.Series:
    """Return a foreign column, what means "not filled in" missing."""
    found = table.column(name)
    return found.mask(found.isin(mapping.missing)) if mapping.missing else found


def rejected(mapping: Mapping, table: Table) -> pd.Series:
    """Return which rows the mapping calls broken (a mask)."""
    broken = pd.Series(data=False, index=table.frame.index)
    for condition in mapping.reject:
        broken |= _holds(mapping, condition, table)
    return broken


def translated(
    mapping: Mapping, used: pd.DataFrame, table: Table
) -> tuple[pd.DataFrame, int, list[Note]]:
    """Turn usable rows, under our column names, into events of our activities.

    Returns:
        The events, the number of rows that gave none, and what a reader must know.
    """
    rows = _with_case_attributes(mapping, _ordered(mapping, used, table), table)
    events, notes = _activities(mapping, rows, table) if mapping.activities else (rows, [])
    collapsed = int((~rows.index.isin(events.index)).sum())
    events, starts = (_with_starts if START in mapping.columns else begun)(events)
    return events, collapsed, [*notes, *starts]


def _ordered(mapping: Mapping, used: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return rows by case (as first met), time, and the mapping's order."""
    keys = pd.DataFrame({"case": pd.factorize(used[CASE])[0], "time": used[TIMESTAMP]})
    if mapping.order:
        numbers = table.column(mapping.order)[used.index].astype("str")
        wrong = ~numbers.str.fullmatch(r"\d{1,18}").astype(bool)
        if wrong.any():
            row = int(wrong.index[wrong.to_numpy()][0])
            raise InputRefused(
                "BDV-241",
                where=f"{table.source}: {table.place(row)}",
                count=int(wrong.sum()),
                column=mapping.order,
                value=numbers[row],
            )
        keys["order"] = numbers.astype("int64")
    return used.loc[keys.sort_values(list(keys.columns), kind="stable").index]


def _with_case_attributes(mapping: Mapping, rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Give every row of a case the template and the first known of what belongs to the case."""
    by_case = rows.groupby(CASE, sort=False)
    added = {name: by_case[name].transform("first") for name in _OF_CASE if name in rows}
    if not mapping.templates and TEMPLATE in rows:
        return rows.assign(**added)
    template = pd.Series(None, index=rows.index, dtype="str")
    for key, condition in mapping.templates:
        holds = _holds(mapping, condition, table)[rows.index]
        whole = holds.groupby(rows[CASE], sort=False).transform("any")
        template = template.mask(template.isna() & whole, key)
    return rows.assign(**added, **{TEMPLATE: template})


def _activities(
    mapping: Mapping, rows: pd.DataFrame, table: Table
) -> tuple[pd.DataFrame, list[Note]]:
    case, state = rows[CASE], rows[LABEL]
    repeats = (case == case.shift()) & (state == state.shift()) & mapping.collapse
    begins = rows[~repeats]
    before = pd.Series(begins.index, index=begins.index).shift()
    before = before[begins[CASE] == begins[CASE].shift()].astype("int64")
    taken = pd.Series(data=False, index=begins.index)
    parts = []
    for rule in mapping.activities:
        hit = _holds(mapping, rule.when, table)[begins.index]
        if rule.leaving is None:
            hit &= _counted(rule, hit, begins[CASE]) & ~taken
            taken |= hit
        else:
            left = before.map(_holds(mapping, rule.leaving, table))
            hit &= left.reindex(begins.index, fill_value=False)
        parts.append(_as_activity(begins[hit], rule))
    events = pd.concat(parts)
    # A state is left before the next one begins, though both bear the time of one row.
    place = pd.Series(range(len(rows)), index=rows.index)[events.index].to_numpy()
    events = events.assign(_place=place, _last=~events.pop("_leaving"))
    events = events.sort_values(["_place", "_last"], kind="stable")
    unmapped = begins.loc[~taken, LABEL].value_counts()
    unmapped = unmapped[unmapped > 0]
    states = ", ".join(f"{name} ({count})" for name, count in unmapped.items())
    counts: tuple[tuple[str, int, dict[str, object]], ...] = (
        ("eventlog.unmapped", int(unmapped.sum()), {"states": states}),
        ("eventlog.repeated", int(repeats.sum()), {}),
        ("eventlog.leaving", int(events.index.duplicated().sum()), {}),
    )
    notes: list[Note] = [(key, {"count": count, **more}) for key, count, more in counts if count]
    return events.drop(columns=["_place", "_last"]), notes


def _counted(rule: ActivityRule, hit: pd.Series, case: pd.Series) -> pd.Series:
    """Return the rows that are the first, a later, or any occurrence in their case."""
    earlier = hit.groupby(case, sort=False).cumsum() - hit
    if rule.occurrence == "first":
        return earlier == 0
    return earlier > 0 if rule.occurrence == "later" else earlier >= 0


def _as_activity(rows: pd.DataFrame, rule: ActivityRule) -> pd.DataFrame:
    fixed: dict[str, Any] = {
        ACTIVITY: rule.id,
        LIFECYCLE: str(Lifecycle.COMPLETE),
        TOUCHPOINT: rule.touchpoint,
        "_leaving": rule.leaving is not None,
    }
    if rule.outcome is not None or OUTCOME not in rows:
        fixed[OUTCOME] = rule.outcome
    if rule.label is not None:
        fixed[LABEL] = rule.label
    return rows.assign(**fixed)


def begun(events: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Split each row with a start in two, unless events of their own say when work began."""
    if START not in events or TIMESTAMP not in events:
        return events, []
    if LIFECYCLE in events:
        stages = events[LIFECYCLE].astype("str").str.lower()
        if (stages == Lifecycle.START).any():
            return events, []
    return _with_starts(events)


def _with_starts(events: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Split each row with a start into two events of one work item: its start and its end."""
    items = pd.Series([str(row + 1) for row in range(len(events))], index=events.index, dtype="str")
    known = events[ITEM].astype("str").fillna(items) if ITEM in events else items
    events = events.assign(_place=range(len(events)))
    events[ITEM] = known
    starts = events[events[START].notna()].copy()
    starts[LIFECYCLE], starts[TIMESTAMP] = str(Lifecycle.START), starts[START]
    both = pd.concat([starts.drop(columns=[OUTCOME, *EVIDENCE], errors="ignore"), events])
    both = both.sort_values("_place", kind="stable").drop(columns=[START, "_place"])
    return both, [("eventlog.begun", {"count": len(starts)})]


def _holds(mapping: Mapping, condition: Condition, table: Table) -> pd.Series:
    """Return for which rows of the file all parts of a condition hold."""
    holds = pd.Series(data=True, index=table.frame.index)
    for column, wanted in condition.items():
        found = values(mapping, table, column)
        if not isinstance(wanted, dict):
            holds &= found.isin(texts_in(wanted))
        elif "missing" in wanted:
            holds &= found.isna() == wanted["missing"]
        else:
            holds &= ~found.isin(texts_in(wanted["not"]))
    return holds
