"""Bind a process before it reads what nobody vouches for: it may use so much, and reach nobody.

What the platform lacks is left out: then only the limits of the readers themselves hold, and the
deadline that the process outside keeps.
"""

import ctypes
import os
import sys
from typing import Final

from bdv_process.limits import limit

_NEW_USER: Final = 0x10000000  # of Linux: unshare(2)
_NEW_NETWORK: Final = 0x40000000
_OPEN_FILES: Final = 256
_MAPPED: Final = 2_000_000_000  # bytes of what is there besides memory of its own: libraries


def confine() -> None:
    """Set limits to time, memory, files and cores, and leave the network where that is permitted.

    Raises:
        InputRefused: a limit is set to no number.
    """
    memory, seconds = limit("BDV_MAX_MEMORY_BYTES"), limit("BDV_MAX_CPU_SECONDS")
    _leave_network()
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in {
        "RLIMIT_CPU": seconds,
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": memory + _MAPPED,
        "RLIMIT_FSIZE": memory,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_CORE": 0,
    }.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # For good: who takes over a reader cannot raise it again. At the second bound of time the
        # system kills, at the first it says why.
        last = bound + 1 if name == "RLIMIT_CPU" and bound == most else bound
        try:
            resource.setrlimit(kind, (bound, last))
        except (ValueError, OSError):  # macOS knows the name of some and does not keep them
            continue


def _leave_network() -> None:
    """Enter a network that is empty; some systems permit that only together with a new user."""
    if not sys.platform.startswith("linux"):
        return
    system = ctypes.CDLL(None, use_errno=True)
    for kinds in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK):
        if system.unshare(kinds) == 0:
            return


def peak_memory() -> int:
    """Return how many bytes this process has used at most, 0 where nobody can say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def frugal(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment for a reader: no secrets, few threads, memory that is counted once."""
    kept = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP", "BDV_LANG")
    return {
        **{
            name: value
            for name, value in environment.items()
            if name in kept or name.startswith("BDV_MAX_")
        },
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
