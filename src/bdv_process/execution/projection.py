"""What the projections say of a live case, and where a register's own say something else."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Result, Table, select

from bdv_process.errors import IntegrityBroken
from bdv_process.execution import storage
from bdv_process.execution.case import Case

if TYPE_CHECKING:
    from bdv_process.execution.unit import Unit

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row of a projection that is not what the events say: its key, and what differs."""

    table: str
    case: str
    key: tuple[str, ...]
    found: Row | None  #: None: there is no such row
    expected: Row | None  #: None: there should be none


def fixed_of(case: Case) -> Row:
    """Return what the case list says of a case from its start on."""
    return {
        "id": case.id, "parent": case.parent, "root": case.root,
        "requester": case.requester, "opened": case.opened,
    }  # fmt: skip


def moving_of(case: Case) -> Row:
    """Return what the case list says of a case until something happens."""
    return {
        "template": case.template.key, "closed": case.closed, "outcome": case.outcome,
        "due": case.due, "seq": case.seq,
    }  # fmt: skip


def items_of(case: Case, due: datetime | None) -> list[Row]:
    """Return the work that waits in a case; `due` is when its chain is."""
    return [vars(item) | {"due": due} for item in case.items.values()]


def timers_of(case: Case) -> list[Row]:
    """Return what time will do in a case."""
    return [{"case": case.id, "element": e, "due": due} for e, due in case.timers.items()]


def differences(
    unit: "Unit", told: Callable[[float], None]
) -> Iterator[Difference | IntegrityBroken]:
    """Yield where the projections differ from the events, and which histories are broken.

    Every case is made again in memory, one at a time; `told` hears which share is done.
    """
    begun = select(storage.events.c.case, storage.events.c.root).where(storage.events.c.seq == 1)
    order = (storage.events.c.case != storage.events.c.root, storage.events.c.case)
    cases = unit.connection.execute(begun.order_by(*order)).all()
    due: dict[str, datetime | None] = {}
    for done, (id_, root) in enumerate(cases, start=1):
        try:
            case = unit.replay(id_)
        except IntegrityBroken as error:
            yield error
            continue
        if id_ == root and case.due:
            due[id_] = case.due
        expected: dict[Table, list[Row]] = {
            storage.cases: [{**fixed_of(case), **moving_of(case)}],
            storage.items: items_of(case, due.get(root)),
            storage.timers: timers_of(case),
        }
        for table, rows in expected.items():
            query = select(table).where(_case_of(table) == id_)
            yield from _compared(unit.connection.execute(query), rows, table)
        told(done / len(cases))
    known = select(storage.events.c.case).where(storage.events.c.seq == 1)
    for table in storage.PROJECTIONS:
        astray = select(table).where(_case_of(table).not_in(known))
        yield from _compared(unit.connection.execute(astray), (), table)


def _compared(found: Result[Any], expected: Iterable[Row], table: Table) -> Iterator[Difference]:
    keys = [column.name for column in table.primary_key]

    def by_key(rows: Iterable[Row]) -> dict[tuple[str, ...], Row]:
        return {tuple(row[key] for key in keys): row for row in rows}

    seen, wanted = by_key(row._asdict() for row in found), by_key(expected)
    for key in sorted(seen.keys() | wanted.keys()):
        one, other = seen.get(key), wanted.get(key)
        if one is None or other is None:
            apart = {*(one or other or {})}
        else:
            apart = {name for name in other if one[name] != other[name]}
        if apart:
            yield Difference(
                table=table.name, case=(one or other or {})[_case_of(table).name], key=key,
                found=one and {name: one[name] for name in sorted(apart)},
                expected=other and {name: other[name] for name in sorted(apart)},
            )  # fmt: skip


def _case_of(table: Table) -> ColumnElement[str]:
    return table.c.id if table is storage.cases else table.c.case


def broken_histories(broken: Sequence[IntegrityBroken]) -> IntegrityBroken:
    """Return one refusal that names all histories that are broken, the first with its reason."""
    return broken[0] if len(broken) == 1 else IntegrityBroken(
        "BDV-336", where=", ".join(error.where for error in broken[:20]),
        number=len(broken), first=broken[0].what(),
    )  # fmt: skip
