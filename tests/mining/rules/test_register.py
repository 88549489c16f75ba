"""The register of components: which changes have to be in it, and by when."""

from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import COMPONENT, OUTCOME
from bdv_process.mining.rules import State

VERIFIED = "change_verify"


@pytest.fixture
def registered(told: Any, judged: Any) -> Any:
    """What the rule says of one change, next to one that is not yet closed."""

    def of(*steps: str, outcomes: bool = True) -> State:
        log = pd.concat([told("z", "W2", *steps), told("other", "W2", "change_register")])
        log = log if outcomes else log.assign(**{OUTCOME: None})
        state: State = judged(log, ["W2"])["registered", "W2"].state
        return state

    return of


def test_a_change_that_was_carried_out_has_to_be_in_the_register(registered: Any) -> None:
    assert registered(VERIFIED, "change_close") is State.BROKEN
    assert registered(VERIFIED, "change_close", outcomes=False) is State.BROKEN
    assert registered(VERIFIED, "change_register", "change_close") is State.CLEAN


def test_an_update_after_the_close_comes_too_late(registered: Any) -> None:
    assert registered(VERIFIED, "change_close", "change_register") is State.BROKEN


def test_a_change_that_failed_changes_nothing(registered: Any) -> None:
    failed = f"{VERIFIED}:not_as_agreed"
    assert registered(failed, "change_close") is State.UNCHECKED
    assert registered(VERIFIED, failed, "change_close") is State.UNCHECKED
    assert registered(failed, VERIFIED, "change_close") is State.BROKEN
    assert registered(failed, "change_close", VERIFIED) is State.UNCHECKED


def test_every_update_by_another_case_is_a_breach(sound: pd.DataFrame, broken: Any) -> None:
    updates = sound[COMPONENT].mask(
        sound["bdv:activity"].isin(["agree_offer", "agree_verify"]), "x"
    )
    assert broken(sound.assign(**{COMPONENT: updates})) == [
        ("elsewhere", "wish", "agree_offer"),
        ("elsewhere", "wish", "agree_verify"),
    ]
