"""Value streams: small ones by hand, and what must hold for every log."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import LIFECYCLE, PARENT, ROOT, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.calendar import Calendar
from bdv_process.mining.stream_parts import CLASSES
from bdv_process.mining.value_stream import ValueStreams, value_streams
from bdv_process.template.model import Template
from mining.streams import Step, Worked, at, log_of, rows_of

Hours = dict[str, float]


def _spent(frame: pd.DataFrame, row: int = 0) -> Hours:
    """The hours of a stream or a case, without what took none."""
    found = {name: frame[name].iloc[row] / pd.Timedelta(hours=1) for name in CLASSES}
    return {name: hours for name, hours in found.items() if hours > 0}


def _adds_up(frame: pd.DataFrame) -> bool:
    parts = frame[list(CLASSES)].fillna(pd.Timedelta(0)).sum(axis=1)
    return bool((parts == frame["throughput"]).all())


def test_one_case_is_work_and_what_lies_between() -> None:
    """a from 0 to 1, b from 3 to 5: five hours, of which three of work."""
    found = value_streams(log_of(Worked(steps=[("a", "ann", 0, 1), ("b", "ben", 3, 5)])))
    row = found.streams.iloc[0]
    assert row["throughput"] == pd.Timedelta(hours=5)
    assert row["efficiency"] == 0.6
    assert _spent(found.streams) == {"busy": 3, "between": 2}
    assert found.activities.set_index("activity")["waiting"].to_dict() == {
        "a": pd.Timedelta(0),
        "b": pd.Timedelta(hours=2),
    }


def test_work_side_by_side_is_effort_twice_and_time_once() -> None:
    """a from 0 to 3 and b from 1 to 5: seven hours of effort in five."""
    found = value_streams(log_of(Worked(steps=[("a", "ann", 0, 3), ("b", "ben", 1, 5)])))
    assert found.streams["processing"].tolist() == [pd.Timedelta(hours=7)]
    assert _spent(found.streams) == {"busy": 5}


def test_work_that_was_put_aside_is_no_work() -> None:
    """a from 0 to 4, put aside from 1 to 3."""
    rows = rows_of(Worked(steps=[("a", "ann", 0, 4)]))
    more = [rows.iloc[0].to_dict() | {LIFECYCLE: "suspend", TIMESTAMP: at(1)}]
    more += [rows.iloc[0].to_dict() | {LIFECYCLE: "resume", TIMESTAMP: at(3)}]
    found = value_streams(EventLog(frame=pd.concat([rows, pd.DataFrame(more)])))
    assert found.streams["processing"].tolist() == [pd.Timedelta(hours=2)]
    assert _spent(found.streams) == {"busy": 2, "between": 2}


def test_the_requesters_turn_is_from_the_question_to_the_answer(
    templates: dict[str, Template],
) -> None:
    """Called at 0, taken up from 2 to 3, asked at 3, answered at 10, taken up again from 11 to 12.

    Two hours before the start, seven the requester's, one for the second start, two of work.
    """
    accept = "operate_accept"
    log = log_of(
        Worked(
            template="W5",
            steps=[(accept, "ben", 2, 3), (accept, "ben", 11, 12)],
            moments=[
                ("operate_call", 0),
                ("operate_question", 3),
                ("operate_answer", 10),
                ("operate_completed", 12),
            ],
        )
    )
    found = value_streams(log, templates.values())
    assert _spent(found.streams) == {"busy": 2, "before_start": 2, "requester": 7, "between": 1}
    assert found.streams["repeated"].tolist() == [1]
    assert not found.streams["right"].any()
    assert "requester" not in found.unseen


FORKED = [
    Worked(
        case="p",
        template="W2",
        steps=[
            ("change_accept", "ann", 1, 2),
            ("change_deploy", None, 2, 8),
            ("change_close", "ann", 9, 10),
        ],
        moments=[("change_call", 0), ("change_completed", 10)],
    ),
    Worked(
        case="k",
        template="W5",
        parent="p",
        root="p",
        steps=[("operate_execute", "ben", 4, 6)],
        moments=[("operate_call", 2), ("operate_completed", 6)],
    ),
]


def test_a_stream_is_with_its_deepest_open_case(templates: dict[str, Template]) -> None:
    """A change (0-10) is accepted (1-2), forks (2-8) to a service (2-6: work 4-6), closes (9-10).

    Stream: work 1 + 2 + 1; nobody has begun 0-1 and 2-4; the fork waits for nothing seen 6-8; 8-9.
    The change itself waits for its child all of 2-8.
    """
    found = value_streams(log_of(*FORKED), templates.values())
    assert found.streams["pattern"].tolist() == ["change>operate"]
    assert _spent(found.streams) == {"busy": 4, "before_start": 3, "child": 2, "between": 1}
    assert _spent(found.cases, 0) == {"busy": 2, "before_start": 1, "child": 6, "between": 1}
    assert _spent(found.cases, 1) == {"busy": 2, "before_start": 2}
    assert found.cases["parent"].fillna("").tolist() == ["", "p"]
    assert found.streams["handovers"].tolist() == [2]
    assert found.streams["ping_pong"].tolist() == [1]


def test_waiting_elsewhere_is_waiting_for_a_partner(templates: dict[str, Template]) -> None:
    """The same, but the operation is another organisation's: the wait 2-4 is theirs."""
    frame = rows_of(*FORKED)
    frame["whose"] = frame[TEMPLATE].map({"W2": "Zwolle", "W5": "UWV"})
    found = value_streams(EventLog(frame=frame), templates.values(), organisation="whose")
    assert _spent(found.streams) == {
        "busy": 4, "before_start": 1, "partner": 2, "child": 2, "between": 1,
    }  # fmt: skip
    assert found.streams["organisation_handovers"].tolist() == [2]
    assert found.organisations["organisation"].tolist() == ["Zwolle", "UWV"]
    with pytest.raises(InputRefused, match="BDV-442"):
        value_streams(EventLog(frame=frame), organisation="wiens")


