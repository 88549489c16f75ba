"""Work: which start belongs to which completion, when no work item tells."""

from random import Random

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.eventlog.event import ACTIVITY, CASE, LIFECYCLE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.value_stream import value_streams
from bdv_process.mining.work import compact, of_steps, work
from mining.streams import at

Happened = tuple[str, int]  #: lifecycle, hour


def loose(*happened: Happened) -> EventLog:
    """One case in which one activity was started and completed, without work items."""
    frame = pd.DataFrame(happened, columns=[LIFECYCLE, TIMESTAMP])
    frame[TIMESTAMP] = frame[TIMESTAMP].map(at)
    return EventLog(frame=frame.assign(**{CASE: "z1", ACTIVITY: "a"}))


def test_a_completion_before_the_start_is_not_what_was_started() -> None:
    """Done at 0, begun at 4, done at 5: an hour of work after four in between."""
    log = loose(("complete", 0), ("start", 4), ("complete", 5))
    assert value_streams(log).streams["busy"].tolist() == [pd.Timedelta(hours=1)]


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 9), max_size=8),
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
    st.randoms(),
)
def test_each_start_takes_the_first_completion_that_is_left_and_no_earlier(
    starts: list[int], ends: list[int], chance: Random
) -> None:
    happened = [("start", hour) for hour in starts] + [("complete", hour) for hour in ends]
    chance.shuffle(happened)
    left, expected = sorted(ends), []
    for start in sorted(starts):
        taken = next((end for end in left if end >= start), None)
        if taken is not None:
            left.remove(taken)
            expected.append((at(start), at(taken)))
    found = work(of_steps(compact(loose(*happened)), ()))
    assert len(found) == len(ends)
    known = found.dropna(subset=["start"])
    assert sorted(zip(known["start"], known["end"], strict=True)) == expected
