"""Read a literal length of time: ISO-8601 without months and years, whose length differs."""

import re
from datetime import timedelta

from bdv_process.errors import InputRefused

LONGEST = timedelta(days=3653)  # ten years

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,8})W)?(?:(?P<days>\d{1,8})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


def read_duration(text: str) -> timedelta:
    """Return the duration that `P6W`, `P3D` or `PT4H` says, more than zero and at most ten years.

    Raises:
        InputRefused: it says anything else.
    """
    found = _DURATION.fullmatch(text)
    parts = {unit: int(digits) for unit, digits in found.groupdict("0").items()} if found else {}
    duration = timedelta(**parts)
    if not timedelta() < duration <= LONGEST:
        raise InputRefused("BDV-130", text=text)
    return duration
