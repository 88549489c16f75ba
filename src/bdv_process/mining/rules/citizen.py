"""Rules on the requester: was the person who asked told how it ended."""

import numpy as np

from bdv_process.mining.rules.checked import Looked, Why
from bdv_process.mining.rules.evidence import NEVER, Cases
from bdv_process.template.model import Kind


def feedback(cases: Cases) -> Looked | Why:
    """Check that the requester was spoken to between the last work on a case and its close.

    Looks at closed cases. Work is a step that is neither contact nor administration: classify,
    register, close; without any, the last intake counts. Contact is a completed event, other than
    the intake, that the log or the template calls a touchpoint, or a message that ends a case; work
    may be its own contact. Not applicable where the template has no close, or no touchpoint but the
    intake. Unchecked when such a step, or work that may come after one, is not observable, and when
    the log shows no contact but the intake.
    """
    intake, close = cases.intake.id, cases.step("close")
    steps = [a.id for a in cases.template.activities if a.touchpoint and a.id != intake]
    if not steps or not cases.has(close):
        return Why.NOT_APPLICABLE
    aside = {intake, *steps, *map(cases.step, ("classify", "register", "close"))}
    work = [a.id for a in cases.template.activities if a.id not in aside]
    if cases.hides(close, *steps, *(work if len(steps) > 1 else ())):
        return Why.NOT_OBSERVABLE
    refusals = [n.id for n in cases.template.nodes if n.sends and n.kind is Kind.END]
    known = {(cases.template.key, id_) for id_ in (*steps, *refusals)}
    told = known & cases.evidence.can.done | cases.evidence.can.contact
    if not any(key == cases.template.key and id_ != intake for key, id_ in told):
        return Why.TOUCHPOINT
    taken = cases.did(intake)
    shown = np.union1d(cases.own(cases.evidence.touching()), cases.did(*steps, *refusals))
    contact = np.setdiff1d(shown, taken, assume_unique=True)
    case = cases.evidence.case
    closed = cases.first(cases.did(close))
    done = np.union1d(taken, cases.did(*work))
    since = cases.last(done[done < closed[case[done]]])
    told = (contact >= since[case[contact]]) & (contact <= closed[case[contact]])
    return cases.looked(closed < NEVER, ~cases.among(contact[told]), close)
