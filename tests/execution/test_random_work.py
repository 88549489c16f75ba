"""People with too many roles do whatever they are let, in trees of cases: no duty is broken.

The rules are read here from the procedure's file, and not with the code that guards them.
"""

import random
import tomllib
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Absence, Organisation, Person
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure

ROLES = ["kcc", "coordinator", "uitvoerder", "dienstverantwoordelijke", "toetser"]
TRIES = 3_000


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> CaseRegister:
    """What is left after people tried whatever came into their heads."""
    chance = random.Random(20261130)
    people = {
        f"p{number}": Person(id=f"p{number}", name=f"P{number}", roles=tuple(roles))
        for number in range(9)
        for roles in [chance.sample(ROLES, chance.randint(2, 4))]
    }
    people["p0"] = Person(id="p0", name="P0", roles=tuple(ROLES))
    people["p1"] = Person(id="p1", name="P1", roles=("toetser",))  # the rest in the stead of p0
    away = Absence(person="p0", stand_in="p1", first=date(2026, 1, 1), last=date(2026, 12, 31))
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    opened = CaseRegister(
        f"sqlite:///{tmp_path_factory.mktemp('random') / 'register.db'}",
        templates=shipped(), procedure=shipped_procedure(),
        organisation=Organisation(people=people, absences=(away,)), clock=clock,
    )  # fmt: skip
    names, keys = list(people), [template.key for template in shipped()]
    with opened.batch():
        for _ in range(24):
            opened.start(chance.choice(keys), by=chance.choice(names))
    refused = 0
    for _ in range(TRIES // 50):
        work = [(item.id, item.claimed_by) for item in opened.worklist()]
        with opened.batch():
            for _ in range(50 if work else 0):
                clock.pass_time(timedelta(minutes=1))
                try:
                    item, holder = chance.choice(work)
                    by = holder if holder and chance.random() < 0.6 else chance.choice(names)
                    _try(opened, chance, item, by, chance.choice(names))
                except BdvError:
                    refused += 1
    assert refused > TRIES / 5
    yield opened
    opened.close()


def _try(register: CaseRegister, chance: random.Random, item: str, by: str, colleague: str) -> None:
    form = {"linked": "none", "component": "website", "motivation": "x"}
    match chance.choice(["claim", "delegate", "release", "begin", *["complete"] * 8]):
        case "claim":
            register.claim(item, by=by)
        case "delegate":
            register.delegate(item, by=by, to=colleague)
        case "release":
            register.release(item, by=by)
        case "begin":
            register.begin(item, by=by)
        case _:
            wanted = chance.choice([None, None, None, "not_as_agreed", "failed", "adjust"])
            register.complete(item, by=by, outcome=wanted, data=form)


@pytest.fixture(scope="module")
def done(register: CaseRegister) -> list[Event]:
    return [e for e in register.events() if e.lifecycle is Lifecycle.COMPLETE and e.item and e.role]


@pytest.fixture(scope="module")
def rules(root: Path) -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((root / "bpmn" / "procedure.toml").read_text("utf-8"))


def doers(event: Event) -> set[str]:
    """Return who did it, and in whose stead."""
    return {who for who in (event.resource, event.behalf) if who}


def test_much_was_done_in_trees_and_in_the_stead_of_others(
    register: CaseRegister, done: list[Event]
) -> None:
    assert len(done) > 200
    assert sum(event.behalf is not None for event in done) > 5
    assert sum(case.parent is not None for case in register.cases()) > 10
    assert sum(case.closed is not None for case in register.cases()) > 10


def test_everybody_acted_in_a_role_of_their_own_that_does_the_step(
    register: CaseRegister, done: list[Event], rules: dict[str, dict[str, dict[str, list[str]]]]
) -> None:
    for event in done:
        assert event.role in rules["raci"][event.activity]["R"]
        roles = {role for who in doers(event) for role in register.organisation.person(who).roles}
        assert event.role in roles


def test_nobody_worked_on_the_own_call(done: list[Event]) -> None:
    assert [event.item for event in done if event.requester in doers(event)] == []


def test_nobody_did_what_is_to_be_done_apart_in_a_case_and_its_kin(
    register: CaseRegister, done: list[Event], rules: dict[str, dict[str, dict[str, list[str]]]]
) -> None:
    parents = {case.id: case.parent for case in register.cases()}
    line = defaultdict(set)
    for case in parents:
        above: str | None = case
        while above:
            line[case].add(above)
            above = parents[above]
    apart = [(set(each["one"]), set(each["other"])) for each in rules["separation"]]
    broken = [
        (first.item, second.item)
        for first in done
        for second in done
        if doers(first) & doers(second)
        and (first.case in line[second.case] or second.case in line[first.case])
        and any(first.activity in one and second.activity in other for one, other in apart)
    ]
    assert broken == []
