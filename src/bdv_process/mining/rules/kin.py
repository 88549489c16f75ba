"""Rules on parents and children: a fork starts a case, and a child case comes from a fork.

They look at the log as a whole: a part of it, cut at a date or a template, misses kin.
"""

import numpy as np

from bdv_process.eventlog.event import PARENT
from bdv_process.mining.rules.checked import Looked, Mask, Rows, Why
from bdv_process.mining.rules.evidence import Cases, Evidence
from bdv_process.template.model import Template


def child(cases: Cases) -> Looked | Why:
    """Check that every completed fork has its child: a case of the called template.

    Looks at cases with a completed fork. Broken when there are more completed forks to a template
    than child cases that run it; of a case that was rerouted, than child cases: its forks led
    elsewhere before. Unchecked when the log names no parent in any case.
    """
    forks = cases.template.forks
    if not forks:
        return Why.NOT_APPLICABLE
    if cases.hides(*(fork.id for fork in forks)):
        return Why.NOT_OBSERVABLE
    evidence = cases.evidence
    if not evidence.can.of_any(PARENT):
        return Why.PARENT
    at = np.zeros(len(cases.mine), dtype=bool)
    broken: list[tuple[Rows, str]] = []
    for called in dict.fromkeys(fork.calls for fork in forks):
        ids = [fork.id for fork in forks if fork.calls == called]
        forked = cases.times(cases.did(*ids))
        runs = (evidence.template == called) | evidence.rerouted[evidence.parent]
        parents = evidence.parent[runs & (evidence.parent >= 0)]
        children = np.bincount(parents, minlength=len(forked))
        at |= forked > 0
        broken.append((np.flatnonzero(forked > children), ids[0]))
    return Looked(
        at=at,
        cases=np.concatenate([found for found, _ in broken]),
        activities=np.concatenate([np.full(len(found), id_, object) for found, id_ in broken]),
    )


def orphan(cases: Cases) -> Looked | Why:
    """Check that every child case has its parent in the log, and that a fork of it calls for it.

    Looks at cases with a parent. A parent that runs another than the given templates only has to
    be there; one that was rerouted has to show a fork. A child that is still open is not held to a
    fork that may be written down at its end. Unchecked when the log names no parent in any case, or
    a calling fork is not observable.
    """
    evidence = cases.evidence
    if not evidence.can.of_any(PARENT):
        return Why.PARENT
    forks = {template.key: calling(template, cases.template) for template in evidence.templates}
    if cases.hides(*(id_ for ids in forks.values() for id_ in ids)):
        return Why.NOT_OBSERVABLE
    fine = ~np.isin(evidence.template, list(forks))
    for key, ids in forks.items():
        fine |= (evidence.template == key) & _shows(evidence, ids)
    every = [fork.id for template in evidence.templates for fork in template.forks]
    fine |= evidence.rerouted & _shows(evidence, every)
    children = cases.mine & evidence.child
    there = evidence.parent >= 0
    forked = there & fine[evidence.parent]
    at = children & (~there | forked | ~evidence.open)
    return cases.looked(at, ~forked, cases.intake.id)


def calling(template: Template, called: Template) -> list[str]:
    """Return the forks of a template that call another."""
    return [fork.id for fork in template.forks if fork.calls == called.key]


def _shows(evidence: Evidence, ids: list[str]) -> Mask:
    """Return by case number whether anything happened at these forks, begun is enough."""
    wanted = evidence.names.isin(ids)
    found = np.zeros(len(evidence.begin), dtype=bool)
    found[evidence.case[wanted[evidence.activity]]] = True
    return found
