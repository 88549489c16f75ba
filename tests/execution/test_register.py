"""The register: commands, duties, forks, time, and what is left after a failure."""

from dataclasses import astuple, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text, update

from bdv_process.errors import (
    Conflict,
    InputRefused,
    IntegrityBroken,
    LimitExceeded,
    NotAllowed,
    NotFound,
)
from bdv_process.eventlog.event import LINKED, MOTIVATED, Event, Lifecycle, Term
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.reader import Timer
from bdv_process.execution.register import CaseRegister, Fired
from bdv_process.execution.storage import templates, timers
from bdv_process.template.library import read_folder, shipped_procedure
from bdv_process.template.term import end_of
from execution.conftest import dump, reopen
from stories import REQUESTER, Story, stories, tell

SCENARIOS = stories(Path(__file__).parents[1] / "scenarios")


def first_item(register: CaseRegister, case: str) -> str:
    return register.items(case)[0].id


def do(register: CaseRegister, case: str, *steps: tuple[str, str | None]) -> None:
    for by, outcome in steps:
        register.complete(first_item(register, case), by=by, outcome=outcome)


@pytest.mark.parametrize("story", SCENARIOS, ids=lambda story: story.name)
def test_a_scenario_takes_its_path_and_ends_as_told(
    story: Story, register: CaseRegister, clock: VirtualClock
) -> None:
    case = tell(story, register, clock)
    done = [event for event in register.events(case) if event.lifecycle is Lifecycle.COMPLETE]
    template = register.template(story.template)
    assert tuple(e.activity for e in done if template.by_id[e.activity].visible) == story.path
    assert register.case(case).outcome == story.outcome
    silent = [
        e.activity
        for e in done
        if e.activity.endswith(("_warning", "_due", "_escalated", "_patience"))
    ]
    assert tuple(silent) == story.timers
    assert not register.cases(open_only=True)
    assert not register.worklist()
    assert not register.timers()


@pytest.mark.parametrize("story", SCENARIOS, ids=lambda story: story.name)
def test_every_case_of_a_scenario_is_replayed_from_its_events_to_the_same_projections(
    story: Story, register: CaseRegister, clock: VirtualClock, url: str
) -> None:
    tell(story, register, clock)
    before = dump(url)
    assert register.rebuild() == len(register.cases())
    assert dump(url) == before


def test_a_fork_starts_a_child_case_whose_end_resumes_the_parent(register: CaseRegister) -> None:
    case = register.start("W4", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None), ("dirk", None), ("dirk", None))
    parent, child = register.cases()
    assert (child.parent, child.root, child.template) == (parent.id, parent.id, "W5")
    do(register, child.id, ("ben", None), ("ben", None), ("carla", None), ("dirk", None))
    do(register, child.id, ("eva", None), ("carla", None))
    assert register.case(child.id).outcome == "completed"
    assert [item.activity for item in register.items(parent.id)] == ["recover_verify"]


def test_nobody_works_on_a_fork_itself(register: CaseRegister) -> None:
    case = register.start("W4", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None), ("dirk", None), ("dirk", None))
    with pytest.raises(Conflict, match="BDV-312"):
        register.complete(first_item(register, case), by="dirk")


def test_withdrawing_a_parent_withdraws_its_children_and_their_work(register: CaseRegister) -> None:
    case = register.start("W4", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None), ("dirk", None), ("dirk", None))
    register.withdraw(case, by=REQUESTER, reason="niet meer nodig")
    assert [found.outcome for found in register.cases()] == ["withdrawn", "withdrawn"]
    assert not register.worklist()


