"""A running case moves to another template: what happened has to fit there, and nothing is lost."""

import random
import time
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, text

from bdv_process import conformance
from bdv_process.errors import Conflict, NotAllowed, NotFound
from bdv_process.eventlog.event import LIFECYCLE, REROUTED, TEMPLATE, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.eventlog.ocel import TYPE
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.model import Activity, Template, by_key
from bdv_process.template.sibling import siblings
from execution.conftest import dump, reopen
from stories import FORM, INSIDE, REQUESTER, WORKER

KEYS = by_key(shipped())


def work(register: CaseRegister, case: str, *outcomes: str | None) -> None:
    """Do what the case waits for, with these outcomes in order."""
    for outcome in outcomes:
        item = register.items(case)[0]
        register.complete(item.id, by=WORKER[str(item.role)], outcome=outcome, data=FORM)


def finish(register: CaseRegister, root: str) -> None:
    """Do all work of a chain well."""
    while found := register.worklist(root=root):
        form = FORM | (
            {"component": "zaaksysteem"} if found[0].activity == "change_register" else {}
        )
        register.complete(found[0].id, by=WORKER[str(found[0].role)], data=form)


def at_the_fork(register: CaseRegister, template: str) -> str:
    """Start a case and do everything before its fork but the last step."""
    asker = INSIDE if KEYS[template].proactive else REQUESTER
    case, (last,) = register.start(template, by=asker), KEYS[template].before_forks
    while register.items(case)[0].activity != last:
        work(register, case, None)
    return case


def wander(register: CaseRegister, clock: VirtualClock, template: str, seed: int) -> str:
    """Let a case come to the step before its fork in whatever way its template allows."""
    asker = INSIDE if KEYS[template].proactive else REQUESTER
    case, (last,) = register.start(template, by=asker), KEYS[template].before_forks
    ends, chance = {"rejected", "risk_accepted"}, random.Random(seed)
    while not (items := register.items(case)) or items[0].activity != last:
        clock.pass_time(timedelta(hours=chance.randint(0, 9)))
        if not items:
            register.answer(case, by=asker)
            continue
        item, by = items[0], WORKER[str(items[0].role)]
        match chance.randint(0, 4):
            case 0 if item.claimed_by:
                register.release(item.id, by=by)
            case 1 if item.state is Lifecycle.START:
                register.suspend(item.id, by=by)
            case 2 if item.state is not Lifecycle.SUSPEND:
                register.begin(item.id, by=by)
            case _:
                step = KEYS[template].by_id[item.activity]
                assert isinstance(step, Activity)
                known = [each.id for each in step.outcomes if each.id not in ends] or [None]
                register.complete(item.id, by=by, outcome=chance.choice(known), data=FORM)
    return case


def test_the_templates_themselves_say_which_are_siblings() -> None:
    found = {one.key: [each.key for each in siblings(one, shipped())] for one in shipped()}
    assert found == {
        "W1": [], "W2": [], "W3": ["W4"], "W4": ["W3"], "W5": [],
        "W6": ["W7", "W8"], "W7": ["W6", "W8"], "W8": ["W6", "W7"],
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [("W4", "W3"), ("W3", "W4"), ("W6", "W8"), ("W8", "W7")])
def test_a_case_in_any_state_goes_on_as_its_sibling_and_conforms_to_it(
    old: str, new: str, register: CaseRegister, clock: VirtualClock, url: str
) -> None:
    for seed in range(2):
        case = wander(register, clock, old, seed)
        before, held = register.items(case), list(register.events(case))
        register.reroute(case, by=WORKER["coordinator"], to=new, reason="het bleek anders")
        (item,) = register.items(case)
        assert item == type(item)(**{**vars(before[0]), "template": new})
        assert list(register.events(case))[:-1] == held
        register.close()
        register = reopen(url, clock)
        finish(register, case)
        assert register.case(case).outcome == "completed"
    stored = dump(url)
    register.rebuild()
    assert dump(url) == stored
    log = EventLog.of(register.events())
    found = conformance(log)
    assert set(found.cases.loc[found.cases["case"].isin(["Z1"]), "template"]) == {new}
    assert old not in set(log.frame[TEMPLATE]) or old in {"W1", "W2", "W5"}
    assert found.deviations.empty, found.deviations.T
    register.close()


