"""How long costs take for 100 000 noisy cases of ten activities, beside pm4py: `make bench`.

pm4py searches each distinct variant once and shares it among cases, as its own `apply_log` does;
its time is that of a random sample, times the variants there are for each one in the sample. Its
times hold the search alone. Ours hold all that comes after reading: from the log to a frame of
costs.
"""

import random
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pandas as pd

from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.aligned import aligned_with_net
from bdv_process.mining.pm4 import pm4py_costs
from bdv_process.template.automaton import Automaton
from bdv_process.template.net import Net, Transition

CASES = 100_000
SAMPLE = 1000
PEERS = {
    "pm4py, A* (default)": "VERSION_STATE_EQUATION_A_STAR",
    "pm4py, Dijkstra less memory": "VERSION_DIJKSTRA_LESS_MEMORY",
}
#: A choice of c or d, e beside f, and h that leads back to the choice.
STEPS: tuple[tuple[str | None, tuple[int, ...], tuple[int, ...]], ...] = (
    ("a", (0,), (1,)), ("b", (1,), (2,)), ("c", (2,), (3,)), ("d", (2,), (3,)),
    (None, (3,), (4, 5)), ("e", (4,), (6,)), ("f", (5,), (7,)), ("g", (6, 7), (8,)),
    ("h", (8,), (2,)), ("i", (8,), (9,)), ("j", (9,), (10,)),
)  # fmt: skip


def net() -> Net:
    """The template: ten activities, a choice, two branches side by side, and a loop."""
    steps = tuple(
        Transition(element=label or "", label=label, consume=before, produce=after)
        for label, before, after in STEPS
    )
    return Net(places=tuple(map(str, range(11))), transitions=steps, initial=(0,), final=(10,))


def noisy(word: tuple[str, ...], chance: random.Random) -> list[str]:
    """A case with up to three activities added, left out or exchanged with the next."""
    case = list(word)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(case) - 1)
        match chance.randrange(3):
            case 0:
                case.insert(at, chance.choice("abcdefghijz"))
            case 1:
                del case[at]
            case _:
                case[at], case[at + 1] = case[at + 1], case[at]
    return case


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds it took, and what came out."""
    start = perf_counter()
    found = work()
    return perf_counter() - start, found


def main() -> None:
    """Print the table."""
    chance = random.Random(2026)
    model = net()
    words = sorted(Automaton.of(model).words(18))
    cases = [noisy(chance.choice(words), chance) for _ in range(CASES)]
    rows = [(str(n), label) for n, case in enumerate(cases) for label in case]
    log = EventLog(frame=pd.DataFrame(rows, columns=[CASE, LABEL]))
    ours, found = min((timed(lambda: aligned_with_net(log, model)) for _ in range(3)),
                      key=lambda run: run[0])  # fmt: skip
    costs = dict(zip(map(tuple, cases), found["cost"].tolist(), strict=True))
    sample = chance.sample(sorted(costs), SAMPLE)
    out = sys.stdout.write
    out(f"{len(rows)} events, {CASES} cases, {len(costs)} variants; {SAMPLE} of them sampled\n\n")
    out("| | seconds | ratio |\n|---|---|---|\n")
    out(f"| bdv_process | {ours:.2f} | 1 |\n")
    pm4py_costs(model, sample[:1])  # pm4py is loaded before the clock starts
    for name, search in PEERS.items():
        taken, theirs = timed(lambda search=search: pm4py_costs(model, sample, search))
        if theirs != [costs[variant] for variant in sample]:
            sys.exit(f"{name} finds other costs")
        whole = taken * len(costs) / SAMPLE
        out(f"| {name} | {whole:.0f} (extrapolated) | {whole / ours:.0f} |\n")


if __name__ == "__main__":
    main()
