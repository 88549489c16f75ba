"""Recording: how long after it happened something may be written down."""

from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import ACTIVITY, CASE, RECORDED, TIMESTAMP
from bdv_process.mining.rules import State
from bdv_process.template.procedure import Procedure


@pytest.mark.parametrize(("more", "state"), [("0us", State.CLEAN), ("1us", State.BROKEN)])
def test_what_is_written_down_just_in_time_is_in_time(
    more: str, state: State, sound: pd.DataFrame, procedure: Procedure, judged: Any
) -> None:
    written = sound[TIMESTAMP] + procedure.recorded_within + pd.Timedelta(more)
    assert judged(sound.assign(**{RECORDED: written}))["recorded", "W5"].state is state


def test_only_cases_that_say_when_they_were_written_down_are_looked_at(
    sound: pd.DataFrame, judged: Any
) -> None:
    some = sound.assign(**{RECORDED: sound[RECORDED].where(sound[CASE] == "request")})
    found = judged(some)
    assert found["recorded", "W5"].checked == 1
    assert found["recorded", "W1"].reason == "unchecked.recorded"


def test_every_late_event_is_a_breach(sound: pd.DataFrame, broken: Any) -> None:
    case = sound[CASE] == "change-work"
    late = sound.assign(**{RECORDED: sound[RECORDED] + pd.to_timedelta(case * 3, unit="D")})
    assert broken(late) == [
        ("recorded", "change-work", activity) for activity in sound.loc[case, ACTIVITY]
    ]