def test_the_log_says_who_moved_the_case_where_and_that_a_reason_was_given(
    register: CaseRegister,
) -> None:
    case = at_the_fork(register, "W4")
    register.reroute(case, by="dirk", to="W3", reason="de pomp moet vervangen")
    told = list(register.events(case))[-1]
    assert (told.activity, told.lifecycle, told.template) == (REROUTED, Lifecycle.REASSIGN, "W3")
    assert (told.resource, told.role, told.outcome) == ("dirk", "uitvoerder", "W3")
    assert told.label == "Omgeleid van W4 naar W3"
    assert told.motivated
    assert told.data["reason"] == "de pomp moet vervangen"
    assert (told.data["from"], told.data["version"]) == ("W4", KEYS["W3"].version)
    log = EventLog.of(register.events())
    assert set(log.frame[TEMPLATE]) == {"W3"}
    assert list(log.frame[LIFECYCLE])[-1] == "reassign"
    objects = ObjectLog.of(log)
    assert "rerouted" in set(objects.events[TYPE])
    assert len(objects.flatten("case")) == len(log)


def test_from_the_fork_on_it_is_the_sibling_that_runs(register: CaseRegister) -> None:
    case = at_the_fork(register, "W4")
    register.reroute(case, by="dirk", to="W3")
    work(register, case, None)
    assert [each.template for each in register.cases() if each.parent == case] == ["W2"]


@pytest.mark.parametrize("template", ["W4", "W7"])
def test_once_the_fork_has_begun_it_is_too_late(template: str, register: CaseRegister) -> None:
    case = at_the_fork(register, template)
    (to, *_) = register.destinations(case)
    work(register, case, None)
    assert not register.destinations(case)
    with pytest.raises(Conflict, match="BDV-542"):
        register.reroute(case, by="carla", to=to.key)


def test_what_a_fork_brought_back_well_is_not_undone(register: CaseRegister) -> None:
    case = at_the_fork(register, "W4")
    work(register, case, None)
    while register.worklist()[0].case != case:
        work(register, register.worklist()[0].case, None)
    with pytest.raises(Conflict, match="BDV-542"):
        register.reroute(case, by="carla", to="W3")


def test_when_the_child_has_failed_the_case_may_move_again(
    register: CaseRegister, url: str
) -> None:
    case = at_the_fork(register, "W4")
    work(register, case, None)
    (child,) = [each.id for each in register.cases() if each.parent == case]
    work(register, child, "rejected")  # this takes a change, says who was asked
    assert register.destinations(case) == (KEYS["W3"],)
    register.reroute(case, by="dirk", to="W3", reason="het onderdeel moet anders")
    finish(register, case)
    children = [each.template for each in register.cases() if each.parent == case]
    assert sorted(children) == ["W2", "W5"]
    before = dump(url)
    register.rebuild()
    assert dump(url) == before
    found = conformance(EventLog.of(register.events()))
    assert found.cases.set_index("case").loc[case, ["template", "cost"]].tolist() == ["W3", 0]
    assert found.deviations.empty


def test_a_case_that_went_elsewhere_after_each_failure_is_at_home_where_it_ended(
    register: CaseRegister,
) -> None:
    case = at_the_fork(register, "W6")
    for _ in range(2):
        work(register, case, None)
        work(register, register.cases()[-1].id, "rejected")
    register.reroute(case, by="carla", to="W7")
    finish(register, case)
    assert conformance(EventLog.of(register.events())).deviations.empty
    # Without what says so in the log, it would look like a W7 that called for the wrong cases.
    told = [e for e in register.events() if e.activity != REROUTED]
    found = conformance(EventLog.of(replace(e, template="W7" if e.case == case else e.template)
                                    for e in told)).deviations  # fmt: skip
    assert {"child", "orphan"} <= {*found["rule"]}


def test_a_term_that_was_put_off_before_the_move_is_no_deviation_after_it(
    url: str, clock: VirtualClock
) -> None:
    plain = shipped_procedure()
    weeks = replace(plain, terms={**plain.terms, "recover": timedelta(weeks=6)})
    register = CaseRegister(
        url, templates=shipped(), procedure=weeks, organisation=Organisation.read(), clock=clock
    )
    case = at_the_fork(register, "W4")
    register.extend(case, by="carla", until=date(2026, 5, 20))
    term = register.term(case)
    register.reroute(case, by="carla", to="W3")
    assert register.term(case) == term
    finish(register, case)
    found = conformance(EventLog.of(register.events()), procedure=weeks)
    assert found.cases["cost"].sum() == 0
    assert found.deviations.empty
    register.close()


def test_a_case_may_go_there_and_back(register: CaseRegister, url: str) -> None:
    case = at_the_fork(register, "W6")
    for to in ("W8", "W7", "W6"):
        register.reroute(case, by="carla", to=to)
    assert register.case(case).template == "W6"
    before = dump(url)
    register.rebuild()
    assert dump(url) == before


