"""Rules on evaluation: does what went wrong lead to a proposal."""

import numpy as np

from bdv_process.eventlog.event import PROPOSAL
from bdv_process.mining.rules.checked import Looked, Why
from bdv_process.mining.rules.evidence import NEVER, Cases


def proposal(cases: Cases) -> Looked | Why:
    """Check that a case with rework was evaluated: its close proposes something, or says nothing.

    Looks at closed cases in which a step other than intake and close was completed more than once;
    steps that the log's system cannot record do not count. Broken when no event of the close
    carries `bdv:proposal`. Not applicable without a close. Unchecked when no case carries it.
    """
    close = cases.step("close")
    if not cases.has(close):
        return Why.NOT_APPLICABLE
    if cases.hides(close):
        return Why.NOT_OBSERVABLE
    if not cases.carry(PROPOSAL):
        return Why.PROPOSAL
    proposed = cases.filled(PROPOSAL)
    steps = [a.id for a in cases.template.activities if a.id not in (cases.intake.id, close)]
    again = np.zeros(len(cases.mine), dtype=bool)
    for step in steps:
        if not cases.hides(step):
            again |= cases.times(cases.did(step)) > 1
    closed = cases.first(cases.did(close)) < NEVER
    evaluated = cases.among(proposed[cases.evidence.named(proposed) == close])
    return cases.looked(closed & again, ~evaluated, close)
