"""Read TOML that a person wrote: whatever is wrong with it, it is refused with its place."""

import re
import tomllib
from pathlib import Path
from typing import Any

from bdv_process.errors import InputRefused, LimitExceeded, NotFound
from bdv_process.limits import limit


def read_toml(path: Path, *, missing: str, unreadable: str) -> dict[str, Any]:
    """Return what stands in a TOML file.

    Raises:
        NotFound: with code `missing`, there is no such file.
        InputRefused: with code `unreadable` and fact `problem`, it is not TOML in UTF-8.
        LimitExceeded: it is larger than what a person writes.
    """
    if not path.is_file():
        raise NotFound(missing, where=path)
    most = limit("BDV_MAX_SETTINGS_BYTES")
    if (size := path.stat().st_size) > most:
        megabytes = {"size": f"{size / 1e6:.1f}", "limit": f"{most / 1e6:g}"}
        raise LimitExceeded("BDV-113", where=path, **megabytes)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(unreadable, where=path, problem=error) from error
    return parsed_toml(text, where=path, unreadable=unreadable)


def parsed_toml(text: str, *, where: Path, unreadable: str) -> dict[str, Any]:
    """Return what stands in TOML that was read from `where`; refuse as `read_toml` does."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also of a number without end
        line = re.search(r"at line (\d+)", str(error))
        place = f"{where}:{line[1]}" if line else where
        raise InputRefused(unreadable, where=place, problem=error) from error
