"""What time will do, handed out so that each timer is fired once, by whoever comes first."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.reader import Timer
from bdv_process.execution.unit import Unit

_TREE = storage.cases.alias("tree")


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A timer that came due, and why it could not be fired when it could not."""

    timer: Timer
    refusal: BdvError | None = None


def first_due(unit: Unit, besides: Collection[str]) -> Timer | None:
    """Return the timer that is due first, besides cases that others work on, or these.

    Its chain of cases is ours until the commit, as if its case had been loaded.
    """
    timer, case = storage.timers.c, storage.cases.c
    query = (
        select(timer.due, timer.case, timer.element, case.template)
        .join(storage.cases, case.id == timer.case)
        .join(_TREE, _TREE.c.id == case.root)
        .where(timer.due <= unit.now, timer.case.not_in(besides))
        .order_by(timer.due, timer.case, timer.element)
        .limit(1)
        .with_for_update(of=_TREE, skip_locked=True)
    )
    unit.flush()  # what a batch has armed may be due already
    row = unit.connection.execute(query).first()
    return Timer(**row._mapping) if row else None


def fire(unit: Unit, timer: Timer) -> bool:
    """Fire a timer; return whether it still was there to fire."""
    case = unit.load(timer.case)
    if case.timers.get(timer.element) != timer.due:
        unit.project(case)  # another worker fired it, or the list is behind
        return False
    node = case.template.by_id[timer.element]
    unit.happen(case, case.event(node, Lifecycle.COMPLETE, unit.now))
    return True
