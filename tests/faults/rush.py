"""Processes that send commands to one register at the same moments."""

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from bdv_process.errors import BdvError
from faults.scenario import opened

Command = tuple[str, dict[str, Any]]
Got = tuple[str, float]  #: what a method returned, or the code of its refusal; after how long


def rush(url: str, rounds: list[list[Command]]) -> list[list[Got]]:
    """Let every process send its command of each round; return, by round, what each got."""
    forks = multiprocessing.get_context("fork")
    together = forks.Barrier(len(rounds[0]))
    pipes, processes = [], []
    for commands in zip(*rounds, strict=True):
        ours, theirs = forks.Pipe(duplex=False)
        process = forks.Process(target=_send, args=(url, commands, together, theirs))
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    got = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
    return [list(each) for each in zip(*got, strict=True)]


def _send(url: str, commands: list[Command], together: Barrier, told: Connection) -> None:
    register = opened(url)
    register.worklist(person="ben")  # connected before the first round
    got: list[Got] = []
    for method, options in commands:
        together.wait(timeout=300)
        begun = time.monotonic()
        try:
            answer = getattr(register, method)(**options)
        except BdvError as refusal:
            answer = refusal.code
        except Exception as error:  # of a naive store: the others wait for us at the next round
            answer = f"BDV? {type(error).__name__}"
        got.append((answer, time.monotonic() - begun))
    told.send(got)
    register.close()
