"""Aligners of others, each given distinct variants and a net; they return costs."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import pandas as pd

from bdv_process.eventlog.event import CASE, LABEL, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.pm4 import A_STAR, pm4py_costs, state_machine, to_pm4py_net
from bdv_process.template.automaton import Automaton
from bdv_process.template.net import Net

Variants = Sequence[tuple[str, ...]]
Costs = Callable[[], list[int | None]]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """How another is measured."""

    prepared: Callable[[Net, Variants], Costs]  #: what it returns is timed
    runs: int = 1
    clock: Callable[[], float] = process_time
    sampled: bool = False


LESS_MEMORY = "VERSION_DIJKSTRA_LESS_MEMORY"


def plain(net: Net) -> Net:
    """A net that others understand: that of a template is handed over as its automaton."""
    return net if net.plain else state_machine(Automaton.of(net))


def pm4py_by(search: str) -> Callable[[Net, Variants], Costs]:
    def prepared(net: Net, variants: Variants) -> Costs:
        model = plain(net)
        pm4py_costs(model, variants[:1], search)  # loaded before the clock starts
        return lambda: pm4py_costs(model, variants, search)

    return prepared


def pm4py_processes(net: Net, variants: Variants) -> Costs:
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.objects.log.obj import Event, Trace
    from pm4py.objects.log.obj import EventLog as TheirLog

    model = to_pm4py_net(plain(net))
    log = TheirLog([Trace([Event({CASE.removeprefix("case:"): x}) for x in v]) for v in variants])
    how = {algorithm.Parameters.CORES: 2, algorithm.Parameters.SHOW_PROGRESS_BAR: False}
    by = algorithm.Variants[LESS_MEMORY]

    def costs() -> list[int | None]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = algorithm.apply_multiprocessing(log, *model, parameters=how, variant=by)
        return [alignment["cost"] // 10_000 for alignment in found]

    return costs


def r4pm(net: Net, variants: Variants) -> Costs:
    import r4pm as rust

    model = rust.petri_net.from_pm4py(*to_pm4py_net(plain(net)))
    rows = [(str(n), label) for n, variant in enumerate(variants) for label in variant]
    frame = pd.DataFrame(rows, columns=[CASE, LABEL])
    frame[TIMESTAMP] = pd.date_range("2026-01-01", periods=len(frame), freq="s", tz="UTC")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "variants.xes"
        EventLog(frame=frame).write(file)
        item = rust.import_item("EventLog", str(file))
    projection = rust.bindings.log_to_activity_projection(item)
    prices = {"log_move_cost": 1, "model_move_cost": 1, "silent_move_cost": 0, "sync_move_cost": 0}

    def costs() -> list[int | None]:
        found: list[Any] = rust.bindings.align_variants(model, projection, {"cost_fn": prices})
        by = {tuple(f["activities"]): f["result"].get("Ok", {}).get("cost") for f in found}
        return [by[variant] for variant in variants]

    return costs


PEERS = {
    "r4pm": Peer(prepared=r4pm, runs=3),
    "pm4py, Dijkstra less memory": Peer(prepared=pm4py_by(LESS_MEMORY)),
    "the same, 2 processes": Peer(prepared=pm4py_processes, clock=perf_counter),
    "pm4py, A* (default)": Peer(prepared=pm4py_by(A_STAR), sampled=True),
}