def test_time_in_which_no_case_is_open_is_nobodys() -> None:
    """The first case is worked on from 0 to 3, what it led to from 5 to 6."""
    first = Worked(case="a", steps=[("a", "ann", 0, 3)])
    late = Worked(case="b", parent="a", root="a", steps=[("b", "ben", 5, 6)])
    found = value_streams(log_of(first, late))
    assert _spent(found.streams) == {"busy": 4, "unowned": 2}
    assert found.streams["pattern"].tolist() == ["case>case"]


def test_in_office_hours_a_night_takes_no_time() -> None:
    """MONDAY is nine o'clock UTC: a from 10:00 to 11:00 local, b on Tuesday from 9:30 to 10:00."""
    log = log_of(Worked(steps=[("a", "ann", 0, 1), ("b", "ben", 23.5, 24)]))
    found = value_streams(log, calendar="kantooruren")
    assert found.calendar is Calendar.OFFICE
    assert _spent(found.streams) == {"busy": 1.5, "between": 7}


def test_the_efficiency_of_all_is_no_mean_of_ratios() -> None:
    """One of 2 hours with 1 of work, one of 8 with 1: 2 in 10, and not the mean of 1/2 and 1/8."""
    one: list[Step] = [("a", "ann", 0, 0.5), ("b", "ann", 1.5, 2)]
    other: list[Step] = [("a", "ann", 0, 0.5), ("b", "ann", 7.5, 8)]
    whole = value_streams(log_of(Worked(case="1", steps=one), Worked(case="2", steps=other)))
    assert whole.patterns["efficiency"].tolist() == [0.2, 0.2]
    assert whole.patterns["pattern"].tolist() == ["", "case"]
    assert whole.patterns["median"].iloc[0] == pd.Timedelta(hours=5)


