"""Who may do what, held against the procedure itself, and against ten thousand histories."""

import random
from dataclasses import replace

import pytest

from bdv_process.execution.authorisation import Right, rights
from bdv_process.execution.desk import matter_of
from bdv_process.execution.duty import ON_ITEMS, Action, Deed, Denial, Permit, may
from bdv_process.execution.organisation import Person
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.model import Template

PROCEDURE = shipped_procedure()
TEMPLATES = shipped()
RIGHTS = rights(TEMPLATES, PROCEDURE)
WORK = {Action.BEGIN, Action.SUSPEND, Action.RESUME, Action.COMPLETE}
ROLES = [role.id for role in PROCEDURE.roles]


def actions(**key: str | None) -> set[Action]:
    found = [r for r in RIGHTS if all(getattr(r, name) == value for name, value in key.items())]
    return {action for right in found for action in right.actions}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_the_table_says_of_every_step_and_role_what_raci_says(template: Template) -> None:
    forks = {fork.id for fork in template.forks}
    for step in template.activities:
        raci = PROCEDURE.raci[step.id]
        for role in ROLES:
            free, own, other = (
                actions(template=template.key, activity=step.id, role=role, holder=holder)
                for holder in ("free", "own", "other")
            )
            does = role in raci.responsible and step.id not in forks
            answers = role == raci.accountable and step.id not in forks
            steers = {Action.DELEGATE} if answers else set()
            assert free == steers | ({Action.CLAIM} | WORK if does else set())
            assert other == (steers | {Action.RELEASE} if answers else set())
            back = {Action.RELEASE} if step.id not in forks else set()
            assert own == steers | back | (WORK | {Action.DELEGATE} if does else set())


def test_anybody_calls_and_only_who_works_here_raises_a_risk() -> None:
    for template in TEMPLATES:
        of_this = [right for right in RIGHTS if right.template == template.key]
        starters = {right.role for right in of_this if Action.START in right.actions}
        assert starters == ({*ROLES} - {"aanvrager"} if template.proactive else {None, *ROLES})


def test_who_does_the_intake_of_a_workflow_takes_in_calls_of_others_and_no_risks() -> None:
    for template in TEMPLATES:
        of_this = [right for right in RIGHTS if right.template == template.key]
        takers = {right.role for right in of_this if Action.INTAKE in right.actions}
        raci = PROCEDURE.raci[template.activities[0].id]
        assert takers == (set() if template.proactive else {*raci.responsible})


def test_the_requester_reads_answers_reminds_and_withdraws_whatever_the_workflow() -> None:
    for template in TEMPLATES:
        asked = actions(template=template.key, activity=None, role=None)
        assert asked - {Action.START} == {
            Action.READ, Action.ANSWER, Action.WITHDRAW, Action.NOTICE
        }  # fmt: skip


def test_the_role_of_requester_alone_opens_no_case_of_another() -> None:
    assert actions(role="aanvrager", holder=None) == {Action.START}


def test_nobody_works_on_a_fork() -> None:
    forks = {fork.id for template in TEMPLATES for fork in template.forks}
    assert not [right for right in RIGHTS if right.activity in forks]
    assert len({right.activity for right in RIGHTS} - {None}) == 37 - len(forks)


def test_what_no_rule_is_about_is_denied() -> None:
    matter = matter_of(TEMPLATES[0], "anna")
    everything = Person(id="x", name="x", roles=tuple(ROLES))
    decision = may(everything, "shred", matter, (), procedure=PROCEDURE)  # type: ignore[arg-type]
    assert isinstance(decision, Denial)
    assert decision.rule == "nobody"
    for action in ON_ITEMS:  # of no item
        assert isinstance(may(everything, action, matter, (), procedure=PROCEDURE), Denial)


def test_ten_thousand_random_histories_break_no_duty() -> None:
    chance = random.Random(20260302)
    steps = [step for template in TEMPLATES for step in template.activities]
    cases = {template.key: matter_of(template) for template in TEMPLATES}
    allowed = denied = stood_in = 0
    for _ in range(10_000):
        people = [
            Person(id=name, name=name, roles=tuple(chance.sample(ROLES, chance.randint(1, 4))))
            for name in ("a", "b", "c")
        ]
        requester = chance.choice(people).id if chance.random() < 0.5 else "citizen"
        deeds: list[Deed] = []
        for number in range(chance.randint(3, 12)):
            person, colleague = chance.sample(people, 2)
            absent = (colleague,) if chance.random() < 0.3 else ()
            template, step = chance.choice(TEMPLATES), chance.choice(steps)
            holder = chance.choice([None, *(each.id for each in people)])
            matter = replace(
                cases[template.key], requester=requester, activity=step.id, holder=holder
            )
            found = may(person, Action.COMPLETE, matter, deeds, procedure=PROCEDURE, absent=absent)
            if isinstance(found, Denial):
                denied += 1
                continue
            allowed += 1
            stood_in += found.behalf is not None
            roles = colleague.roles if found.behalf else person.roles
            assert found.role in PROCEDURE.raci[step.id].responsible
            assert found.role in roles
            assert holder in {None, person.id, found.behalf}
            deeds += [
                Deed(case=f"Z{number}", activity=step.id, person=who)
                for who in (person.id, found.behalf)
                if who
            ]
        did = {person.id: {d.activity for d in deeds if d.person == person.id} for person in people}
        assert not did.get(requester)
        for separation in PROCEDURE.separations:
            for activities in did.values():
                assert not (activities & separation.one and activities & separation.other)
    assert min(allowed, denied, stood_in) > 1_000


def test_a_right_names_its_rule() -> None:
    matter = replace(matter_of(TEMPLATES[0], "anna"), activity="agree_accept", holder="ben")
    ben = Person(id="ben", name="Ben", roles=("kcc",))
    carla = Person(id="carla", name="Carla", roles=("coordinator",))
    for person, action, permit in (
        (ben, Action.COMPLETE, Permit(rule="raci", role="kcc")),
        (ben, Action.RELEASE, Permit(rule="holder")),
        (carla, Action.RELEASE, Permit(rule="accountable", role="coordinator")),
        (carla, Action.READ, Permit(rule="raci", role="coordinator")),
    ):
        assert may(person, action, matter, (), procedure=PROCEDURE) == permit


def test_who_worked_on_a_case_may_read_it_whatever_the_role_now() -> None:
    matter = matter_of(TEMPLATES[0], "anna")
    dora = Person(id="dora", name="Dora", roles=())
    deed = Deed(case="Z1", activity="agree_accept", person="dora")
    assert may(dora, Action.READ, matter, (deed,), procedure=PROCEDURE) == Permit(rule="deed")
    assert isinstance(may(dora, Action.READ, matter, (), procedure=PROCEDURE), Denial)


def test_rights_are_values_of_their_own() -> None:
    assert len(set(RIGHTS)) == len(RIGHTS) > 300
    assert all(isinstance(right, Right) and right.actions for right in RIGHTS)