def test_two_cases_that_go_where_no_case_went_before_do_not_keep_each_other_from_it(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite lets nobody in beside a writer")
    one, other = at_the_fork(register, "W6"), at_the_fork(register, "W6")
    colleague = reopen(url, clock)
    move = Thread(target=colleague.reroute, args=(other,), kwargs={"by": "carla", "to": "W8"})
    with register.batch():
        register.reroute(one, by="carla", to="W8")
        move.start()
        until_it_waits(move, url)
    move.join()
    assert [register.case(case).template for case in (one, other)] == ["W8", "W8"]
    colleague.close()


def until_it_waits(move: Thread, url: str) -> None:
    """Return when what it does waits for another transaction to end, or is done."""
    waits = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        " AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'template'::regclass)"
    )
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        while move.is_alive() and not connection.execute(waits).scalar():
            time.sleep(0.01)
    engine.dispose()


def test_only_who_decides_before_the_fork_or_answers_for_the_workflow_may(
    register: CaseRegister,
) -> None:
    case = at_the_fork(register, "W4")
    for person in ("anna", "ben", "eva"):
        with pytest.raises(NotAllowed, match="BDV-540"):
            register.reroute(case, by=person, to="W3")
    register.reroute(case, by="dirk", to="W3")
    register.reroute(case, by="carla", to="W4")
    own = register.start("W8", by="carla")
    with pytest.raises(NotAllowed, match="BDV-540"):
        register.reroute(own, by="carla", to="W7")


def test_a_case_goes_to_no_workflow_that_is_no_sibling(register: CaseRegister, url: str) -> None:
    case, other = at_the_fork(register, "W4"), register.start("W5", by=REQUESTER)
    before = dump(url)
    for moved, to in ((case, "W5"), (case, "W4"), (case, "W8"), (other, "W3")):
        with pytest.raises(Conflict if moved == case else NotAllowed, match=r"BDV-54[01]"):
            register.reroute(moved, by="carla", to=to)
    with pytest.raises(NotFound, match="BDV-111"):
        register.reroute(case, by="carla", to="W9")
    assert dump(url) == before


def test_a_move_tells_nobody_outside_and_what_comes_after_it_does(
    url: str, clock: VirtualClock
) -> None:
    register = reopen(url, clock, source="urn:test")
    case = at_the_fork(register, "W4")
    register.reroute(case, by="dirk", to="W3")
    assert not dump(url)["outbox"]
    register.withdraw(case, by=REQUESTER)
    assert len(dump(url)["outbox"]) == 1
    register.close()


def test_a_child_stays_what_its_parent_asked_for(tmp_path: Path, clock: VirtualClock) -> None:
    calls = KEYS["W1"].source.replace(b'calledElement="W2"', b'calledElement="W4"')
    (tmp_path / "w1.bpmn").write_bytes(calls)
    others = [template for template in shipped() if template.key != "W1"]
    register = CaseRegister(
        f"sqlite:///{tmp_path / 'register.db'}",
        templates=(Template.read(tmp_path / "w1.bpmn"), *others),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=clock,
    )
    case = at_the_fork(register, "W1")
    work(register, case, None)
    child = register.cases()[-1]
    assert (child.parent, child.template) == (case, "W4")
    with pytest.raises(Conflict, match=rf"BDV-543.*{case}"):
        register.reroute(child.id, by="carla", to="W3")
    assert not register.destinations(child.id)
    register.close()


def test_a_closed_case_stays_what_it_was(register: CaseRegister) -> None:
    case = at_the_fork(register, "W4")
    register.withdraw(case, by=REQUESTER)
    with pytest.raises(Conflict, match="BDV-310"):
        register.reroute(case, by="dirk", to="W3")
    assert not register.destinations(case)


def test_a_move_is_done_once_under_its_key_and_undone_with_its_batch(
    register: CaseRegister, url: str
) -> None:
    case = at_the_fork(register, "W4")
    before = dump(url)
    with suppress(ZeroDivisionError), register.batch():
        register.reroute(case, by="dirk", to="W3")
        assert register.case(case).template == "W3"
        raise ZeroDivisionError
    assert dump(url) == before
    assert register.destinations(case) == (KEYS["W3"],)
    for _ in range(2):
        register.reroute(case, by="dirk", to="W3", key="k")
    assert [e.activity for e in register.events(case)].count(REROUTED) == 1


def test_the_term_and_the_timers_of_a_case_go_on(
    register: CaseRegister, clock: VirtualClock
) -> None:
    case = at_the_fork(register, "W4")
    before = [(each.due, each.element) for each in register.timers()]
    clock.pass_time(timedelta(days=1))
    register.reroute(case, by="dirk", to="W3")
    assert [(each.due, each.element) for each in register.timers()] == before
    seqs = [event.seq for event in register.events(case)]
    assert all(two == one + 1 for one, two in pairwise(seqs))
