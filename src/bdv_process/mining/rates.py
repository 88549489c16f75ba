"""Rates: what an hour of work costs per role, and what doing an activity costs besides.

A file of rates is TOML, in euros with at most two decimals::

    [hour]             # per hour of work, by role
    kcc = "42.50"
    default = 60       # every other role, and work of which the role is not known

    [activity]         # each time that it is completed, besides the work
    change_deploy = "120"
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Self

from bdv_process.errors import InputRefused
from bdv_process.tables import read_toml

DEFAULT: Final = "default"

_MOST: Final = Decimal(1_000_000)  #: euros; more is a slip of the pen


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What work costs, in whole cents."""

    hour: Mapping[str, int] = field(default_factory=dict)  #: by role; `DEFAULT`: all others
    activity: Mapping[str, int] = field(default_factory=dict)  #: by activity, each time

    @classmethod
    def of(cls, given: Mapping[str, Any], *, where: object = "rates") -> Self:
        """Return rates from `{"hour": {role: euros}, "activity": {activity: euros}}`.

        Raises:
            InputRefused: another key, no rate at all, or an amount that is none.
        """
        for key, part in given.items():
            if key not in ("hour", "activity") or not isinstance(part, Mapping):
                raise InputRefused("BDV-446", where=where, key=key)
        if not any(given.values()):
            raise InputRefused("BDV-446", where=where, key="-")
        tables = {
            key: {name: _cents(euros, name, where) for name, euros in part.items()}
            for key, part in given.items()
        }
        return cls(**tables)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file of rates.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is no TOML, or see `of`.
        """
        file = Path(path)
        return cls.of(read_toml(file, missing="BDV-201", unreadable="BDV-445"), where=file)


def _cents(euros: object, name: str, where: object) -> int:
    """Return an amount in cents; a float counts as it is written, never as it is stored."""
    refused = InputRefused("BDV-447", where=where, name=name, value=euros)
    if isinstance(euros, bool) or not isinstance(euros, (int, float, str, Decimal)):
        raise refused
    try:
        amount = Decimal(str(euros))
    except InvalidOperation:
        raise refused from None
    if not amount.is_finite() or not 0 <= amount <= _MOST or amount * 100 % 1:
        raise refused
    return int(amount * 100)
