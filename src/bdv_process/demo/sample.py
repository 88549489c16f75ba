"""A sample organisation in the middle of its work: months behind it, and calls that still run.

The past is lived in virtual time by the population of the demonstration, up to the moment at which
somebody opens the pages. What has to run by then is left lying, each call at a step of its own.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from bdv_process.demo.population import Population, midnight, office_hours
from bdv_process.demo.run import Stage, quiet
from bdv_process.errors import InputRefused, NotAllowed
from bdv_process.eventlog.event import Event
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.language import text
from bdv_process.tables import read_toml
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.model import Template
from bdv_process.template.term import local_day

CLOSED: Final = 50  #: calls of each workflow that are closed
_PEOPLE: Final = Path(__file__).with_name("gemeente.toml")
_FILES: Final = {"register": "gemeente.db", "organisation": "gemeente.toml"}
_PAST: Final = timedelta(weeks=34)  # from the first call to the end
_SETTLED: Final = timedelta(weeks=5)  # so long before the end none of them came in, and longer
_SETTLED_STEP: Final = timedelta(days=0.7)  # for every step of its chain
_NOTED: Final = 0.5  # share of the calls that the front office wrote down for who called


@dataclass(frozen=True, kw_only=True)
class Lying:
    """How far a call gets, and how it lies there."""

    done: float  #: share of the steps of its chain
    days: tuple[float, float]  #: before the end, at most and at least, that it comes in
    states: tuple[Literal["free", "asked", "claimed", "begun", "suspended"], ...]  #: one of these


#: One call of each workflow lies like each of these.
LYING: Final = (
    Lying(done=0, days=(4, 0.2), states=("free",)),
    Lying(done=0, days=(14, 8), states=("asked",)),
    Lying(done=0.2, days=(20, 10), states=("claimed", "begun")),
    Lying(done=0.4, days=(90, 68), states=("free", "claimed", "begun")),
    Lying(done=0.6, days=(54, 46), states=("begun", "suspended", "free")),
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Where a sample organisation is kept."""

    register: Path
    organisation: Path
    made: bool  #: whether it was made just now


def sample(
    out: Path, *, closed: int = CLOSED, seed: int = 2026, now: datetime, stage: Stage = quiet
) -> Sample:
    """Fill a register in `out` with the past of a municipality until `now`, unless it has one.

    The same seed on the same day makes the same cases; later on the day they got further.

    Args:
        out: folder for the register and the organisation.
        closed: calls of each workflow that are closed; five more of each still run.
        seed: of the chances.
        now: when the past ends.
        stage: opens a stage with its label and length, and gives what tells how far it is.

    Raises:
        InputRefused: one of both files is there without the other.
    """
    paths = {name: out / file for name, file in _FILES.items()}
    there = [path for path in paths.values() if path.exists()]
    if there:
        if len(there) < len(paths):
            raise InputRefused("BDV-620", where=out, found=there[0].name)
        return Sample(**paths, made=False)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".demo-") as workshop:
        unfinished = {name: Path(workshop) / file for name, file in _FILES.items()}
        shutil.copyfile(_PEOPLE, unfinished["organisation"])
        _fill(unfinished["register"], closed=closed, seed=seed, now=now, stage=stage)
        # The register comes last: who sees it sees a whole one.
        for name in ("organisation", "register"):
            unfinished[name].replace(paths[name])
    return Sample(**paths, made=True)


def _fill(register: Path, *, closed: int, seed: int, now: datetime, stage: Stage) -> None:
    clock = VirtualClock(midnight(local_day(now)) - _PAST)
    running = CaseRegister(
        f"sqlite:///{register}",
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(_PEOPLE),
        clock=clock,
    )
    people = _Municipality(
        running, clock, templates=shipped(), procedure=shipped_procedure(), seed=seed
    )
    with stage(text("demo.fill"), closed * len(shipped())) as progress, running.batch():
        people.live_until(now, closed, progress)
    running.close()


class _Municipality(Population):
    """A population with names and words, that leaves some of its calls lying."""

    def live_until(self, now: datetime, closed: int, progress: Callable[[int], None]) -> None:
        """Live from where the clock stands until `now`."""
        self._words = read_toml(_PEOPLE, missing="BDV-323", unreadable="BDV-317")
        self._lying: dict[str, tuple[int, str]] = {}  #: after how many steps, and how
        self._steps: Counter[str] = Counter()  #: done, by first case of the chain
        first, today = self._clock.now, midnight(local_day(now))
        for key, template in self._templates.items():
            length = _length(template, self._templates)
            last = today - _SETTLED - length * _SETTLED_STEP
            for _ in range(closed):
                came = office_hours(first + self._chance.random() * (last - first))
                self._comes(came, partial(self._ask, key))
            for lying in LYING:
                came = today - timedelta(days=self._chance.uniform(*lying.days))
                steps, state = round(lying.done * length), self._chance.choice(lying.states)
                self._comes(came, partial(self._ask_and_leave, key, steps, state))
        self._go(local_day(first), progress, now)
        self._clock.move_to(now)

    def _ask_and_leave(self, key: str, steps: int, state: str) -> None:
        _, case = self._call(key)
        self._lying[case] = steps, state

    def _started(self, key: str, requester: str) -> str:
        subject = self._chance.choice(self._words["calls"][key])
        services = self._words["services"].items()
        service = next((each for word, each in services if word in subject.lower()), None)
        by = requester
        if not self._templates[key].proactive and self._chance.random() < _NOTED:
            by = self._chance.choice(self._register.organisation.with_role("kcc")).id
        return self._register.start(
            key, by=by, requester=requester, service=service, data={"subject": subject}
        )

    def _begin(self, offered: Event, person: str, end: datetime) -> None:
        steps, state = self._lying.get(offered.root, (0, "asked"))
        if state != "asked" and self._steps[offered.root] >= steps:
            self._leave(str(offered.item), state, self._colleagues(offered.activity))
        else:
            super()._begin(offered, person, end)

    def _leave(self, item: str, state: str, colleagues: list[str]) -> None:
        """Let the first who may do it take an item up as far as it gets, and put it aside."""
        if state == "free":
            return
        act = self._register.claim if state == "claimed" else self._register.begin
        for person in colleagues:
            with suppress(NotAllowed):
                act(item, by=person)
                if state == "suspended":
                    self._register.suspend(item, by=person)
                return

    def _finish(self, offered: Event, person: str) -> None:
        if offered.root not in self._lying:
            super()._finish(offered, person)
            return
        _, state = self._lying[offered.root]
        self._steps[offered.root] += 1
        self._register.complete(
            str(offered.item),
            by=person,
            outcome="incomplete" if state == "asked" else None,
            data=self._form(offered),
        )

    def _answer(self, case: str, requester: str) -> None:
        if case not in self._lying:
            super()._answer(case, requester)


def _length(template: Template, templates: Mapping[str, Template]) -> int:
    """Return how many steps a workflow has with those of the workflows that it starts."""
    forks = template.forks
    below = sum(_length(templates[fork.calls], templates) for fork in forks)
    return len(template.activities) - len(forks) + below
