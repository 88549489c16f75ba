"""A routine runs as it is drawn: its own steps, by its own procedure, with the cases it starts."""

from pathlib import Path

import pytest

from bdv_process.errors import NotAllowed
from bdv_process.execution.organisation import SAMPLE, Organisation
from bdv_process.execution.reader import OpenWork
from bdv_process.execution.register import CaseRegister
from bdv_process.template.automaton import automaton
from bdv_process.template.inclusion import projected
from bdv_process.template.library import shipped, shipped_routines
from bdv_process.template.model import Activity, by_key
from bdv_process.template.routine import Routine

PEOPLE = ("ben", "carla", "dirk", "guus", "eva", "fatima")


def work_on(register: CaseRegister, item: OpenWork) -> str:
    """Let the first person who may do the work do it well; return who that was."""
    step = by_key(register.templates())[item.template].by_id[item.activity]
    assert isinstance(step, Activity)
    outcome = step.outcomes[0].id if step.outcomes else None
    for person in PEOPLE:
        try:
            register.claim(item.id, by=person)
        except NotAllowed:
            continue
        register.complete(item.id, by=person, outcome=outcome)
        return person
    raise AssertionError(f"nobody may do {item.activity}")


@pytest.mark.parametrize("routine", shipped_routines(), ids=lambda routine: routine.name)
def test_a_case_of_a_routine_runs_to_its_end_and_its_duties_are_kept(
    routine: Routine, tmp_path: Path
) -> None:
    register = CaseRegister(
        f"sqlite:///{tmp_path / 'register.db'}",
        templates=(*shipped(), routine.template),
        procedure=routine.procedure,
        organisation=Organisation.read(SAMPLE),
    )
    case = register.start(routine.template.key, by="anna")
    did: dict[str, set[str]] = {}
    word = []
    while work := register.worklist():
        if work[0].case == case:
            word.append(work[0].activity)
        did.setdefault(work[0].activity, set()).add(work_on(register, work[0]))
    assert register.case(case).outcome == "completed"
    assert len(register.cases()) == 1 + len(routine.template.forks)
    for rule in routine.procedure.separations:
        one, other = (
            {person for step in steps for person in did.get(step, ())}
            for steps in (rule.one, rule.other)
        )
        assert one.isdisjoint(other), rule.id
    register.close()
    forks = {fork.id for fork in routine.template.forks}
    assert automaton(routine.template, hidden=forks).accepts(word)
    # Seen through the eyes of its template, it did what that says, and no step twice.
    origin = by_key(shipped())[routine.origin]
    whole = dict.fromkeys(routine.template.refined.get(step, step) for step in word)
    expected = [step.id for step in origin.activities if step.id not in forks]
    assert list(whole) == expected
    assert projected(routine.template, origin).accepts([step.id for step in origin.activities])
