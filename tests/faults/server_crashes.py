"""PostgreSQL killed under clients that ask again, with the same key, until they hear an answer."""

import time

from faults.clients import Persistent, sent
from faults.databases import POSTGRESQL
from faults.promises import broken, finish
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER

PER_DATABASE = 25  #: crashes, before all that was promised is looked at
PATIENCE = 30.0  #: seconds within which every client has to hear an answer again


@scenario(POSTGRESQL)
def server_crashes(trial: Trial) -> None:
    """Kill the server, or one backend, `times` under `clients`; it recovers and nothing is lost."""
    recovered: list[float] = []
    server = trial.databases.server
    for done in range(0, trial.times, PER_DATABASE):
        url = trial.fresh()
        register = opened(url)
        for _ in range(2 * trial.clients):
            register.start("W4", by=REQUESTER)
        register.close()
        people = [sent(register, f"client {number}") for number in range(trial.clients)]
        try:
            for number in range(min(PER_DATABASE, trial.times - done)):
                _heard_by_all(people, time.monotonic())
                time.sleep(trial.chance.uniform(0, 0.4))
                killed = time.monotonic()
                if number % 3 == 2:
                    server.kill_a_backend(trial.chance.randrange(1000))
                    trial.counted["backends killed"] += 1
                    time.sleep(0.05)  # until the postmaster has noticed
                else:
                    server.kill()
                    server.restart()
                    trial.counted["servers killed"] += 1
                slowest = _heard_by_all(people, time.monotonic())
                if slowest is None:
                    trial.broken["clients that heard no more"] += 1
                    return
                recovered.append(slowest - killed)
                trial.progress(done + number + 1)
        finally:
            for each in people:
                each.stop()
        heard = [one for each in people for one in each.heard]
        trial.counted["answers"] += len(heard)
        trial.counted["retries"] += sum(each.retried for each in people)
        for code in (code for each in people for code in each.odd):
            trial.broken[f"odd answer {code}"] += 1
        trial.broken += broken(register, url, heard)
        trial.broken += finish(register)
        register.close()
    recovered.sort()
    trial.measured["recovery p50 s"] = round(recovered[len(recovered) // 2], 2)
    trial.measured["recovery max s"] = round(recovered[-1], 2)


def _heard_by_all(people: list[Persistent], since: float) -> float | None:
    """Wait until everybody heard an answer since then; return when the last of them did."""
    while time.monotonic() - since < PATIENCE:
        for each in people:
            each.listen()
        if all(each.last_heard > since for each in people):
            return max(each.last_heard for each in people)
        time.sleep(0.01)
    return None
