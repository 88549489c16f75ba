"""Evaluation: what counts as rework, and as a proposal."""

from typing import Any

import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, CASE, PROPOSAL
from bdv_process.mining.rules import State


def test_asking_again_at_intake_is_no_rework(told: Any, judged: Any) -> None:
    log = told("z", "W5", "operate_accept:incomplete", "operate_accept", "operate_close")
    assert judged(log, ["W5"])["proposal", "W5"].reason == "unchecked.absent"


def test_rework_that_is_not_observable_does_not_count(sound: pd.DataFrame, judged: Any) -> None:
    hidden = ["operate_execute", "operate_verify"]
    assert judged(sound, hidden=hidden)["proposal", "W5"].reason == "unchecked.absent"
    assert judged(sound, hidden=hidden[:1])["proposal", "W5"].state is State.CLEAN


def test_a_proposal_at_another_step_is_not_that_of_the_evaluation(
    sound: pd.DataFrame, broken: Any
) -> None:
    mine = sound[CASE] == "request"
    elsewhere = (
        sound[PROPOSAL]
        .mask(mine, None)
        .mask(mine & (sound[ACTIVITY] == "operate_execute"), "proposal-1")
    )
    assert broken(sound.assign(**{PROPOSAL: elsewhere})) == [
        ("proposal", "request", "operate_close")
    ]
