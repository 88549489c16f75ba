"""A municipality in the middle of its work: what lies there, what is behind it, and once only."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bdv_process.demo.sample import LYING, Sample, sample
from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import Event
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure

NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)  # a Saturday: nobody works
CLOSED = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample(tmp_path_factory.mktemp("sample") / "new", closed=CLOSED, now=NOW)


@pytest.fixture(scope="module")
def register(made: Sample) -> CaseRegister:
    return opened(made)


def opened(made: Sample) -> CaseRegister:
    return CaseRegister(
        f"sqlite:///{made.register}", templates=shipped(), procedure=shipped_procedure(),
        organisation=Organisation.read(made.organisation), clock=VirtualClock(NOW),
    )  # fmt: skip


def events(register: CaseRegister) -> list[Event]:
    return list(register.events())


def test_of_each_workflow_five_calls_run_and_the_others_are_closed(register: CaseRegister) -> None:
    calls = [case for case in register.cases() if case.parent is None]
    for workflow in shipped():
        of_it = [case.closed for case in calls if case.template == workflow.key]
        assert (of_it.count(None), len(of_it)) == (len(LYING), len(LYING) + CLOSED)


def test_calls_lie_at_different_steps_in_every_way(register: CaseRegister) -> None:
    running = [case for case in register.cases() if case.closed is None]
    items = [item for case in running for item in register.items(case.id)]
    work = [item for item in items if item.role]
    assert len({item.activity for item in work}) > 8
    assert len({str(item.state) for item in work}) == 4  # free, claimed, begun, put aside
    assert any(item.due and item.due < NOW for item in work)
    assert any(case.parent for case in running)
    people = register.organisation.people
    assert sum(len(register.questions(person)) for person in people) == len(shipped())


def test_what_is_behind_is_spread_over_months_of_office_hours(register: CaseRegister) -> None:
    happened = events(register)
    assert max(event.timestamp for event in happened) <= NOW
    months = Counter(f"{event.timestamp:%Y-%m}" for event in happened)
    assert len(months) >= 8
    work = [event.timestamp for event in happened if event.resource and event.item]
    assert {moment.weekday() for moment in work} == {0, 1, 2, 3, 4}


def test_everybody_s_words_are_there_and_half_of_the_calls_was_taken_in(
    register: CaseRegister,
) -> None:
    first = [event for event in events(register) if event.seq == 1 and event.parent is None]
    assert all(event.data["call"]["subject"] for event in first)
    noted = [event for event in first if event.resource != event.requester]
    assert 0 < len(noted) < len(first)
    services = register.infrastructure.services
    assert all(register.calls_about(service=each) for each in services)


def test_the_same_seed_makes_the_same_cases(register: CaseRegister, tmp_path: Path) -> None:
    again = opened(sample(tmp_path, closed=CLOSED, now=NOW + timedelta(hours=2)))
    assert events(again) == events(register)


def test_a_folder_that_has_one_keeps_it(made: Sample) -> None:
    before = made.register.read_bytes()
    later = sample(made.register.parent, seed=7, now=NOW + timedelta(days=30))
    assert (made.made, later.made) == (True, False)
    assert made.register.read_bytes() == before


def test_half_a_municipality_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gemeente.toml").write_text("[people]")
    with pytest.raises(InputRefused) as refused:
        sample(tmp_path, now=NOW)
    assert refused.value.code == "BDV-620"
    assert [path.name for path in tmp_path.iterdir()] == ["gemeente.toml"]
