"""A register in a fresh SQLite file, with the sample organisation and a clock one can move."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def register(url: str, clock: VirtualClock) -> Iterator[CaseRegister]:
    opened = reopen(url, clock)
    yield opened
    opened.close()


def reopen(url: str, clock: VirtualClock, **options: int) -> CaseRegister:
    return CaseRegister(
        url,
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=clock,
        **options,
    )
