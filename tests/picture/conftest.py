"""Pictures of a run: the shipped simulated log, twelve times over and with one step left out."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.demo.repetition import repeat
from bdv_process.eventlog.event import ACTIVITY, CASE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.language import Language
from bdv_process.mining.conformance import conformance
from bdv_process.mining.discovery import discover
from bdv_process.mining.drift import drift
from bdv_process.mining.handover import handovers
from bdv_process.mining.journeying import journeys
from bdv_process.mining.value_stream import ValueStreams, value_streams
from bdv_process.picture.picture import Picture
from bdv_process.template.model import Template

Drawing = Callable[[Language], Picture]


@pytest.fixture(scope="session")
def log(root: Path, tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    """A log in which since the last months nobody plans half of the service requests."""
    target = tmp_path_factory.mktemp("often") / "often.parquet"
    repeat(
        EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz"),
        12, target, lambda _: None,
    )  # fmt: skip
    log = EventLog.read(target)
    frame = log.frame
    late = frame.groupby(CASE)[TIMESTAMP].transform("min") >= pd.Timestamp("2026-03-15T00Z")
    spoilt = late & (frame[ACTIVITY] == "operate_plan") & frame[CASE].map(hash_of).mod(2).eq(0)
    return EventLog(frame=frame[~spoilt].reset_index(drop=True), provenance=log.provenance)


def hash_of(case: str) -> int:
    return sum(case.encode())


@pytest.fixture(scope="session")
def streams(log: EventLog, templates: dict[str, Template]) -> ValueStreams:
    return value_streams(log, templates.values())


@pytest.fixture(scope="session")
def drawings(
    log: EventLog, streams: ValueStreams, templates: dict[str, Template]
) -> dict[str, Drawing]:
    """Every picture there is, by its name; each is drawn once."""
    report = conformance(log, templates.values())
    months, work = drift(report), handovers(log, templates.values())
    travels, maps = journeys(log, templates.values()), discover(log, templates.values())
    subject = travels.touchpoints["subject"].value_counts().index[0]
    drawn: dict[str, Drawing] = {
        "stream map": lambda lang: streams.chart(lang=lang),
        "stream tree": lambda lang: streams.chart("tree", lang=lang),
        "stream distribution": lambda lang: streams.chart("distribution", lang=lang),
        "stream trend": lambda lang: streams.chart("trend", lang=lang),
        "journey map": lambda lang: travels.chart(lang=lang),
        "journey of one": lambda lang: travels.chart(subject=subject, lang=lang),
        "journey funnel": lambda lang: travels.chart("funnel", lang=lang),
        "deviations": lambda lang: report.chart(lang=lang),
        "marked diagram": lambda lang: report.chart("W2", lang=lang),
        "drift": lambda lang: months.chart(lang=lang),
        "hand-overs": lambda lang: work.chart(lang=lang),
        "process map": lambda lang: maps[0].chart(lang=lang),
    }
    return {name: cache(draw) for name, draw in drawn.items()}
