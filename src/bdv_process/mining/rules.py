"""Rules beyond the path: who did it, and who should not have.

A rule looks at the frame of a log and a procedure and answers in one form: it cannot be checked
with this log (and why), it was checked and is clean, or it is broken in these cases.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    PARENT,
    REQUESTER,
    RESOURCE,
    ROLE,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Separation

RESPONSIBLE = "responsible"
REQUESTER_SEPARATED = "requester"
LINEAGE = "lineage"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a rule found; broken when `breaches` has rows (columns: case, activity)."""

    rule: str  #: `responsible`, `requester` or the id of a separation
    unchecked: str | None = None  #: text key of the reason why this log cannot carry the rule
    breaches: pd.DataFrame


def responsible(log: pd.DataFrame, procedure: Procedure) -> Checked:
    """Check that work was done in a role that is R for it; work without a role is not judged."""
    work = _work(log, procedure).dropna(subset=[ROLE])
    if not work[ROLE].isin(procedure.role_ids).any():
        return _unchecked(RESPONSIBLE, "unchecked.role")
    allowed = pd.MultiIndex.from_tuples(
        (activity, role) for activity, raci in procedure.raci.items() for role in raci.responsible
    )
    done = pd.MultiIndex.from_frame(work[[ACTIVITY, ROLE]])
    return Checked(rule=RESPONSIBLE, breaches=_places(work[~done.isin(allowed)]))


def requester_separated(log: pd.DataFrame, procedure: Procedure) -> Checked:
    """Check that nobody handled a case in which they are the requester."""
    work = _work(log, procedure)
    asked = work.dropna(subset=[RESOURCE, REQUESTER])
    if asked.empty:
        return _unchecked(REQUESTER_SEPARATED, "unchecked.requester")
    own = asked[asked[RESOURCE] == asked[REQUESTER]].drop_duplicates(CASE)
    return Checked(rule=REQUESTER_SEPARATED, breaches=_places(own))


def separated(log: pd.DataFrame, procedure: Procedure, rule: Separation) -> Checked:
    """Check that nobody did both sides of a separation in a case and its parents and children.

    Counted once per case and person, at the event that was the second of the two.
    """
    work = _work(log, procedure).dropna(subset=[RESOURCE])
    if work.empty:
        return _unchecked(rule.id, "unchecked.resource")
    one = work.loc[work[ACTIVITY].isin(rule.one), [CASE, RESOURCE, "order"]]
    other = work.loc[work[ACTIVITY].isin(rule.other), [CASE, RESOURCE, "order"]]
    lineage = _lineage(log)
    pairs = pd.concat([_pairs(one, other, lineage), _pairs(other, one, lineage)], ignore_index=True)
    second = pairs[["order_x", "order_y"]].max(axis=1)[pairs["order_x"] != pairs["order_y"]]
    broken = work[work["order"].isin(second)].sort_values("order")
    return Checked(rule=rule.id, breaches=_places(broken.drop_duplicates([CASE, RESOURCE])))


def check(
    log: pd.DataFrame,
    procedure: Procedure,
    templates: Collection[Template],
    not_observable: Collection[str] = (),
) -> list[Checked]:
    """Hold a log of cases of `templates` against every rule on who did the work."""
    shown = {id_ for template in templates for id_ in template.visible}
    found = [responsible(log, procedure)]
    for rule in procedure.separations:
        sides = (rule.one & shown, rule.other & shown)
        if any(side and side <= set(not_observable) for side in sides):
            found.append(_unchecked(rule.id, "unchecked.not_observable"))
        else:
            found.append(separated(log, procedure, rule))
    if procedure.requester_separated:
        found.append(requester_separated(log, procedure))
    if procedure.separations and log[PARENT].isna().all():
        found.append(_unchecked(LINEAGE, "unchecked.parent"))
    return found


def _work(log: pd.DataFrame, procedure: Procedure) -> pd.DataFrame:
    """Return the work that was completed, with `order`: its place in time over the whole log."""
    done = (log[LIFECYCLE] == Lifecycle.COMPLETE) & log[ACTIVITY].isin(procedure.raci)
    work = log[done].sort_values(TIMESTAMP, kind="stable")
    return work.assign(order=range(len(work)))


def _lineage(log: pd.DataFrame) -> pd.DataFrame:
    """Return every case with each of its ancestors and itself (column `ancestor`)."""
    cases = log.drop_duplicates(CASE)[[CASE, PARENT]]
    generation = cases[[CASE]].assign(ancestor=cases[CASE])
    parents = cases.dropna(subset=[PARENT]).set_index(CASE)[PARENT]
    lineage = [generation]
    # A chain is never longer than the number of links; a circle in a foreign log ends there too.
    for _ in range(parents.nunique()):
        generation = generation.assign(ancestor=generation["ancestor"].map(parents)).dropna()
        if generation.empty:
            break
        lineage.append(generation)
    return pd.concat(lineage, ignore_index=True).drop_duplicates()


def _pairs(below: pd.DataFrame, above: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Return the work of one person in a case (`_x`) and in that case or an ancestor (`_y`)."""
    return below.merge(lineage, on=CASE).merge(
        above.rename(columns={CASE: "ancestor"}), on=["ancestor", RESOURCE]
    )


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[CASE, ACTIVITY]].rename(columns={CASE: "case", ACTIVITY: "activity"})


def _unchecked(rule: str, reason: str) -> Checked:
    return Checked(rule=rule, unchecked=reason, breaches=pd.DataFrame(columns=["case", "activity"]))
