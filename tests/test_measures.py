"""Every number that a result holds has its entry in docs/measures.md."""

import re
from pathlib import Path

import pandas as pd
import pytest

import bdv_process as bdv

#: What bounds, adds up or counts a measure that has an entry of its own.
ABOUT = re.compile(r"^median_|(^|_)(low|high|least|most|share|seconds|times|mean|median|p90)$")
#: How a column is called there, when it is no word.
CALLED = {
    "wip": "work in progress",
    "expected": "little's law",
    "after": "in between",
    "role_handovers": "hand-overs of a stream",
    "organisation_handovers": "hand-overs of a stream",
    "handovers": "hand-overs of a stream",
    "ping_pong": "ping-pong",
    "right": "first time right",
    "role_changes": "changes of role, organisation, channel",
    "organisation_changes": "changes of role, organisation, channel",
    "channel_changes": "changes of role, organisation, channel",
    "without_outcome": "without an outcome",
    "checked": "cases that it looked at",
    "fitting": "follows the path",
    "fits": "follows the path",
}
#: What says where a row stands, not how much of anything there is.
PLACES = {"depth", "number", "group", "turn"}


@pytest.fixture(scope="module")
def frames(root: Path) -> dict[str, pd.DataFrame]:
    """Every frame of every result of a log."""
    log = bdv.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    report = bdv.conformance(log)
    results = {
        "streams": bdv.value_streams(log),
        "journeys": bdv.journeys(log),
        "hand-overs": bdv.handovers(log, causes=True),
        "conformance": report,
        "drift": bdv.drift(report),
        "quality": bdv.quality(log),
        "principles": bdv.principles(log, report),
        "precision": bdv.precision(report, bdv.templates()),
    }
    return {
        f"{name}.{part}": frame
        for name, result in results.items()
        for part, frame in vars(result).items()
        if isinstance(frame, pd.DataFrame)
    }


def amounts(frame: pd.DataFrame) -> list[str]:
    """The columns that say how much there is of something."""
    told = [
        str(name)
        for name, column in frame.items()
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_timedelta64_dtype(column)
    ]
    return [name for name in told if name not in PLACES]


def test_every_amount_has_an_entry(root: Path, frames: dict[str, pd.DataFrame]) -> None:
    entries = (root / "docs" / "measures.md").read_text("utf-8").lower()
    rules = {
        row for name, frame in frames.items() if name.endswith("rules") for row in frame["rule"]
    }
    lacking = set()
    for where, frame in frames.items():
        for name in amounts(frame):
            bare = ABOUT.sub("", name)
            if (
                bare
                and bare not in rules
                and CALLED.get(bare, bare.replace("_", " ")) not in entries
            ):
                lacking.add((where, name))
    assert not lacking
