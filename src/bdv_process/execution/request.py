"""A command as it was asked: one text for equal requests, so that a key can be held to it."""

import json
from collections.abc import Iterable, Mapping

from bdv_process.errors import InputRefused, LimitExceeded

LIMIT = 1_000_000  #: bytes of one request
DEEPEST = 50  #: lists and objects inside each other


def canonical(verb: str, *given: object) -> str:
    """Return a request as JSON, its names in order and no data as empty data.

    Raises:
        InputRefused: it holds what JSON or a database cannot keep: NaN, half a surrogate pair, a
            name that is no text, something that holds itself.
        LimitExceeded: it is over a megabyte.
    """
    try:
        asked = json.dumps([verb, *given], ensure_ascii=False, allow_nan=False, sort_keys=True)
        size = len(asked.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InputRefused("BDV-322", where=verb, problem=error) from error
    if size > LIMIT:
        raise LimitExceeded("BDV-319", where=verb, limit=LIMIT)
    return asked


def form(data: Mapping[str, object] | None) -> dict[str, object]:
    """Return what was filled in as plain values by name.

    Raises:
        InputRefused: it is not a mapping of names to values, or goes too deep.
    """
    if data is not None and not (isinstance(data, Mapping) and all(type(n) is str for n in data)):
        raise InputRefused("BDV-322", where=type(data).__name__, problem="{name: value}")
    level: Iterable[object] = (data or {}).values()
    for _ in range(DEEPEST):
        # What can be written may still be too deep for somebody who reads it.
        level = {id(inner): inner for value in level for inner in _within(value)}.values()
    if level:
        raise InputRefused("BDV-322", where="data", problem=f"> {DEEPEST} [[...]]")
    return dict(data or {})


def _within(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
