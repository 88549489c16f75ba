"""Disks that are full, and databases that may be read only: refused in words, nothing half done."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from bdv_process.errors import StorageUnavailable
from bdv_process.execution.register import CaseRegister
from faults import naive, points
from faults.databases import SQLITE, small_disk
from faults.promises import broken, everything, finish
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER, WORKER

MEGABYTES = 2
_HALF_WAY = "before the case list"


@scenario()
def full_disk(trial: Trial) -> None:
    """Fill the disk `times`, each time to another byte, while cases are started and worked on."""
    with small_disk(MEGABYTES) as disk, _on(trial, disk) as url, closing(opened(url)) as register:
        trial.make(url)
        keys = count(1)
        ballast = disk / "ballast"
        for filled in range(trial.times):
            # In turn a disk that fills by the work itself, and one that is full half way a command.
            leave = trial.chance.randrange(0, 60_000) if filled % 2 else None
            if leave is not None:
                _fill(disk, ballast, leave=leave)
            answer = ""
            while answer == "":
                ask = _next(register, f"key {next(keys)}")
                before = everything(url)
                if leave is not None:
                    answer = _refusal(ask)
                else:
                    ballast.unlink(missing_ok=True)
                    with points.at(_HALF_WAY, lambda _connection: _fill(disk, ballast, leave=0)):
                        answer = _refusal(ask)
                trial.counted["commands"] += answer == ""
            trial.counted["refused"] += 1
            trial.broken["refused as " + answer] += answer != "BDV-316"
            trial.broken["left half done"] += everything(url) != before
            trial.broken["cannot be read"] += _refusal(register.worklist) != ""
            ballast.unlink()
            trial.broken["cannot go on"] += _refusal(ask) != ""
            trial.progress(filled + 1)
            if +trial.broken:
                return  # what follows from it would tell nothing new
        trial.broken += broken(register, url)
        trial.broken += finish(register)


@scenario()
def read_only(trial: Trial) -> None:
    """Let a database become read-only in the middle of a command, `times`, at points in turn."""
    writes = [point for point in points.STATEMENTS if point.startswith("before")]
    url = trial.fresh()
    register, keys = opened(url), count(1)
    for number in range(trial.times):
        command = _next(register, f"key {next(keys)}")
        before = everything(url)
        with points.at(writes[number % len(writes)], _only_to_be_read):
            answer = _refusal(command)
        register.close()
        trial.broken["went on"] += answer == ""
        trial.broken["refused as " + answer] += answer not in ("", "BDV-316")
        trial.broken["left half done"] += everything(url) != before
        trial.broken["cannot go on"] += _refusal(command) != ""
        trial.counted["refused"] += answer == "BDV-316"
        trial.progress(number + 1)
    trial.broken += broken(register, url)
    trial.broken += finish(register)
    register.close()


@scenario(SQLITE)
def read_only_disk(trial: Trial) -> None:
    """Mount the disk read-only: what is there can be read, and nothing else."""
    told = naive.without_words() if trial.naive else nullcontext()
    with small_disk(MEGABYTES) as disk, told:
        url = f"sqlite:///{disk / 'register.db'}"
        trial.make(url)
        register = opened(url)
        for number in range(trial.times):
            command = _next(register, f"key {number}")
            register.close()
            before = everything(url)
            _mounted(disk, "ro")
            trial.broken["cannot be read"] += everything(url) != before
            trial.broken["cannot be read"] += _refusal(register.worklist) != ""
            trial.counted["refused"] += (answer := _refusal(command)) == "BDV-316"
            trial.broken[f"answered {answer}"] += answer != "BDV-316"
            register.close()
            _mounted(disk, "rw")
            trial.broken["cannot go on"] += _refusal(command) != ""
        trial.broken += broken(register, url)
        register.close()


def _mounted(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@contextmanager
def _on(trial: Trial, disk: Path) -> Iterator[str]:
    """Yield the URL of an empty database whose tables are on that disk."""
    if trial.databases.kind == SQLITE:
        yield f"sqlite:///{disk / 'register.db'}"
        return
    server, place = trial.databases.server, disk / "tables"
    place.mkdir()
    os.chown(place, psutil.Process(server.processes()[0].pid).uids().real, -1)
    server.run(f"CREATE TABLESPACE small LOCATION '{place}'")
    url = server.schema(" -cdefault_tablespace=small")
    try:
        yield url
    finally:
        server.drop_tables_of("small")
        server.run("DROP TABLESPACE small")


def _fill(disk: Path, ballast: Path, *, leave: int) -> None:
    facts = os.statvfs(disk)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, facts.f_bavail * facts.f_frsize - leave))


def _next(register: CaseRegister, key: str) -> Callable[[], object]:
    """Return a command: to start a case, or to complete work."""
    work = register.worklist()
    if len(work) < 6:
        about: dict[str, Any] = {"key": key, "text": "x" * 3000}
        return lambda: register.start("W4", by=REQUESTER, key=key, data=about)
    item = work[len(key) % 6]
    return lambda: register.complete(item.id, by=WORKER[str(item.role)], key=key)


def _refusal(command: Callable[[], object]) -> str:
    try:
        command()
    except StorageUnavailable as refusal:
        return refusal.code
    except Exception as error:
        return getattr(error, "code", None) or type(error).__name__
    return ""


def _only_to_be_read(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA query_only = ON")
    else:
        connection.connection.driver_connection.execute("SET TRANSACTION READ ONLY")
