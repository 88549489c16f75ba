"""How a register is doing: what it runs on, what is in it, whether it agrees with itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from bdv_process.errors import IntegrityBroken
from bdv_process.execution import schema, storage
from bdv_process.execution.outbox import GIVEN_UP
from bdv_process.execution.projection import Difference, differences

if TYPE_CHECKING:
    from bdv_process.execution.unit import Unit


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a check of a register found."""

    engine: str  #: database and its version
    schema: int
    numbers: Mapping[str, int]  #: rows by table; open cases, notifications given up
    differences: Sequence[Difference]
    broken: Sequence[IntegrityBroken] = field(default=())  #: histories that do not follow


def examined(unit: "Unit", told: Callable[[float], None]) -> Health:
    """Return how the register of a unit is doing; `told` hears which share is looked at.

    Raises:
        IntegrityBroken: it is in another schema than this program's.
    """
    schema.is_made(unit.connection)
    numbers = _numbers(unit.connection)
    found = list(differences(unit, told))
    return Health(
        engine=_engine(unit.connection),
        schema=schema.SCHEMA,
        numbers=numbers,
        differences=[each for each in found if isinstance(each, Difference)],
        broken=[each for each in found if isinstance(each, IntegrityBroken)],
    )


def _numbers(connection: Connection) -> dict[str, int]:
    found = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in storage.metadata.sorted_tables
    }
    some = {"open": storage.cases.c.closed.is_(None), "given_up": GIVEN_UP}
    for name, condition in some.items():
        found[name] = connection.execute(select(func.count()).where(condition)).scalar_one()
    return found


def _engine(connection: Connection) -> str:
    version = connection.dialect.server_version_info or ()
    return f"{connection.dialect.name} {'.'.join(map(str, version))}"
