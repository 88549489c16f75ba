"""Every case gets its cost, and pm4py finds the same."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.mining import aligned
from bdv_process.mining.aligned import aligned_with_net, aligned_with_templates
from bdv_process.mining.conformance import conformance
from bdv_process.mining.pm4 import pm4py_costs
from bdv_process.mining.tier import Tier
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Template
from bdv_process.template.pnml import read_pnml
from bdv_process.template.process_tree import Operator, ProcessTree, read_ptml

VARIANTS = 400  # of each log that pm4py searches: a few seconds for all
LETTERS = "abcdefghijklmno"  # in any order: 32 768 states

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def models(shared: Path) -> Path:
    return shared / "data" / "models"


def test_a_log_that_was_played_out_of_its_net_fits_it(models: Path) -> None:
    found = aligned_with_net(
        EventLog.read(models / "a12f0n00.xes.gz"), read_pnml(models / "a12.pnml")
    ).frame
    assert len(found) == 1000
    assert (found["cost"] == 0).all()
    assert (found["fitness"] == 1).all()


@pytest.mark.parametrize("noise", ["05", "10", "20", "50"])
def test_costs_of_a_noisy_log_without_times_are_those_of_pm4py(models: Path, noise: str) -> None:
    log = EventLog.read(models / f"a12f0n{noise}.xes.gz")
    net = read_pnml(models / "a12.pnml")
    found = aligned_with_net(log, net).frame
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
    assert (aligned_with_net(log, read_pnml(models / f"{name}.pnml")).frame["fitness"] == 1).all()


def test_a_tree_costs_what_its_net_does(models: Path, monkeypatch: Patch) -> None:
    log = EventLog.read(models / "a12f0n50.xes.gz")
    tree = read_ptml(models / "a12.ptml")
    found = aligned_with_net(log, read_pnml(models / "a12.pnml"))
    so_far = aligned_with_net(log, tree, prefixes=True)
    assert found.tiers == so_far.tiers == {"": Tier.DENSE}
    monkeypatch.setattr(aligned, "TREE_STATES", 0)
    by_tree = aligned_with_net(log, tree)
    assert by_tree.tiers == {"": Tier.TREE}
    assert by_tree.frame["cost"].tolist() == found.frame["cost"].tolist()
    assert by_tree.frame["fitness"].tolist() == found.frame["fitness"].tolist()
    assert aligned_with_net(log, tree, prefixes=True).frame["cost"].tolist() == (
        so_far.frame["cost"].tolist()
    )


def side_by_side(labels: str) -> ProcessTree:
    """A tree in which every label happens once, in any order."""
    return ProcessTree(
        operator=Operator.PARALLEL, children=tuple(ProcessTree(label=label) for label in labels)
    )


def test_a_model_with_too_many_states_is_aligned_by_its_tree() -> None:
    log = EventLog(frame=pd.DataFrame({CASE: list("1111122"), LABEL: list("zabcano")}))
    found = aligned_with_net(log, side_by_side(LETTERS))
    assert found.tiers == {"": Tier.TREE}
    assert found.frame["cost"].tolist() == [2 + 12, 13]
    assert found.frame["fitness"].tolist() == [1 - 14 / 20, 1 - 13 / 17]
    so_far = aligned_with_net(log, side_by_side(LETTERS), prefixes=True).frame
    assert so_far["cost"].tolist() == [1, 1, 1, 1, 2, 0, 0]


def test_without_a_tree_it_is_searched_and_what_is_not_found_in_time_lies_between_bounds() -> None:
    log = EventLog(frame=pd.DataFrame({CASE: list("1111122"), LABEL: list("zabcano")}))
    net = side_by_side(LETTERS).net()
    exact = aligned_with_net(log, net)
    assert exact.tiers == {"": Tier.SEARCH}
    assert exact.frame["cost"].tolist() == [14, 13]
    hasty = aligned_with_net(log, net, seconds=0).frame
    assert exact.frame["cost"].dtype == hasty["cost"].dtype == "Int64"
    assert hasty["cost"].isna().all()
    assert hasty["fitness"].isna().all()
    assert hasty["lower"].tolist() == [1, 0]
    assert hasty["upper"].isna().all()
    with pytest.raises(LimitExceeded) as refusal:
        aligned_with_net(log, net, prefixes=True)
    assert refusal.value.code == "BDV-402"


def test_what_a_case_has_cost_so_far_is_told_after_each_event(
    log: Callable[..., EventLog], happy: Callable[..., list[object]], templates: dict[str, Template]
) -> None:
    did = happy(templates["W2"])
    cases = log(templates["W2"], did, did[:2] + did[3:], did[:3] + did[:1])
    found = aligned_with_templates(cases, templates.values(), prefixes=True)
    assert found.tiers == {"W2": Tier.DENSE}
    assert list(found.frame.columns) == ["case", "event", "cost"]
    steps = len(templates["W2"].activities)
    events = found.frame.groupby("case")["event"].agg(list)
    assert events["z1"] == list(range(1, steps + 1))
    so_far = found.frame.groupby("case")["cost"].agg(list)
    assert so_far["z1"] == [0] * steps
    assert so_far["z2"] == [0, 1, *[1] * (steps - 3)]
    assert so_far["z3"] == [0, 0]


def test_an_open_case_costs_what_it_does_in_the_conformance_report(
    log: Callable[..., EventLog], happy: Callable[..., list[object]], templates: dict[str, Template]
) -> None:
    did = happy(templates["W2"])
    cases = log(templates["W2"], did, did[:4], did[:2] + did[3:5])
    found = aligned_with_templates(cases, templates.values()).frame
    report = conformance(cases, templates.values()).cases
    assert report["open"].tolist() == [False, True, True]
    assert found["cost"].tolist() == report["cost"].tolist() == [0, 0, 1]
    assert found["fitness"].tolist() == report["fitness"].tolist()


def test_every_case_is_held_against_its_own_template(
    root: Path, templates: dict[str, Template]
) -> None:
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    found = aligned_with_templates(log, templates.values()).frame
    assert found["case"].tolist() == log.frame[CASE].drop_duplicates().tolist()
    assert (found["fitness"] == 1).all()
    only = aligned_with_templates(log, [templates["W4"]]).frame
    assert 0 < len(only) < len(found)


def test_costs_are_those_of_the_conformance_report(
    log: Callable[..., EventLog], happy: Callable[..., list[object]], templates: dict[str, Template]
) -> None:
    template = templates["W2"]
    did = happy(template)
    spoiled = log(template, did, did[:3] + did[5:], did[:4] + did[2:], [did[0], did[-1]])
    found = aligned_with_templates(spoiled, templates.values()).frame
    report = conformance(spoiled, templates.values()).cases
    assert found["cost"].tolist() == report["cost"].tolist()
    assert found["fitness"].tolist() == report["fitness"].tolist()
    assert found["cost"].iloc[0] == 0 < found["cost"].iloc[1:].min()


def test_a_log_that_names_no_template_is_held_against_the_one_that_is_given(
    templates: dict[str, Template],
) -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["lunch"]}))
    found = aligned_with_templates(log, [templates["W1"]]).frame
    assert found["cost"].tolist() == [1 + automaton(templates["W1"]).shortest]
    with pytest.raises(InputRefused) as refusal:
        aligned_with_templates(log, templates.values())
    assert refusal.value.code == "BDV-401"
