"""Cases: started, listed, followed, and what their requester does with them."""

from typing import Annotated

from fastapi import APIRouter, Query

from bdv_process.execution import intake
from bdv_process.web.api.caller import READS, CaseId
from bdv_process.web.api.errand import Begin, Look, Order
from bdv_process.web.api.shape import (
    Answer,
    Call,
    CaseDetail,
    CaseFilter,
    CasePage,
    EventPage,
    Extension,
    Rerouting,
    Turn,
    Withdrawal,
)

router = APIRouter(prefix="/cases", tags=["cases"])


@router.post("", status_code=201)
def start_case(order: Begin, call: Call) -> CaseDetail:
    """Start a case on your call, or on that of somebody who called you."""
    case = order.register.start(
        call.workflow,
        by=order.me.id,
        requester=call.requester,
        answers=intake.Answers(**dict(call.answers)) if call.answers else None,
        service=call.service,
        component=call.component,
        data=call.data,
        key=order.key,
    )
    order.response.headers["location"] = f"{order.request.url.path}/{case}"
    return order.case(case)


@router.get("")
def list_cases(look: Look, wanted: Annotated[CaseFilter, Query()]) -> CasePage:
    """List the cases that you may read, oldest first."""
    found = [
        case
        for case in look.register.readable(look.me.id)
        if wanted.workflow in (None, case.template)
        and (wanted.state is None or (case.closed is None) == (wanted.state == "open"))
    ]
    return CasePage.of([look.file(case) for case in found], wanted, look.request)


@router.get("/{case}", dependencies=[READS])
def show_case(look: Look, case: CaseId) -> CaseDetail:
    """Show a case: how it stands, what it waits for, and what you may do."""
    return look.case(case)


@router.get("/{case}/events", dependencies=[READS])
def list_events(look: Look, case: CaseId, turn: Annotated[Turn, Query()]) -> EventPage:
    """List what happened in a case."""
    look.tag(look.register.case(case))
    found = [look.event(each) for each in look.register.events(case)]
    return EventPage.of(found, turn, look.request)


@router.post("/{case}/answers", dependencies=[READS])
def answer_question(order: Order, case: CaseId, given: Answer) -> CaseDetail:
    """Answer the question that a case waits with; its term goes on."""
    return order.done(order.register.answer, case, data=given.data)


@router.post("/{case}/withdrawal", dependencies=[READS])
def withdraw_case(order: Order, case: CaseId, given: Withdrawal) -> CaseDetail:
    """End a case at its requester's wish, and its child cases with it."""
    return order.done(order.register.withdraw, case, reason=given.reason)


@router.post("/{case}/reroute", dependencies=[READS])
def reroute_case(order: Order, case: CaseId, given: Rerouting) -> CaseDetail:
    """Move a case to a sibling of its workflow, before the fork that makes the difference."""
    return order.done(order.register.reroute, case, to=given.workflow, reason=given.reason)


@router.post("/{case}/extension", dependencies=[READS])
def extend_term(order: Order, case: CaseId, given: Extension) -> CaseDetail:
    """Put off the decision once, with notice to the requester (Awb 4:14)."""
    return order.done(order.register.extend, case, until=given.until, reason=given.reason)


@router.post("/{case}/notice-of-default", dependencies=[READS])
def give_notice(order: Order, case: CaseId) -> CaseDetail:
    """Give notice that the term is over (Awb 4:17)."""
    return order.done(order.register.notice, case)
