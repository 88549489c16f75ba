"""A fault scenario: the same code is tried a few times in a test, and very often by itself."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bdv_process.execution.clock import Clock, wall_clock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from faults import naive
from faults.databases import Databases

SOURCE: Final = "urn:nld:oin:00000000000000000000:systeem:bdv"  #: so that there is an outbox


@dataclass(kw_only=True)
class Trial:
    """How often to try, on which databases, with which chance; and what came of it."""

    databases: Databases
    times: int
    seed: int
    naive: bool = False
    clients: int = 2
    progress: Callable[[int], None] = lambda _done: None
    broken: Counter[str] = field(default_factory=Counter)  #: promises, by how often not kept
    counted: Counter[str] = field(default_factory=Counter)  #: what was done, to see that it was
    measured: dict[str, float] = field(default_factory=dict)  #: seconds, megabytes

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def folder(self) -> Path:
        """Return where throw-away files may be made."""
        return self.databases.folder

    def fresh(self) -> str:
        """Return the URL of a database in which a register was just made."""
        url = self.databases.fresh()
        self.make(url)
        return url

    def make(self, url: str) -> None:
        """Make a register in an empty database: ours, or one without keys."""
        register = opened(url)
        with register.batch():
            pass
        register.close()
        if self.naive:
            naive.without_keys(url)


Scenario = Callable[[Trial], None]
SCENARIOS: Final[dict[str, Scenario]] = {}
#: Names of what has a meaning on one kind of database only.
ONLY: Final[dict[str, str]] = {}


def scenario(*only: str) -> Callable[[Scenario], Scenario]:
    """Make a scenario known by its name; it may be about `only` one kind of database."""

    def known(function: Scenario) -> Scenario:
        name = function.__name__.replace("_", "-")
        SCENARIOS[name] = function
        ONLY.update(dict.fromkeys([name], only[0]) if only else {})
        return function

    return known


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is told of a run."""

    scenario: str
    database: str
    store: str  #: `ours`, or `naive`: what has to be broken
    times: int
    clients: int
    seed: int
    seconds: float
    broken: Mapping[str, int]
    counted: Mapping[str, int]
    measured: Mapping[str, float]


def opened(url: str, clock: Clock = wall_clock, **options: int) -> CaseRegister:
    """Open the register that is shipped, with the sample organisation."""
    return CaseRegister(
        url, templates=shipped(), procedure=shipped_procedure(),
        organisation=Organisation.read(), clock=clock, source=SOURCE, **options,
    )  # fmt: skip
