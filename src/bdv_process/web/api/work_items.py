"""Work items: found, claimed, worked on, handed on, completed."""

from typing import Annotated

from fastapi import APIRouter, Query

from bdv_process.web.api.caller import READS_ITEM, ItemId
from bdv_process.web.api.errand import Look, Order
from bdv_process.web.api.shape import (
    CaseDetail,
    Completion,
    Delegation,
    Touching,
    WorkFilter,
    WorkItemDetail,
    WorkItemPage,
)

router = APIRouter(prefix="/work-items", tags=["work items"])


@router.get("")
def list_work_items(look: Look, wanted: Annotated[WorkFilter, Query()]) -> WorkItemPage:
    """List the open work that you hold or that your roles may take, first due first."""
    found = [
        item
        for item in look.register.worklist(person=look.me.id)
        if wanted.case in (None, item.case)
        and wanted.workflow in (None, item.template)
        and wanted.activity in (None, item.activity)
        and (wanted.state != "mine" or item.claimed_by == look.me.id)
        and (wanted.state != "free" or item.claimed_by is None)
    ]
    return WorkItemPage.of([look.work(item) for item in found], wanted, look.request)


@router.get("/{item}", dependencies=[READS_ITEM])
def show_work_item(
    look: Look, item: ItemId, touching: Annotated[Touching, Query()]
) -> WorkItemDetail:
    """Show open work: what it is, how it can end, and what you may do."""
    return look.item(item, touching.component)


@router.post("/{item}/claim", dependencies=[READS_ITEM])
def claim_work_item(order: Order, item: ItemId) -> CaseDetail:
    """Take a work item."""
    return order.done(order.register.claim, item)


@router.post("/{item}/release", dependencies=[READS_ITEM])
def release_work_item(order: Order, item: ItemId) -> CaseDetail:
    """Give a work item back to everybody who may do it."""
    return order.done(order.register.release, item)


@router.post("/{item}/start", dependencies=[READS_ITEM])
def start_work(order: Order, item: ItemId) -> CaseDetail:
    """Start to work on an item, claiming it first when nobody has."""
    return order.done(order.register.begin, item)


@router.post("/{item}/suspension", dependencies=[READS_ITEM])
def suspend_work(order: Order, item: ItemId) -> CaseDetail:
    """Put work aside that was started."""
    return order.done(order.register.suspend, item)


@router.post("/{item}/resumption", dependencies=[READS_ITEM])
def resume_work(order: Order, item: ItemId) -> CaseDetail:
    """Take up work again that was put aside."""
    return order.done(order.register.resume, item)


@router.post("/{item}/delegation", dependencies=[READS_ITEM])
def delegate_work_item(order: Order, item: ItemId, given: Delegation) -> CaseDetail:
    """Hand a work item to a colleague who may do it."""
    return order.done(order.register.delegate, item, to=given.to)


@router.post("/{item}/completion", dependencies=[READS_ITEM])
def complete_work_item(order: Order, item: ItemId, given: Completion) -> CaseDetail:
    """Finish a work item, claiming it first when nobody has."""
    return order.done(
        order.register.complete, item, outcome=given.outcome, data=given.data, to=given.workflow
    )
