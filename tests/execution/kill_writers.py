"""Start a process that completes work, kill it with signal 9, and again; print what was promised.

Usage: kill_writers.py DATABASE-URL ROUNDS SEED. Each line of output is an item whose completion
was acknowledged before the kill.
"""

import os
import random
import signal
import sys
import time

from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.storage import open_engine
from bdv_process.template.library import shipped, shipped_procedure
from stories import REQUESTER, WORKER


def complete_for_ever(url: str, acknowledged: int) -> None:
    register = CaseRegister(
        url,
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
    )
    while True:
        work = register.worklist()
        if not work:
            register.start("W4", by=REQUESTER)
            continue
        item = work[0]
        register.complete(item.id, by=WORKER[str(item.role)])
        os.write(acknowledged, f"{item.id}\n".encode())


def main() -> None:
    url, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    shipped(), shipped_procedure(), open_engine(url)  # loaded once, before the forks
    for _ in range(rounds):
        heard, acknowledged = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            complete_for_ever(url, acknowledged)
        os.close(acknowledged)
        with os.fdopen(heard) as promises:
            print(promises.readline(), end="")  # noqa: T201 - it is at work now
            time.sleep(chance.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
            print(promises.read(), end="")  # noqa: T201
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
