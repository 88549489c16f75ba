"""A fault that is planted in a conformant log is found, and nothing else is."""

import random
from datetime import UTC, datetime

import pandas as pd
import pytest

from bdv_process.demo.planting import PLANTS, Plant, plant, unite
from bdv_process.eventlog.event import CASE, PARENT, TEMPLATE
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.mining.conformance import conformance
from bdv_process.template.library import shipped, shipped_procedure
from stories import Story, tell

PROCEDURE = shipped_procedure()


@pytest.fixture(scope="module")
def happy() -> EventLog:
    """One case of each workflow that went well, with its children."""
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    register = CaseRegister(
        "sqlite://",
        templates=shipped(),
        procedure=PROCEDURE,
        organisation=Organisation.read(),
        clock=clock,
    )
    for template in shipped():
        story = Story(name="happy", template=template.key, steps=(), path=(), outcome="", timers=())
        tell(story, register, clock)
    return EventLog.of(register.events())


@pytest.mark.parametrize(
    ("sow", "template"),
    [(sow, t.key) for sow in PLANTS if sow is not unite for t in shipped()]
    + [(unite, "W5")],  # the one workflow that separates steps and has no child case
)
def test_a_planted_fault_is_the_only_deviation_found(
    sow: Plant, template: str, happy: EventLog
) -> None:
    frame = happy.frame
    started = (frame[TEMPLATE] == template) & frame[PARENT].isna()
    case = frame.loc[started, CASE].iloc[0]
    rows = frame[frame[CASE] == case]
    planted = sow(rows, PROCEDURE, random.Random(3))
    assert planted is not None
    spoiled, fault = planted
    rest = frame[frame[CASE] != case]
    log = EventLog(frame=pd.concat([rest, spoiled]))
    found = conformance(log, shipped(), PROCEDURE).deviations
    assert found[["template", "kind", "activity", "rule", "count"]].values.tolist() == [
        [template, fault.kind, fault.activity, fault.rule, 1]
    ]
    assert fault.case == case
    assert list(found["examples"][0]) == [case]


def test_planting_is_repeatable_and_leaves_the_log_itself_alone(happy: EventLog) -> None:
    before = happy.frame.copy()
    one, faults = plant(happy, PROCEDURE, share=0.3, seed=5)
    other, same = plant(happy, PROCEDURE, share=0.3, seed=5)
    assert faults == same
    assert len(faults) == round(0.3 * happy.cases)
    assert one.frame.equals(other.frame)
    assert happy.frame.equals(before)
    assert not one.frame.equals(before)
