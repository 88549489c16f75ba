"""The test that holds all together: what the engine runs, the miner must find conformant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bdv_process.eventlog.event import CASE
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.template.library import shipped, shipped_procedure
from stories import Story, stories, tell

SCENARIOS = stories(Path(__file__).parent / "scenarios")
#: These stories wait for a hundred days, and a decision takes eight weeks.
LATE = {
    "w1-deadline": {"W1.term.agree_close"},
    "w2-deadline": {"W2.term.change_close"},
    "w5-deadline": {"W5.term.operate_close"},
}


@pytest.fixture(scope="module")
def told() -> tuple[EventLog, dict[str, str]]:
    """Every scenario, run in one register; its log, and the first case of each story."""
    clock = VirtualClock(datetime(2020, 3, 2, 9, tzinfo=UTC))  # the stories wait for years
    register = CaseRegister(
        "sqlite://",
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=clock,
    )
    with register.batch():
        cases = {story.name: tell(story, register, clock) for story in SCENARIOS}
    return EventLog.of(register.events()), cases


@pytest.fixture(scope="module", params=[".xes", ".xes.gz", ".csv", ".parquet"])
def mined(
    request: pytest.FixtureRequest,
    told: tuple[EventLog, dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> ConformanceReport:
    """All scenarios, exported, read back and held against the templates."""
    path = tmp_path_factory.mktemp("house") / f"log{request.param}"
    told[0].write(path)
    read = EventLog.read(path)
    assert read.frame.equals(told[0].frame)
    return conformance(read, shipped(), shipped_procedure())


@pytest.mark.parametrize("story", SCENARIOS, ids=lambda story: story.name)
def test_a_scenario_is_found_conformant(
    story: Story, told: tuple[EventLog, dict[str, str]]
) -> None:
    log, cases = told
    chain = log.frame.loc[log.frame["case:bdv:root"] == cases[story.name], CASE]
    report = conformance(log.where(cases=set(chain)), shipped(), shipped_procedure())
    assert report.fitness == 1.0
    assert set(report.deviations["finding"]) == LATE.get(story.name, set())
    assert not report.cases["open"].any()


def test_all_scenarios_together_deviate_only_where_they_are_late(mined: ConformanceReport) -> None:
    assert mined.fitness == 1.0
    assert set(mined.deviations["finding"]) == set.union(*LATE.values())
    assert mined.deviations["cases"].eq(1).all()
    unchecked = mined.rules[mined.rules["state"] == "unchecked"]
    assert set(zip(unchecked["rule"], unchecked["reason"], strict=True)) == {
        ("orphan", "unchecked.absent"),  # nobody forks to W3, W4 or W6 to W8
        ("extension", "unchecked.absent"),
        ("requester", "unchecked.names"),  # those who ask do no work themselves
    }
    assert set(mined.templates["template"]) == {template.key for template in shipped()}


def test_every_template_has_a_happy_path_and_each_detour() -> None:
    every = {
        "happy", "rejected", "incomplete", "unanswered", "withdrawn", "withdrawn-while-asked",
        "deadline", "rework",
    }  # fmt: skip
    forked = {"child-rejected", "child-withdrawn", "withdrawn-at-fork"}
    own = {
        "W1": {"adjusted", "no-deal"},
        "W2": {"plan-not-agreed", "plan-rejected", "test-failed"},
        "W3": {"known-solution", "search-on"},
        "W4": {"known-solution", "search-on"},
        "W5": set(),
        "W6": {"risk-accepted", "child-no-agreement"},
        "W7": {"risk-accepted"},
        "W8": {"risk-accepted"},
    }
    for template in shipped():
        names = {s.name.split("-", 1)[1] for s in SCENARIOS if s.template == template.key}
        assert names == every | (forked if template.forks else set()) | own[template.key]
