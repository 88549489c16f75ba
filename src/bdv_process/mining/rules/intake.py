"""Rules on intake: was the call linked, and was the work sorted before it was planned."""

from bdv_process.eventlog.event import LINKED, OUTCOME
from bdv_process.mining.rules.checked import Looked, Rows, Why
from bdv_process.mining.rules.evidence import NEVER, Cases


def linked(cases: Cases) -> Looked | Why:
    """Check that an accepted call was linked to earlier calls and components, or that none fitted.

    Looks at cases whose intake ended well: with the first outcome of the step, or without any
    outcome and followed by other work. Broken when no event until then carries `bdv:linked`.
    Unchecked when no case of the template carries it.
    """
    if cases.hides(cases.intake.id):
        return Why.NOT_OBSERVABLE
    if not cases.carry(LINKED):
        return Why.LINKED
    links = cases.filled(LINKED)
    accepted = cases.first(_accepted(cases))
    return cases.looked(accepted < NEVER, cases.first(links) > accepted, cases.intake.id)


def classified(cases: Cases) -> Looked | Why:
    """Check that work was classified before it was planned: the first time of each is compared.

    Looks at cases in which both were done. Not applicable where the process does not plan.
    """
    classify, plan = cases.step("classify"), cases.step("plan")
    if not cases.has(classify, plan):
        return Why.NOT_APPLICABLE
    if cases.hides(classify, plan):
        return Why.NOT_OBSERVABLE
    sorted_out, planned = cases.first(cases.did(classify)), cases.first(cases.did(plan))
    both = (sorted_out < NEVER) & (planned < NEVER)
    return cases.looked(both, sorted_out > planned, classify)


def _accepted(cases: Cases) -> Rows:
    """Return the intakes that let a case go on."""
    taken = cases.did(cases.intake.id)
    work = cases.did(*(a.id for a in cases.template.activities if a != cases.intake))
    outcome = cases.evidence.at(taken, OUTCOME)
    went_on = cases.last(work)[cases.evidence.case[taken]] > taken
    happy = [outcome.id for outcome in cases.intake.outcomes[:1]]
    accepted: Rows = taken[outcome.isin(happy).to_numpy() | (outcome.isna().to_numpy() & went_on)]
    return accepted
