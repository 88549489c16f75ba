"""Try fault scenarios and print the figures: `python -m faults.figures [NAME ...]`.

Give `--times`, `--seed`, `--database sqlite|postgresql`, `--naive`, `--clients` and `--json`.
Without names: the long set, which `make faults` runs, or with `--part 0.01` a hundredth of it.
With `--serve` requests are read from standard input, one JSON object a line, and answered with one
line each. Exit code 1: a promise was not kept.
"""

import argparse
import json
import math
import sys
import tempfile
import time
import traceback
from contextlib import closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults import (
    backups,
    clocks,
    crash_points,
    disks,
    kills,
    model,
    server_crashes,
    soak,
    tamper,
    timers,
    winners,
)
from faults.databases import POSTGRESQL, SQLITE, Databases, Unavailable
from faults.naive import promises_broken
from faults.scenario import ONLY, SCENARIOS, Figures, Trial

MODULES = (
    kills, crash_points, winners, server_crashes, disks, backups, clocks, timers, model, tamper,
    soak,
)  # fmt: skip
#: What is tried in the long set: how often on each database, by how many clients.
LONG = (
    ("kills", 10_000, 4), ("crash-points", 2_600, 1), ("winners", 1_000, 2), ("winners", 1_000, 8),
    ("winners", 1_000, 32), ("same-key", 1_000, 8), ("kin", 1_000, 4), ("first-use", 100, 8),
    ("server-crashes", 200, 4), ("full-disk", 100, 1), ("read-only", 100, 1),
    ("read-only-disk", 20, 1), ("backups", 100, 4), ("clocks", 200, 1), ("timers", 10_000, 8),
    ("timers", 100_000, 8), ("model", 2_000, 1), ("bit-flips", 2_000, 1),
    ("edits", 1_000, 1), ("soak", 100_000, 1),
)  # fmt: skip


def run(
    name: str,
    databases: Databases,
    *,
    times: int,
    seed: int,
    naive: bool = False,
    clients: int = 2,
    aloud: bool = False,
) -> Figures:
    """Try one scenario, and return its figures."""
    trial = Trial(
        databases=databases, times=times, seed=seed, naive=naive, clients=clients,
        progress=_Aloud(name, databases.kind, times) if aloud else lambda _done: None,
    )  # fmt: skip
    begun = time.monotonic()
    with promises_broken() if naive else nullcontext():
        SCENARIOS[name](trial)
    return Figures(
        scenario=name, database=databases.kind, store="naive" if naive else "ours", times=times,
        clients=clients, seed=seed, seconds=round(time.monotonic() - begun, 1),
        broken=dict(+trial.broken), counted=dict(trial.counted), measured=trial.measured,
    )  # fmt: skip


class _Aloud:
    """Say on standard error how far a scenario is, every half minute."""

    def __init__(self, name: str, kind: str, times: int) -> None:
        self.about, self.times, self.said = f"{name} on {kind}", times, time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self.said > 30:
            self.said = time.monotonic()
            print(f"{self.about}: {done} of {self.times}", file=sys.stderr, flush=True)  # noqa: T201


def row(figures: Figures) -> str:
    """Return figures as a line for people."""
    verdict = ", ".join(f"{n} {what}" for what, n in figures.broken.items()) or "all kept"
    facts = [f"{n} {what}" for what, n in figures.counted.items()]
    facts += [f"{what} {value:g}" for what, value in figures.measured.items()]
    head = f"{figures.scenario:<16}{figures.database:<12}{figures.store:<6}{figures.times:>7} x"
    about = f"clients {figures.clients}, seed {figures.seed}, {figures.seconds:g} s"
    return f"{head}  {verdict}\n{'':16}{about}; {', '.join(facts)}"


def serve(folder: Path) -> None:
    """Answer requests until the input ends; keep one server for all."""
    kinds = {kind: Databases(kind, folder) for kind in (SQLITE, POSTGRESQL)}
    try:
        for line in sys.stdin:
            request: dict[str, Any] = json.loads(line)
            name, kind = request.pop("name"), request.pop("database")
            try:
                answer: dict[str, Any] = asdict(run(name, kinds[kind], **request))
            except Unavailable as reason:
                answer = {"unavailable": str(reason)}
            except Exception:
                answer = {"failed": traceback.format_exc()}
            print(json.dumps(answer), flush=True)  # noqa: T201
    finally:
        for databases in kinds.values():
            databases.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults.figures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--part", type=float, default=1.0, help="of the long set")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--database", choices=[SQLITE, POSTGRESQL])
    parser.add_argument("--naive", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    asked_for = [(name, asked.times, asked.clients) for name in asked.names] or [
        (name, math.ceil(times * asked.part), clients) for name, times, clients in LONG
    ]
    kept = True
    with tempfile.TemporaryDirectory(prefix="bdv-faults-") as name:
        folder = Path(name)
        if asked.serve:
            serve(folder)
            return 0
        for kind in [asked.database] if asked.database else [SQLITE, POSTGRESQL]:
            with closing(Databases(kind, folder)) as databases:
                for each, times, clients in asked_for:
                    if ONLY.get(each, kind) != kind:
                        continue
                    try:
                        figures = run(
                            each, databases, times=times, seed=asked.seed, naive=asked.naive,
                            clients=clients, aloud=True,
                        )  # fmt: skip
                    except Unavailable as reason:
                        print(f"{each} on {kind}: {reason}", file=sys.stderr)  # noqa: T201
                        continue
                    kept = kept and not figures.broken
                    told = json.dumps(asdict(figures)) if asked.json else row(figures)
                    print(told, flush=True)  # noqa: T201
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
