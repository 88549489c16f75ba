"""From how many states on which way of aligning is the fastest: `python -m bench.bench_tiers`.

S, then branches side by side, then E: 50 noisy variants, in thousandths of a second each.
"""

import random
import sys
from collections.abc import Iterator
from time import process_time

import numpy as np

from bdv_process.mining import tier
from bdv_process.mining.alignment import costs
from bdv_process.mining.tree_costs import tree_costs
from bdv_process.template.automaton import Automaton
from bdv_process.template.process_tree import Operator, ProcessTree

SHAPES = ((5, 1), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 1), (13, 1), (6, 4))
VARIANTS = 50


def model(branches: list[list[str]]) -> ProcessTree:
    lines = tuple(
        ProcessTree(operator=Operator.SEQUENCE, children=tuple(ProcessTree(label=x) for x in b))
        for b in branches
    )
    both = ProcessTree(operator=Operator.PARALLEL, children=lines)
    ends = ProcessTree(label="S"), ProcessTree(label="E")
    return ProcessTree(operator=Operator.SEQUENCE, children=(ends[0], both, ends[1]))


def noisy(branches: list[list[str]], chance: random.Random) -> Iterator[str]:
    """A case in which one activity in ten is missing, and one in ten done twice."""
    left = [list(branch) for branch in branches]
    yield "S"
    while left := [branch for branch in left if branch]:
        label = chance.choice(left).pop(0)
        yield from [label] * chance.choice([0, 2, *[1] * 8])
    yield "E"


def main() -> None:
    """Print the table."""
    chance = random.Random(2026)
    out = sys.stdout.write
    out("| branches x length | states | dense | sparse | tree |\n|---|---|---|---|---|\n")
    for width, length in SHAPES:
        branches = [[f"{b}.{n}" for n in range(length)] for b in range(width)]
        tree = model(branches)
        spoken = Automaton.of(tree.net())
        variants = [tuple(noisy(branches, chance)) for _ in range(VARIANTS)]
        number = {label: code for code, label in enumerate(spoken.labels)}
        codes = np.array([number[label] for variant in variants for label in variant])
        lengths = np.array([*map(len, variants)])
        times = []
        for limit in (len(spoken.steps), 0):
            tier.DENSE_STATES = limit
            start = process_time()
            found = costs(spoken, codes, lengths) if limit < 3_000 else None
            times.append(process_time() - start if found is not None else float("nan"))
        start = process_time()
        if [tree_costs(tree, variant)[0] for variant in variants] != found.tolist():
            sys.exit("the tree finds other costs")
        times.append(process_time() - start)
        cells = (f"{seconds / VARIANTS * 1000:.2f}" for seconds in times)
        out(f"| {width} x {length} | {len(spoken.steps)} | {' | '.join(cells)} |\n")


if __name__ == "__main__":
    main()
