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
from bdv_process.template.model import Template

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


def test_a_separation_of_which_one_side_is_never_named_is_not_checked(judged: Any) -> None:
    unnamed: Row = ("one", None, "operate_execute", "")
    log = people(unnamed, VERIFY).replace("", None)
    assert judged(log, ["W5"])["work_apart_from_check", "W5"].reason == "unchecked.resource"
    idle = judged(people(VERIFY), ["W5"])["work_apart_from_check", "W5"]
    assert idle.reason == "unchecked.absent"


def test_only_cases_that_name_somebody_on_both_sides_are_looked_at(judged: Any) -> None:
    log = people(
        ("top", None, "change_test", "eva"),
        ("low", "top", "operate_execute", "dirk"),
        ("alone", None, "operate_execute", "dirk"),
    )
    found = judged(log)
    for key in ("W2", "W5"):
        kept = found["work_apart_from_check", key]
        assert (kept.state, kept.checked) == (State.CLEAN, 1)


def test_what_is_hidden_in_part_is_broken_or_unknown_but_never_clean(judged: Any) -> None:
    def found(verifier: str) -> Any:
        log = people(
            ("one", None, "change_prepare", "dirk"), ("one", None, "change_verify", verifier)
        )
        return judged(log, ["W2"], hidden=["change_test"])["work_apart_from_check", "W2"]

    assert found("eva").reason == "unchecked.not_observable"
    assert found("dirk").state is State.BROKEN


def test_who_is_named_at_the_call_is_not_yet_somebody_who_works(judged: Any) -> None:
    log = people(("one", None, "operate_call", "anna"), WORK).assign(**{REQUESTER: "anna"})
    assert judged(log, ["W5"])["requester", "W5"].reason == "unchecked.names"


def test_work_of_which_nothing_is_recorded_is_not_observable(
    sound: pd.DataFrame, templates: dict[str, Template], judged: Any
) -> None:
    found = judged(sound, ["W5"], hidden=[a.id for a in templates["W5"].activities])
    for rule in ("responsible", "requester"):
        assert found[rule, "W5"].reason == "unchecked.not_observable"
