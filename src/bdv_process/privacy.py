"""What of small groups of people may be shown: nothing."""

from typing import Final

FEW: Final = 5  #: fewer say too little, and too much of each: they are not shown


def enough(cases: int) -> int | None:
    """Return a number of cases, None when it is too small to show."""
    return None if 0 < cases < FEW else cases