def test_work_that_comes_back_is_ping_pong_and_what_is_done_again_is_rework() -> None:
    """Ann, Ben, Ann, Cas, Ann hand over four times; twice it comes back. One of five is rework."""
    steps: list[Step] = [
        ("a", "ann", 0, 1), ("b", "ben", 1, 2), ("c", "ann", 2, 3), ("d", "cas", 3, 4),
        ("a", "ann", 4, 5),
    ]  # fmt: skip
    row = value_streams(log_of(Worked(steps=steps))).streams.iloc[0]
    assert (row["handovers"], row["role_handovers"], row["ping_pong"]) == (4, 4, 2)
    assert (row["steps"], row["repeated"], row["right"]) == (5, 1, False)


def test_work_that_comes_back_after_several_steps_is_ping_pong_as_well() -> None:
    """Ann, Ben twice, Ann; then, after somebody unknown, Ann hands over to Ben."""
    who = ["ann", "ben", "ben", "ann", None, "ann", "ben"]
    steps = [(f"s{n}", name, n, n + 1) for n, name in enumerate(who)]
    row = value_streams(log_of(Worked(steps=steps))).streams.iloc[0]
    assert (row["handovers"], row["ping_pong"]) == (3, 1)


def test_the_running_example_comes_to_what_was_counted_on_paper(shared: Path) -> None:
    """Six cases, from the first to the last event:

    1: 30 Dec 10:02 - 7 Jan 13:24, 8 d 3:22; 2: 30 Dec 10:32 - 8 Jan 11:05, 9 d 0:33;
    3: 30 Dec 13:32 - 15 Jan 9:45, 15 d 20:13; 4: 6 Jan 14:02 - 12 Jan 14:44, 6 d 0:42;
    5: 6 Jan 8:02 - 24 Jan 13:56, 18 d 5:54; 6: 6 Jan 14:02 - 16 Jan 10:47, 9 d 20:45.
    Together 67 d 3:29; the middle of 9 d 0:33 and 9 d 20:45 is 9 d 10:39.

    Of 42 steps 9 repeat one: in 3 a check and a decision, in 5 two checks, two examinations, two
    decisions and a reopening. The check and the examination come in either order, so what made the
    second of the two possible is what made the first. In 6 then Mike checks after his own
    registration (not after Ellen's examination), so he hands over to Sara only, who hands back to
    him: 3 hand-overs, one of them ping-pong. In the order of the clock it would be 4 and 2. In 3
    and 5 Sara gets back what she reopened: once and twice.
    """
    found = value_streams(EventLog.read(shared / "data" / "logs" / "running-example.xes.gz"))
    counted = found.streams.set_index("stream").sort_index()
    assert counted["steps"].tolist() == [5, 5, 9, 5, 13, 5]
    assert counted["repeated"].tolist() == [0, 0, 2, 0, 7, 0]
    assert counted["handovers"].tolist() == [4, 3, 7, 4, 10, 3]
    assert counted["ping_pong"].tolist() == [0, 0, 1, 0, 2, 1]
    whole = found.patterns.iloc[0]
    assert whole["throughput"] == pd.Timedelta("67 days 03:29:00")
    assert whole["median"] == pd.Timedelta("9 days 10:39:00")
    assert (whole["rework"], whole["right"]) == (9 / 42, 4 / 6)
    assert "efficiency" in found.unseen, "it shows only when work was done"


def test_what_a_log_cannot_tell_is_not_measurable_and_never_nil() -> None:
    log = log_of(Worked(steps=[("a", None, None, 1), ("b", None, None, 3)]))
    found = value_streams(log)
    assert found.unseen["busy"] == "unchecked.start"
    assert found.unseen["handovers"] == "unchecked.resource"
    assert found.unseen["child"] == "unchecked.parent"
    for measure in found.unseen.keys() & set(found.streams):
        assert found.streams[measure].isna().all(), measure
    assert found.patterns["efficiency"].isna().all()
    assert found.streams["throughput"].tolist() == [pd.Timedelta(hours=2)]
    assert "not measurable" in repr(found)


