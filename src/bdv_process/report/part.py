"""Some cases of a group, hidden where they are so few that somebody could be recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bdv_process.privacy import FEW


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some cases of a group, with the 95 % interval of their share; None: not to be shown."""

    cases: int | None
    of: int | None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    hidden: Literal["", "few", "all_but_few", "group"] = ""  #: why numbers are not shown


def part(
    row: Mapping[str, Any], *, cases: str = "cases", of: str = "of", rest: bool = False
) -> Part:
    """Return the part that a row of a frame holds, by the names of its columns.

    With `rest` those who are not in the part are hidden too when they are few: 138 of 140 cases
    that went well would give away two that did not. Of nobody there is no share either.
    """
    some, group = int(row[cases]), int(row[of])
    if group < FEW:
        return Part(cases=None, of=None, hidden="group")
    if 0 < some < FEW:
        return Part(cases=None, of=group, hidden="few")
    if rest and 0 < group - some < FEW:
        return Part(cases=None, of=group, hidden="all_but_few")
    share, low, high = (float(row[n]) if n in row else None for n in ("share", "low", "high"))
    return Part(cases=some, of=group, share=share, low=low, high=high)
