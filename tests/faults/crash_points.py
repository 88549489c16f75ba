"""Every command of every story, killed at a named point, and asked again."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from faults import points
from faults.promises import broken, everything
from faults.scenario import Trial, opened, scenario
from stories import WORKER, stories, tell

STORIES = stories(Path(__file__).parents[1] / "scenarios")
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOPELESS = 20  #: broken promises after which more would tell nothing new
_COMMANDS = {"start", "answer", "withdraw", "begin", "complete", "fire_due"}


class Enough(Exception):
    """As many crashes as were asked for."""


class Dying:
    """A register whose every command is first killed at some point, by its story's turn."""

    def __init__(self, trial: Trial, url: str, register: CaseRegister, turn: int) -> None:
        self.trial, self.url, self.register = trial, url, register
        self._turns, self._keys = count(turn), count(1)

    def __getattr__(self, name: str) -> Any:
        if name in _COMMANDS:
            return partial(self._ask, name)
        return getattr(self.register, name)

    def _ask(self, name: str, *given: object, **options: object) -> object:
        if name == "begin":
            self._handed_round(str(given[0]), str(options["by"]))
        answer = self._die_and_ask_again(name, *given, **options)
        if name == "begin":
            for pause in ("suspend", "resume"):
                self._die_and_ask_again(pause, *given, **options)
        return answer

    def _handed_round(self, item: str, by: str) -> None:
        """Claim work, give it back, hand it on and take it up, as far as others may have it."""
        self._die_and_ask_again("claim", item, by=by)
        self._die_and_ask_again("release", item, by=by)
        for other in self.register.takers(item):
            if other.id in WORKER.values() and other.id != by:
                self._die_and_ask_again("claim", item, by=other.id)
                self._die_and_ask_again("delegate", item, by=other.id, to=by)
                return

    def _die_and_ask_again(self, name: str, *given: object, **options: object) -> object:
        if self.trial.counted["crashes"] >= self.trial.times:
            raise Enough
        point = points.POINTS[next(self._turns) % len(points.POINTS)]
        keyed = {} if name == "fire_due" else {"key": f"key {next(self._keys)} {self.url}"}
        once = name != "fire_due" or len(self.register.timers(due_by=self.register.clock())) == 1
        before = everything(self.url)
        ask = partial(getattr(self.register, name), *given, **options, **keyed)
        died = self._dies(point, ask)
        found = everything(self.url)
        self.trial.counted[f"{point}" if died else "passed by"] += 1
        self.trial.counted["crashes"] += died
        if died and point not in points.DONE and once:
            self.trial.broken["left half done"] += found != before
        if died and point in points.DONE:
            self.trial.broken["lost"] += found == before
        answer: object = ask()
        if keyed and point in points.DONE:
            self.trial.broken["doubled"] += everything(self.url) != found
        self.trial.progress(self.trial.counted["crashes"])
        return answer

    def _dies(self, point: str, ask: Callable[[], object]) -> bool:
        """Let a child give the command; return whether it was killed at the point."""
        self.register.close()
        child = os.fork()
        if child == 0:
            try:
                with points.at(point):
                    ask()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@scenario()
def crash_points(trial: Trial) -> None:
    """Kill each command of the stories at a named point, another one each time a story is told."""
    told, order = 0, list(STORIES)
    trial.chance.shuffle(order)
    try:
        while True:
            # A story a round: in as many rounds as there are points each command meets each point.
            for number, story in enumerate(order):
                if sum(trial.broken.values()) > HOPELESS:
                    return
                url, clock = trial.fresh(), VirtualClock(BEGUN)
                register = opened(url, clock)
                dying: Any = Dying(trial, url, register, told + number)
                try:
                    tell(story, dying, clock)
                    trial.counted["stories"] += 1
                except Enough:
                    raise
                except Exception as error:
                    trial.broken[f"cannot go on: {type(error).__name__}"] += 1
                finally:
                    trial.broken += broken(register, url)
                    register.close()
            told += 1
    except Enough:
        return
