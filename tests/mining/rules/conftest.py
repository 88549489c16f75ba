"""A log that keeps every rule, and small ways to spoil it."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COMPONENT,
    DUE,
    LINKED,
    NONE,
    OUTCOME,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    SEQ,
    TEMPLATE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from mining.judging import Judged, judge

MONDAY = pd.Timestamp("2026-03-02 09:00", tz="UTC")
ALL = ("W1", "W2", "W5")


@pytest.fixture(scope="session")
def told(templates: dict[str, Template], happy: Any) -> Callable[..., pd.DataFrame]:
    """The rows of a case: what was done, an hour apart, each with what a good step leaves behind.

    `steps` are activities, `activity:outcome` where it did not end well; without them all went
    well.
    """

    def of(
        case: str,
        template: str,
        *steps: str,
        parent: str | None = None,
        requester: str = "anna",
        after: int = 0,
    ) -> pd.DataFrame:
        usual = {did.activity: did for did in happy(templates[template])}
        visible = {n.id: n for n in templates[template].nodes}
        rows = []
        for activity, _, outcome in (step.partition(":") for step in steps or usual):
            did = usual.get(activity)
            rows.append({
                ACTIVITY: activity,
                OUTCOME: outcome or (did and did.outcome),
                RESOURCE: did and did.resource,
                ROLE: did and did.role,
                TOUCHPOINT: visible[activity].touchpoint,
                LINKED: NONE if activity.endswith("_accept") else None,
                COMPONENT: "printer-7" if activity.endswith("_register") else None,
                PROPOSAL: NONE if activity.endswith("_close") else None,
                TERM: {"question": "suspended", "answer": "resumed"}.get(
                    activity.partition("_")[2]
                ),
            })  # fmt: skip
        frame = pd.DataFrame(rows).assign(**{
            CASE: case, TEMPLATE: template, PARENT: parent, REQUESTER: requester,
        })  # fmt: skip
        frame[SEQ] = range(1, len(frame) + 1)
        frame[TIMESTAMP] = MONDAY + pd.to_timedelta(after + frame[SEQ], unit="h")
        unsaid = pd.Series(pd.NaT, frame.index, dtype=frame[TIMESTAMP].dtype)
        return frame.assign(**{RECORDED: frame[TIMESTAMP], DUE: unsaid})

    return of


@pytest.fixture(scope="session")
def sound(told: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """A wish and a change with their children, and a request with a question and rework."""
    request = told(
        "request", "W5", "operate_call", "operate_accept:incomplete", "operate_question",
        "operate_answer", "operate_accept", "operate_classify", "operate_plan", "operate_execute",
        "operate_verify:not_as_agreed", "operate_execute", "operate_verify", "operate_close",
        "operate_completed", requester="fatima",
    )  # fmt: skip
    plan = request[ACTIVITY] == "operate_plan"
    request.loc[plan, [TERM, DUE]] = "extended", MONDAY + pd.Timedelta(weeks=50)
    return log_of(
        told("wish", "W1"),
        told("wish-change", "W2", parent="wish", after=5),
        told("wish-work", "W5", parent="wish-change", after=10),
        told("change", "W2"),
        told("change-work", "W5", parent="change", after=5),
        request,
    )


def log_of(*parts: pd.DataFrame) -> pd.DataFrame:
    return EventLog(frame=pd.concat(parts, ignore_index=True)).frame


@pytest.fixture(scope="session")
def judged(
    procedure: Procedure, templates: dict[str, Template]
) -> Callable[..., dict[tuple[str, str], Judged]]:
    """What every rule says of a log, by rule and template."""

    def of(
        log: pd.DataFrame,
        keys: Iterable[str] = ALL,
        hidden: Collection[str] = (),
        open_cases: Collection[str] = (),
    ) -> dict[tuple[str, str], Judged]:
        given = [templates[key] for key in keys]
        found = judge(EventLog(frame=log).frame, procedure, given, hidden, open_cases)
        return {(each.rule, each.template): each for each in found}

    return of


@pytest.fixture(scope="session")
def broken(judged: Any) -> Callable[..., list[tuple[str, str, str]]]:
    """The breaches in a log: rule, case and activity."""

    def of(log: pd.DataFrame, **how: Any) -> list[tuple[str, str, str]]:
        return [
            (rule, *place)
            for (rule, _), found in judged(log, **how).items()
            for place in found.breaches.itertuples(index=False, name=None)
        ]

    return of
