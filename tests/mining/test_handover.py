"""Hand-overs, against published tables, by hand, and by what must hold for every log."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.mining.handover import COLUMNS, ESTIMATED, Handovers, handovers
from bdv_process.mining.waiting_cause import CAUSES
from bdv_process.template.model import Template
from mining.streams import Step, Worked, log_of, rows_of

FOUR = list(COLUMNS[:4])


def _counts(found: Handovers) -> dict[tuple[str, ...], tuple[int, float]]:
    return {tuple(row[:4]): (row[4], row[5]) for row in found.frame.itertuples(index=False)}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_published_tables_are_found_to_the_second(shared: Path, number: int) -> None:
    folder = shared / "data" / "valuestream"
    log = EventLog.read(
        folder / f"handoffs_{number}.csv",
        mapping=Mapping.of(
            case="case_id",
            activity="Activity",
            start="start_time",
            end="end_time",
            resource="Resource",
        ),
        timezone="UTC",
    )
    expected = pd.read_csv(folder / f"handoffs_{number}_expected.csv")
    both = handovers(log, causes=True).frame.merge(expected, on=FOUR, how="outer", indicator=True)
    assert len(expected)
    assert (both["_merge"] == "both").all()
    assert (both["frequency_x"] == both["frequency_y"]).all()
    assert (both["waiting_seconds"] == both["wt_total_seconds"]).all()
    for cause, names in {
        "batching": ["wt_batching"],
        "prioritisation": ["wt_prioritization"],
        "contention": ["wt_contention"],
        "other": ["wt_unavailability", "wt_extraneous"],
    }.items():
        published = sum(pd.to_timedelta(both[name]).dt.total_seconds() for name in names)
        assert (both[f"{cause}_seconds"] == published).all(), cause


def test_work_that_overlaps_is_not_handed_over_but_what_made_it_possible_is() -> None:
    """Ann does a from 0 to 1; Ben b from 2 to 4 and Cas c from 3 to 6 side by side; Dan d from 7.

    b waits 1 hour for a, c waits 2 hours for a, d waits 1 hour for c, which ended last.
    """
    steps: list[Step] = [
        ("a", "ann", 0, 1), ("b", "ben", 2, 4), ("c", "cas", 3, 6), ("d", "dan", 7, 8),
    ]  # fmt: skip
    assert _counts(handovers(log_of(Worked(steps=steps)))) == {
        ("a", "ann", "b", "ben"): (1, 3600.0),
        ("a", "ann", "c", "cas"): (1, 7200.0),
        ("c", "cas", "d", "dan"): (1, 3600.0),
    }


def test_activities_that_come_in_either_order_are_side_by_side() -> None:
    """Two cases a b c d and a c b d, an hour each, no gaps: b and c are concurrent.

    In both cases the second of them waited an hour for a, and d none for the later one.
    """
    one: list[Step] = [("a", "p", 0, 1), ("b", "p", 1, 2), ("c", "p", 2, 3), ("d", "p", 3, 4)]
    other: list[Step] = [("a", "p", 0, 1), ("c", "p", 1, 2), ("b", "p", 2, 3), ("d", "p", 3, 4)]
    found = handovers(log_of(Worked(case="1", steps=one), Worked(case="2", steps=other)))
    assert _counts(found) == {
        ("a", "p", "b", "p"): (2, 3600.0),
        ("a", "p", "c", "p"): (2, 3600.0),
        ("b", "p", "d", "p"): (1, 0.0),
        ("c", "p", "d", "p"): (1, 0.0),
    }


def test_a_loop_of_two_is_no_concurrency() -> None:
    """Ten cases in which b was sent back to a once: a b a b. Each step follows the one before."""
    steps: list[Step] = [("a", "p", 0, 1), ("b", "q", 1, 2), ("a", "p", 2, 3), ("b", "q", 3, 4)]
    found = handovers(log_of(*(Worked(case=str(n), steps=steps) for n in range(10))))
    assert _counts(found) == {("a", "p", "b", "q"): (20, 0.0), ("b", "q", "a", "p"): (10, 0.0)}


def test_what_a_template_does_in_turn_is_never_side_by_side(templates: dict[str, Template]) -> None:
    """One case of W5 executes and verifies, a second verifies and executes again.

    The log alone would call them concurrent.
    """
    done = [("operate_execute", "dirk"), ("operate_verify", "eva")]
    cases = [
        Worked(
            case=case,
            template="W5",
            steps=[(step, who, n, n + 1) for n, (step, who) in enumerate(order)],
        )
        for case, order in (("1", done), ("2", done[::-1]))
    ]
    assert handovers(log_of(*cases), ()).frame.empty
    assert handovers(log_of(*cases)).frame["frequency"].tolist() == [1, 1]


def test_a_child_case_takes_over_from_its_parent_and_gives_back() -> None:
    """The parent does a (0-1) and c (9-10); its child does b (2-5) in between."""
    parent = Worked(case="p", steps=[("a", "ann", 0, 1), ("c", "ann", 9, 10)])
    child = Worked(case="k", parent="p", root="p", steps=[("b", "ben", 2, 5)])
    found = handovers(log_of(parent, child))
    assert _counts(found) == {
        ("a", "ann", "b", "ben"): (1, 3600.0),
        ("b", "ben", "c", "ann"): (1, 14400.0),
    }
    assert found.between_people["frequency"].sum() == 2


def test_work_of_somebody_unknown_went_to_nobody_else() -> None:
    case = Worked(
        steps=[("a", None, 0, 1), ("b", None, 1, 2), ("c", "ann", 3, 4), ("d", "ben", 5, 6)]
    )
    found = handovers(log_of(case))
    assert found.frame["frequency"].sum() == 3
    assert _counts(replace(found, frame=found.between_people)) == {
        ("c", "ann", "d", "ben"): (1, 3600.0)
    }


def test_without_starts_waiting_is_not_measurable_unless_estimated() -> None:
    """Ann ends a at 1 in case 1 and b of case 2 at 3; Ben ends a of case 2 at 2.

    Ann was free at 1, but a of case 2 was done at 2: b can have begun at 2, so it waited 0 hours.
    """
    log = log_of(
        Worked(case="1", steps=[("a", "ann", None, 1)]),
        Worked(case="2", steps=[("a", "ben", None, 2), ("b", "ann", None, 3)]),
    )
    blind = handovers(log)
    assert blind.reason == "unchecked.start"
    assert blind.frame["frequency"].tolist() == [1]
    assert blind.frame["waiting_seconds"].isna().all()
    assert "not measurable" in repr(blind)
    guessed = handovers(log, estimate=True)
    assert guessed.reason == ESTIMATED
    assert guessed.frame["waiting_seconds"].tolist() == [0.0]
    assert "estimated" in repr(guessed)


def test_who_does_not_stand_in_the_log_is_a_row_of_its_own() -> None:
    log = log_of(Worked(steps=[("a", "ann", 0, 1), ("b", None, 1, 2), ("c", "ann", 2, 3)]))
    rows = handovers(log).to_dict()["handovers"]
    assert [(row["source_resource"], row["target_resource"]) for row in rows] == [
        ("ann", None),
        (None, "ann"),
    ]


HOURS = st.lists(st.integers(1, 50), min_size=1, max_size=6)
CASES = st.lists(HOURS, min_size=1, max_size=5)


def _cases(lengths: list[list[int]], name: str = "z") -> list[Worked]:
    """Cases of steps, one after the other; each waits half of its hours and is done in the rest."""
    cases = []
    for number, hours in enumerate(lengths):
        now, steps = float(number), []
        for turn, length in enumerate(hours):
            begin, now = now + length / 2, now + length
            steps.append((f"step_{turn % 3}", f"p{length % 4}", begin, now))
        cases.append(Worked(case=f"{name}{number}", steps=steps))
    return cases


@settings(deadline=None, max_examples=15)
@given(CASES, st.randoms())
def test_shuffling_rows_changes_nothing(lengths: list[list[int]], chance: Random) -> None:
    rows = rows_of(*_cases(lengths))
    order = list(range(len(rows)))
    chance.shuffle(order)
    pd.testing.assert_frame_equal(
        handovers(EventLog(frame=rows)).frame, handovers(EventLog(frame=rows.iloc[order])).frame
    )


@settings(deadline=None, max_examples=15)
@given(CASES)
def test_every_step_but_the_first_follows_one(lengths: list[list[int]]) -> None:
    found = handovers(log_of(*_cases([hours[:3] for hours in lengths])))
    assert found.frame["frequency"].sum() == sum(len(hours[:3]) - 1 for hours in lengths)


@settings(deadline=None, max_examples=15)
@given(CASES)
def test_causes_add_up_to_the_waiting(lengths: list[list[int]]) -> None:
    found = handovers(log_of(*_cases(lengths)), causes=True).frame
    parts = found[[f"{cause}_seconds" for cause in CAUSES]]
    assert (parts >= 0).all(axis=None)
    assert (parts.sum(axis=1) == found["waiting_seconds"]).all()


def test_what_was_possible_earlier_goes_before_and_what_came_later_was_preferred() -> None:
    """Eva ends a of case 1 at 1; Dirk begins b of it at 8. In between Dirk did x and y.

    x (2-4) was possible at 0, when Eva ended v: contention, 2 hours. y (5-7) became possible at 3,
    when she ended w: prioritisation, 2 hours. The other 3 of the 7 hours he did nothing.
    """
    log = log_of(
        Worked(case="1", steps=[("a", "eva", 0, 1), ("b", "dirk", 8, 9)]),
        Worked(case="2", steps=[("v", "eva", -1, 0), ("x", "dirk", 2, 4)]),
        Worked(case="3", steps=[("w", "eva", 2, 3), ("y", "dirk", 5, 7)]),
    )
    row = handovers(log, causes=True).frame.set_index("target_activity").loc["b"]
    assert row[[f"{cause}_seconds" for cause in CAUSES]].tolist() == [0, 7200, 7200, 10800]
