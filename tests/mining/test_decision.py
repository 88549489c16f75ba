"""The rule that what follows a step fits its outcome, on cases whose steps are all allowed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import OUTCOME
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.decision import DECISION
from bdv_process.template.model import Template

Case = list[Any]


@pytest.fixture
def check(log: Callable[..., EventLog]) -> Callable[..., ConformanceReport]:
    return lambda template, *cases: conformance(log(template, *cases), [template], None)


def ended(case: Sequence[Any], **outcomes: str | None) -> Case:
    return [replace(s, outcome=outcomes.get(s.activity, s.outcome)) for s in case]


def broken(report: ConformanceReport) -> list[str]:
    found = report.deviations
    return found.loc[found["rule"] == DECISION, "activity"].tolist()


def rule(report: ConformanceReport) -> pd.Series:
    return report.rules.set_index("rule").loc[DECISION]


@pytest.mark.parametrize("key", [f"W{n}" for n in range(1, 9)])
def test_a_case_that_does_what_was_decided_keeps_the_rule(
    key: str, templates: dict[str, Template], happy: Any, check: Any
) -> None:
    report = check(templates[key], happy(templates[key]))
    assert rule(report)[["state", "checked", "cases"]].tolist() == ["clean", 1, 0]


@pytest.mark.parametrize(
    ("key", "step", "outcome"),
    [
        ("W5", "operate_accept", "rejected"),
        ("W5", "operate_verify", "not_as_agreed"),
        ("W2", "change_test", "failed"),
        ("W1", "agree_negotiate", "adjust"),
    ],
)
def test_a_case_that_goes_against_its_own_outcome_breaks_it_though_the_path_fits(
    key: str, step: str, outcome: str, templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = happy(templates[key])
    report = check(templates[key], case, ended(case, **{step: outcome}))
    assert report.cases["fits"].all()
    assert broken(report) == [step]
    assert rule(report)[["state", "checked", "cases"]].tolist() == ["broken", 2, 1]


def test_a_withdrawal_goes_against_nothing(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    call, accept, *_, end = happy(templates["W5"])
    withdrawal = replace(end, activity="operate_withdrawal", outcome=None)
    withdrawn = replace(end, activity="operate_withdrawn", outcome="withdrawn")
    report = check(templates["W5"], [call, accept, withdrawal, withdrawn])
    assert report.cases["fits"].all()
    assert rule(report)["state"] == "clean"


def test_a_skipped_step_is_no_decision(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = [s for s in happy(templates["W2"]) if s.activity != "change_prepare"]
    report = check(templates["W2"], case)
    assert report.deviations.query("kind == 'skipped'")["activity"].tolist() == ["change_prepare"]
    assert broken(report) == []


def test_an_open_case_is_judged_on_what_followed_and_not_on_what_may_come(
    templates: dict[str, Template], happy: Any, check: Any
) -> None:
    case = happy(templates["W5"])
    running = ended(case[:-2], operate_verify="not_as_agreed")
    assert broken(check(templates["W5"], case, running)) == []
    defied = ended(case[:4], operate_accept="rejected")
    assert broken(check(templates["W5"], case, defied)) == ["operate_accept"]


def test_without_outcomes_or_with_strange_ones_nothing_is_said(
    templates: dict[str, Template], happy: Any, log: Callable[..., EventLog]
) -> None:
    template = templates["W5"]
    whole = log(template, happy(template))
    for outcome in (None, "prima"):
        said = conformance(
            EventLog(frame=whole.frame.assign(**{OUTCOME: outcome})), [template], None
        )
        assert rule(said)[["state", "reason"]].tolist() == ["unchecked", "unchecked.outcome"]
