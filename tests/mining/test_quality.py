from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.eventlog.event import REQUESTER, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.mining.overview import ALL, overview
from bdv_process.mining.quality import clock, evidence, quality
from bdv_process.template.library import shipped


@pytest.fixture(scope="module")
def log(root: Path) -> EventLog:
    return EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")


@pytest.mark.parametrize(
    ("unit", "zone", "said"),
    [("D", "UTC", "day"), ("D", "Europe/Amsterdam", "day"), ("h", "UTC", "hour"),
     ("min", "UTC", "minute"), ("s", "UTC", "second")],
)  # fmt: skip
def test_a_clock_is_as_coarse_as_its_moments(
    log: EventLog, unit: str, zone: str, said: str
) -> None:
    local = log.frame[TIMESTAMP].dt.tz_convert(zone).dt.tz_localize(None).dt.floor(unit)
    moments = local.dt.tz_localize(zone, ambiguous=True).dt.tz_convert("UTC")
    assert clock(replace(log, frame=log.frame.assign(**{TIMESTAMP: moments}))) == said


def test_a_clock_finer_than_seconds_says_so_and_none_says_nothing(log: EventLog) -> None:
    fine = log.frame[TIMESTAMP] + pd.Timedelta(milliseconds=7)
    assert clock(replace(log, frame=log.frame.assign(**{TIMESTAMP: fine}))) == "fraction"
    timeless = log.frame.assign(**{TIMESTAMP: pd.Series(pd.NaT, index=log.frame.index)})
    assert clock(replace(log, frame=timeless)) == ""


def test_evidence_is_missing_where_a_case_never_has_it(log: EventLog) -> None:
    frame = log.frame.assign(**{REQUESTER: log.frame[REQUESTER].where(log.frame[TEMPLATE] == "W1")})
    found = evidence(replace(log, frame=frame)).set_index("evidence")
    ours = log.frame.drop_duplicates("case:concept:name")[TEMPLATE]
    assert found.loc["requester", "missing"] == (ours != "W1").sum()
    assert found.loc["time", "missing"] == 0
    assert (found["of"] == len(ours)).all()


def test_the_last_row_of_an_overview_is_the_sum_of_the_large_ones(log: EventLog) -> None:
    report = conformance(log, shipped(), None)
    found = overview(report, least=6).set_index("template")
    large = found.drop(index=ALL).query("cases >= 6")
    assert 0 < len(large) < len(found) - 1
    assert found.loc[ALL, "cases"] == large["cases"].sum()
    assert found.loc[ALL, "fitting"] == large["fitting"].sum()
    assert overview(report).set_index("template").loc[ALL, "cases"] == len(report.cases)


def test_a_log_says_in_a_line_how_far_it_carries(log: EventLog) -> None:
    found = quality(log)
    has = int((found.frame["missing"] == 0).sum())
    assert repr(found).startswith(f"<Quality: {has} of 10 kinds of evidence in every case, 0 of ")
    assert found.to_dict()["rows"] == found.used == found.rows


def test_a_picture_of_quality_begins_with_what_every_case_has(log: EventLog) -> None:
    table = quality(log).chart(lang="en").table
    assert len(table) == 10
    assert table.iloc[0].tolist() == ["When something happened", "100.0%"]
