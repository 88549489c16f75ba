"""Rules on the register of managed components: only a change updates it, and every change does."""

from typing import Final

from bdv_process.eventlog.event import COMPONENT, OUTCOME
from bdv_process.mining.rules.checked import Looked, Why
from bdv_process.mining.rules.evidence import NEVER, Cases

CHANGE: Final = "change"  #: the only process that updates the register


def registered(cases: Cases) -> Looked | Why:
    """Check that a change which was carried out was written in the register before it was closed.

    Looks at cases of the process change that were closed and whose last verification before that
    passed (the step's first outcome, or none recorded). Broken when no event until the first close
    carries `bdv:component`. Not applicable where a change has no such steps. Unchecked when nothing
    in the log carries it.
    """
    verify, close = cases.step("verify"), cases.step("close")
    if cases.template.process != CHANGE or not cases.has(verify, close):
        return Why.NOT_APPLICABLE
    if cases.hides(verify, close):
        return Why.NOT_OBSERVABLE
    if not cases.evidence.can.of_any(COMPONENT):
        return Why.COMPONENT
    case = cases.evidence.case
    closed = cases.first(cases.did(close))
    verified = cases.did(verify)
    verified = cases.last(verified[verified < closed[case[verified]]])
    outcome = cases.evidence.at(verified[verified >= 0], OUTCOME)
    happy = [outcome.id for outcome in cases.template.activity(verify).outcomes[:1]]
    done = verified >= 0
    done[done] = (outcome.isna() | outcome.isin(happy)).to_numpy()
    updated = cases.first(cases.filled(COMPONENT))
    register = cases.step("register")
    return cases.looked(
        done & (closed < NEVER), updated > closed, register if cases.has(register) else close
    )


def elsewhere(cases: Cases) -> Looked | Why:
    """Check that only changes touch the register: no event of another case has `bdv:component`.

    Looks at all cases of a template that opens with another process than change. Unchecked when
    nothing in the log carries `bdv:component`.
    """
    if cases.template.process == CHANGE:
        return Why.NOT_APPLICABLE
    if not cases.evidence.can.of_any(COMPONENT):
        return Why.COMPONENT
    return cases.looked_through(cases.mine, cases.filled(COMPONENT))
