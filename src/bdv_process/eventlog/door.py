"""What every measure asks first: is this a log at all."""

from bdv_process.errors import InputRefused
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore


def refuse_no_log(log: object, *, stored: bool = False) -> None:
    """Refuse what is no event log, as a frame or a path, and say how it becomes one.

    Args:
        log: what was handed in.
        stored: whether a store of one will do, too.

    Raises:
        InputRefused: it is something else.
    """
    if not isinstance(log, EventLog | LogStore if stored else EventLog):
        raise InputRefused("BDV-298", found=type(log).__name__)
