"""Rules beyond the path: who did it, and who should not have.

A rule looks at the frame of a log and a procedure and answers in one form: it cannot be checked
with this log (and why), it was checked and is clean, or it is broken in these cases.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    PARENT,
    REQUESTER,
    RESOURCE,
    ROLE,
    TEMPLATE,
    TIMESTAMP,
    Lifecycle,
)
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Separation

RESPONSIBLE = "responsible"
REQUESTER_SEPARATED = "requester"
PLACES = ["case", "activity"]


class State(StrEnum):
    """What looking for breaches of a rule came to."""

    UNCHECKED = "unchecked"  #: this log cannot carry it, and `reason` says why
    CLEAN = "clean"
    BROKEN = "broken"
    NOT_APPLICABLE = "not_applicable"  #: the template has nothing that could break it


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """What a rule found in the cases of one template."""

    rule: str  #: `responsible`, `requester` or the id of a separation
    template: str  #: its key
    state: State
    reason: str = ""  #: text key, "" unless unchecked
    checked: int = 0  #: cases that were looked at
    #: Columns case and activity, one row per breach.
    breaches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PLACES))


@dataclass(frozen=True, kw_only=True, eq=False)
class Looked:
    """What a rule found in a whole log."""

    rule: str
    cases: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))  #: looked at
    breaches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PLACES))
    unchecked: str = ""  #: text key of the reason why this log cannot carry the rule


def responsible(log: pd.DataFrame, procedure: Procedure) -> Looked:
    """Check that work was done in a role that is R for it; work without a role is not judged."""
    work = _work(log, procedure).dropna(subset=[ROLE])
    if not work[ROLE].isin(procedure.role_ids).any():
        return Looked(rule=RESPONSIBLE, unchecked="unchecked.role")
    allowed = pd.MultiIndex.from_tuples(
        (activity, role) for activity, raci in procedure.raci.items() for role in raci.responsible
    )
    done = pd.MultiIndex.from_frame(work[[ACTIVITY, ROLE]])
    breaches = _places(work[~done.isin(allowed)])
    return Looked(rule=RESPONSIBLE, cases=_cases(work), breaches=breaches)


def requester_separated(log: pd.DataFrame, procedure: Procedure) -> Looked:
    """Check that nobody handled a case in which they are the requester."""
    work = _work(log, procedure)
    asked = work.dropna(subset=[RESOURCE, REQUESTER])
    if asked.empty:
        return Looked(rule=REQUESTER_SEPARATED, unchecked="unchecked.requester")
    own = asked[asked[RESOURCE] == asked[REQUESTER]].drop_duplicates(CASE)
    return Looked(rule=REQUESTER_SEPARATED, cases=_cases(asked), breaches=_places(own))


def separated(log: pd.DataFrame, procedure: Procedure, rule: Separation) -> Looked:
    """Check that nobody did both sides of a separation in a case and its parents and children.

    Counted once per case and person, at the event that was the second of the two.
    """
    work = _work(log, procedure).dropna(subset=[RESOURCE])
    if work.empty:
        return Looked(rule=rule.id, unchecked="unchecked.resource")
    one = work.loc[work[ACTIVITY].isin(rule.one), [CASE, RESOURCE, "order"]]
    other = work.loc[work[ACTIVITY].isin(rule.other), [CASE, RESOURCE, "order"]]
    lineage = _lineage(log)
    pairs = pd.concat([_pairs(one, other, lineage), _pairs(other, one, lineage)], ignore_index=True)
    second = pairs[["order_x", "order_y"]].max(axis=1)[pairs["order_x"] != pairs["order_y"]]
    broken = work[work["order"].isin(second)].sort_values("order")
    breaches = _places(broken.drop_duplicates([CASE, RESOURCE]))
    return Looked(rule=rule.id, cases=_cases(work), breaches=breaches)


def check(
    log: pd.DataFrame,
    procedure: Procedure | None,
    templates: Collection[Template],
    hidden: Collection[str] = (),
    open_cases: Collection[str] = (),
) -> list[Checked]:
    """Hold a log of cases of `templates` against every rule: one answer per template and rule.

    Args:
        log: the frame of a log.
        procedure: who should do what; without one, rules that ask for it are unchecked.
        templates: what the cases run.
        hidden: activities that the log's system cannot record.
        open_cases: ids of cases that have not ended.
    """
    if procedure is None:
        looked = [
            Looked(rule=rule, unchecked="unchecked.procedure")
            for rule in (RESPONSIBLE, REQUESTER_SEPARATED)
        ]
    else:
        shown = {id_ for template in templates for id_ in template.visible}
        looked = [responsible(log, procedure)]
        for rule in procedure.separations:
            sides = (rule.one & shown, rule.other & shown)
            if any(side and side <= set(hidden) for side in sides):
                looked.append(Looked(rule=rule.id, unchecked="unchecked.not_observable"))
            else:
                looked.append(separated(log, procedure, rule))
        if procedure.requester_separated:
            looked.append(requester_separated(log, procedure))
    runs = log.drop_duplicates(CASE).set_index(CASE)[TEMPLATE]
    return [_answer(each, template.key, runs) for template in templates for each in looked]


def _answer(looked: Looked, template: str, runs: pd.Series) -> Checked:
    """Return what a rule found in the cases of one template; `runs` is the template by case."""
    if looked.unchecked:
        return Checked(
            rule=looked.rule, template=template, state=State.UNCHECKED, reason=looked.unchecked
        )
    breaches = looked.breaches[(looked.breaches["case"].map(runs) == template).to_numpy()]
    return Checked(
        rule=looked.rule,
        template=template,
        state=State.CLEAN if breaches.empty else State.BROKEN,
        checked=int((looked.cases.map(runs) == template).sum()),
        breaches=breaches,
    )


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


def _cases(rows: pd.DataFrame) -> pd.Series:
    return rows[CASE].drop_duplicates()
