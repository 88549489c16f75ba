"""A case that fits another template strictly better is that one deviation, and nothing less is."""

from dataclasses import replace
from typing import Any

import pytest

from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.template.model import Template

KEYS = [f"W{n}" for n in range(1, 9)]


def path(report: ConformanceReport) -> list[tuple[str, str, str, str, int]]:
    """What was found but rules."""
    frame = report.frame[report.frame["kind"] != "rule"]
    columns = frame[["template", "kind", "activity", "rule", "count"]]
    return list(columns.itertuples(index=False, name=None))


@pytest.mark.parametrize("key", KEYS)
def test_a_case_that_did_the_steps_of_another_template_fits_that_better(
    key: str, templates: dict[str, Template], happy: Any, log: Any
) -> None:
    template, other = templates[key], templates["W1" if key == "W5" else "W5"]
    report = conformance(log(template, happy(other)), templates.values(), None)
    intake = template.activities[0].id
    assert path(report) == [(key, "sibling", intake, other.key, 1)]
    assert f"{key}.sibling.{intake}.{other.key}" in set(report.frame["finding"])
    assert not report.cases.loc[0, "fits"]


@pytest.mark.parametrize(
    ("key", "called", "better"),
    [("W3", "W5", "W4"), ("W4", "W2", "W3"), ("W6", "W2", "W7"), ("W7", "W5", "W8"),
     ("W8", "W1", "W6")],
)  # fmt: skip
def test_the_child_of_a_fork_shows_which_template_was_meant(
    key: str, called: str, better: str, templates: dict[str, Template], happy: Any, events: Any
) -> None:
    rows = [
        *events("top", key, happy(templates[key])),
        *events("low", called, happy(templates[called]), parent="top"),
    ]
    report = conformance(EventLog.of(rows), templates.values(), None)
    assert path(report) == [(key, "sibling", templates[key].activities[0].id, better, 1)]
    assert report.cases["fits"].all()
    assert path(conformance(EventLog.of(rows), [templates[key], templates[called]], None)) == []


def test_a_child_as_the_fork_calls_it_is_no_reason_to_doubt_the_template(
    templates: dict[str, Template], happy: Any, events: Any
) -> None:
    case = [step for step in happy(templates["W3"]) if step.activity != "recover_analyse"]
    rows = [
        *events("top", "W3", case),
        *events("low", "W2", happy(templates["W2"]), parent="top"),
    ]
    report = conformance(EventLog.of(rows), templates.values(), None)
    assert path(report) == [("W3", "skipped", "recover_analyse", "", 1)]


def test_a_shorter_template_with_nothing_in_common_fits_no_better(
    templates: dict[str, Template], happy: Any, log: Any
) -> None:
    stranger = [replace(step, activity=f"x{n}") for n, step in enumerate(happy(templates["W1"]))]
    report = conformance(log(templates["W1"], stranger), templates.values(), None)
    assert {kind for _, kind, *_ in path(report)} == {"unknown", "unfinished"}


def test_a_running_case_is_held_to_what_it_has_done_in_the_other_template_too(
    templates: dict[str, Template], happy: Any, log: Any
) -> None:
    begun = happy(templates["W5"])[1:4]
    report = conformance(log(templates["W1"], begun), templates.values(), None, running=["z1"])
    assert path(report) == [("W1", "sibling", "agree_accept", "W5", 1)]
