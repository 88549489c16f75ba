"""Conformance of a log in parts is that of the log, however it was split and put together again."""

import pickle
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from bdv_process.demo.planting import plant
from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import (
    CASE,
    DUE,
    PARENT,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    SEQ,
    TEMPLATE,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.conformance import Conformance, ConformanceReport, conformance
from bdv_process.mining.conformance_part import Part
from bdv_process.mining.tree import tree
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure, vocabulary

FRAMES = ("cases", "occurrences", "deviations", "rules", "looked", "runs", "templates")
CONFORMANCE = Conformance(templates=shipped(), procedure=shipped_procedure())
FACTS = ("unobservable", "tiers", "notes")
HOW = settings(deadline=None, max_examples=3, suppress_health_check=[*HealthCheck])


@cache
def spoiled() -> EventLog:
    clean = EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")
    return plant(clean, shipped(), shipped_procedure(), share=0.4, seed=7)[0]


def without(*columns: str) -> EventLog:
    return EventLog(frame=spoiled().frame.drop(columns=list(columns)))


def foreign() -> EventLog:
    file = folder("eventlogs") / "servicenow-incidents.csv.gz"
    mapping = Mapping.read(file.with_name("servicenow-incidents.toml"), **vocabulary())
    return EventLog.read(file, mapping=mapping)


LOGS = {
    "with faults": spoiled,
    "without times": lambda: without(TIMESTAMP, SEQ, DUE, RECORDED),
    "without parents": lambda: without(PARENT, ROOT),
    "without people": lambda: without(RESOURCE, ROLE),
    "foreign": foreign,
}


def split(log: EventLog, parts: int, chance: random.Random) -> list[EventLog]:
    """Parts of a log, some of them perhaps empty, with the streams whole."""
    cases = tree(log.coded)
    chosen = {stream: chance.randrange(parts) for stream in sorted(cases["stream"].unique())}
    place = pd.Series(cases["stream"].map(chosen).to_numpy(), index=cases["case"])
    of_event = log.frame[CASE].map(place)
    return [
        EventLog(frame=log.frame[of_event == number], provenance=log.provenance)
        for number in range(parts)
    ]


def sent(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def together(
    analysis: Conformance, logs: Sequence[EventLog], chance: random.Random
) -> ConformanceReport:
    """What comes of parts that are each worked on elsewhere, and merged in any order."""
    analysis = sent(analysis)
    can = sent(analysis.surveyed([sent(analysis.survey(log)) for log in logs]))
    parts: list[Part] = [sent(analysis.partial(log, can)) for log in logs]
    while len(parts) > 1:
        chance.shuffle(parts)
        some = chance.randint(2, len(parts))
        parts = [analysis.merge(parts[:some]), *parts[some:]]
    return analysis.finish(analysis.merge(parts), can)


def assert_same(one: ConformanceReport, other: ConformanceReport) -> None:
    for name in FRAMES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    for name in FACTS:
        assert getattr(one, name) == getattr(other, name)


@pytest.fixture(scope="module", params=LOGS)
def log(request: pytest.FixtureRequest) -> EventLog:
    made: EventLog = LOGS[request.param]()
    return made


@HOW
@given(
    st.integers(1, 6), st.integers(0, 2**32), st.booleans(), st.sampled_from([None, "shipped"]),
    st.sampled_from([(), ("recover_verify", "agree_accept", "operate_close")]),
)  # fmt: skip
def test_however_a_log_is_split_its_report_is_the_same(
    log: EventLog, parts: int, seed: int, running: bool, procedure: None, hidden: Sequence[str]
) -> None:
    chance = random.Random(seed)
    ids = log.frame[CASE].unique().tolist()
    open_cases = chance.sample(ids, 9) if running else []
    whole = conformance(log, procedure=procedure, not_observable=hidden, running=open_cases)
    analysis = Conformance(
        templates=shipped(),
        procedure=shipped_procedure() if procedure else None,
        not_observable=frozenset(hidden),
        running=frozenset(open_cases),
    )
    assert_same(together(analysis, split(log, parts, chance), chance), whole)


@HOW
@given(st.integers(0, 2**32))
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    frame = spoiled().frame
    cases = frame[CASE].drop_duplicates().sample(frac=1, random_state=seed)
    order = pd.Series(range(len(cases)), index=cases)
    shuffled = frame.iloc[frame[CASE].map(order).argsort(kind="stable")]
    assert shuffled[CASE].iloc[0] == cases.iloc[0]
    assert_same(conformance(EventLog(frame=shuffled)), conformance(spoiled()))


def test_cases_come_by_when_they_started_and_then_by_id() -> None:
    cases = conformance(spoiled()).cases
    assert cases.equals(cases.sort_values(["started", "case"], ignore_index=True))
    timeless = conformance(without(TIMESTAMP, SEQ, DUE, RECORDED)).cases
    assert timeless["case"].is_monotonic_increasing


def test_a_part_without_ends_has_open_cases_where_another_shows_how_they_end() -> None:
    frame = spoiled().frame
    (_, one), (_, other) = [*frame[frame[TEMPLATE] == "W5"].groupby(CASE)][:2]
    parts = [EventLog(frame=part) for part in (one.head(5), other.head(5), other.tail(1))]
    parts[2].coded[CASE] = parts[2].coded[CASE].cat.rename_categories(["ended"])
    found = together(CONFORMANCE, parts, random.Random(1))
    assert found.cases["open"].tolist() == [True, True, False]
    assert not conformance(parts[0]).cases["open"].any()


def test_an_open_case_is_late_when_another_part_goes_on_beyond_its_term() -> None:
    frame = spoiled().frame
    mine = (frame[TEMPLATE] == "W5") & frame[PARENT].isna()
    (_, one), (_, other) = [*frame[mine].groupby(CASE)][:2]
    later = other.assign(**{TIMESTAMP: other[TIMESTAMP] + pd.Timedelta(days=400)})
    parts = [EventLog(frame=one.head(5)), EventLog(frame=later)]
    ids = frozenset(one[CASE])
    apart = together(replace(CONFORMANCE, running=ids), parts, random.Random(1))
    alone = conformance(parts[0], running=ids)
    for report, late in ((apart, True), (alone, False)):
        found = report.occurrences
        assert (found.loc[found["case"].isin(ids), "rule"] == "term").any() == late


def test_a_requester_who_works_in_another_part_is_known_by_that_name() -> None:
    frame = spoiled().frame.assign(**{REQUESTER: "nobody", RESOURCE: "somebody", PARENT: None})
    (_, one), (_, other) = [*frame[frame[TEMPLATE] == "W5"].groupby(CASE)][:2]
    parts = [
        EventLog(frame=one.assign(**{REQUESTER: "ben"})),
        EventLog(frame=other.assign(**{RESOURCE: "ben"})),
    ]
    found = together(CONFORMANCE, parts, random.Random(1)).rules.set_index("rule")
    assert found.loc["requester", "reason"] == ""
    for part in parts:
        alone = conformance(part).rules.set_index("rule")
        assert alone.loc["requester", "reason"] == "unchecked.names"


def test_a_store_and_other_processes_give_the_same(tmp_path: Path) -> None:
    store = LogStore.write(spoiled(), tmp_path / "store", parts=4)
    whole = conformance(spoiled())
    done: list[float] = []
    assert_same(conformance(store, progress=done.append), whole)
    assert done == sorted(done)
    assert done[-1] == 1
    assert_same(conformance(store, engine="processes:2"), whole)


def test_a_log_of_which_no_part_runs_one_of_the_templates_is_refused(tmp_path: Path) -> None:
    store = LogStore.write(spoiled().where(templates=["W5"]), tmp_path / "store", parts=2)
    with pytest.raises(InputRefused) as refusal:
        conformance(store, shipped()[:1])
    assert refusal.value.code == "BDV-401"


def test_what_is_kept_per_case_is_small() -> None:
    can = CONFORMANCE.surveyed([CONFORMANCE.survey(spoiled())])
    part = CONFORMANCE.partial(spoiled(), can)
    kept = part.cases.drop(columns="case").dtypes
    assert kept.astype(str).to_dict() == {"started": "datetime64[us, UTC]", "way": "int32"}
    assert part.cases["case"].dtype == "str"
    assert {kind.name for kind in part.looked.dtypes} == {"bool"}
    found = part.occurrences
    assert {rows.dtype.name for rows in (found.at, found.what, found.times)} == {"int32"}
    assert len(can.carried.asked) == len(can.carried.worked) == 1
