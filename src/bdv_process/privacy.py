"""What of small groups of people may be shown: nothing."""

from collections.abc import Sequence
from typing import Final

FEW: Final = 5  #: fewer say too little, and too much of each: they are not shown


def enough(cases: int) -> int | None:
    """Return a number of cases, None when it is too small to show."""
    return None if 0 < cases < FEW else cases


def shown(counts: Sequence[int]) -> list[int | None]:
    """Return counts that together make a known whole, None for those that are too small to show.

    When subtraction would give away what is hidden, the smallest of the others is hidden as well.
    """
    hidden = {n for n, count in enumerate(counts) if 0 < count < FEW}
    others = sorted((count, n) for n, count in enumerate(counts) if count >= FEW)
    while hidden and others and (len(hidden) == 1 or sum(counts[n] for n in hidden) < FEW):
        hidden.add(others.pop(0)[1])
    return [None if n in hidden else count for n, count in enumerate(counts)]
