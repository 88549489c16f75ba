"""How much of a file that nobody vouches for we take: the defaults, and settings that move them.

Each is a variable of the environment, read when it is first needed; `docs/limits.md` explains them.
"""

import os
from typing import Final

from bdv_process.errors import InputRefused

#: By name of the setting: what it is unless set, and the most that it may be set to.
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "BDV_MAX_FILE_BYTES": (50_000_000, 10**9),
    "BDV_MAX_SETTINGS_BYTES": (1_000_000, 10**8),
    "BDV_MAX_UNPACKED_BYTES": (500_000_000, 10**12),
    "BDV_MAX_RATIO": (100, 10**6),
    "BDV_MAX_XML_DEPTH": (100, 200),
    "BDV_MAX_EVENTS": (5_000_000, 10**9),
    "BDV_MAX_COLUMNS": (1_000, 10**5),
    "BDV_MAX_CELL_CHARACTERS": (65_536, 131_072),
    "BDV_MAX_NODES": (2_000, 10**5),
    "BDV_MAX_CHAIN": (200, 400),
    "BDV_MAX_CPU_SECONDS": (60, 10**6),
    "BDV_MAX_SECONDS": (300, 10**6),
    "BDV_MAX_MEMORY_BYTES": (2_000_000_000, 10**12),
}


def limit(name: str) -> int:
    """Return a limit: as it is set, else its default.

    Raises:
        InputRefused: it is set to something else than a whole number in its range.
    """
    default, most = LIMITS[name]
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:20]) <= most):
        raise InputRefused("BDV-550", name=name, value=given[:40], most=most)
    return int(given)
