"""The term of decision, held against what the log says was decided, asked and announced."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    DUE,
    PARENT,
    RECORDED,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.mining.rules import State

Log = pd.DataFrame
STEPS = ("operate_call", "operate_accept", "operate_plan", "operate_verify", "operate_close")
RECEIVED = "2026-03-04 10:00"  # a Wednesday; eight weeks later is 29 April


def moment(local: str) -> pd.Timestamp:
    return pd.Timestamp(local, tz="Europe/Amsterdam").tz_convert("UTC")


@pytest.fixture
def lived(told: Any) -> Callable[..., Log]:
    """A request that came in on 4 March; `when` says at what local time its steps were done."""

    def of(*steps: str, **when: str) -> Log:
        log: Log = told("z", "W5", *(steps or STEPS))
        times = {f"operate_{step}": moment(time) for step, time in when.items()}
        log[TIMESTAMP] = [times.get(activity, moment(RECEIVED)) for activity in log[ACTIVITY]]
        return log.assign(**{RECORDED: log[TIMESTAMP]})

    return of


@pytest.fixture
def late(lived: Any, judged: Any) -> Callable[..., list[str]]:
    """Where the term was over, in a log with a case that was decided at once."""
    calm = lived().assign(**{CASE: "calm"})

    def of(log: Log, **how: Any) -> list[str]:
        found = judged(pd.concat([calm, log]), ["W5"], **how)["term", "W5"]
        assert found.state in (State.CLEAN, State.BROKEN)
        places: list[str] = found.breaches["activity"].tolist()
        return places

    return of


def announced(log: Log, activity: str, due: str, term: str | None = None) -> Log:
    at = log[ACTIVITY] == activity
    return log.assign(**{DUE: log[DUE].mask(at, moment(due)), TERM: log[TERM].mask(at, term)})


def test_the_last_day_lasts_until_midnight(lived: Any, late: Any) -> None:
    assert late(lived(close="2026-04-29 23:59")) == []
    assert late(lived(close="2026-04-30 00:00")) == ["operate_close"]


def test_the_first_decision_counts(lived: Any, late: Any) -> None:
    rejected = ("operate_call", "operate_accept:rejected", "operate_rejected")
    assert late(lived(*rejected, rejected="2026-04-29 12:00")) == []
    assert late(lived(*rejected, rejected="2026-05-01 12:00")) == ["operate_rejected"]
    done = lived(
        *STEPS, "operate_completed", close="2026-04-29 12:00", completed="2026-05-20 12:00"
    )
    assert late(done) == []


def test_the_clock_stands_still_while_the_requester_is_asked(lived: Any, late: Any) -> None:
    steps = ("operate_call", "operate_question", "operate_answer", *STEPS[1:])
    asked = {"question": "2026-03-06 12:00", "answer": "2026-03-09 12:00"}  # Saturday and Sunday
    rest = {f"{step}": "2026-03-10 12:00" for step in ("accept", "plan", "verify")}
    assert late(lived(*steps, **asked, **rest, close="2026-05-01 12:00")) == []
    assert late(lived(*steps, **asked, **rest, close="2026-05-02 12:00")) == ["operate_close"]
    untold = lived(*steps, **asked, **rest, close="2026-05-01 12:00").assign(**{TERM: None})
    assert late(untold) == []


def test_who_does_not_answer_does_not_let_the_term_lapse(lived: Any, late: Any) -> None:
    steps = ("operate_call", "operate_accept:incomplete", "operate_question", "operate_unanswered")
    asked = lived(*steps, question="2026-04-28 12:00", unanswered="2026-05-26 12:00")
    assert late(asked) == []
    assert late(asked.iloc[:-1], open_cases=["z"]) == []
    too_late = lived(*steps, question="2026-04-30 12:00", unanswered="2026-05-28 12:00")
    assert late(too_late) == ["operate_unanswered"]


def test_what_was_announced_last_goes_before_the_procedure(lived: Any, late: Any) -> None:
    case = lived(close="2026-05-12 12:00")
    assert late(announced(case, "operate_plan", "2026-05-12 00:00", "extended")) == []
    assert late(announced(case, "operate_plan", "2026-05-11 23:00", "extended")) == [
        "operate_close"
    ]
    assert late(announced(case, "operate_plan", "2026-05-09 12:00")) == ["operate_close"]
    monday = lived(close="2026-05-11 12:00")
    assert late(announced(monday, "operate_plan", "2026-05-09 12:00")) == []  # a Saturday


def test_a_pause_before_the_announcement_is_in_it_already(lived: Any, late: Any) -> None:
    steps = ("operate_call", "operate_question", "operate_answer", *STEPS[1:])
    times = {"question": "2026-03-06 12:00", "answer": "2026-03-13 12:00"}
    rest = {f"{step}": "2026-03-16 12:00" for step in ("accept", "plan", "verify")}
    case = lived(*steps, **times, **rest, close="2026-04-22 12:00")
    assert late(announced(case, "operate_plan", "2026-04-21 12:00")) == ["operate_close"]
    assert late(announced(case, "operate_answer", "2026-04-21 12:00", "resumed")) == [
        "operate_close"
    ]
    assert late(announced(case, "operate_call", "2026-04-21 12:00")) == []


def test_an_open_case_is_late_when_the_log_ends_after_its_last_day(
    lived: Any, told: Any, late: Any
) -> None:
    waiting = lived(*STEPS[:3])
    other = told("other", "W5", "operate_call", "operate_accept")
    for last, found in (("2026-04-29 12:00", []), ("2026-04-30 12:00", ["operate_close"])):
        until = other.assign(**{TIMESTAMP: moment(last), RECORDED: moment(last)})
        assert late(pd.concat([waiting, until]), open_cases=["z"]) == found


def test_a_case_that_just_stops_is_held_to_the_end_of_the_log(lived: Any, judged: Any) -> None:
    stopped = lived(*STEPS[:3])
    for last, checked, broken in (("2026-04-29 12:00", 1, 0), ("2026-04-30 12:00", 2, 1)):
        decided = lived(close=last).assign(**{CASE: "decided", DUE: moment("2026-06-01")})
        log = pd.concat([stopped, decided])
        found = judged(log, ["W5"])["term", "W5"]
        assert (found.checked, len(found.breaches)) == (checked, broken)
        hidden = judged(log, ["W5"], hidden=["operate_rejected"])["term", "W5"]
        assert (hidden.checked, len(hidden.breaches)) == (1, 0), "it may have been rejected"


def test_a_case_that_can_still_be_decided_in_time_says_nothing(lived: Any, judged: Any) -> None:
    found = judged(lived(*STEPS[:3]), ["W5"], open_cases=["z"])["term", "W5"]
    assert found.reason == "unchecked.absent"


def test_what_is_announced_again_on_each_row_was_announced_once(lived: Any, late: Any) -> None:
    steps = ("operate_call", "operate_question", "operate_answer", *STEPS[1:])
    asked = {"question": "2026-03-06 12:00", "answer": "2026-03-09 12:00"}  # two days between
    for last, found in (("2026-05-01 12:00", []), ("2026-05-02 12:00", ["operate_close"])):
        case = lived(*steps, **asked, close=last)
        assert late(case.assign(**{DUE: moment("2026-04-29 12:00")})) == found


def test_of_a_term_that_nobody_extended_or_suspended_nothing_is_said(
    sound: Log, judged: Any
) -> None:
    found = judged(sound)
    for rule in ("extension", "suspension"):
        assert (found[rule, "W5"].checked, found[rule, "W2"].reason) == (1, "unchecked.absent")


def test_a_child_case_has_no_term_of_its_own(lived: Any, judged: Any) -> None:
    child = lived(close="2026-07-01 12:00").assign(**{PARENT: "elsewhere"})
    assert judged(child, ["W5"])["term", "W5"].reason == "unchecked.absent"


def test_a_process_without_a_term_is_held_to_what_was_announced(told: Any, judged: Any) -> None:
    log = told("z", "W4").assign(**{TERM: "resumed"})
    assert judged(log, ["W4"])["term", "W4"].state is State.NOT_APPLICABLE
    assert judged(log, ["W4"])["extension", "W4"].state is State.NOT_APPLICABLE
    promised = announced(log, "recover_classify", "2026-02-27 12:00")
    assert judged(promised, ["W4"])["term", "W4"].state is State.BROKEN


def test_an_extension_on_the_last_day_is_in_time(lived: Any, judged: Any) -> None:
    for day, state in (("29", State.CLEAN), ("30", State.BROKEN)):
        time = f"2026-04-{day} 12:00"
        case = lived(plan=time, verify=time, close="2026-05-20 12:00")
        extended = announced(case, "operate_plan", "2026-06-10 12:00", "extended")
        found = judged(extended, ["W5"])
        assert found["extension", "W5"].state is state
        assert found["term", "W5"].state is State.CLEAN


def test_a_term_does_not_run_out_while_the_requester_is_asked(lived: Any, judged: Any) -> None:
    steps = ("operate_call", "operate_question", "operate_plan", "operate_answer", "operate_close")
    times = {"question": "2026-04-28 12:00", "plan": "2026-05-20 12:00"}
    case = lived(*steps, **times, answer="2026-05-21 12:00", close="2026-05-21 12:00")
    extended = announced(case, "operate_plan", "2026-06-10 12:00", "extended")
    assert judged(extended, ["W5"])["extension", "W5"].state is State.CLEAN


def test_the_clock_of_one_case_is_not_that_of_the_next(lived: Any, late: Any) -> None:
    asked = lived("operate_call", "operate_question").assign(**{CASE: "a"})
    steps = ("operate_call", "operate_question", "operate_answer", "operate_close")
    times = {"question": "2026-03-06 12:00", "answer": "2026-03-09 12:00"}
    for last, found in (("2026-05-01 12:00", []), ("2026-05-02 12:00", ["operate_close"])):
        answered = lived(*steps, **times, close=last).assign(**{CASE: "b"})
        unasked = lived("operate_call", "operate_answer", "operate_close").assign(**{CASE: "c"})
        assert late(pd.concat([asked, answered, unasked]), open_cases=["a"]) == found


def test_a_conversation_may_stop_the_clock(lived: Any, judged: Any) -> None:
    case = lived()
    at = case[ACTIVITY] == "operate_plan"
    talked = case.assign(**{TERM: case[TERM].mask(at, "suspended"), TOUCHPOINT: at})
    assert judged(talked, ["W5"])["suspension", "W5"].state is State.CLEAN
    silent = talked.assign(**{TOUCHPOINT: False})
    assert judged(silent, ["W5"])["suspension", "W5"].state is State.BROKEN
