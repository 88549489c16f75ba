"""PostgreSQL killed under clients that ask again, with the same key, until they hear an answer."""

import json
import os
import signal
import time
from dataclasses import dataclass, field

from bdv_process.errors import BdvError, StorageUnavailable
from bdv_process.execution.register import CaseRegister
from faults.databases import POSTGRESQL
from faults.kills import next_command
from faults.promises import Heard, broken, finish
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER

PER_DATABASE = 25  #: crashes, before all that was promised is looked at
PATIENCE = 30.0  #: seconds within which every client has to hear an answer again


@dataclass
class Persistent:
    """A client that goes on through crashes; it tells when it heard what."""

    name: str
    pid: int
    told: int
    rest: str = ""
    heard: list[Heard] = field(default_factory=list)
    last_heard: float = 0.0
    retried: int = 0
    odd: list[str] = field(default_factory=list)  #: what should not have been answered

    def listen(self) -> None:
        """Take in what was told since this was last called."""
        while True:
            try:
                part = os.read(self.told, 65536)
            except BlockingIOError:
                return
            if not part:
                return
            *lines, self.rest = (self.rest + part.decode()).split("\n")
            for line in lines:
                match json.loads(line):
                    case ["hear", key, method, result, at]:
                        self.heard.append(Heard(key=key, method=method, result=result))
                        self.last_heard = at
                    case ["again", times]:
                        self.retried += times
                    case ["odd", code]:
                        self.odd.append(code)


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
        people = [_sent(register, f"client {number}") for number in range(trial.clients)]
        try:
            for number in range(min(PER_DATABASE, trial.times - done)):
                _heard_by_all(people, time.monotonic())
                time.sleep(trial.chance.uniform(0, 0.4))
                killed = time.monotonic()
                if number % 4 == 3:
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
                os.kill(each.pid, signal.SIGTERM)
                os.waitpid(each.pid, 0)
                each.listen()
                os.close(each.told)
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


def _sent(register: CaseRegister, name: str) -> Persistent:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        try:
            _work(register, name, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    os.set_blocking(ours, False)
    return Persistent(name=name, pid=pid, told=ours)


def _work(register: CaseRegister, name: str, told: int) -> None:
    number = 0
    while True:
        number += 1
        command: list[object] = []
        times = 0
        while True:
            try:
                command = command or next_command(register, name, number)
                key, method, options = command
                assert isinstance(options, dict)
                result = getattr(register, str(method))(**options)
            except StorageUnavailable:
                times += 1
                time.sleep(0.1)
                continue
            except BdvError as refusal:
                if refusal.exit_code != 3 and not refusal.code.startswith("BDV-3"):
                    os.write(told, f'["odd", "{refusal.code}"]\n'.encode())
            except Exception as error:
                os.write(told, f'["odd", "{type(error).__name__}"]\n'.encode())
            else:
                line = json.dumps(["hear", key, method, result, time.monotonic()])
                os.write(told, f"{line}\n".encode())
            break
        if times:
            os.write(told, f'["again", {times}]\n'.encode())
