"""The faults that can be planted: one small function for each, which changes the rows of a case.

Two kinds are not here: a case that ends before its template does is *skipped* in a log that shows
how cases end, and this one does; and *added* to a case is what its template has, but not there.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pandas as pd

from bdv_process.demo.spot import Fault, Spot
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COMPONENT,
    DUE,
    EVIDENCE,
    ITEM,
    LABEL,
    LIFECYCLE,
    LINKED,
    OUTCOME,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    SEQ,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
    Term,
)
from bdv_process.mining.decision import DECISION
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.rules.register import CHANGE
from bdv_process.template.model import Kind, Trigger
from bdv_process.template.procedure import Procedure, Separation
from bdv_process.template.term import due

LATE = timedelta(days=3)  #: after the last day of a term
LONG = timedelta(days=8)  #: after an event should have been written down

#: Returns the chain with the fault in it, and the fault; None: it cannot be here.
Plant = Callable[[Spot], tuple[pd.DataFrame, tuple[Fault, ...]] | None]
_Planted = tuple[pd.DataFrame, tuple[Fault, ...]] | None


# The path.


def skip(spot: Spot) -> _Planted:
    """Leave out one step; contact with the requester and evidence stay."""
    template, rows = spot.template, spot.rows
    telling = set(rows.loc[rows[COMPONENT].notna(), ACTIVITY])
    steps = [
        step
        for step in spot.steps[1:-1]
        if not template.by_id[step].touchpoint and step not in telling
    ]
    if not steps:
        return None
    step = spot.chance.choice(steps)
    left = spot.chain.drop(rows.index[rows[ACTIVITY] == step])
    return left, (spot.fault(DeviationKind.SKIPPED, step),)


def repeat(spot: Spot) -> _Planted:
    """Do the second step again, right after itself."""
    if not spot.steps:
        return None
    step = spot.steps[1]
    again = spot.rows[spot.rows[ACTIVITY] == step]
    again = again.assign(**{ITEM: again[ITEM] + "-again"})
    return spot.inserted(again, step), (spot.fault(DeviationKind.REPEATED, step),)


def move(spot: Spot) -> _Planted:
    """Let the second and third step change places; who did it stays with the step."""
    if not spot.steps:
        return None
    one, other = (spot.rows.index[spot.rows[ACTIVITY] == step] for step in spot.steps[1:3])
    if len(one) != len(other):
        return None
    chain = spot.chain.copy()
    for place in (TIMESTAMP, RECORDED, SEQ):
        chain.loc[one, place] = spot.chain.loc[other, place].array
        chain.loc[other, place] = spot.chain.loc[one, place].array
    sorted_out, planned = spot.steps[1:3]
    late = spot.breaks("classified", sorted_out) if planned.endswith("_plan") else ()
    return chain, (spot.fault(DeviationKind.MOVED, sorted_out), *late)


def add(spot: Spot) -> _Planted:
    """Let the requester answer what nobody asked."""
    answers = (
        n for n in spot.template.nodes if n.kind is Kind.CATCH and n.trigger is Trigger.MESSAGE
    )
    answer = next(answers, None)
    if not spot.steps or answer is None:
        return None
    return _contact(spot, answer.id, answer.name), (spot.fault(DeviationKind.ADDED, answer.id),)


def call(spot: Spot) -> _Planted:
    """Call the requester, which no template knows."""
    if not spot.steps:
        return None
    return _contact(spot, "call", "Bellen"), (spot.fault(DeviationKind.UNKNOWN, "call"),)


def mistake(spot: Spot) -> _Planted:
    """Say that the case runs a template which differs in nothing but its fork."""
    forks = spot.template.forks
    ids = {a.id for a in spot.template.activities}
    others = [
        template.key
        for template in spot.templates.values()
        if template.key != spot.template.key and {a.id for a in template.activities} == ids
    ]
    children = spot.chain.loc[spot.chain[PARENT] == spot.case, [CASE, ACTIVITY]]
    if not spot.steps or not others or children[CASE].nunique() != 1:
        return None
    intake, key = spot.template.activities[0].id, spot.template.key
    child, accept = children[CASE].iloc[0], spot.templates[forks[0].calls].activities[0].id
    return spot.changed(spot.rows.index, TEMPLATE, spot.chance.choice(others)), (
        spot.fault(DeviationKind.SIBLING, intake, key),
        *spot.breaks("child", forks[0].id),
        Fault(case=child, kind=DeviationKind.RULE, activity=accept, rule="orphan"),
    )


# Who did it.


def change_role(spot: Spot) -> _Planted:
    """Let somebody do a step in a role that may not."""
    if not spot.steps:
        return None
    step = spot.chance.choice(spot.steps)
    wrong = sorted(spot.procedure.role_ids - set(spot.procedure.raci[step].responsible))
    chain = spot.worked(step, "onbevoegd-1", spot.chance.choice(wrong))
    return chain, spot.breaks("responsible", step)


def help_oneself(spot: Spot) -> _Planted:
    """Let the requester do the second step of the own case."""
    if not spot.steps:
        return None
    step, requester = spot.steps[1], str(spot.rows[REQUESTER].iloc[0])
    chain = spot.worked(step, requester, spot.procedure.raci[step].responsible[0])
    return chain, spot.breaks("requester", step)


def unite(spot: Spot, separation: Separation) -> _Planted:
    """Let one person do two steps, here or the first in the parent, that two people should do."""
    done = (spot.chain[LIFECYCLE] == Lifecycle.COMPLETE) & spot.chain[RESOURCE].notna()
    sides = {step for each in spot.procedure.separations for step in each.one | each.other}
    deeds = spot.chain[done & spot.chain[ACTIVITY].isin(list(sides))]
    kin = deeds[CASE].isin([spot.case, *spot.rows[PARENT].dropna()])
    alone = ~deeds[RESOURCE].duplicated(keep=False)  # who did more might break a second rule
    first = deeds[kin & alone & deeds[ACTIVITY].isin(list(separation.one))]
    second = [step for step in spot.steps if step in separation.other]
    if first.empty or not second:
        return None
    step = second[0]
    chain = spot.worked(step, first[RESOURCE].iloc[0], spot.procedure.raci[step].responsible[0])
    return chain, spot.breaks(separation.id, step)


# What was left behind.


def unlink(spot: Spot) -> _Planted:
    """Forget to link the call at intake."""
    return _blank(spot, LINKED, spot.steps[0], "linked") if spot.steps else None


def leave_register(spot: Spot) -> _Planted:
    """Carry out a change, and leave the register as it was."""
    updated = spot.rows.loc[spot.rows[COMPONENT].notna(), ACTIVITY]
    return _blank(spot, COMPONENT, updated.iloc[0], "registered") if len(updated) else None


def touch_register(spot: Spot) -> _Planted:
    """Update the register in a case that is no change."""
    if not spot.steps or spot.template.process == CHANGE:
        return None
    step = spot.steps[2]
    return spot.changed(spot.at(step), COMPONENT, "C-1"), spot.breaks("elsewhere", step)


def learn_nothing(spot: Spot) -> _Planted:
    """Close a case in which work was done again without a word on improvement."""
    closed = spot.done[spot.done[PROPOSAL].notna()]
    between = spot.done[ACTIVITY].iloc[1:-1]
    again = between[between.duplicated() & (between != spot.template.activities[0].id)]
    if closed.empty or again.empty:
        return None
    return _blank(spot, PROPOSAL, closed[ACTIVITY].iloc[-1], "proposal")


def keep_silent(spot: Spot) -> _Planted:
    """Skip the only contact between intake and close."""
    contact = [a.id for a in spot.template.activities[1:] if a.touchpoint]
    if not spot.steps or len(contact) != 1:
        return None
    left = spot.chain.drop(spot.rows.index[spot.rows[ACTIVITY] == contact[0]])
    skipped = spot.fault(DeviationKind.SKIPPED, contact[0])
    return left, (skipped, *spot.breaks("feedback", spot.steps[-1]))


def go_on(spot: Spot) -> _Planted:
    """Go on with a case as if its verification had not sent it back."""
    told = {step: spot.template.activity(step).outcomes for step in spot.steps[:-1]}
    judged = [step for step, outcomes in told.items() if len(outcomes) > 1]
    if not judged:
        return None
    step = judged[-1]
    chain = spot.changed(spot.at(step), OUTCOME, told[step][-1].id)
    return chain, spot.breaks(DECISION, step)


def record_late(spot: Spot) -> _Planted:
    """Write a step down long after it was done."""
    if not spot.steps:
        return None
    where = spot.at(spot.steps[2])
    late = spot.chain.loc[where, TIMESTAMP] + spot.procedure.recorded_within + LONG
    return spot.changed(where, RECORDED, late), spot.breaks("recorded", spot.steps[2])


# Parents and children.


def lose_child(spot: Spot) -> _Planted:
    """Forget which case a fork started."""
    children = spot.chain.loc[spot.chain[PARENT] == spot.case]
    if not spot.steps or children[CASE].nunique() != 1:
        return None
    fork = spot.template.forks[0].id
    return spot.changed(children.index, PARENT, None), spot.breaks("child", fork)


def lose_parent(spot: Spot) -> _Planted:
    """Say that a case which somebody asked for was started by a fork that is nowhere."""
    if not spot.steps or spot.has_parent:
        return None
    return spot.changed(spot.rows.index, PARENT, "Z0"), spot.breaks("orphan", spot.steps[0])


# The term of decision.


def lapse(spot: Spot) -> _Planted:
    """Let a case lie before its close until the term is over."""
    waited = _put_off(spot)
    return None if waited is None else (waited, spot.breaks("term", spot.steps[-1]))


def extend_late(spot: Spot) -> _Planted:
    """Extend a term that is over."""
    chain = _put_off(spot)
    if chain is None:
        return None
    close = spot.rows.index[spot.rows[ACTIVITY] == spot.steps[-1]]
    taken = close[spot.rows.loc[close, LIFECYCLE] == Lifecycle.ASSIGN]
    chain.loc[taken, TERM] = str(Term.EXTENDED)
    chain.loc[taken, DUE] = chain.loc[close[-1], TIMESTAMP] + LATE
    return chain, spot.breaks("extension", spot.steps[-1])


def stop_the_clock(spot: Spot) -> _Planted:
    """Suspend the term though nothing was asked, and resume it a step later."""
    if not spot.steps or spot.rows[TERM].notna().any():
        return None
    stop, resume = spot.steps[1:3]
    chain = spot.changed(spot.at(stop), TERM, str(Term.SUSPENDED))
    chain.loc[spot.at(resume), TERM] = str(Term.RESUMED)
    return chain, spot.breaks("suspension", stop)


def plants(procedure: Procedure) -> tuple[Plant, ...]:
    """Return every fault that can be planted."""
    return (
        skip, repeat, move, add, call, mistake, change_role, help_oneself,
        *(partial(unite, separation=separation) for separation in procedure.separations),
        unlink, leave_register, touch_register, learn_nothing, keep_silent, go_on, record_late,
        lose_child, lose_parent, lapse, extend_late, stop_the_clock,
    )  # fmt: skip


def _contact(spot: Spot, activity: str, label: str) -> pd.DataFrame:
    """Return the chain with an event with the requester after the second step."""
    row = spot.done[spot.done[ACTIVITY] == spot.steps[1]]
    nothing = dict.fromkeys([ITEM, RESOURCE, ROLE, OUTCOME, *EVIDENCE])
    event = row.assign(**{**nothing, ACTIVITY: activity, LABEL: label, TOUCHPOINT: True})
    return spot.inserted(event.astype(row.dtypes.to_dict()), spot.steps[1])


def _blank(spot: Spot, column: str, step: str, rule: str) -> _Planted:
    chain = spot.changed(spot.rows.index[spot.rows[ACTIVITY] == step], column, None)
    return chain, spot.breaks(rule, step)


def _put_off(spot: Spot) -> pd.DataFrame | None:
    """Return the chain with the last step taken up after the term; None when there is no term."""
    term = spot.procedure.terms.get(spot.template.process)
    if not spot.steps or term is None or spot.has_parent or spot.rows[TERM].notna().any():
        return None
    rows = spot.rows
    offered = (rows[ACTIVITY] == spot.steps[-1]) & (rows[LIFECYCLE] == Lifecycle.SCHEDULE)
    after = rows.index[offered.cumsum().astype(bool) & ~offered]
    over = due(rows[TIMESTAMP].iloc[0].to_pydatetime(), term) + LATE
    chain, later = spot.chain.copy(), over - rows.loc[after[0], TIMESTAMP]
    for moment in (TIMESTAMP, RECORDED):
        chain.loc[after, moment] += later
    return chain
