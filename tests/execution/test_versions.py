"""Cases stay on the version they started with, until somebody moves them and they fit."""

import random
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bdv_process import conformance
from bdv_process.errors import Conflict, InputRefused, NotFound
from bdv_process.eventlog.event import MIGRATED, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.execution import storage
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.moves import Migration
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped
from bdv_process.template.model import Template, by_key
from execution.conftest import dump, reopen
from execution.test_moves import finish, wander, work
from stories import REQUESTER

NOW = by_key(shipped())
Change = Callable[[str], str]


def version(key: str, folder: Path, *changes: Change) -> Template:
    """Write another version of a workflow to a file, and read it."""
    text = NOW[key].source.decode()
    for change in changes:
        changed = change(text)
        assert changed != text
        text = changed
    path = folder / f"{key.lower()}-{len(list(folder.glob('*.bpmn')))}.bpmn"
    path.write_text(text, encoding="utf-8")
    return Template.read(path)


def swap(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new)


def without(step: str) -> Change:
    """Take out a step with one way in and one way out; what led to it leads on."""

    def change(text: str) -> str:
        flow_of = r'<bpmn:sequenceFlow id="(\w+)"[^>]* sourceRef="{}" targetRef="{}"'
        out = re.search(flow_of.format(step, r"(\w+)"), text)
        into = re.search(flow_of.format(r"\w+", step), text)
        assert out
        assert into
        flow, target = out.groups()
        text = re.sub(rf'(?s)\s*<bpmn:userTask id="{step}".*?</bpmn:userTask>', "", text)
        text = re.sub(rf'\s*<bpmn:sequenceFlow id="{flow}"[^>]*/>', "", text)
        for element in (step, flow):
            shape = rf'(?s)\s*<bpmndi:(BPMNShape|BPMNEdge) id="{element}_di".*?</bpmndi:\1>'
            text = re.sub(shape, "", text)
        text = text.replace(f'targetRef="{step}"', f'targetRef="{target}"')
        return text.replace(f">{flow}</bpmn:incoming>", f">{into[1]}</bpmn:incoming>")

    return change


RENAMED = swap('name="Classificeren"', 'name="Indelen"')


def moved(register: CaseRegister, case: str, to: Template, *, dry_run: bool = False) -> Migration:
    (found,) = register.migrate([case], to=to, dry_run=dry_run)
    return found


def runs(register: CaseRegister, case: str) -> str:
    return register.live(case).template.version


@pytest.mark.parametrize("key", ["W4", "W5", "W8"])
def test_any_history_fits_where_only_words_changed_and_goes_back_again(
    key: str, register: CaseRegister, clock: VirtualClock, url: str, tmp_path: Path
) -> None:
    new = version(key, tmp_path, RENAMED, swap("<bpmn:documentation>", "<bpmn:documentation>Nu: "))
    chance, cases = random.Random(key), []
    for seed in range(3):
        if NOW[key].before_forks:
            cases.append(wander(register, clock, key, seed))
        else:
            cases.append(register.start(key, by=REQUESTER))
            work(register, cases[-1], *[None] * chance.randint(0, 5))
    before = [register.items(case) for case in cases]
    assert register.outdated(new) == cases
    assert not register.outdated()
    assert all(found.refusal is None for found in register.migrate(cases, to=new))
    assert [runs(register, case) for case in cases] == [new.version] * len(cases)
    assert register.outdated() == cases
    assert [[i.activity for i in items] for items in before] == [
        [i.activity for i in register.items(case)] for case in cases
    ]
    register.close()
    register = reopen(url, clock)
    stored = dump(url)
    register.rebuild()
    assert dump(url) == stored
    first = cases[0]
    assert moved(register, first, NOW[key]).refusal is None
    for case in cases:
        finish(register, case)
        assert register.case(case).outcome == "completed"
    told = [e for e in register.events(first) if e.activity == MIGRATED]
    assert [(e.lifecycle, e.outcome) for e in told] == [
        (Lifecycle.REASSIGN, each.version[:12]) for each in (new, NOW[key])
    ]
    assert conformance(EventLog.of(register.events())).deviations.empty
    register.close()


