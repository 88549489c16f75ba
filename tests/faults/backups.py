"""Backups made while everybody works, each restored in an empty database: nothing is missing."""

import time

from bdv_process.errors import BdvError
from bdv_process.execution.archive import back_up
from faults.clients import sent
from faults.promises import broken
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER


@scenario()
def backups(trial: Trial) -> None:
    """Back up `times` under `clients`; what was acknowledged before is in each that is restored."""
    url, slowest = trial.fresh(), 0.0
    register = opened(url)
    for _ in range(2 * trial.clients):
        register.start("W4", by=REQUESTER)
    register.close()
    people = [sent(register, f"client {number}") for number in range(trial.clients)]
    try:
        for number in range(trial.times):
            time.sleep(trial.chance.uniform(0, 0.3))
            for each in people:
                each.listen()
            heard = [one for each in people for one in each.heard]
            file = trial.folder / f"{trial.databases.kind}-{trial.naive}-{number}.bdv"
            back_up(url, file)
            restored_at = trial.databases.fresh()
            restored = opened(restored_at)
            begun = time.monotonic()
            try:
                restored.restore(file)
            except BdvError as refusal:
                trial.broken[f"restore refused as {refusal.code}"] += 1
            else:
                slowest = max(slowest, time.monotonic() - begun)
                trial.broken += broken(restored, restored_at, heard)
            restored.close()
            file.unlink()
            trial.counted["backups"] += 1
            trial.progress(number + 1)
    finally:
        for each in people:
            each.stop()
    trial.counted["answers meanwhile"] += sum(len(each.heard) for each in people)
    trial.measured["slowest restore s"] = round(slowest, 2)
    trial.broken += broken(register, url, [one for each in people for one in each.heard])
    register.close()
