"""For every rule: a log that breaks exactly it, one that keeps it, one that is mute about it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COMPONENT,
    LINKED,
    PARENT,
    PROPOSAL,
    RECORDED,
    RESOURCE,
    ROLE,
    ROOT,
    SEQ,
    TERM,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.language import catalogue
from bdv_process.mining.rules import ALWAYS, BY_PROCEDURE, Answer, State
from bdv_process.mining.rules.checked import Why
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from mining.judging import judge, judge_apart

Log = pd.DataFrame


def place(log: Log, case: str, activity: str) -> "pd.Series[bool]":
    return (log[CASE] == case) & (log[ACTIVITY] == activity)


def says(case: str, activity: str, **columns: object) -> Callable[[Log], Log]:
    """Let an activity of a case say something else."""

    def spoil(log: Log) -> Log:
        at = place(log, case, activity)
        assert at.any()
        names = {"role": ROLE, "resource": RESOURCE, "linked": LINKED, "component": COMPONENT,
                 "proposal": PROPOSAL}  # fmt: skip
        return log.assign(**{
            names[name]: log[names[name]].mask(at, value) for name, value in columns.items()
        })  # fmt: skip

    return spoil


def without(*columns: str) -> Callable[[Log], Log]:
    return lambda log: log.assign(**dict.fromkeys(columns))


def dropped(case: str, activity: str | None = None) -> Callable[[Log], Log]:
    def spoil(log: Log) -> Log:
        return log[~((log[CASE] == case) if activity is None else place(log, case, activity))]

    return spoil


def later(case: str, since: str, days: int, *, column: str = TIMESTAMP) -> Callable[[Log], Log]:
    """Let a case go on later from an activity on; or only be written down later there."""

    def spoil(log: Log) -> Log:
        first = log.loc[place(log, case, since), SEQ].min()
        at = (log[CASE] == case) & (log[SEQ] >= first)
        columns = [TIMESTAMP, RECORDED] if column == TIMESTAMP else [column]
        moved = {c: log[c] + pd.to_timedelta(at * days, unit="D") for c in columns}
        return log.assign(**moved)

    return spoil


def swapped(case: str, one: str, other: str) -> Callable[[Log], Log]:
    def spoil(log: Log) -> Log:
        log = log.copy()
        here, there = log.index[place(log, case, one)], log.index[place(log, case, other)]
        for column in (SEQ, TIMESTAMP):
            values = log.loc[[*here, *there], column].tolist()
            log.loc[[*there, *here], column] = values
        return log

    return spoil


def stray(log: Log) -> Log:
    """Add a copy of a child case whose parent is nowhere."""
    child = log[log[CASE] == "wish-work"]
    return pd.concat([log, child.assign(**{CASE: "stray", PARENT: "gone"})])


def unasked(log: Log) -> Log:
    """Stop the clock without a question."""
    log = dropped("request", "operate_question")(log)
    return log.assign(
        **{TERM: log[TERM].mask(place(log, "request", "operate_classify"), "suspended")}
    )


@dataclass(frozen=True, kw_only=True)
class Proof:
    spoil: Callable[[Log], Log]
    case: str
    activity: str
    mute: Callable[[Log], Log]
    why: str
    hidden: Sequence[str] = ()


PROOFS = {
    "responsible": Proof(
        spoil=says("request", "operate_plan", role="toetser"),
        case="request", activity="operate_plan", mute=without(ROLE), why="unchecked.role",
    ),
    "requester": Proof(
        spoil=says("request", "operate_plan", resource="fatima"),
        case="request", activity="operate_plan",
        mute=lambda log: log.assign(**{RESOURCE: "R" + log[RESOURCE]}), why="unchecked.names",
    ),
    "specify_apart_from_work": Proof(
        spoil=says("wish-work", "operate_execute", resource="fatima"),
        case="wish-work", activity="operate_execute",
        mute=without(RESOURCE), why="unchecked.resource",
    ),
    "work_apart_from_check": Proof(
        spoil=says("request", "operate_verify", resource="dirk"),
        case="request", activity="operate_verify",
        mute=without(RESOURCE), why="unchecked.resource",
    ),
    "approve_apart_from_change": Proof(
        spoil=says("change", "change_prepare", resource="carla"),
        case="change", activity="change_prepare",
        mute=without(RESOURCE), why="unchecked.resource",
    ),
    "linked": Proof(
        spoil=says("request", "operate_accept", linked=None),
        case="request", activity="operate_accept", mute=without(LINKED), why="unchecked.linked",
    ),
    "feedback": Proof(
        spoil=dropped("request", "operate_verify"),
        case="request", activity="operate_close", mute=lambda log: log,
        hidden=["agree_verify", "change_verify", "operate_verify"],
        why="unchecked.not_observable",
    ),
    "classified": Proof(
        spoil=swapped("request", "operate_classify", "operate_plan"),
        case="request", activity="operate_classify", mute=lambda log: log,
        hidden=["change_plan", "operate_plan"], why="unchecked.not_observable",
    ),
    "registered": Proof(
        spoil=says("change", "change_register", component=None),
        case="change", activity="change_register",
        mute=without(COMPONENT), why="unchecked.component",
    ),
    "elsewhere": Proof(
        spoil=says("wish-work", "operate_execute", component="printer-7"),
        case="wish-work", activity="operate_execute",
        mute=without(COMPONENT), why="unchecked.component",
    ),
    "proposal": Proof(
        spoil=says("request", "operate_close", proposal=None),
        case="request", activity="operate_close",
        mute=without(PROPOSAL), why="unchecked.proposal",
    ),
    "child": Proof(
        spoil=dropped("change-work"),
        case="change", activity="change_deploy", mute=without(PARENT), why="unchecked.parent",
    ),
    "orphan": Proof(
        spoil=stray,
        case="stray", activity="operate_accept", mute=without(PARENT), why="unchecked.parent",
    ),
    "term": Proof(
        spoil=later("change", "change_close", days=60),
        case="change", activity="change_close",
        mute=lambda log: log.assign(**{TIMESTAMP: pd.NaT}), why="unchecked.times",
    ),
    "extension": Proof(
        spoil=later("request", "operate_plan", days=60),
        case="request", activity="operate_plan", mute=without(TERM), why="unchecked.term",
    ),
    "suspension": Proof(
        spoil=unasked,
        case="request", activity="operate_classify", mute=without(TERM), why="unchecked.term",
    ),
    "recorded": Proof(
        spoil=later("wish-work", "operate_completed", days=3, column=RECORDED),
        case="wish-work", activity="operate_completed",
        mute=without(RECORDED), why="unchecked.recorded",
    ),
}  # fmt: skip


@pytest.fixture(params=PROOFS)
def rule(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_every_rule_has_its_three_logs(procedure: Procedure) -> None:
    separations = [separation.id for separation in procedure.separations]
    assert sorted(PROOFS) == sorted([*ALWAYS, *BY_PROCEDURE, *separations])


def test_a_log_breaks_exactly_this_rule(rule: str, sound: Log, broken: Any) -> None:
    proof = PROOFS[rule]
    assert broken(proof.spoil(sound)) == [(rule, proof.case, proof.activity)]


def test_a_sound_log_keeps_this_rule(rule: str, sound: Log, judged: Any) -> None:
    states = {f.state for (name, _), f in judged(sound).items() if name == rule}
    assert State.CLEAN in states
    assert State.BROKEN not in states


def test_a_mute_log_says_why_this_rule_cannot_be_checked(
    rule: str, sound: Log, judged: Any
) -> None:
    proof = PROOFS[rule]
    mute = judged(proof.mute(sound), hidden=proof.hidden)
    found = [each for (name, _), each in mute.items() if name == rule]
    assert {f.reason for f in found if f.state is not State.NOT_APPLICABLE} == {proof.why}
    assert all(f.checked == 0 and f.breaches.empty for f in found)


@pytest.mark.parametrize("way", ["spoil", "mute"])
def test_streams_apart_come_to_what_the_log_shows(
    way: str, rule: str, sound: Log, procedure: Procedure, templates: dict[str, Template]
) -> None:
    proof = PROOFS[rule]
    hidden = proof.hidden if way == "mute" else ()
    root = {"wish-change": "wish", "wish-work": "wish", "change-work": "change"}
    log = EventLog(frame=getattr(proof, way)(sound)).frame
    log[ROOT] = log[CASE].replace(root)
    apart = judge_apart(log, procedure, templates.values(), hidden)
    whole = judge(log, procedure, templates.values(), hidden)
    assert [(f.rule, f.template, f.state, f.reason, f.checked) for f in apart] == [
        (f.rule, f.template, f.state, f.reason, f.checked) for f in whole
    ]


def test_a_part_that_knows_why_nothing_was_looked_at_speaks_for_the_log() -> None:
    knows = Answer(rule="x", template="W1", absent=Why.RESOURCE)
    other = Answer(rule="x", template="W1")
    assert (knows + other).reason == (other + knows).reason == Why.RESOURCE
    assert (knows + replace(other, looked=1)).reason == ""


def test_every_rule_answers_for_every_template(
    procedure: Procedure, templates: dict[str, Template], sound: Log
) -> None:
    for given in (procedure, None):
        found = judge(sound, given, templates.values())
        rules = {*ALWAYS, *BY_PROCEDURE, *(PROOFS if given else ())}
        assert sorted((f.template, f.rule) for f in found) == sorted(
            (key, rule) for key in templates for rule in rules
        )
        assert all(bool(f.reason) == (f.state is State.UNCHECKED) for f in found)


@pytest.fixture
def renamed(root: Path, tmp_path: Path) -> Template:
    """A change that an organisation derived, with other names for its steps."""
    source = (root / "bpmn" / "w2-beheerd-onderdeel-wijzigen.bpmn").read_text()
    file = tmp_path / "derived.bpmn"
    file.write_text(re.sub(r"\bchange_(?!call\b)", "change_own_", source))
    return Template.read(file)


def test_a_template_with_its_own_steps_is_not_held_to_steps_of_other_names(
    renamed: Template, told: Any, procedure: Procedure, templates: dict[str, Template]
) -> None:
    log = told("change", "W2", "change_verify", "change_close")
    other = told("wish", "W1").assign(**{TERM: "suspended"})
    steps = log.assign(
        **{ACTIVITY: ["change_own_verify", "change_own_close"], PROPOSAL: "p", COMPONENT: "c"}
    )
    found = {
        f.rule: f.state
        for f in judge(
            EventLog(frame=pd.concat([steps, other])).frame, procedure, [renamed, templates["W1"]]
        )
        if f.template == renamed.key
    }
    assert found.keys() == PROOFS.keys()
    assert {rule for rule, state in found.items() if state is State.NOT_APPLICABLE} == {
        "responsible", "requester", "specify_apart_from_work", "work_apart_from_check",
        "approve_apart_from_change", "feedback", "classified", "registered", "elsewhere",
        "proposal", "term",
    }  # fmt: skip
    assert State.BROKEN not in found.values()


def test_every_reason_and_every_rule_has_its_words(procedure: Procedure) -> None:
    named = {separation.id for separation in procedure.separations}
    assert {f"check.{rule}" for rule in PROOFS.keys() - named} <= catalogue().keys()
    assert {why.value for why in Why if why.value} <= catalogue().keys()


def test_without_a_procedure_what_needs_one_is_unchecked(
    templates: dict[str, Template], sound: Log
) -> None:
    found = judge(sound, None, [templates["W5"]])
    assert {f.rule for f in found if f.reason == "unchecked.procedure"} == set(BY_PROCEDURE)


def test_a_rule_about_what_never_happened_says_so(sound: Log, judged: Any) -> None:
    first_steps = sound[sound[ACTIVITY].isin(["operate_call", "operate_accept"])]
    found = judged(first_steps, ["W5"], open_cases=first_steps[CASE])
    assert found["classified", "W5"].reason == "unchecked.absent"


def test_columns_may_be_dictionary_coded(
    sound: Log, procedure: Procedure, templates: dict[str, Template]
) -> None:
    plain = sound
    for proof in PROOFS.values():
        plain = proof.spoil(plain)
    plain = EventLog(frame=plain).frame
    coded = plain.astype(dict.fromkeys(plain.columns[plain.dtypes == "str"], "category"))
    one, other = (
        [
            (f.rule, f.template, f.state, f.reason, f.checked, f.breaches.values.tolist())
            for f in judge(log, procedure, templates.values())
        ]
        for log in (plain, coded)
    )
    assert one == other
    assert any(breaches for *_, breaches in one)


def test_a_real_log_of_another_system_is_honest_about_what_it_carries(
    root: Path, procedure: Procedure, templates: dict[str, Template]
) -> None:
    file = root / "eventlogs" / "servicenow-incidents.csv.gz"
    nodes = {node.id for template in templates.values() for node in template.nodes}
    mapping = Mapping.read(
        file.with_name("servicenow-incidents.toml"), known=nodes, templates=templates
    )
    log = EventLog.read(file, mapping=mapping)
    found = judge(log.frame, procedure, [templates["W4"]], log.provenance.not_observable)
    assert {f.rule: f.reason for f in found if f.state is State.UNCHECKED} == {
        "responsible": "unchecked.role",  # teams, not roles
        "requester": "unchecked.names",  # "Caller 12" and "Resolver 12" may be one person
        "work_apart_from_check": "unchecked.not_observable",
        "linked": "unchecked.linked",
        "feedback": "unchecked.not_observable",
        "elsewhere": "unchecked.component",
        "proposal": "unchecked.proposal",
        "child": "unchecked.parent",
        "orphan": "unchecked.parent",
        "suspension": "unchecked.not_observable",
        "recorded": "unchecked.recorded",
    }
    assert {f.state for f in found} == {State.UNCHECKED, State.NOT_APPLICABLE}
