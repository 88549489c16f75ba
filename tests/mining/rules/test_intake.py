"""Intake: which calls count as accepted, and what counts as linked."""

from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import ACTIVITY, LINKED, OUTCOME
from bdv_process.mining.rules import State
from mining.judging import Judged


@pytest.fixture
def linked(told: Any, judged: Any) -> Any:
    """What the rule says of a case without links, next to one with."""

    def of(*steps: str, outcomes: bool = True) -> Judged:
        case = told("z", "W5", *steps).assign(**{LINKED: None})
        log = pd.concat([case, told("other", "W5", "operate_accept:incomplete")])
        return judged(log if outcomes else log.assign(**{OUTCOME: None}), ["W5"])["linked", "W5"]

    return of


def test_a_call_that_was_not_accepted_needs_no_link(linked: Any) -> None:
    assert linked("operate_accept:rejected", "operate_rejected").reason == "unchecked.absent"
    assert linked("operate_accept:incomplete", "operate_accept").state is State.BROKEN


def test_without_outcomes_a_call_is_accepted_when_work_followed(linked: Any) -> None:
    found = linked("operate_accept", "operate_plan", outcomes=False)
    assert (found.state, found.checked) == (State.BROKEN, 1)
    assert linked("operate_accept", outcomes=False).reason == "unchecked.absent"
    assert linked("operate_accept", "operate_rejected", outcomes=False).reason == "unchecked.absent"


def test_a_link_that_was_made_after_intake_comes_too_late(sound: pd.DataFrame, broken: Any) -> None:
    links = sound[LINKED].shift(fill_value=None)
    assert {rule for rule, *_ in broken(sound.assign(**{LINKED: links}))} == {"linked"}


def test_classifying_again_after_planning_is_no_fault(told: Any, judged: Any) -> None:
    steps = ("operate_accept", "operate_classify", "operate_plan", "operate_classify")
    assert judged(told("z", "W5", *steps), ["W5"])["classified", "W5"].state is State.CLEAN


def test_a_process_that_does_not_plan_is_not_asked_to(sound: pd.DataFrame, judged: Any) -> None:
    assert "agree_plan" not in set(sound[ACTIVITY])
    assert judged(sound)["classified", "W1"].state is State.NOT_APPLICABLE