@pytest.mark.parametrize(("known", "unseen"), [(1, True), (2, False), (4, False)])
def test_effort_is_not_measurable_when_most_of_the_starts_are_missing(
    known: int, unseen: bool
) -> None:
    steps = [("a", "ann", n if n < known else None, n + 1) for n in range(4)]
    found = value_streams(log_of(Worked(steps=steps)))
    assert found.began == known / 4
    assert (found.unseen.get("efficiency") == "unchecked.most_starts") is unseen
    assert found.streams["busy"].isna().all() == unseen
    assert ("beginnings of" in repr(found)) is (known < 4)


def test_an_open_stream_is_counted_and_not_measured(templates: dict[str, Template]) -> None:
    ended, going = (
        Worked(
            case=case,
            template="W5",
            steps=[("operate_accept", "ben", 1, 2)],
            moments=[("operate_call", 0), *end],
        )
        for case, end in (("1", [("operate_completed", 2)]), ("2", []))
    )
    found = value_streams(log_of(ended, going), templates.values())
    assert found.streams["open"].tolist() == [False, True]
    assert found.patterns[["streams", "closed"]].iloc[0].tolist() == [2, 1]
    assert found.patterns["throughput"].iloc[0] == pd.Timedelta(hours=2)


def test_a_log_without_times_has_no_streams_to_measure() -> None:
    rows = rows_of(Worked(steps=[("a", "ann", 0, 1)])).drop(columns=TIMESTAMP)
    with pytest.raises(InputRefused, match="BDV-441"):
        value_streams(EventLog(frame=rows))


def test_everything_can_be_written_as_json(templates: dict[str, Template]) -> None:
    found = value_streams(log_of(*FORKED), templates.values()).to_dict()
    whole = json.loads(json.dumps(found, default=str, allow_nan=False))
    assert whole["format"] == 1
    assert whole["streams"][0]["throughput"] == 36_000
    assert whole["patterns"][0]["low"] == 36_000


# What must hold for every log.

STEPS = ("operate_accept", "operate_plan", "operate_execute")
LENGTHS = st.lists(
    st.lists(st.integers(1, 40), min_size=1, max_size=4), min_size=1, max_size=4
)  # cases of steps: hours waited and worked together


def _log(lengths: list[list[int]], name: str = "z") -> list[Worked]:
    """Cases one below the other, each step half waiting, half work, one after the other."""
    cases = []
    for number, hours in enumerate(lengths):
        now, steps = 3.0 * number, []
        for turn, length in enumerate(hours):
            steps.append((STEPS[turn % 3], f"p{length % 4}", now + length / 2, now + length))
            now += length
        above = f"{name}{number - 1}" if number % 3 else None
        root = f"{name}{number - number % 3}"
        cases.append(
            Worked(
                case=f"{name}{number}",
                template="W5",
                parent=above,
                root=root,
                steps=steps,
                moments=[("operate_call", 3.0 * number)],
            )
        )
    return cases


def _totals(found: ValueStreams) -> dict[str, float]:
    counted = found.streams[["cases", "steps", "repeated", "handovers", "ping_pong"]].sum()
    times = found.streams[["throughput", "processing", *CLASSES]].sum() / pd.Timedelta(hours=1)
    return {"streams": len(found.streams), **counted, **times.fillna(0)}


@settings(deadline=None, max_examples=10)
@given(LENGTHS, st.sampled_from(list(Calendar)))
def test_classes_add_up_to_the_throughput(lengths: list[list[int]], calendar: Calendar) -> None:
    found = value_streams(log_of(*_log(lengths)), calendar=calendar)
    assert _adds_up(found.streams)
    assert _adds_up(found.cases)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_waiting_and_processing_are_the_throughput_of_a_sequential_case(hours: list[int]) -> None:
    found = value_streams(log_of(*_log([hours])))
    row = found.streams.iloc[0]
    waited = found.activities["waiting"].sum()
    assert row["processing"] == row["busy"] == pd.Timedelta(hours=sum(hours) / 2)
    assert row["processing"] + waited == row["throughput"] == pd.Timedelta(hours=sum(hours))


