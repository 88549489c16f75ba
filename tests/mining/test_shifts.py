"""Shifts: who was not at work while a step waited, against published tables and by hand."""

from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.mining.handover import COLUMNS, handovers
from bdv_process.mining.shifts import Shifts
from mining.streams import Worked, log_of

FOUR = list(COLUMNS[:4])
BREAK = {"default": {"mon": ["00:00-12:00", "12:30-23:59"]}}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_with_a_break_at_noon_the_published_split_is_found_to_the_second(
    shared: Path, number: int
) -> None:
    folder = shared / "data" / "valuestream"
    columns = {"case": "case_id", "activity": "Activity", "start": "start_time",
               "end": "end_time", "resource": "Resource"}  # fmt: skip
    log = EventLog.read(
        folder / f"handoffs_{number}.csv", mapping=Mapping.of(**columns),
        timezone="Europe/Amsterdam",
    )  # fmt: skip
    expected = pd.read_csv(folder / f"handoffs_{number}_expected.csv")
    both = handovers(log, causes=True, shifts=BREAK).frame.merge(expected, on=FOUR, how="outer")
    assert both["wt_unavailability"].pipe(pd.to_timedelta).sum() > pd.Timedelta(0)
    for cause in ("unavailability", "extraneous"):
        published = pd.to_timedelta(both[f"wt_{cause}"]).dt.total_seconds()
        assert (both[f"{cause}_seconds"] == published).all(), cause
    assert "other_seconds" not in both


def test_what_was_worked_after_hours_was_not_waited_for_in_absence() -> None:
    """Monday 10:00 here is hour 0; Ben is at work 10-12 and 15-17 (hours 0-2 and 5-7).

    b of z1 is possible at 1 and begins at 6: of five hours Ben does c of z2 from 3 to 4, an hour
    of his absence (2 to 5). Two hours unavailable, two extraneous, one prioritisation.
    """
    log = log_of(
        Worked(case="z1", steps=[("a", "ann", 0, 1), ("b", "ben", 6, 7)]),
        Worked(case="z2", steps=[("a", "ann", 1, 2), ("c", "ben", 3, 4)]),
    )
    shifts = {"ben": {"mon": ["10:00-12:00", "15:00-17:00"]}}
    found = handovers(log, causes=True, shifts=shifts).frame
    row = found[found["target_activity"] == "b"].iloc[0]
    hours = {name: row[f"{name}_seconds"] / 3600
             for name in ("waiting", "prioritisation", "unavailability", "extraneous")}  # fmt: skip
    assert hours == {"waiting": 5, "prioritisation": 1, "unavailability": 2, "extraneous": 2}


def test_a_day_without_hours_is_free_and_who_is_not_told_of_is_always_there() -> None:
    shifts = Shifts.of({"ben": {"tue": ["09:00-10:00"]}})
    log = log_of(Worked(steps=[("a", "ann", 0, 1), ("b", "ben", 3, 4), ("c", "ann", 5, 6)]))
    found = handovers(log, causes=True, shifts=shifts).frame.set_index("target_activity")
    assert found["unavailability_seconds"].to_dict() == {"b": 7200, "c": 0}


@pytest.mark.parametrize(
    ("week", "code"),
    [
        ({"maandag": ["09:00-10:00"]}, "BDV-438"),
        (["09:00-10:00"], "BDV-438"),
        ({"mon": "9-5"}, "BDV-439"),
        ({"mon": ["10:00-09:00"]}, "BDV-439"),
        ({"mon": ["09:00-11:00", "10:00-12:00"]}, "BDV-439"),
        ({"mon": ["24:00-25:00"]}, "BDV-439"),
    ],
)
def test_what_are_no_shifts_is_refused(week: object, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        Shifts.of({"ben": week})
    assert refused.value.code == code


def test_a_file_of_shifts_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        Shifts.read("nowhere.toml")
