"""Tell a scenario to a register: who does what, how it ends, how long people wait."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bdv_process.execution.case import WorkItem
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.template.duration import read_duration

REQUESTER = "anna"
INSIDE = "guus"  #: who raises a risk
WORKER = {
    "kcc": "ben",
    "coordinator": "carla",
    "uitvoerder": "dirk",
    "toetser": "eva",
    "dienstverantwoordelijke": "fatima",
}
#: What is filled in at every step: looked for earlier calls, considered proposals, gave a reason.
FORM = {"linked": "none", "proposal": "none", "motivation": "Zo is het besproken."}


@dataclass(frozen=True, kw_only=True)
class Story:
    """A scenario file: steps are `activity`, `activity=outcome`, `answer`, `withdraw`, `wait P4W`.

    Before a named activity, everything that is offered earlier is completed with its happy
    outcome; after the last step everything left is.
    """

    name: str
    template: str
    steps: tuple[str, ...]
    path: tuple[str, ...]  #: what conformance sees of the first case
    outcome: str
    timers: tuple[str, ...]  #: timers that went off in the first case


def stories(root: Path) -> list[Story]:
    return [
        Story(
            name=f"{path.parent.name[:2]}-{path.stem}",
            template=facts["template"],
            steps=tuple(facts["steps"]),
            path=tuple(facts["path"]),
            outcome=facts["outcome"],
            timers=tuple(facts.get("timers", ())),
        )
        for path in sorted(root.glob("*/*.toml"))
        for facts in [tomllib.loads(path.read_text(encoding="utf-8"))]
    ]


def tell(story: Story, register: CaseRegister, clock: VirtualClock) -> str:
    """Play a story to its end; return the first case."""
    asker = INSIDE if register.template(story.template).proactive else REQUESTER
    case = register.start(story.template, by=asker)
    for step in story.steps:
        verb, _, rest = step.partition(" ")
        if verb == "answer":
            register.answer(_asking(register, case), by=asker)
        elif verb == "withdraw":
            register.withdraw(case, by=asker)
        elif verb == "wait":
            clock.pass_time(read_duration(rest))
            assert all(fired.refusal is None for fired in register.fire_due())
        else:
            activity, _, outcome = step.partition("=")
            _work_until(activity, case, register, clock, outcome or None)
    for item in _work(case, register):
        _do(item, register, clock, None)
    return case


def _asking(register: CaseRegister, case: str) -> str:
    """The case of the chain that waits for nobody but the requester."""
    return next(
        found.id
        for found in register.cases(open_only=True)
        if found.root == case and not register.items(found.id)
    )


def _work(case: str, register: CaseRegister) -> Iterator[WorkItem]:
    while work := register.worklist(root=case):
        yield work[0]


def _work_until(
    activity: str, case: str, register: CaseRegister, clock: VirtualClock, outcome: str | None
) -> None:
    for item in _work(case, register):
        _do(item, register, clock, outcome if item.activity == activity else None)
        if item.activity == activity:
            return
    raise AssertionError(f"{activity} was never offered")


def _do(item: WorkItem, register: CaseRegister, clock: VirtualClock, outcome: str | None) -> None:
    clock.pass_time(timedelta(minutes=5))
    register.begin(item.id, by=WORKER[str(item.role)])
    clock.pass_time(timedelta(minutes=20))
    form = FORM | ({"component": "zaaksysteem"} if item.activity == "change_register" else {})
    register.complete(item.id, by=WORKER[str(item.role)], outcome=outcome, data=form)
