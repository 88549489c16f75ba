"""Read what did happen in one call, whoever wrote it down."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bdv_process.errors import InputRefused
from bdv_process.eventlog.asked import refuse_one_text
from bdv_process.eventlog.files import MAX_EVENTS
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.reading import apart
from bdv_process.template.library import vocabulary


def read(
    path: str | Path,
    *,
    mapping: Mapping | str | Path | None = None,
    case: str | None = None,
    activity: str | None = None,
    start: str | None = None,
    end: str | None = None,
    resource: str | None = None,
    keep: Iterable[str] = (),
    timezone: str | ZoneInfo | None = None,
    date_format: str | None = None,
    encoding: str = "utf-8",
    skip_bad: bool = False,
    limit: int = MAX_EVENTS,
    sandbox: bool = False,
) -> EventLog:
    """Read a log from XES, CSV (each also `.gz`), Parquet or OCEL; the suffix says which.

    A log of another system needs a mapping to be held against the workflows; to look at its own
    activities, name its columns.

    Args:
        path: the file.
        mapping: how a foreign log's columns and activities become ours: its TOML file, which may
            name what the shipped templates have, or a mapping that was read.
        case: column of the case; XES's name by default, and so for the others; other columns that
            have XES's name or ours stay what they are.
        activity: column of what was done.
        start: column of when that began; by default `start_timestamp`, if there is one.
        end: column of when it was done.
        resource: column of who did it.
        keep: other columns that stay in the log.
        timezone: IANA name or a ZoneInfo, for moments that state no zone.
        date_format: strptime format, for moments that are not ISO 8601.
        encoding: of a CSV file.
        skip_bad: leave out the rows that cannot be used, and list them in the provenance.
        limit: how many events there may be; ten million fit in a gigabyte.
        sandbox: read it in a process of its own, with limits to time and memory (`docs/limits.md`);
            for a file of somebody that you have no reason to trust. It costs about a second.

    Raises:
        TypeError: both a mapping and columns.
        NotFound: there is no such file, or no such mapping.
        InputRefused: the file or the mapping is not what it says, rows cannot be used, or what is
            handed in is neither.
        LimitExceeded: the file is larger than we promise to handle, or takes too much to read.
    """
    columns = {
        "case": case, "activity": activity, "start": start, "end": end, "resource": resource,
    }  # fmt: skip
    if not isinstance(path, str | Path):
        raise InputRefused("BDV-555", asked="path", found=type(path).__name__)
    if not isinstance(mapping, Mapping | str | Path | None):
        raise InputRefused("BDV-555", asked="mapping", found=type(mapping).__name__)
    refuse_one_text(keep=keep)
    named = any(columns.values())
    if named and mapping is not None:
        raise TypeError("a mapping names the columns: give one or the other")
    options: dict[str, Any] = {
        "timezone": timezone and str(timezone), "date_format": date_format, "encoding": encoding,
        "skip_bad": skip_bad, "limit": limit,
    }  # fmt: skip
    if sandbox:
        said = mapping.to_dict() if isinstance(mapping, Mapping) else mapping and str(mapping)
        return apart.read_log(path, mapping=said, keep=list(keep), **columns, **options)
    if named:
        mapping = Mapping.of(**columns, keep=keep)
    elif isinstance(mapping, str | Path):
        mapping = Mapping.read(mapping, **vocabulary())
    return EventLog.read(path, mapping=mapping, **options)
