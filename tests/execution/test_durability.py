"""What was acknowledged survives a kill -9, once, and every case can go on."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.clock import VirtualClock
from execution.conftest import reopen
from stories import WORKER

ROUNDS = 50


def test_fifty_kills_lose_and_double_nothing(url: str, clock: VirtualClock) -> None:
    script = Path(__file__).with_name("kill_writers.py")
    ran = subprocess.run(
        [sys.executable, str(script), url, str(ROUNDS), "7"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
    )
    acknowledged = ran.stdout.decode().split()
    assert len(acknowledged) > ROUNDS, "the writers were killed before they did any work"

    register = reopen(url, clock)
    completed = Counter(
        event.item
        for event in register.events()
        if event.item and event.lifecycle is Lifecycle.COMPLETE and event.resource
    )
    assert set(acknowledged) <= set(completed), "an acknowledged completion was lost"
    assert set(completed.values()) == {1}, "a completion was recorded twice"

    assert register.rebuild() == len(register.cases())
    while work := register.worklist():
        for item in work:
            register.complete(item.id, by=WORKER[str(item.role)])
    assert {case.outcome for case in register.cases()} == {"completed"}
    register.close()
