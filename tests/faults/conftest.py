"""A process beside the tests that tries fault scenarios: it forks, which pytest better does not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Try = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def attempt() -> Iterator[Try]:
    """Try a scenario a few times; return its figures, or skip when this machine lacks something."""
    with subprocess.Popen(
        [sys.executable, "-m", "faults.figures", "--serve"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as beside:
        asks, answers = beside.stdin, beside.stdout
        assert asks is not None
        assert answers is not None

        def ask(name: str, database: str, **how: object) -> dict[str, Any]:
            asks.write(json.dumps({"name": name, "database": database, "seed": 7, **how}) + "\n")
            asks.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            if "unavailable" in answer:
                pytest.skip(answer["unavailable"])
            assert "failed" not in answer, answer["failed"]
            return answer

        yield ask
        asks.close()
