"""Faults of every kind, a few of each: a register keeps its promises, and a naive one does not."""

import pytest

from faults.conftest import Try
from faults.databases import POSTGRESQL, SQLITE
from faults.figures import ONLY, SCENARIOS

BOTH = (SQLITE, POSTGRESQL)
#: How often each is tried, and by how many clients.
HOW = {
    "kills": {"times": 40, "clients": 4},
    "crash-points": {"times": 26},
    "server-crashes": {"times": 3, "clients": 3},
    "winners": {"times": 10, "clients": 8},
    "same-key": {"times": 5, "clients": 8},
    "kin": {"times": 30, "clients": 4},
    "first-use": {"times": 2, "clients": 8},
    "full-disk": {"times": 4},
    "read-only": {"times": 8},
    "read-only-disk": {"times": 2},
    "backups": {"times": 2, "clients": 3},
    "clocks": {"times": 4},
    "timers": {"times": 60, "clients": 4},
    "model": {"times": 6},
    "bit-flips": {"times": 40},
    "edits": {"times": 18},
}
#: What a naive store keeps as well: its tables are made at once like ours.
NO_TEETH = {"first-use"}

ALL = [
    (name, kind) for name in HOW for kind in BOTH if ONLY.get(name, kind) == kind
]  # fmt: skip


def test_every_fault_is_tried_a_few_times_but_the_one_that_takes_many_cases() -> None:
    assert set(SCENARIOS) - set(HOW) == {"soak"}


@pytest.mark.parametrize(("name", "database"), ALL)
def test_a_fault_leaves_every_promise_kept(name: str, database: str, attempt: Try) -> None:
    figures = attempt(name, database, **HOW[name])
    assert figures["broken"] == {}
    assert sum(figures["counted"].values()) > 0, "nothing was tried"


@pytest.mark.parametrize(("name", "database"), [each for each in ALL if each[0] not in NO_TEETH])
def test_the_same_fault_breaks_a_naive_store(name: str, database: str, attempt: Try) -> None:
    assert attempt(name, database, naive=True, **HOW[name])["broken"]