def test_a_case_that_did_a_step_which_is_gone_is_refused_with_that_step(
    register: CaseRegister, url: str, tmp_path: Path
) -> None:
    new = version("W5", tmp_path, without("operate_plan"))
    early, late = register.start("W5", by=REQUESTER), register.start("W5", by=REQUESTER)
    work(register, early, None)
    work(register, late, None, None, None)
    before = dump(url)
    fits, stays = register.migrate([early, late], to=new, dry_run=True)
    assert dump(url) == before
    assert fits.refusal is None
    assert isinstance(stays.refusal, Conflict)
    planned = next(e for e in register.events(late) if e.activity == "operate_plan")
    assert stays.refusal.where == f"{late} #{planned.seq}"
    assert stays.refusal.facts["seen"] == "operate_plan schedule"
    assert stays.refusal.facts["expected"] == "operate_execute schedule"
    for found in register.migrate([early, late], to=new):
        assert (found.refusal is None) == (found.case == early)
    assert (runs(register, early), runs(register, late)) == (new.version, NOW["W5"].version)
    work(register, early, None)
    assert [item.activity for item in register.items(early)] == ["operate_execute"]
    # Back again it does not go: there it would have planned first.
    assert isinstance(moved(register, early, NOW["W5"]).refusal, Conflict)


def test_a_step_that_is_still_ahead_may_go(register: CaseRegister, tmp_path: Path) -> None:
    new = version("W5", tmp_path, without("operate_close"))
    case = register.start("W5", by=REQUESTER)
    work(register, case, None, None, None, None)
    assert moved(register, case, new).refusal is None
    work(register, case, None)
    assert register.case(case).outcome == "completed"


@pytest.mark.parametrize(
    ("outcome", "changes", "seen", "expected"),
    [
        (
            "accepted",
            (swap('outcome id="accepted"', 'outcome id="taken"'), swap("'accepted'", "'taken'")),
            "operate_accept = accepted", "taken, rejected, incomplete",
        ),
        (
            "incomplete", (swap("operate_question", "operate_asked"),),
            "operate_question complete", "operate_asked complete",
        ),
    ],
)  # fmt: skip
def test_the_first_deviation_is_named(
    outcome: str, changes: tuple[Change, ...], seen: str, expected: str, register: CaseRegister,
    tmp_path: Path,
) -> None:  # fmt: skip
    case = register.start("W5", by=REQUESTER)
    work(register, case, outcome)
    refusal = moved(register, case, version("W5", tmp_path, *changes)).refusal
    assert refusal is not None
    assert (refusal.facts["seen"], refusal.facts["expected"]) == (seen, expected)


def test_a_step_that_nobody_does_is_refused_before_any_case(
    register: CaseRegister, tmp_path: Path
) -> None:
    new = version("W5", tmp_path, swap("operate_close", "operate_archive"))
    case = register.start("W5", by=REQUESTER)
    with pytest.raises(InputRefused, match=r"BDV-547.*operate_archive"):
        moved(register, case, new)


def test_timers_wait_as_long_as_the_new_version_says_and_the_term_is_that_of_the_law(
    register: CaseRegister, clock: VirtualClock, tmp_path: Path
) -> None:
    new = version("W4", tmp_path, swap(">P4W<", ">P2W<"), RENAMED)
    longer = version("W5", tmp_path, swap(">P6W<", ">P7W<"))
    asked = register.start("W4", by=REQUESTER)
    work(register, asked, "incomplete")
    since = clock()
    (patience,) = [t for t in register.timers() if t.element == "recover_patience"]
    assert patience.due == since + timedelta(weeks=4)
    clock.pass_time(timedelta(days=1))
    assert moved(register, asked, new).refusal is None
    (patience,) = [t for t in register.timers() if t.element == "recover_patience"]
    assert patience.due == since + timedelta(weeks=2)
    case = register.start("W5", by=REQUESTER)
    register.extend(case, by="carla", until=(clock() + timedelta(days=70)).date())
    term, due = register.term(case), register.case(case).due
    assert moved(register, case, longer).refusal is None
    assert (register.term(case), register.case(case).due) == (term, due)
    assert register.rebuild() == 2
    assert (register.term(case), register.case(case).due) == (term, due)


