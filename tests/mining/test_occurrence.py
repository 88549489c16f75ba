"""Whatever happened, the counts of a report are those of its occurrences, and explain its costs."""

from collections.abc import Iterator
from functools import cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bdv_process.eventlog.event import ACTIVITY, CASE, PARENT, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.template.automaton import automaton
from bdv_process.template.library import shipped, shipped_procedure

WHAT = ["template", "kind", "activity", "rule"]
PRICE = {"skipped": 1, "added": 1, "repeated": 1, "unknown": 1, "moved": 2}
KEYS = [template.key for template in shipped()]


@cache
def ways(key: str) -> list[tuple[str, ...]]:
    """What the template of this key allows, up to a length that all its steps fit in."""
    template = next(each for each in shipped() if each.key == key)
    return list(automaton(template).words(11, loops=0))


@st.composite
def cases(draw: st.DrawFn) -> list[tuple[str, str | None, list[str]]]:
    """Some cases, each with a template, a parent, and a way that its template nearly allows."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        key = draw(st.sampled_from(KEYS))
        whose = draw(st.sampled_from([key, key, key, *KEYS]))
        steps = list(draw(st.sampled_from(ways(whose))))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(steps)))
            change = draw(st.sampled_from(["skip", "again", "stop", "lunch"]))
            if change == "skip":
                del steps[at : at + 1]
            elif change == "stop":
                del steps[at:]
            else:
                steps.insert(at, "lunch" if change == "lunch" or not steps else steps[at - 1])
        parent = draw(st.none() | st.just(f"z{number - 1}")) if number else None
        made.append((key, parent, steps or ["lunch"]))
    return made


def report_of(
    rows: list[tuple[str, str | None, list[str]]], *, running: list[str], ends: bool
) -> ConformanceReport:
    """What conformance finds in cases z0, z1 ..., in a log that shows ends or one that does not."""
    frame = pd.DataFrame(_events(rows, ends=ends), columns=[CASE, TEMPLATE, PARENT, ACTIVITY])
    frame[TIMESTAMP] = pd.date_range("2026-03-02 09:00", periods=len(frame), freq="h", tz="UTC")
    there = sorted({*running} & {*frame[CASE]})
    return conformance(EventLog(frame=frame), shipped(), shipped_procedure(), running=there)


def _events(
    rows: list[tuple[str, str | None, list[str]]], *, ends: bool
) -> Iterator[tuple[str, str, str | None, str]]:
    process = {template.key: template.process for template in shipped()}
    for number, (key, parent, steps) in enumerate(rows):
        marked = [f"{process[key]}_call", *steps, f"{process[key]}_completed"]
        for step in marked if ends else steps:
            yield f"z{number}", key, parent, step


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), st.booleans(), st.sets(st.sampled_from([f"z{n}" for n in range(6)])))
def test_counts_are_those_of_the_occurrences_which_explain_every_cost(
    rows: list[tuple[str, str | None, list[str]]], ends: bool, running: set[str]
) -> None:
    report = report_of(rows, running=sorted(running), ends=ends)
    found = report.occurrences
    assert not found.duplicated(["case", *WHAT]).any()
    assert (found["times"] > 0).all()

    counted = report.deviations.set_index(WHAT)
    assert counted.index.is_unique
    assert report.deviations["finding"].is_unique
    for what, own in found.groupby(WHAT):
        row = counted.loc[what]
        assert (row["count"], row["cases"]) == (own["times"].sum(), len(own))
        assert set(row["examples"]) <= set(own["case"])
        started = report.cases.set_index("case").loc[own["case"], "started"]
        assert (row["since"], row["until"]) == (started.min(), started.max())
    assert counted["cases"].sum() == len(found)

    for case in report.cases.itertuples():
        own = found[(found["case"] == case.case) & (found["kind"] != "rule")]
        if (own["kind"] == "sibling").any():
            assert len(own) == 1
            continue
        unfinished = (own["kind"] == "unfinished").sum()
        told = (own["times"] * own["kind"].map(PRICE).astype("Int64").fillna(0)).sum()
        if unfinished:
            assert not ends
            assert not case.open
            assert told < case.cost
        else:
            assert told == case.cost
        assert case.fits == own.empty

    broken = found[found["kind"] == "rule"].groupby(["template", "rule"], observed=True).size()
    for row in report.rules.itertuples():
        assert (row.state == "broken") == ((row.template, row.rule) in broken.index)


@pytest.mark.parametrize("key", KEYS)
def test_what_may_still_come_costs_a_running_case_nothing(key: str) -> None:
    begun = {way[:done] for way in ways(key) for done in range(1, len(way) + 1)}
    rows = [(key, None, list(steps)) for steps in sorted(begun)]
    report = report_of(rows, running=[f"z{n}" for n in range(len(rows))], ends=False)
    assert report.cases["open"].all()
    assert report.cases["cost"].sum() == 0
    assert set(report.deviations["kind"]) <= {"rule"}
    assert report.runs["cases"].sum() == len(rows)
