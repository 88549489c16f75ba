"""Where in a stream what was done: small ones by hand, and parts against the whole."""

import pandas as pd

from bdv_process.mining.stream_steps import added
from bdv_process.mining.value_stream import value_streams
from bdv_process.template.model import Template
from mining.streams import Worked, log_of

HOUR = pd.Timedelta(hours=1)


def test_a_step_is_told_at_its_place_in_the_chain(templates: dict[str, Template]) -> None:
    """A change is called at 0, prepared from 1 to 3 and operated from 4 to 5 by its child."""
    log = log_of(
        Worked(case="top", template="W2", steps=[("change_prepare", "ann", 1, 3)]),
        Worked(case="child", template="W5", parent="top", steps=[("operate_execute", "ben", 4, 5)]),
    )
    steps = value_streams(log, templates.values()).steps
    assert steps["pattern"].unique().tolist() == ["change>operate"]
    assert steps[["position", "activity", "times"]].to_numpy().tolist() == [
        ["change", "change_prepare", 1],
        ["change>operate", "operate_execute", 1],
    ]
    assert (steps["processing"] / HOUR).tolist() == [2, 1]
    assert (steps["waiting"] / HOUR).tolist() == [0, 1]


def test_what_is_done_twice_in_a_case_counts_twice_in_one_case() -> None:
    """a from 0 to 1, b from 2 to 4, a again from 5 to 6: of a turns 1 and 3."""
    log = log_of(Worked(steps=[("a", "ann", 0, 1), ("b", "ben", 2, 4), ("a", "ann", 5, 6)]))
    steps = value_streams(log).steps.sort_values("activity")
    a, b = steps.to_dict("records")
    assert (a["times"], a["cases"], a["turn"]) == (2, 1, 2)
    assert (b["times"], b["cases"], b["turn"]) == (1, 1, 2)
    assert (a["processing"] / HOUR, b["processing"] / HOUR) == (2, 2)


def test_streams_that_still_run_are_no_part_of_it(templates: dict[str, Template]) -> None:
    ended = [("operate_call", 0), ("operate_completed", 2)]
    closed = Worked(case="c", template="W5", steps=[("operate_plan", "ann", 1, 2)], moments=ended)
    running = Worked(
        case="r", template="W5", steps=[("operate_plan", "ann", 1, 2)], moments=ended[:1]
    )
    found = value_streams(log_of(closed, running), templates.values())
    assert found.steps["times"].tolist() == [1]


def test_the_steps_of_parts_are_those_of_the_whole() -> None:
    names = ["pattern", "position", "template", "activity"]
    row = dict.fromkeys(names, "x") | {"times": 2, "cases": 1, "turns": 3, "waiting": 1 << 60}
    part = pd.DataFrame([row | {"processing": 5}])
    other = pd.DataFrame([row | {"processing": 7, "activity": "y"}])
    found = added([added([part, other]), part])
    assert found["activity"].tolist() == ["x", "y"]
    assert found["processing"].tolist() == [10, 7]
    assert found["waiting"].tolist() == [2 << 60, 1 << 60]
