"""For each rule on who did the work: a log that breaks it, one that keeps it, one that is mute."""

from collections.abc import Callable

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
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.rules import (
    Looked,
    check,
    requester_separated,
    responsible,
    separated,
)
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Separation

Row = tuple[str, str | None, str, str | None, str | None]


def frame(*rows: Row, requester: str | None = "anna") -> pd.DataFrame:
    """The frame of a log: case, parent, activity, person and role, an hour apart."""
    table = pd.DataFrame(rows, columns=[CASE, PARENT, ACTIVITY, RESOURCE, ROLE])
    table[TIMESTAMP] = pd.date_range("2026-03-02 09:00", periods=len(rows), freq="h", tz="UTC")
    return EventLog(frame=table.assign(**{REQUESTER: requester})).frame


def places(checked: Looked) -> list[tuple[str, str]]:
    assert not checked.unchecked
    return list(checked.breaches.itertuples(index=False, name=None))


@pytest.fixture
def rule(procedure: Procedure) -> Separation:
    return next(s for s in procedure.separations if s.id == "work_apart_from_check")


@pytest.fixture
def apart(procedure: Procedure, rule: Separation) -> Callable[..., Looked]:
    return lambda *rows: separated(frame(*rows), procedure, rule)


def test_work_in_a_role_that_is_not_responsible_is_found(procedure: Procedure) -> None:
    log = frame(
        ("z1", None, "operate_execute", "dirk", "uitvoerder"),
        ("z1", None, "operate_verify", "dirk", "uitvoerder"),
        ("z2", None, "operate_verify", "eva", None),
    )
    assert places(responsible(log, procedure)) == [("z1", "operate_verify")]
    assert places(responsible(log[log[ACTIVITY] == "operate_execute"], procedure)) == []


def test_an_offer_to_a_role_is_not_yet_work(procedure: Procedure) -> None:
    log = frame(
        ("z1", None, "operate_verify", None, "uitvoerder"),
        ("z1", None, "operate_verify", "eva", "toetser"),
    )
    log.loc[0, LIFECYCLE] = "schedule"
    assert places(responsible(log, procedure)) == []


@pytest.mark.parametrize("role", [None, "Group 70"])
def test_roles_that_the_procedure_does_not_know_cannot_be_judged(
    role: str | None, procedure: Procedure
) -> None:
    log = frame(("z1", None, "operate_verify", "dirk", role))
    assert responsible(log, procedure).unchecked == "unchecked.role"


def test_two_duties_by_one_person_are_found_at_the_second(apart: Callable[..., Looked]) -> None:
    work: Row = ("z1", None, "operate_execute", "dirk", None)
    verify: Row = ("z1", None, "operate_verify", "dirk", None)
    assert places(apart(work, verify)) == [("z1", "operate_verify")]
    assert places(apart(verify, work)) == [("z1", "operate_execute")]
    assert places(apart(work, verify, work, verify)) == [("z1", "operate_verify")]


def test_two_persons_keep_the_duties_apart(apart: Callable[..., Looked]) -> None:
    work: Row = ("z1", None, "operate_execute", "dirk", None)
    assert places(apart(work, ("z1", None, "operate_verify", "eva", None))) == []


def test_duties_are_apart_from_a_grandparent_too(apart: Callable[..., Looked]) -> None:
    rows: list[Row] = [
        ("top", None, "agree_accept", "ben", None),
        ("middle", "top", "change_accept", "ben", None),
        ("low", "middle", "operate_execute", "dirk", None),
        ("top", None, "agree_verify", "dirk", None),
    ]
    assert places(apart(*rows)) == [("top", "agree_verify")]


def test_a_sister_case_is_another_case(apart: Callable[..., Looked]) -> None:
    rows: list[Row] = [
        ("top", None, "agree_accept", "ben", None),
        ("one", "top", "operate_execute", "dirk", None),
        ("other", "top", "operate_verify", "dirk", None),
    ]
    assert places(apart(*rows)) == []


def test_a_circle_of_parents_comes_to_an_end(apart: Callable[..., Looked]) -> None:
    rows: list[Row] = [
        ("egg", "hen", "operate_execute", "dirk", None),
        ("hen", "egg", "operate_verify", "dirk", None),
    ]
    assert places(apart(*rows)) == [("hen", "operate_verify")]


def test_without_persons_no_separation_can_be_checked(apart: Callable[..., Looked]) -> None:
    assert apart(("z1", None, "operate_verify", None, None)).unchecked == "unchecked.resource"


def test_who_handles_the_own_case_is_found_once_per_case(procedure: Procedure) -> None:
    log = frame(
        ("z1", None, "operate_call", "anna", None),
        ("z1", None, "operate_accept", "ben", None),
        ("z1", None, "operate_plan", "anna", None),
        ("z1", None, "operate_execute", "anna", None),
    )
    assert places(requester_separated(log, procedure)) == [("z1", "operate_plan")]
    assert places(requester_separated(log.iloc[:2], procedure)) == []


def test_without_a_requester_nothing_can_be_said_about_the_own_case(procedure: Procedure) -> None:
    log = frame(("z1", None, "operate_plan", "anna", None), requester=None)
    assert requester_separated(log, procedure).unchecked == "unchecked.requester"


def test_a_separation_of_which_one_side_is_never_recorded_is_not_checked(
    procedure: Procedure, templates: dict[str, Template]
) -> None:
    log = frame(("z1", "z0", "recover_close", "carla", "coordinator"))
    hidden = ["recover_prepare", "recover_verify"]
    found = {c.rule: (c.state, c.reason) for c in check(log, procedure, [templates["W4"]], hidden)}
    assert found == {
        "responsible": ("clean", ""),
        "specify_apart_from_work": ("unchecked", "unchecked.not_observable"),
        "work_apart_from_check": ("unchecked", "unchecked.not_observable"),
        "approve_apart_from_change": ("clean", ""),
        "requester": ("clean", ""),
    }
