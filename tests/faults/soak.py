"""Many cases, one process: its memory does not grow with what it has done."""

import gc
import os
from pathlib import Path

from faults.promises import broken
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER, WORKER

MOST = 0.05  #: by which memory may grow from a tenth of the cases to all of them
HOT = 1000


@scenario()
def soak(trial: Trial) -> None:
    """Start and reject `times` cases in one process; look at its memory after a tenth and all."""
    url = trial.fresh()
    register = opened(url, hot=HOT)
    tenth, files = 0.0, 0
    for number in range(1, trial.times + 1):
        case = register.start("W5", by=REQUESTER)
        item = register.items(case)[0]
        register.complete(item.id, by=WORKER[str(item.role)], outcome="rejected")
        if number == max(trial.times // 10, 1):
            tenth, files = megabytes(), open_files()
        trial.progress(number)
    all_of_them = megabytes()
    trial.measured["MB after a tenth"] = round(tenth, 1)
    trial.measured["MB after all"] = round(all_of_them, 1)
    trial.measured["growth"] = round(all_of_them / tenth - 1, 4)
    trial.counted["cases"] += trial.times
    if trial.times >= 10 * HOT:  # before that the cache of live cases is still filling
        trial.broken["memory grew"] += all_of_them > tenth * (1 + MOST)
    trial.broken["files left open"] += max(0, open_files() - files)
    trial.broken += broken(register, url)
    register.close()


def megabytes() -> float:
    """Return how much memory this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def open_files() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
