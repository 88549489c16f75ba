"""What is shown is the time in the Netherlands, wherever the machine stands."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.template.term import HERE
from cli.conftest import DATABASE, Shell
from execution.conftest import reopen
from stories import REQUESTER


@pytest.fixture(params=["UTC", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of the machine."""
    with monkeypatch.context() as there:
        there.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_times_are_those_in_the_netherlands_on_any_machine(shell: Shell, zone: str) -> None:
    register = reopen(f"sqlite:///{DATABASE}", VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    ended, _ = (register.start("W5", by=REQUESTER) for _ in range(2))
    register.withdraw(ended, by=REQUESTER)
    register.close()
    assert "2026-03-02 10:00" in shell(f"case withdraw {ended} --by anna", code=5).err
    assert "2026-03-02 10:00" in shell(f"case show {ended}").out
    assert "2026-04-28 23:59" in shell("work list").out
    shell("case withdraw Z2 --by ben", code=6)
    now = datetime.now(HERE)
    for since, found in ((now - timedelta(minutes=2), True), (now + timedelta(minutes=2), False)):
        shown = shell(f"db audit --since {since:%Y-%m-%dT%H:%M}").out
        assert ("BDV-321" in shown) is found, shown
    said = shell("worker --once").out.splitlines()[1]
    assert abs(datetime.fromisoformat(said[:19]).replace(tzinfo=HERE) - now) < timedelta(minutes=5)
