"""Many open cases with timers, and workers that fire what is due together: each goes off once."""

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.bell import Bell
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.worker import Timers, Worker
from faults.promises import broken
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER

AT_ONCE = 1000  #: cases that are started in one transaction
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
WARNED = timedelta(days=50)  #: after which every case has had its warning and no lapse


@scenario()
def timers(trial: Trial) -> None:
    """Let `clients` workers fire the timers of `times` open cases, all due at the same moment."""
    url, clock = trial.fresh(), VirtualClock(BEGUN)
    register = opened(url, clock, hot=100)
    begun = time.monotonic()
    for done in range(0, trial.times, AT_ONCE):
        with register.batch():
            for _ in range(min(AT_ONCE, trial.times - done)):
                register.start("W5", by=REQUESTER)
        trial.progress(done)
    trial.measured["s to start all"] = round(time.monotonic() - begun, 1)
    register.timers(due_by=clock())
    begun = time.monotonic()
    trial.broken["due before their time"] += len(register.timers(due_by=clock()))
    trial.measured["ms to see that none is due"] = round((time.monotonic() - begun) * 1000, 2)
    clock.pass_time(WARNED)
    due = len(register.timers(due_by=clock()))
    trial.counted["timers due"] += due
    register.close()
    begun = time.monotonic()
    for worker in [_worker(url, clock) for _ in range(trial.clients)]:
        _, status = os.waitpid(worker, 0)
        trial.broken["workers that fell"] += status != 0
    trial.measured["s to fire all"] = round(time.monotonic() - begun, 1)
    fired = Counter(
        (event.case, event.activity)
        for event in register.events()
        if event.lifecycle is Lifecycle.COMPLETE and event.activity == "operate_warning"
    )
    trial.counted["timers fired"] += len(fired)
    trial.broken["fired twice"] += sum(times - 1 for times in fired.values())
    trial.broken["not fired"] += due - len(fired)
    trial.broken["still due"] += len(register.timers(due_by=clock()))
    trial.broken += broken(register, url)
    register.close()


def _worker(url: str, clock: VirtualClock) -> int:
    """Fork a worker that fires what is due until nothing is."""
    child = os.fork()
    if child == 0:
        fell = 1
        try:
            register, bell = opened(url, clock, hot=100), Bell(url)
            while register.timers(due_by=clock()):
                Worker([Timers(register)], bell, clock, lambda _done: None).run(once=True)
            fell = 0
        finally:
            os._exit(fell)
    return child
