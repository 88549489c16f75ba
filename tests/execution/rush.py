"""Let processes send commands to one register at the same moments; print what each of them got.

Usage: rush.py DATABASE-URL < ROUNDS. A round is a JSON list with a command for every process: the
name of a method of the register and its keyword arguments. For every process there is a line of
output: a JSON list with, for each round, what the method returned or the code of its refusal.
"""

import json
import multiprocessing
import sys
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from bdv_process.errors import BdvError
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.storage import open_engine
from bdv_process.template.library import shipped, shipped_procedure

Command = tuple[str, dict[str, object]]


def send(url: str, commands: list[Command], together: Barrier, heard: Connection) -> None:
    register = CaseRegister(
        url,
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
    )
    got = []
    for method, options in commands:
        together.wait(timeout=60)
        try:
            got.append(getattr(register, method)(**options))
        except BdvError as refusal:
            got.append(refusal.code)
    heard.send(got)


def main() -> None:
    url, rounds = sys.argv[1], json.load(sys.stdin)
    shipped(), shipped_procedure(), open_engine(url)  # loaded once, before the forks
    forks = multiprocessing.get_context("fork")
    together = forks.Barrier(len(rounds[0]))
    pipes = []
    for commands in zip(*rounds, strict=True):
        ours, theirs = forks.Pipe(duplex=False)
        forks.Process(target=send, args=(url, commands, together, theirs)).start()
        theirs.close()
        pipes.append(ours)
    for pipe in pipes:
        print(json.dumps(pipe.recv()))  # noqa: T201


if __name__ == "__main__":
    main()
