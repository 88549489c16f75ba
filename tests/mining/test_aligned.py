"""Every case gets its cost, and pm4py finds the same."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.aligned import aligned_with_net, aligned_with_templates
from bdv_process.mining.alignment import align, costs
from bdv_process.mining.conformance import conformance
from bdv_process.mining.pm4 import pm4py_costs
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Template
from bdv_process.template.pnml import read_pnml

VARIANTS = 400  # of each log that pm4py searches: a few seconds for all

#: a, then b and c in any order or d again and again, then e.
SPOKEN = Automaton(
    labels=tuple("abcde"),
    steps=(
        (1, -1, -1, -1, -1),
        (-1, 2, 3, 4, -1),
        (-1, -1, 4, -1, -1),
        (-1, 4, -1, -1, -1),
        (-1, -1, -1, 4, 5),
        (-1, -1, -1, -1, -1),
    ),
    accepting=frozenset({5}),
)


def priced(spoken: Automaton, variants: list[str]) -> list[int]:
    codes = [spoken.labels.index(x) if x in spoken.labels else -1 for v in variants for x in v]
    lengths = np.array([len(v) for v in variants], dtype=np.int64)
    return costs(spoken, np.array(codes, dtype=np.int64), lengths).tolist()


@given(variants=st.lists(st.text("abcdez", max_size=12), max_size=12))
def test_costs_are_those_of_the_alignments(variants: list[str]) -> None:
    aligned = align(SPOKEN, [tuple(v) for v in variants])
    assert priced(SPOKEN, variants) == [a.cost for a in aligned]


def test_costs_of_cases_of_any_length_come_in_their_order() -> None:
    assert priced(SPOKEN, ["", "abce", "acbe", "z" * 3000, "adde", "", "ae"]) == [
        3, 0, 0, 3003, 0, 3, 1,
    ]  # fmt: skip
    assert priced(SPOKEN, []) == []


def test_an_automaton_too_large_for_its_pairs_of_states_has_no_costs() -> None:
    steps = (*((n + 1,) for n in range(5000)), (-1,))
    endless = Automaton(labels=("a",), steps=steps, accepting=frozenset({5000}))
    with pytest.raises(LimitExceeded) as refusal:
        priced(endless, ["a"])
    assert refusal.value.code == "BDV-402"


@pytest.fixture(scope="module")
def models(shared: Path) -> Path:
    return shared / "data" / "models"


def test_a_log_that_was_played_out_of_its_net_fits_it(models: Path) -> None:
    found = aligned_with_net(
        EventLog.read(models / "a12f0n00.xes.gz"), read_pnml(models / "a12.pnml")
    )
    assert len(found) == 1000
    assert (found["cost"] == 0).all()
    assert (found["fitness"] == 1).all()


@pytest.mark.parametrize("noise", ["05", "10", "20", "50"])
def test_costs_of_a_noisy_log_without_times_are_those_of_pm4py(models: Path, noise: str) -> None:
    log = EventLog.read(models / f"a12f0n{noise}.xes.gz")
    net = read_pnml(models / "a12.pnml")
    found = aligned_with_net(log, net)
    ways = log.frame.groupby(CASE, sort=False)[LABEL].agg(tuple)
    assert found["case"].tolist() == ways.index.tolist()
    shortest = Automaton.of(net).shortest
    fitness = 1 - found["cost"] / (ways.map(len).to_numpy() + shortest)
    assert found["fitness"].tolist() == fitness.tolist()
    distinct = found.assign(way=ways.to_numpy()).drop_duplicates("way").head(VARIANTS)
    assert distinct["cost"].any()
    assert distinct["cost"].tolist() == pm4py_costs(net, distinct["way"].tolist())


@pytest.mark.parametrize("name", ["synthetic_and_k3", "synthetic_xor_loop"])
def test_simulated_logs_fit_their_nets(models: Path, name: str) -> None:
    frame = pd.read_csv(models / f"{name}.csv.gz", dtype="str").sort_values("end_time")
    log = EventLog(frame=pd.DataFrame({CASE: frame["case_id"], LABEL: frame["Activity"]}))
    assert (aligned_with_net(log, read_pnml(models / f"{name}.pnml"))["fitness"] == 1).all()


def test_every_case_is_held_against_its_own_template(
    root: Path, templates: dict[str, Template]
) -> None:
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    found = aligned_with_templates(log, templates.values())
    assert found["case"].tolist() == log.frame[CASE].drop_duplicates().tolist()
    assert (found["fitness"] == 1).all()
    only = aligned_with_templates(log, [templates["W4"]])
    assert 0 < len(only) < len(found)


def test_costs_are_those_of_the_conformance_report(
    log: Callable[..., EventLog], happy: Callable[..., list[object]], templates: dict[str, Template]
) -> None:
    template = templates["W2"]
    did = happy(template)
    spoiled = log(template, did, did[:3] + did[5:], did[:4] + did[2:], [did[0], did[-1]])
    found = aligned_with_templates(spoiled, templates.values())
    report = conformance(spoiled, templates.values()).cases
    assert found["cost"].tolist() == report["cost"].tolist()
    assert found["fitness"].tolist() == report["fitness"].tolist()
    assert found["cost"].iloc[0] == 0 < found["cost"].iloc[1:].min()


def test_a_log_that_names_no_template_is_held_against_the_one_that_is_given(
    templates: dict[str, Template],
) -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["lunch"]}))
    found = aligned_with_templates(log, [templates["W1"]])
    assert found["cost"].tolist() == [1 + automaton(templates["W1"]).shortest]
    with pytest.raises(InputRefused) as refusal:
        aligned_with_templates(log, templates.values())
    assert refusal.value.code == "BDV-401"
