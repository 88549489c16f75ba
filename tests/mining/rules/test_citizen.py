"""Feedback: which contact tells the requester how it ended."""

from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import ACTIVITY, TOUCHPOINT
from bdv_process.mining.rules import State

OPENING = ("operate_accept:incomplete", "operate_question", "operate_answer", "operate_accept")


@pytest.fixture
def feedback(told: Any, judged: Any) -> Any:
    def of(*steps: str, contact: str = "", **how: Any) -> State:
        log = told("z", "W5", *steps)
        log[TOUCHPOINT] |= log[ACTIVITY] == contact
        state: State = judged(log, ["W5"], **how)["feedback", "W5"].state
        return state

    return of


def test_a_question_during_intake_is_no_feedback(feedback: Any) -> None:
    assert feedback(*OPENING, "operate_plan", "operate_close") is State.BROKEN


def test_contact_after_the_close_comes_too_late(feedback: Any) -> None:
    assert feedback("operate_accept", "operate_close", "operate_verify") is State.BROKEN


def test_an_intake_after_the_close_does_not_undo_feedback(feedback: Any) -> None:
    steps = ("operate_accept", "operate_verify", "operate_close", "operate_accept")
    assert feedback(*steps) is State.CLEAN


def test_contact_that_the_log_itself_names_counts(feedback: Any) -> None:
    steps = ("operate_accept", "operate_plan", "operate_close")
    assert feedback(*steps, contact="operate_plan") is State.CLEAN
    assert feedback(*steps, contact="operate_close") is State.CLEAN


def test_a_deal_about_the_offer_does_not_tell_how_it_ended(told: Any, judged: Any) -> None:
    untold = told("untold", "W1", *(
        f"agree_{step}" for step in ("accept", "specify", "offer", "negotiate", "realise", "close")
    ))  # fmt: skip
    no_deal = told("no_deal", "W1", "agree_offer", "agree_negotiate:no_deal", "agree_close")
    found = judged(pd.concat([untold, no_deal]), ["W1"])["feedback", "W1"]
    assert (found.checked, found.breaches["case"].tolist()) == (2, ["untold"])


def test_where_work_is_not_observable_a_deal_may_have_come_before_it(
    sound: Any, judged: Any
) -> None:
    found = judged(sound, hidden=["agree_realise", "operate_execute"])
    assert found["feedback", "W1"].reason == "unchecked.not_observable"
    assert found["feedback", "W5"].state is State.CLEAN  # there is no contact but the last


def test_a_letter_of_rejection_tells_the_requester(told: Any, judged: Any) -> None:
    log = told("z", "W5", "operate_accept", "operate_plan", "operate_rejected", "operate_close")
    mute = log.assign(**{TOUCHPOINT: False})  # the template says what is contact
    assert judged(mute, ["W5"])["feedback", "W5"].state is State.CLEAN


def test_rework_after_contact_asks_for_contact_again(feedback: Any) -> None:
    steps = ("operate_accept", "operate_verify:not_as_agreed", "operate_execute", "operate_close")
    assert feedback(*steps) is State.BROKEN


def test_writing_it_in_the_register_is_no_news(told: Any, judged: Any) -> None:
    log = told("z", "W2", "change_deploy", "change_verify", "change_register", "change_close")
    assert judged(log, ["W2"])["feedback", "W2"].state is State.CLEAN


def test_a_log_with_no_contact_but_intake_is_mute(told: Any, judged: Any) -> None:
    log = told("z", "W5", "operate_accept", "operate_plan", "operate_close")
    assert judged(log, ["W5"])["feedback", "W5"].reason == "unchecked.touchpoint"


def test_a_case_that_is_not_closed_is_not_judged(feedback: Any) -> None:
    assert feedback("operate_accept", "operate_verify", open_cases=["z"]) is State.UNCHECKED


def test_improving_has_no_requester_to_tell(told: Any, judged: Any) -> None:
    assert judged(told("z", "W8"), ["W8"])["feedback", "W8"].state is State.NOT_APPLICABLE
