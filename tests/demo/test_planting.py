"""A fault that is planted in a conformant log is found, and nothing else is."""

import random
from collections import Counter
from collections.abc import Iterable

import pandas as pd
import pytest

from bdv_process.demo.faults import Plant, plants
from bdv_process.demo.planting import HABITS, plant
from bdv_process.demo.run import synthesise
from bdv_process.demo.spot import Fault, Spot
from bdv_process.eventlog.event import CASE, ROOT, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.mining.decision import DECISION
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.rules import ALWAYS, BY_PROCEDURE
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.model import by_key

PROCEDURE = shipped_procedure()
PLANTS = plants(PROCEDURE)
RULES = {DECISION, *ALWAYS, *BY_PROCEDURE, *(each.id for each in PROCEDURE.separations)}
Found = Counter[tuple[str, ...]]


@pytest.fixture(scope="module")
def clean() -> EventLog:
    """Ten cases of each workflow, as people who make no mistakes do them."""
    return synthesise(cases=10, seed=1)


@pytest.fixture(scope="module")
def spots(clean: EventLog) -> list[Spot]:
    """Every case, as a place to plant a fault in."""
    chains = dict(iter(clean.frame.groupby(ROOT, sort=False)))
    cases = clean.frame.drop_duplicates(CASE)
    return [
        Spot(
            case=case, chain=chains[root], templates=by_key(shipped()), procedure=PROCEDURE,
            chance=random.Random(3),
        )
        for case, root in zip(cases[CASE], cases[ROOT], strict=True)
    ]  # fmt: skip


def found_in(log: EventLog) -> Found:
    found = conformance(log, shipped(), PROCEDURE).occurrences
    facts = found[["case", "kind", "activity", "rule"]].astype("str")
    return Counter(facts.itertuples(index=False, name=None))


def in_every_workflow(
    sow: Plant, spots: list[Spot]
) -> dict[str, tuple[pd.DataFrame, tuple[Fault, ...]]]:
    """Plant a fault in one case of each workflow where it can be; the spoiled chains by root."""
    planted, templates = {}, set()
    for spot in spots:
        root = str(spot.chain[ROOT].iloc[0])
        if root not in planted and spot.template.key not in templates:
            spoiled = sow(spot)
            if spoiled is not None:
                planted[root] = spoiled
                templates.add(spot.template.key)
    return planted


def meant(faults: Iterable[Fault]) -> Found:
    return Counter((fault.case, str(fault.kind), fault.activity, fault.rule) for fault in faults)


def test_people_who_make_no_mistakes_leave_a_log_without_deviations(clean: EventLog) -> None:
    report = conformance(clean, shipped(), PROCEDURE)
    assert report.deviations.empty, report.deviations
    assert {"clean"} == set(report.rules.loc[report.rules["checked"] > 0, "state"])
    kept = set(report.rules.loc[report.rules["state"] == "clean", "rule"])
    assert kept == RULES - {"extension"}, "who makes no mistakes has no need of more time"


@pytest.mark.parametrize("sow", PLANTS, ids=lambda sow: getattr(sow, "__name__", "unite"))
def test_a_planted_fault_is_the_only_deviation_found(
    sow: Plant, clean: EventLog, spots: list[Spot]
) -> None:
    planted = in_every_workflow(sow, spots)
    assert planted
    rest = clean.frame[~clean.frame[ROOT].isin(list(planted))]
    log = EventLog(frame=pd.concat([rest, *(chain for chain, _ in planted.values())]))
    assert found_in(log) == meant([fault for _, each in planted.values() for fault in each])


def test_there_is_a_plant_for_every_kind_of_deviation_and_every_rule(spots: list[Spot]) -> None:
    planted = [each for sow in PLANTS for each in in_every_workflow(sow, spots).values()]
    faults = [fault for _, each in planted for fault in each]
    # A log that shows how cases end calls what is missing at the end of a case skipped.
    assert {fault.kind for fault in faults} == set(DeviationKind) - {DeviationKind.UNFINISHED}
    broken = {fault.rule for fault in faults if fault.kind is DeviationKind.RULE}
    assert broken == RULES


def test_what_is_planted_all_over_a_log_is_found_exactly(clean: EventLog) -> None:
    spoiled, faults = plant(clean, shipped(), PROCEDURE, share=0.2, seed=5)
    assert found_in(spoiled) == meant(faults)
    assert len({fault.case for fault in faults}) > round(0.2 * clean.cases)


def test_planting_is_repeatable_and_leaves_the_log_itself_alone(clean: EventLog) -> None:
    before = clean.frame.copy()
    one, faults = plant(clean, shipped(), PROCEDURE, share=0.1, seed=5)
    other, same = plant(clean, shipped(), PROCEDURE, share=0.1, seed=5)
    assert faults == same
    assert one.frame.equals(other.frame)
    assert clean.frame.equals(before)
    assert not one.frame.equals(before)


def test_a_habit_begins_on_its_day_in_its_workflow(clean: EventLog) -> None:
    planted = (plant(clean, shipped(), PROCEDURE, share=0, seed=seed) for seed in range(5))
    faults = [fault for _, each in planted for fault in each]
    cases = clean.frame.drop_duplicates(CASE).set_index(CASE)
    for habit in HABITS:
        spoiled = cases.loc[[fault.case for fault in faults if fault.rule == habit.rule]]
        assert set(spoiled[TEMPLATE]) == {habit.template}
        assert spoiled[TIMESTAMP].min() >= habit.since
    kinds = {(fault.kind, fault.rule) for fault in faults}
    expected = {(DeviationKind.RULE, habit.rule) for habit in HABITS}
    assert kinds == {*expected, (DeviationKind.SKIPPED, "")}  # silence is a skipped verification