@settings(deadline=None, max_examples=10)
@given(LENGTHS, st.randoms())
def test_shuffling_rows_changes_nothing(lengths: list[list[int]], chance: Random) -> None:
    rows = rows_of(*_log(lengths))
    order = list(range(len(rows)))
    chance.shuffle(order)
    found, again = (value_streams(EventLog(frame=r)) for r in (rows, rows.iloc[order]))
    pd.testing.assert_frame_equal(found.patterns, again.patterns)
    pd.testing.assert_frame_equal(found.activities, again.activities)
    by_name = (f.streams.sort_values("stream", ignore_index=True) for f in (found, again))
    pd.testing.assert_frame_equal(*by_name)


@settings(deadline=None, max_examples=10)
@given(LENGTHS, LENGTHS)
def test_merging_two_logs_adds_counts(
    templates: dict[str, Template], one: list[list[int]], other: list[list[int]]
) -> None:
    rows = [rows_of(*_log(lengths, name)) for lengths, name in ((one, "a"), (other, "b"))]
    apart = [_totals(value_streams(EventLog(frame=r), templates.values())) for r in rows]
    merged = _totals(value_streams(EventLog(frame=pd.concat(rows)), templates.values()))
    assert merged == pytest.approx({name: apart[0][name] + apart[1][name] for name in merged})


@settings(deadline=None, max_examples=10)
@given(LENGTHS, st.data())
def test_a_filter_never_adds_a_case(lengths: list[list[int]], data: st.DataObject) -> None:
    log = log_of(*_log(lengths))
    ids = [f"z{n}" for n in range(len(lengths))]
    kept = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    before, after = value_streams(log), value_streams(log.where(cases=kept))
    assert set(after.cases["case"]) == set(kept)
    assert after.cases["processing"].sum() <= before.cases["processing"].sum()
    assert after.streams["cases"].sum() == len(kept)


def test_littles_law_holds_on_a_long_simulated_log() -> None:
    """2 000 streams come in by chance, five a day, and take 4 days on average: 20 under way."""
    chance = np.random.default_rng(2026)
    start = np.cumsum(chance.exponential(24 / 5, 2000))
    took = chance.exponential(96, 2000)
    frame = pd.DataFrame(
        {
            "case:concept:name": np.repeat([f"z{n}" for n in range(2000)], 2),
            "concept:name": ["a", "b"] * 2000,
            TIMESTAMP: [at(h) for pair in zip(start, start + took, strict=True) for h in pair],
        }
    )
    flow = value_streams(EventLog(frame=frame)).flow
    whole, months = flow.iloc[0], flow.iloc[2:-2]
    assert whole["low"] < whole["wip"] < whole["high"]
    assert whole["wip"] == pytest.approx(20, rel=0.1)
    assert len(months) > 8
    assert (months["gap"] < 0.25).all()
    assert flow["started"].iloc[1:].sum() == flow["closed"].iloc[1:].sum() == whole["started"]


def test_cases_that_are_missing_show_in_littles_law() -> None:
    """Of a log in which a long case never shows its end, the months say that something is off."""
    steps: list[Step] = [("a", "ann", 0, 1), ("b", "ann", 24 * 90, 24 * 90 + 1)]
    flow = value_streams(log_of(Worked(steps=steps))).flow.set_index("month")
    assert flow.loc["2026-04", ["started", "closed"]].tolist() == [0, 0]
    assert flow.loc["2026-04", "wip"] == pytest.approx(1)
    assert flow.loc["2026-04", ["gap", "lead"]].isna().all()


def test_streams_of_unlinked_cases_are_the_cases() -> None:
    rows = rows_of(*_log([[4], [6], [2]])).drop(columns=[PARENT, ROOT])
    found = value_streams(EventLog(frame=rows))
    assert found.streams["stream"].tolist() == found.cases["case"].tolist() == ["z0", "z1", "z2"]
    assert found.unseen["child"] == "unchecked.parent"
