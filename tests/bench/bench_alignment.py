"""How long costs take, beside the aligners of others: `make bench`.

Others search each distinct variant once; pm4py's A* gets a random sample where there are many, and
its time is multiplied by the number of variants for each one in the sample. Ours are of all cases,
equal or not. What is read and compiled before is in no time; our whole way from a log in memory to
a frame of costs stands apart. Times are of the processor; of two processes, of the clock.
"""

import random
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.mining import rows
from bdv_process.mining.aligned import aligned_with_net
from bdv_process.mining.alignment import align, costs
from bdv_process.template.automaton import Automaton
from bench.cases import MEASURED, SHARED, Case
from bench.peers import PEERS

SAMPLE = 1000
RUNS = 7


def timed(work: Callable[[], Any], runs: int = 1, clock: Callable[[], float] = process_time) -> Any:
    """The seconds of the quickest run, and what came out."""
    best, found = float("inf"), None
    for _ in range(runs):
        start = clock()
        found = work()
        best = min(best, clock() - start)
    return best, found


def measure(case: Case) -> None:
    """Print the table of one case; stop when a peer finds other costs."""
    spoken = Automaton.of(case.net)
    at, _ = pd.factorize(case.log.frame[CASE])
    labels = case.log.frame[LABEL].astype("str")
    codes = pd.Index(spoken.labels).get_indexer(labels).astype(np.int64)
    lengths = np.bincount(at)
    ours, found = {}, {}
    for name, many in (("numpy", sys.maxsize), ("fast", 0)):
        rows.MANY = many
        costs(spoken, codes[: lengths[0]], lengths[:1])  # numba is loaded before the clock starts
        ours[name], found[name] = timed(lambda: costs(spoken, codes, lengths), RUNS)
        ours[f"{name}, log to frame"], _ = timed(lambda: aligned_with_net(case.log, case.net), RUNS)
    if (found["numpy"] != found["fast"]).any():
        sys.exit("numpy and numba find other costs")
    rows.MANY = sys.maxsize
    ways = np.split(labels.to_numpy(dtype=object), np.cumsum(lengths)[:-1])
    cost = dict(zip(map(tuple, ways), found["numpy"].tolist(), strict=True))
    variants = sorted(cost)
    sample = random.Random(2026).sample(variants, min(SAMPLE, len(variants)))
    once = pd.Index(spoken.labels).get_indexer([label for v in variants for label in v])
    each = np.array([*map(len, variants)])
    ours["numpy, variants only"], _ = timed(lambda: costs(spoken, once, each), RUNS)
    ours["numpy, moves of variants"], _ = timed(lambda: align(spoken, variants))
    out = sys.stdout.write
    out(f"\n## {case.name}\n\n{len(lengths)} cases, {len(labels)} events, {len(cost)} variants")
    out(f" ({len(sample)} for A*), {len(spoken.steps)} states\n\n")
    out("| | seconds | x numpy | x fast |\n|---|---|---|---|\n")

    def row(name: str, seconds: float) -> None:
        ratios = (f"{seconds / ours[own]:,.1f}" for own in ("numpy", "fast"))
        out(f"| {name} | {seconds:,.4f} | {' | '.join(ratios)} |\n")
        sys.stdout.flush()

    for name, seconds in ours.items():
        row(f"bdv_process, {name}", seconds)
    for name, peer in PEERS.items():
        given = sample if peer.sampled else variants
        work = peer.prepared(case.net, given)
        seconds, theirs = timed(work, peer.runs, peer.clock)
        row(name, seconds * len(cost) / len(given))
        if theirs != [cost[variant] for variant in given]:
            sys.exit(f"{name} finds other costs")


if __name__ == "__main__":
    here = MEASURED if SHARED.is_dir() else ["a", "b"]  # the other logs are not shipped
    for key in sys.argv[1:] or here:
        measure(MEASURED[key]())