def test_a_fork_that_has_begun_keeps_the_workflow_that_it_called(
    register: CaseRegister, tmp_path: Path
) -> None:
    new = version("W4", tmp_path, swap('calledElement="W5"', 'calledElement="W2"'))
    ahead, begun = register.start("W4", by=REQUESTER), register.start("W4", by=REQUESTER)
    work(register, begun, None, None, None, None)
    fits, stays = register.migrate([ahead, begun], to=new)
    assert fits.refusal is None
    assert stays.refusal is not None
    assert stays.refusal.facts["seen"] == "recover_recover W5"
    assert stays.refusal.facts["expected"] == "W2"


def test_a_version_that_calls_what_is_not_here_is_refused_before_any_case(
    register: CaseRegister, url: str, tmp_path: Path
) -> None:
    new = version("W4", tmp_path, swap('calledElement="W5"', 'calledElement="W99"'))
    case = register.start("W4", by=REQUESTER)
    before = dump(url)
    with pytest.raises(NotFound, match="BDV-111"):
        moved(register, case, new)
    assert dump(url) == before


def test_a_case_takes_no_version_of_another_workflow_and_a_closed_one_none(
    register: CaseRegister,
) -> None:
    case, closed = register.start("W5", by=REQUESTER), register.start("W5", by=REQUESTER)
    register.withdraw(closed, by=REQUESTER)
    other = moved(register, case, NOW["W4"]).refusal
    assert other is not None
    assert other.code == "BDV-546"
    assert moved(register, closed, NOW["W5"]).refusal is None  # it runs that already
    assert moved(register, closed, NOW["W4"]).refusal is not None
    with pytest.raises(NotFound, match="BDV-301"):
        moved(register, "Z99", NOW["W5"])


def test_a_rerouted_case_migrates_with_its_whole_history(
    register: CaseRegister, url: str, tmp_path: Path
) -> None:
    case = register.start("W4", by=REQUESTER)
    work(register, case, None, None)
    register.reroute(case, by="dirk", to="W3")
    new = version("W3", tmp_path, RENAMED)
    assert moved(register, case, new).refusal is None
    register.reroute(case, by="dirk", to="W4")
    assert runs(register, case) == NOW["W4"].version
    before = dump(url)
    register.rebuild()
    assert dump(url) == before


def test_versions_that_are_kept_are_found_by_how_their_id_begins(
    register: CaseRegister, tmp_path: Path
) -> None:
    new = version("W5", tmp_path, RENAMED)
    case = register.start("W5", by=REQUESTER)
    with pytest.raises(NotFound, match="BDV-545"):
        register.version(new.version[:12])
    moved(register, case, new)
    assert register.version(new.version[:12]).source == new.source
    assert register.version(NOW["W5"].version[:12]) == NOW["W5"]
    with pytest.raises(NotFound, match="BDV-545"):
        register.version("")


def test_a_failure_in_one_case_leaves_those_before_it_moved_and_it_as_it_was(
    register: CaseRegister, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = version("W5", tmp_path, RENAMED)
    cases = [register.start("W5", by=REQUESTER) for _ in range(2)]
    going = register.migrate(cases, to=new)
    assert next(going).refusal is None
    before = dump(url)
    monkeypatch.setattr(storage, "to_row", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(going)
    monkeypatch.undo()
    assert dump(url) == before
    assert [runs(register, case) for case in cases] == [new.version, NOW["W5"].version]
    assert register.outdated(new) == [cases[1]]
    assert moved(register, cases[1], new).refusal is None
