"""Rules on who did the work, and who should not have."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import PARENT, REQUESTER, RESOURCE, ROLE, TIMESTAMP
from bdv_process.mining.rules.checked import Looked, Mask, Rows, Why
from bdv_process.mining.rules.evidence import Cases, Evidence
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Separation


def responsible(cases: Cases, procedure: Procedure) -> Looked | Why:
    """Check that work was done in a role that is R for it; work without a role is not judged.

    Unchecked when no work in these cases was done in a role of the procedure. Not applicable where
    the procedure speaks of no step of the template.
    """
    evidence = cases.evidence
    steps = _work(cases, procedure)
    if isinstance(steps, Why):
        return steps
    wrong: list[Rows] = []
    judged: list[Rows] = []
    if evidence.can.in_role.isdisjoint((cases.template.key, step) for step in steps):
        return Why.ROLE
    for activity in steps:
        rows = cases.did(activity)
        role = evidence.at(rows, ROLE)
        told = role.notna().to_numpy()
        right = role.isin(procedure.raci[activity].responsible).to_numpy()
        judged.append(rows[told])
        wrong.append(rows[told & ~right])
    return cases.looked_through(cases.among(np.concatenate(judged)), np.sort(np.concatenate(wrong)))


def requester(cases: Cases, procedure: Procedure) -> Looked | Why:
    """Check that nobody handled a case in which they are the requester.

    Counted once per case, at the first time. Unchecked when the log names no requesters or nobody
    who works, and when no requester ever is somebody who works: then the two may go by different
    kinds of names, and nothing can be said. Work is a step of the procedure: who is named at the
    call is not yet somebody who works.
    """
    steps = _work(cases, procedure) if procedure.requester_separated else Why.NOT_APPLICABLE
    if isinstance(steps, Why):
        return steps
    evidence = cases.evidence
    if evidence.can.strangers:
        return evidence.can.strangers
    asked = evidence.at(evidence.begin, REQUESTER)
    number = evidence.people.get_indexer(pd.Index(asked, dtype=object))
    rows = cases.did(*steps)
    rows = rows[(evidence.person[rows] >= 0) & asked.notna().to_numpy()[evidence.case[rows]]]
    own = rows[evidence.person[rows] == number[evidence.case[rows]]]
    _, first = np.unique(evidence.case[own], return_index=True)
    return cases.looked_through(cases.among(rows), own[first])


def separations(
    evidence: Evidence, procedure: Procedure
) -> Iterator[tuple[str, partial[Looked | Why]]]:
    """Yield a rule for each separation of a procedure."""
    for separation in procedure.separations:
        one, other = (_firsts(evidence, side) for side in (separation.one, separation.other))
        yield (
            separation.id,
            partial(
                separated,
                separation=separation,
                named=_both(evidence, one, other),
                together=_together(evidence, one, other),
            ),
        )


def separated(cases: Cases, separation: Separation, named: Mask, together: Rows) -> Looked | Why:
    """Check that nobody did both sides of a separation in a case and its parents and children.

    Counted once per case and person, at the event that came second; `together` are these events in
    the whole log. Looks at cases that name, with their kin, somebody on both sides; in the whole
    log these are `named`. Not applicable where no case of the template, or of those it calls or is
    called by, can do both. Unchecked when no case names both, when a step of a side is not
    observable and the others show no breach, or only kin could break it and the log names no
    parents.
    """
    evidence = cases.evidence
    sides = (separation.one, separation.other)
    own = {activity.id for activity in cases.template.activities}
    kin = {activity.id for each in _kin(cases) for activity in each.activities}
    if own.isdisjoint(separation.one | separation.other) or any(map(kin.isdisjoint, sides)):
        return Why.NOT_APPLICABLE
    hidden = cases.hides(*kin & (separation.one | separation.other))
    clean = Why.NOT_OBSERVABLE if hidden else None
    if not evidence.can.of_any(RESOURCE):
        return clean or Why.RESOURCE
    if any(map(own.isdisjoint, sides)) and not evidence.can.of_any(PARENT):
        return clean or Why.PARENT
    at = cases.mine & named
    nameless = not at.any() and (cases.mine & _both(evidence, *map(evidence.did, sides))).any()
    absent = Why.RESOURCE if nameless else Why.ABSENT
    return replace(cases.looked_through(at, cases.own(together)), absent=absent, clean=clean)


def _work(cases: Cases, procedure: Procedure) -> list[str] | Why:
    """Return the steps that people do and that the log's system can record, or why there are none.

    A step is what the procedure speaks of.
    """
    steps = [a.id for a in cases.template.activities if a.id in procedure.raci]
    shown = [step for step in steps if not cases.hides(step)]
    return shown or (Why.NOT_OBSERVABLE if steps else Why.NOT_APPLICABLE)


def _kin(cases: Cases) -> list[Template]:
    """Return the given templates that a chain of forks leads to or comes from, and its own."""
    given = cases.evidence.templates
    links = [(template.key, fork.calls) for template in given for fork in template.forks]
    below = above = {cases.template.key}
    for _ in given:
        below = below | {called for caller, called in links if caller in below}
        above = above | {caller for caller, called in links if called in above}
    return [template for template in given if template.key in below | above]


def _both(evidence: Evidence, one: Rows, other: Rows) -> Mask:
    """Return by case number whether the case, with an ancestor or descendant, shows both sides."""
    both = np.zeros(len(evidence.begin), dtype=bool)
    for below, above in ((one, other), (other, one)):
        shown = np.zeros_like(both)
        shown[evidence.case[above]] = True
        for rows, ancestor in _upward(evidence, below):
            met = shown[ancestor]
            both[evidence.case[rows[met]]] = both[ancestor[met]] = True
    return both


def _together(evidence: Evidence, one: Rows, other: Rows) -> Rows:
    """Return the events by which one person had done both sides, once per case and person.

    The first time that a person does a side in a case is compared with the first times of the
    other side in the case itself and in its ancestors, generation by generation.
    """
    found = [
        _shared(evidence, rows, ancestor, above)
        for below, above in ((one, other), (other, one))
        for rows, ancestor in _upward(evidence, below)
    ]
    second = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *found]))
    _, first = np.unique(_doer(evidence, second, evidence.case[second]), return_index=True)
    return np.sort(second[first])


def _upward(evidence: Evidence, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield events with the case of each, then with its parent as far as it has one, and so on."""
    ancestor = evidence.case[rows]
    # A chain is never longer than the number of links; a circle in a foreign log ends there.
    for _ in range(int(evidence.child.sum()) + 1):
        if not rows.size:
            break
        yield rows, ancestor
        ancestor = evidence.parent[ancestor]
        rows, ancestor = rows[ancestor >= 0], ancestor[ancestor >= 0]


def _shared(evidence: Evidence, below: Rows, ancestor: Rows, above: Rows) -> Rows:
    """Return the later event of each person who worked `below` and, in the ancestor, `above`."""
    if not above.size:
        return above
    known = _doer(evidence, above, evidence.case[above])  # ascending: `above` holds firsts
    wanted = _doer(evidence, below, ancestor)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    met = (known[place] == wanted) & (above[place] != below)
    one, other = below[met], above[place[met]]
    when, then = (evidence.at(rows, TIMESTAMP).to_numpy("M8[us]") for rows in (one, other))
    later = (when > then) | (~(when < then) & (one > other))
    second: Rows = np.where(later, one, other)
    return second


def _firsts(evidence: Evidence, side: Iterable[str]) -> Rows:
    """Return the first event of each person and case at one side, by case and person."""
    rows = evidence.did(side)
    rows = rows[evidence.person[rows] >= 0]
    _, first = np.unique(_doer(evidence, rows, evidence.case[rows]), return_index=True)
    return rows[first]


def _doer(evidence: Evidence, rows: Rows, cases: Rows) -> Rows:
    """Return a number for who did each event, together with a case."""
    return cases.astype(np.int64) * len(evidence.people) + evidence.person[rows]
