"""Clients that go on through everything: they ask again, with the same key, until they hear."""

import json
import os
import signal
import time
from dataclasses import dataclass, field

from bdv_process.errors import BdvError, StorageUnavailable
from bdv_process.execution.register import CaseRegister
from faults.kills import next_command
from faults.promises import Heard


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

    def stop(self) -> None:
        """End it, and take in the last it told."""
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        self.listen()
        os.close(self.told)


def sent(register: CaseRegister, name: str) -> Persistent:
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
