"""Clients with keys that are killed at random moments, and ask again until they hear an answer."""

import json
import os
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bdv_process.errors import BdvError
from bdv_process.execution.register import CaseRegister
from faults.promises import Heard, broken, finish
from faults.scenario import Trial, opened, scenario
from stories import FORM, REQUESTER, WORKER

PER_DATABASE = 250  #: kills, before all that was promised is looked at
LONGEST = 0.08  #: seconds that clients live after the first of them heard an answer


@dataclass
class Client:
    """Somebody outside, who remembers what was asked and not yet answered."""

    name: str
    asked: int = 0
    pending: list[object] | None = None
    heard: list[Heard] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take in a line that the process of this client wrote."""
        match json.loads(line):
            case ["ask", asked]:
                self.asked, self.pending = self.asked + 1, asked
            case ["hear", key, method, result]:
                self.heard.append(Heard(key=key, method=method, result=result))
                self.pending = None
            case ["refused", _code]:
                self.pending = None


@scenario()
def kills(trial: Trial) -> None:
    """Kill clients with signal 9 at random moments, `times` in all."""
    left = trial.times
    while left > 0:
        url = trial.fresh()
        register = opened(url)
        for _ in range(3):
            register.start("W4", by=REQUESTER)  # what is compiled once is so before the forks
        warm(register)
        people = [Client(f"client {number}") for number in range(trial.clients)]
        for _ in range(0, min(left, PER_DATABASE), trial.clients):
            round_of_kills(trial, register, people)
            left -= trial.clients
            trial.progress(trial.times - left)
        # What was not answered is asked once more: nobody stops before that.
        for client in people:
            for line in ask(register, client, ask_on=False):
                client.take(line)
        heard = [each for client in people for each in client.heard]
        trial.counted["answers"] += len(heard)
        trial.broken += broken(register, url, heard)
        trial.broken += finish(register)
        register.close()


def warm(register: CaseRegister) -> None:
    """Complete some work, and let go of all connections."""
    for item in register.worklist()[:2]:
        register.complete(item.id, by=WORKER[str(item.role)])
    register.close()


def round_of_kills(trial: Trial, register: CaseRegister, people: list[Client]) -> None:
    """Let everybody work at once, and kill each at a moment of its own."""
    running, (at_work, first_answer) = [], os.pipe()
    for client in people:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            work_until_killed(register, client, theirs, first_answer)
        os.close(theirs)
        running.append((child, ours, client))
    select.select([at_work], [], [], 30)
    moments = sorted((trial.chance.uniform(0, LONGEST), child) for child, _, _ in running)
    begun = time.monotonic()
    for moment, child in moments:
        time.sleep(max(0, moment - (time.monotonic() - begun)))
        os.kill(child, signal.SIGKILL)
    os.close(at_work)
    os.close(first_answer)
    for child, ours, client in running:
        os.waitpid(child, 0)
        trial.counted["kills"] += 1
        with os.fdopen(ours) as told:
            for line in told:
                if line.endswith("\n"):
                    client.take(line)
        trial.counted["killed while waiting for an answer"] += client.pending is not None


def work_until_killed(register: CaseRegister, client: Client, told: int, first_answer: int) -> None:
    """Be the process of a client: never return."""
    try:
        for line in ask(register, client):
            os.write(told, f"{line}\n".encode())
            if line.startswith('["hear"'):
                os.write(first_answer, b"!")
    finally:
        os._exit(1)


def ask(register: CaseRegister, client: Client, *, ask_on: bool = True) -> Iterator[str]:
    """Yield what is asked and what is heard: first what was not answered, then on and on."""
    if client.pending is not None:
        yield from said(register, client.pending)
    number = client.asked
    while ask_on:
        number += 1
        command = next_command(register, client.name, number)
        yield json.dumps(["ask", command])
        yield from said(register, command)


def said(register: CaseRegister, command: list[object]) -> Iterator[str]:
    """Yield what a command brings."""
    key, method, options = command
    assert isinstance(options, dict)
    try:
        result = getattr(register, str(method))(**options)
    except BdvError as refusal:
        yield json.dumps(["refused", refusal.code])
    else:
        yield json.dumps(["hear", key, method, result])


def next_command(register: CaseRegister, name: str, number: int) -> list[object]:
    key = f"{name} #{number}"
    work = register.worklist()
    if len(work) < 4 or number % 5 == 0:
        form: dict[str, object] = {"key": key}
        return [key, "start", {"template": "W4", "by": REQUESTER, "key": key, "data": form}]
    item = work[number % 4]
    options = {
        "item": item.id,
        "by": WORKER[str(item.role)],
        "key": key,
        "data": FORM | {"key": key},
    }
    return [key, "complete", options]
