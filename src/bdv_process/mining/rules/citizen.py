"""Rules on the requester: was the person who asked told how it ended."""

import numpy as np

from bdv_process.mining.rules.checked import Looked, Why
from bdv_process.mining.rules.evidence import NEVER, Cases


def feedback(cases: Cases) -> Looked | Why:
    """Check that the requester was spoken to between intake and close.

    Looks at closed cases. Contact is a completed event that the log or the template calls a
    touchpoint, other than the intake, after the last intake and not after the first close. Not
    applicable where the template has no touchpoint but the intake. Unchecked when such a step is
    not observable, or when the log shows no contact but the intake.
    """
    intake, close = cases.intake.id, cases.step("close")
    steps = [a.id for a in cases.template.activities if a.touchpoint and a.id != intake]
    if not steps:
        return Why.NOT_APPLICABLE
    if cases.hides(close, *steps):
        return Why.NOT_OBSERVABLE
    taken = cases.did(intake)
    shown = np.union1d(cases.own(cases.evidence.touching()), cases.did(*steps))
    contact = np.setdiff1d(shown, taken, assume_unique=True)
    if not contact.size:
        return Why.TOUCHPOINT
    case = cases.evidence.case
    closed = cases.first(cases.did(close))
    since = cases.last(taken[taken < closed[case[taken]]])
    told = (contact > since[case[contact]]) & (contact <= closed[case[contact]])
    return cases.looked(closed < NEVER, ~cases.among(contact[told]), close)