def test_a_role_that_is_not_r_may_not_claim(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    with pytest.raises(NotAllowed, match=r"BDV-306.*dirk.*Dienstverzoek aannemen.*kcc"):
        register.claim(first_item(register, case), by="dirk")


def test_who_prepared_may_not_verify_even_in_the_parent_case(
    register: CaseRegister, clock: VirtualClock, tmp_path: Path
) -> None:
    everybody = tmp_path / "people.toml"
    everybody.write_text(
        '[people.anna]\nroles = ["aanvrager"]\n'
        '[people.jo]\nroles = ["kcc", "coordinator", "uitvoerder", "toetser"]\n'
        '[people.eva]\nroles = ["toetser"]\n'
    )
    register.organisation = register.organisation.read(everybody)
    case = register.start("W4", by=REQUESTER)
    do(register, case, ("jo", None), ("jo", None), ("jo", None), ("jo", None))
    child = register.cases()[-1].id
    do(register, child, ("jo", None), ("jo", None), ("jo", None), ("jo", None))
    with pytest.raises(NotAllowed, match=r"BDV-307.*Werk uitvoeren"):
        register.complete(first_item(register, child), by="jo")
    do(register, child, ("eva", None), ("jo", None))
    with pytest.raises(NotAllowed, match="BDV-307"):
        register.claim(first_item(register, case), by="jo")
    do(register, case, ("eva", None), ("jo", None))
    assert register.case(case).outcome == "completed"


def test_a_requester_may_not_handle_the_own_case(register: CaseRegister) -> None:
    case = register.start("W8", by="ben")
    with pytest.raises(NotAllowed, match=r"BDV-308.*ben"):
        register.claim(first_item(register, case), by="ben")
    register.claim(first_item(register, case), by="carla")


def test_an_item_is_completed_once(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    item = first_item(register, case)
    register.complete(item, by="ben")
    with pytest.raises(Conflict, match=r"BDV-303.*ben"):
        register.complete(item, by="ben")


def test_a_claimed_item_belongs_to_one_person_until_it_is_released(register: CaseRegister) -> None:
    item = first_item(register, register.start("W5", by=REQUESTER))
    register.claim(item, by="ben")
    with pytest.raises(Conflict, match=r"BDV-305.*ben"):
        register.claim(item, by="carla")
    with pytest.raises(Conflict, match="BDV-305"):
        register.complete(item, by="carla")
    with pytest.raises(Conflict, match="BDV-320"):
        register.release(item, by="dirk")
    register.release(item, by="ben")
    register.claim(item, by="carla")
    assert register.worklist()[0].claimed_by == "carla"


def test_who_answers_for_a_step_may_free_it_when_the_holder_is_ill(register: CaseRegister) -> None:
    item = first_item(register, register.start("W5", by=REQUESTER))
    register.claim(item, by="ben")
    register.release(item, by="carla")
    assert register.worklist()[0].claimed_by is None
    with pytest.raises(Conflict, match="BDV-320"):
        register.release(item, by="carla")


def test_beginning_twice_is_one_beginning(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    item = first_item(register, case)
    register.begin(item, by="ben")
    register.begin(item, by="ben")
    begun = [e for e in register.events(case) if e.lifecycle is Lifecycle.START]
    assert len(begun) == 1


def test_a_closed_case_takes_no_more_commands(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    item = first_item(register, case)
    register.withdraw(case, by=REQUESTER)
    with pytest.raises(Conflict, match="BDV-310"):
        register.withdraw(case, by=REQUESTER)
    with pytest.raises(Conflict, match="BDV-310"):
        register.answer(case, by=REQUESTER)
    with pytest.raises(Conflict, match="BDV-304"):
        register.complete(item, by="ben")


def test_only_the_requester_or_who_is_accountable_withdraws(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    with pytest.raises(NotAllowed, match="BDV-321"):
        register.withdraw(case, by="dirk")
    register.withdraw(case, by="carla")


def test_an_answer_counts_only_when_a_question_was_asked(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    with pytest.raises(Conflict, match="BDV-311"):
        register.answer(case, by=REQUESTER)


@pytest.mark.parametrize(
    ("command", "refusal", "code"),
    [
        (lambda r: r.start("W9", by="anna"), NotFound, "BDV-111"),
        (lambda r: r.start("W1", by="zoe"), NotFound, "BDV-313"),
        (lambda r: r.claim("Z1.99", by="ben"), NotFound, "BDV-302"),
        (lambda r: r.claim("nonsense", by="ben"), NotFound, "BDV-302"),
        (lambda r: r.withdraw("Z99", by="anna"), NotFound, "BDV-301"),
        (lambda r: r.case("Z99"), NotFound, "BDV-301"),
        (lambda r: r.complete("Z1.2", by="ben", outcome="maybe"), InputRefused, "BDV-309"),
        (lambda r: r.complete("Z1.2", by="dirk"), NotAllowed, "BDV-306"),
        (lambda r: r.complete("Z1.2", by="ben", data={"x": object()}), InputRefused, "BDV-322"),
        (lambda r: r.complete("Z1.2", by="ben", data={"x": float("nan")}), InputRefused, "BDV-322"),
        (lambda r: r.complete("Z1.2", by="ben", data={"x": "\ud800"}), InputRefused, "BDV-322"),
        (lambda r: r.complete("Z1.2", by="ben", data={(1, 2): "x"}), InputRefused, "BDV-322"),
        (lambda r: r.complete("Z1.2", by="ben", data=["x"]), InputRefused, "BDV-322"),
        (lambda r: r.complete("Z1.2", by="ben", key="\ud800"), InputRefused, "BDV-322"),
        (lambda r: r.start("W5", by="anna", data={"x": "x" * 1_000_001}), LimitExceeded, "BDV-319"),
    ],
)
def test_a_refused_command_leaves_nothing_behind(
    command: object, refusal: type[Exception], code: str, register: CaseRegister, url: str
) -> None:
    register.start("W5", by=REQUESTER)
    before = dump(url)
    with pytest.raises(refusal, match=code):
        command(register)  # type: ignore[operator]
    assert dump(url) == before
    assert register.worklist()[0].claimed_by is None


def test_a_key_is_carried_out_once(register: CaseRegister) -> None:
    first = register.start("W5", by=REQUESTER, key="a")
    assert register.start("W5", by=REQUESTER, key="a") == first
    assert len(register.cases()) == 1
    item = first_item(register, first)
    assert register.complete(item, by="ben", key="b") == register.complete(item, by="ben", key="b")
    with pytest.raises(Conflict, match="BDV-315"):
        register.complete(item, by="carla", key="b")
    one = register.start("W5", by=REQUESTER, data={"a": 1, "b": 2}, key="c")
    assert register.start("W5", by=REQUESTER, data={"b": 2, "a": 1}, key="c") == one
    other = register.start("W5", by=REQUESTER, data={}, key="d")
    assert register.start("W5", by=REQUESTER, data=None, key="d") == other


def test_form_data_with_hostile_keys_is_kept_as_plain_data(register: CaseRegister) -> None:
    given = {"typename": "UUID", "__class__": "x", "__proto__": {"a": [1, None, True]}}
    case = register.start("W5", by=REQUESTER, data=given)
    assert register.rebuild() == 1
    assert next(register.events(case)).data["call"] == given


def test_another_register_on_the_same_database_goes_on_where_the_first_stopped(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    case = register.start("W5", by=REQUESTER)
    other = reopen(url, clock)
    do(other, case, ("ben", None))
    do(register, case, ("ben", None))  # its live case is one event behind, and it notices
    do(other, case, ("carla", None))
    assert [item.activity for item in register.items(case)] == ["operate_execute"]
    other.close()


def test_a_register_that_keeps_no_case_hot_works_the_same(url: str, clock: VirtualClock) -> None:
    cold = reopen(url, clock, hot=0)
    case = tell(next(s for s in SCENARIOS if s.name == "w1-rework"), cold, clock)
    assert cold.case(case).outcome == "completed"
    cold.close()


def test_a_batch_counts_as_a_whole_or_not_at_all(register: CaseRegister) -> None:
    def half_a_batch() -> None:
        with register.batch():
            register.start("W5", by=REQUESTER)
            assert len(register.cases()) == 1
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        half_a_batch()
    assert register.cases() == []
    with register.batch():
        for _ in range(3):
            register.start("W5", by=REQUESTER)
        with pytest.raises(NotAllowed):
            register.claim("Z1.2", by="dirk")
    assert len(register.cases()) == 3


def test_inside_a_batch_work_that_is_gone_is_known_to_be_gone(register: CaseRegister) -> None:
    with register.batch():
        case = register.start("W5", by=REQUESTER)
        register.withdraw(case, by=REQUESTER)
        with pytest.raises(Conflict, match="BDV-304"):
            register.complete(f"{case}.2", by="ben")


def test_a_timer_that_is_noticed_late_counts_from_when_it_was_due(
    register: CaseRegister, clock: VirtualClock
) -> None:
    case = register.start("W5", by=REQUESTER)
    warning = Timer(
        due=end_of(date(2026, 4, 14)), case=case, element="operate_warning", template="W5"
    )
    due = replace(warning, element="operate_due", due=end_of(date(2026, 4, 28)))
    assert register.timers() == [warning]
    assert register.fire_due() == []
    clock.pass_time(timedelta(weeks=7))
    assert register.fire_due() == [Fired(timer=warning)]
    assert register.timers() == [due]
    clock.pass_time(timedelta(weeks=2))
    assert register.fire_due() == [Fired(timer=due)]
    assert register.fire_due() == []


def test_a_deadline_that_passes_escalates_to_who_answers_for_the_step(
    register: CaseRegister, clock: VirtualClock
) -> None:
    case = register.start("W1", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None))
    clock.pass_time(timedelta(weeks=9))
    register.fire_due()
    (escalation,) = [e for e in register.events(case) if e.activity == "agree_escalated"]
    assert escalation.role == "dienstverantwoordelijke"  # specify is waiting
    assert [item.activity for item in register.items(case)] == ["agree_specify"]


def test_a_case_that_cannot_go_on_holds_up_no_deadline_of_another(
    register: CaseRegister, clock: VirtualClock, url: str
) -> None:
    broken, sound = register.start("W5", by=REQUESTER), register.start("W5", by=REQUESTER)
    damage(url, f"UPDATE event SET activity = 'gone' WHERE seq = 2 AND \"case\" = '{broken}'")
    clock.pass_time(timedelta(weeks=7))
    fresh = reopen(url, clock)
    fired = fresh.fire_due()
    fresh.close()
    assert [(f.timer.case, f.refusal is None) for f in fired] == [(broken, False), (sound, True)]


def test_a_timer_list_that_is_behind_fires_nothing_early(
    register: CaseRegister, clock: VirtualClock, url: str
) -> None:
    register.start("W5", by=REQUESTER)
    armed = register.timers()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(timers).values(due=clock.now + timedelta(days=1)))
    engine.dispose()
    clock.pass_time(timedelta(days=2))
    assert register.fire_due() == []
    assert register.timers() == armed


def test_seven_hundred_rounds_of_rework_do_not_lose_the_case(register: CaseRegister) -> None:
    case = register.start("W2", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None))
    with register.batch():
        for _ in range(700):
            do(register, case, ("carla", "not_agreed"))
    do(register, case, ("carla", "agreed"))
    assert [item.activity for item in register.items(case)] == ["change_prepare"]


def damage(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_stored_events_that_do_not_follow_are_named_and_nothing_is_changed(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    for _ in range(3):
        do(register, register.start("W5", by=REQUESTER), ("ben", None))
    damage(url, "UPDATE event SET outcome = 'rejected' WHERE \"case\" <> 'Z1' AND seq = 4")
    before = dump(url)
    fresh = reopen(url, clock)
    with pytest.raises(IntegrityBroken, match=r"BDV-336: .* 2 .*Z2.*Z3"):
        fresh.rebuild()
    assert dump(url) == before
    fresh.close()


@pytest.mark.parametrize(
    "change",
    ["data = '{'", "data = '{}'", "lifecycle = 'sleeping'", "timestamp = 'yesterday'"],
)
def test_a_damaged_event_is_an_integrity_error(
    change: str, register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    register.start("W5", by=REQUESTER)
    damage(url, f"UPDATE event SET {change} WHERE seq = 1")
    fresh = reopen(url, clock)
    with pytest.raises(IntegrityBroken):
        fresh.claim("Z1.2", by="ben")
    fresh.close()


def test_a_case_without_events_is_an_integrity_error(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    register.start("W5", by=REQUESTER)
    damage(url, "DELETE FROM event")
    fresh = reopen(url, clock)
    with pytest.raises(IntegrityBroken, match="BDV-339"):
        fresh.claim("Z1.2", by="ben")
    fresh.close()


def test_a_clock_that_steps_back_does_not_reorder_a_case(
    register: CaseRegister, clock: VirtualClock
) -> None:
    case = register.start("W4", by=REQUESTER)
    do(register, case, ("ben", None), ("ben", None), ("dirk", None))
    clock.now -= timedelta(minutes=15)
    do(register, case, ("dirk", None))
    moments = [event.timestamp for event in register.events(case)]
    assert moments == sorted(moments)
    child = register.cases()[-1]
    assert child.opened >= moments[-1]


def test_reading_in_a_loop_does_not_keep_writers_waiting(register: CaseRegister) -> None:
    for _ in range(3):
        register.start("W5", by=REQUESTER)
    for event in register.events():
        if event.lifecycle is Lifecycle.SCHEDULE:
            register.claim(str(event.item), by="ben")
    assert {item.claimed_by for item in register.worklist()} == {"ben"}


def test_listeners_hear_what_was_committed_and_their_failure_undoes_nothing(
    register: CaseRegister,
) -> None:
    heard = []
    register.listen(lambda event: heard.append((event.case, len(register.cases()))))
    register.start("W5", by=REQUESTER)
    assert heard == [("Z1", 1), ("Z1", 1)]

    def fail(_event: object) -> None:
        raise RuntimeError("deaf")

    register.listen(fail)
    with pytest.raises(RuntimeError, match="deaf"):
        register.start("W5", by=REQUESTER)
    assert len(register.cases()) == 2


def test_one_refusal_keeps_all_other_cases_hot(register: CaseRegister) -> None:
    cases = [register.start("W5", by=REQUESTER) for _ in range(5)]
    with pytest.raises(NotAllowed):
        register.claim(f"{cases[0]}.2", by="dirk")
    assert set(register._ledger.hot) >= set(cases[1:])


def test_a_case_keeps_the_template_version_it_started_with(
    register: CaseRegister, url: str, clock: VirtualClock, root: Path, tmp_path: Path
) -> None:
    case = register.start("W5", by=REQUESTER)
    do(register, case, ("ben", None))
    for path in (root / "bpmn").glob("*.bpmn"):
        changed = path.read_bytes().replace(b"Classificeren", b"Indelen")
        (tmp_path / path.name).write_bytes(changed)
    newer = CaseRegister(
        url, templates=read_folder(tmp_path), procedure=shipped_procedure(),
        organisation=Organisation.read(), clock=clock,
    )  # fmt: skip
    labels = {}
    for running in (case, newer.start("W5", by=REQUESTER)):
        if running != case:
            do(newer, running, ("ben", None))
        labels[running] = newer.items(running)[0].label
        do(newer, running, ("ben", None))
    assert list(labels.values()) == ["Classificeren", "Indelen"]
    newer.close()


def test_a_kept_template_that_was_changed_is_not_run(
    register: CaseRegister, url: str, clock: VirtualClock, root: Path, tmp_path: Path
) -> None:
    case = register.start("W5", by=REQUESTER)
    for path in (root / "bpmn").glob("*.bpmn"):
        (tmp_path / path.name).write_bytes(path.read_bytes() + b"\n")
    newer = CaseRegister(
        url, templates=read_folder(tmp_path), procedure=shipped_procedure(),
        organisation=Organisation.read(), clock=clock,
    )  # fmt: skip
    engine = create_engine(url)
    with engine.begin() as connection:
        kept = connection.execute(select(templates.c.source)).scalar_one()
        # Classificeren, with one bit turned over: a diagram that can be read like any other.
        spoiled = kept.replace(b"Classificeren", b"Classificesen")
        connection.execute(update(templates).values(source=spoiled))
    engine.dispose()
    with pytest.raises(IntegrityBroken, match="BDV-560") as refused:
        do(newer, case, ("ben", None))
    assert refused.value.exit_code == 8
    newer.close()


def test_reading_a_register_that_does_not_exist_makes_no_file(
    register: CaseRegister, tmp_path: Path
) -> None:
    assert register.cases() == []
    assert register.worklist() == []
    assert list(tmp_path.iterdir()) == []


def complete(register: CaseRegister, case: str, by: str, **given: object) -> Event:
    """Complete the first open item; return its event."""
    item = first_item(register, case)
    register.complete(item, by=by, **given)  # type: ignore[arg-type]
    return next(e for e in reversed([*register.events(case)]) if e.item == item)


def test_what_was_filled_in_is_evidence_and_the_reason_itself_stays_out_of_the_log(
    register: CaseRegister,
) -> None:
    case = register.start("W5", by=REQUESTER)
    form = {"linked": " Z12\n C-7  ", "motivation": "U mag dit.", "phone": "0612345678"}
    accepted = complete(register, case, "ben", data=form)
    assert (accepted.linked, accepted.motivated, accepted.data) == ("Z12 C-7", True, form)
    classified = complete(register, case, "ben", data={"linked": "none", "component": "website"})
    assert (classified.linked, classified.component) == ("none", None)  # no change, no update
    assert classified.motivated is None  # it has no outcomes: nothing was decided
    (row,) = EventLog.of([accepted]).frame.to_dict("records")
    assert (row[LINKED], row[MOTIVATED]) == ("Z12 C-7", True)
    assert not any("0612" in str(value) or "mag dit" in str(value) for value in row.values())


def test_a_decision_without_a_reason_is_recorded_as_such(register: CaseRegister) -> None:
    case = register.start("W5", by=REQUESTER)
    accepted = complete(register, case, "ben", data={"motivation": "  "})
    assert (accepted.motivated, accepted.linked, accepted.proposal) == (False, None, None)
    assert {e.motivated for e in register.events(case) if e.item is None} == {None}


def test_a_fork_decides_nothing_so_it_gives_no_reason(register: CaseRegister) -> None:
    case = tell(next(s for s in SCENARIOS if s.name == "w4-happy"), register, register.clock)
    (fork,) = [e for e in register.events(case) if e.activity == "recover_recover" and e.outcome]
    assert (fork.outcome, fork.motivated) == ("completed", None)


def test_evidence_is_refused_before_anybody_claims_the_work(
    register: CaseRegister, url: str
) -> None:
    case = register.start("W5", by=REQUESTER)
    before = dump(url)
    with register.batch(), pytest.raises(InputRefused, match="BDV-337"):
        register.complete(first_item(register, case), by="ben", data={"linked": "Z1\x00"})
    assert dump(url) == before


def test_a_question_suspends_the_term_and_its_answer_resumes_it(
    register: CaseRegister, clock: VirtualClock
) -> None:
    tell(next(s for s in SCENARIOS if s.name == "w5-incomplete"), register, clock)
    assert [(e.activity, e.term) for e in register.events() if e.term] == [
        ("operate_question", Term.SUSPENDED), ("operate_answer", Term.RESUMED)
    ]  # fmt: skip


def test_an_event_says_when_it_was_written_down_also_when_the_clock_was_set_back(
    register: CaseRegister, clock: VirtualClock
) -> None:
    with register.batch():
        case = register.start("W5", by=REQUESTER)
        begun = clock.now
        clock.now -= timedelta(minutes=15)
        do(register, case, ("ben", None))
    written = [(e.timestamp, e.recorded) for e in register.events(case)]
    assert written[:2] == [(begun, begun)] * 2
    assert written[2:] == [(begun, begun - timedelta(minutes=15))] * 3


def test_an_event_carries_everything_that_happened(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    case = register.start("W5", by=REQUESTER)
    complete(register, case, "ben", outcome="incomplete", data={"linked": "none"})
    register.answer(case, by=REQUESTER)
    complete(register, case, "ben", data={"linked": "Z3", "proposal": "Z4"})
    again = reopen(url, clock)
    assert [astuple(e) for e in again.events(case)] == [astuple(e) for e in register.events(case)]
    assert [e.lifecycle for e in register.events(case)] == [
        Lifecycle.COMPLETE, Lifecycle.SCHEDULE,
        Lifecycle.ASSIGN, Lifecycle.COMPLETE, Lifecycle.COMPLETE,
        Lifecycle.COMPLETE, Lifecycle.SCHEDULE,
        Lifecycle.ASSIGN, Lifecycle.COMPLETE, Lifecycle.SCHEDULE,
    ]  # fmt: skip
    again.close()
