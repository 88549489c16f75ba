"""What is allowed in a log but may be a mistake: noted, so that nobody builds on it unknowing."""

import pandas as pd

from bdv_process.eventlog.event import CASE, LABEL, LIFECYCLE, SEQ, TIMESTAMP, Lifecycle
from bdv_process.eventlog.frame import recorded
from bdv_process.eventlog.table import Note, copies, lookalikes

_SHOWN = 5  #: lifecycles that are named


def doubts(used: pd.DataFrame, rows: pd.DataFrame) -> list[Note]:
    """Return what may be wrong with rows that can be used; `rows` are all, as they came."""
    notes = list(lookalikes(used[LABEL].cat.categories))
    if len(used) and used[TIMESTAMP].isna().all():
        # Without times, doing the same again in a case looks like a copy: copies cannot be told.
        return [*notes, ("eventlog.timeless", {"count": len(used)})]
    if SEQ in used:
        told = used[recorded(used)].sort_values([CASE, SEQ])
        back = told.groupby(CASE)[TIMESTAMP].diff() < pd.Timedelta(0)
        if back.any():
            notes.append(("eventlog.clock", {"count": int(back.sum())}))
        twice = told.duplicated([CASE, SEQ])
        if twice.any():
            notes.append(("eventlog.seq_twice", {"count": int(twice.sum())}))
    doubles = copies(rows)
    return [*notes, ("eventlog.duplicates", {"count": doubles})] if doubles else notes


def unfinished(coded: pd.DataFrame) -> list[Note]:
    """Note that no event of a log completes anything: whatever measures steps sees none.

    Args:
        coded: as `EventLog.coded`.
    """
    if coded.empty or Lifecycle.COMPLETE in coded[LIFECYCLE].cat.categories:
        return []
    found = coded[LIFECYCLE].value_counts().index[:_SHOWN]
    return [("eventlog.unfinished", {"count": len(coded), "stages": ", ".join(found)})]
