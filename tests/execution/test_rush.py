"""Many processes at once: one wins, the others hear so, and nothing happens twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.register import CaseRegister
from execution.conftest import reopen
from stories import REQUESTER

PROCESSES = 8
ROUNDS = 20

Command = tuple[str, dict[str, object]]


def rush(url: str, rounds: list[list[Command]]) -> list[list[Any]]:
    """Return, for each round, what each process got."""
    script = Path(__file__).with_name("rush.py")
    ran = subprocess.run(
        [sys.executable, str(script), url],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        input=json.dumps(rounds).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [list(got) for got in zip(*map(json.loads, ran.stdout.splitlines()), strict=True)]


def started(register: CaseRegister, template: str) -> list[str]:
    with register.batch():
        return [register.start(template, by=REQUESTER) for _ in range(ROUNDS)]


def work(register: CaseRegister, case: str) -> str:
    return register.items(case)[0].id


def test_programs_that_open_a_new_register_together_all_find_it_made(url: str) -> None:
    first_uses = [
        [("start", {"template": key, "by": REQUESTER})] * PROCESSES for key in ("W5", "W1")
    ]
    got = [case for found in rush(url, first_uses) for case in found]
    assert sorted(got) == sorted(f"Z{number}" for number in range(1, 2 * PROCESSES + 1))
    register = reopen(url)
    assert [len(register.items(case)) for case in got] == [1] * len(got)
    register.close()


def test_of_those_who_complete_the_same_item_one_wins_and_the_others_change_nothing(
    url: str,
) -> None:
    register = reopen(url)
    cases = started(register, "W5")
    everybody = [("ben", "carla")[number % 2] for number in range(PROCESSES)]
    results = rush(
        url,
        [
            [("complete", {"item": work(register, case), "by": by}) for by in everybody]
            for case in cases
        ],
    )
    for case, got in zip(cases, results, strict=True):
        assert Counter(got) == {case: 1, "BDV-303": PROCESSES - 1}
        winner = everybody[got.index(case)]
        happened = [(e.lifecycle, e.resource) for e in register.events(case)]
        assert happened == [
            (Lifecycle.COMPLETE, REQUESTER), (Lifecycle.SCHEDULE, None),
            (Lifecycle.ASSIGN, winner), (Lifecycle.COMPLETE, winner), (Lifecycle.SCHEDULE, None),
        ]  # fmt: skip
    register.close()


def test_a_key_that_is_used_by_many_at_once_is_carried_out_once(url: str) -> None:
    register = reopen(url)
    cases = started(register, "W5")
    rounds: list[list[Command]] = []
    for case in cases:
        item = work(register, case)
        start = {"template": "W5", "by": REQUESTER, "key": f"start {case}"}
        rounds += [
            [("complete", {"item": item, "by": "ben", "key": item})] * PROCESSES,
            [("start", start)] * PROCESSES,
        ]
    results = rush(url, rounds)
    assert all(len(set(got)) == 1 for got in results), "the same key gave two results"
    firsts = [got[0] for got in results]
    assert firsts[::2] == cases
    assert sorted(firsts[1::2] + cases) == sorted(case.id for case in register.cases())
    done = Counter(e.item for e in register.events() if e.item and e.resource == "ben")
    assert list(done.values()) == [2] * ROUNDS, "an item is assigned once and completed once"
    register.close()


def test_a_parent_and_its_child_are_worked_on_at_once_without_waiting_in_a_circle(
    url: str,
) -> None:
    register = reopen(url)
    rounds: list[list[Command]] = []
    parents = started(register, "W4")
    with register.batch():
        for case in parents:
            for by in ("ben", "ben", "dirk", "dirk"):
                register.complete(work(register, case), by=by)
            child = register.cases()[-1].id
            fork, item = work(register, case), work(register, child)
            rounds.append([
                ("complete", {"item": item, "by": "ben"}),
                ("withdraw", {"case": case, "by": REQUESTER}),
                ("claim", {"item": item, "by": "carla"}),
                ("claim", {"item": fork, "by": "ben"}),
            ])  # fmt: skip
    refusals = {code for got in rush(url, rounds) for code in got if code.startswith("BDV")}
    assert refusals <= {"BDV-303", "BDV-304", "BDV-305", "BDV-312"}
    assert {case.outcome for case in register.cases()} == {"withdrawn"}
    assert register.rebuild() == 2 * ROUNDS
    register.close()
