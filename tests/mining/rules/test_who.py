"""Who did the work: roles, requesters, and duties that one person may not combine."""

from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    PARENT,
    REQUESTER,
    RESOURCE,
    ROLE,
    TEMPLATE,
    TIMESTAMP,
)
from bdv_process.mining.rules import State

Row = tuple[str, str | None, str, str]

WORK: Row = ("one", None, "operate_execute", "dirk")
VERIFY: Row = ("one", None, "operate_verify", "dirk")


def people(*rows: Row) -> pd.DataFrame:
    """A log of who did what: case, parent, activity and person, an hour apart."""
    frame = pd.DataFrame(rows, columns=[CASE, PARENT, ACTIVITY, RESOURCE])
    frame[TIMESTAMP] = pd.date_range("2026-03-02 09:00", periods=len(rows), freq="h", tz="UTC")
    frame[TEMPLATE] = (
        frame[ACTIVITY].str.partition("_")[0].map({"agree": "W1", "change": "W2", "operate": "W5"})
    )
    return frame


@pytest.fixture
def apart(broken: Any) -> Any:
    """The places where work and check were not apart."""
    return lambda *rows: [
        place for rule, *place in broken(people(*rows)) if rule == "work_apart_from_check"
    ]


def test_an_offer_to_a_role_is_not_yet_work(sound: pd.DataFrame, broken: Any) -> None:
    verify = sound[ACTIVITY] == "operate_verify"
    offers = sound[verify].assign(**{LIFECYCLE: "schedule", ROLE: "kcc"})
    assert broken(pd.concat([sound, offers])) == []


def test_work_without_a_role_is_not_judged(sound: pd.DataFrame, judged: Any) -> None:
    some = sound.assign(**{ROLE: sound[ROLE].where(sound[CASE] == "request")})
    found = judged(some)
    assert found["responsible", "W5"].checked == 1
    assert found["responsible", "W2"].reason == "unchecked.role"


def test_who_handles_the_own_case_is_found_once_per_case(sound: pd.DataFrame, broken: Any) -> None:
    mine = (sound[CASE] == "request") & sound[ACTIVITY].isin(["operate_plan", "operate_close"])
    own = sound.assign(**{RESOURCE: sound[RESOURCE].mask(mine, "fatima")})
    assert broken(own) == [("requester", "request", "operate_plan")]


def test_a_log_without_requesters_is_mute_about_them(sound: pd.DataFrame, judged: Any) -> None:
    found = judged(sound.assign(**{REQUESTER: None}))
    assert found["requester", "W5"].reason == "unchecked.requester"


def test_two_duties_by_one_person_are_found_at_the_second(apart: Any) -> None:
    assert apart(WORK, VERIFY) == [["one", "operate_verify"]]
    assert apart(VERIFY, WORK) == [["one", "operate_execute"]]
    assert apart(WORK, VERIFY, WORK, VERIFY) == [["one", "operate_verify"]]


def test_two_persons_keep_the_duties_apart(apart: Any) -> None:
    assert apart(WORK, ("one", None, "operate_verify", "eva")) == []


def test_duties_are_apart_from_a_grandparent_too(apart: Any) -> None:
    rows: list[Row] = [
        ("top", None, "agree_accept", "ben"),
        ("middle", "top", "change_accept", "ben"),
        ("low", "middle", "operate_execute", "dirk"),
        ("top", None, "agree_verify", "dirk"),
    ]
    assert apart(*rows) == [["top", "agree_verify"]]
    assert apart(*reversed(rows)) == [["low", "operate_execute"]]


def test_a_sister_case_is_another_case(apart: Any) -> None:
    rows: list[Row] = [
        ("top", None, "change_accept", "ben"),
        ("here", "top", "operate_execute", "dirk"),
        ("there", "top", "operate_verify", "dirk"),
    ]
    assert apart(*rows) == []


def test_a_circle_of_parents_comes_to_an_end(apart: Any) -> None:
    rows: list[Row] = [
        ("egg", "hen", "operate_execute", "dirk"),
        ("hen", "egg", "operate_verify", "dirk"),
    ]
    assert apart(*rows) == [["hen", "operate_verify"]]


def test_a_separation_across_cases_needs_cases_that_are_linked(
    sound: pd.DataFrame, judged: Any
) -> None:
    found = judged(sound.assign(**{PARENT: None}))
    assert found["specify_apart_from_work", "W1"].reason == "unchecked.parent"
    assert found["work_apart_from_check", "W5"].state is State.CLEAN


def test_a_separation_is_not_about_work_that_no_kin_does(sound: pd.DataFrame, judged: Any) -> None:
    alone = judged(sound, ["W5"])
    assert alone["specify_apart_from_work", "W5"].state is State.NOT_APPLICABLE


def test_a_separation_of_which_one_side_is_never_recorded_is_not_checked(
    sound: pd.DataFrame, judged: Any
) -> None:
    found = judged(sound, ["W5"], hidden=["operate_execute"])
    assert found["work_apart_from_check", "W5"].reason == "unchecked.not_observable"
