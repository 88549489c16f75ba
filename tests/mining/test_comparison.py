"""The same measures before and after, here and there; words only for more than chance."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, PARENT, REQUESTER, ROOT, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.comparison import Period, Span, compare, split
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.template.library import shipped

STEP = "operate_plan"
FINDING = f"W5.skipped.{STEP}"
TURN = date(2026, 5, 1)


@pytest.fixture(scope="module")
def calm(root: Path) -> EventLog:
    """Forty conformant cases of W5 in March."""
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    frame = log.frame[log.frame[TEMPLATE] == "W5"]
    started = frame.groupby(CASE)[TIMESTAMP].transform("min")
    frame = frame.assign(**{TIMESTAMP: frame[TIMESTAMP] - started + pd.Timestamp("2026-03-02T08Z")})
    one = frame[CASE].iloc[0]
    return _copies(replace(log, frame=frame[frame[CASE] == one]), 40, "a")


def _copies(log: EventLog, times: int, name: str) -> EventLog:
    frame = log.frame.astype(dict.fromkeys((CASE, ROOT, PARENT, REQUESTER), object))
    copies = [
        frame.assign(**{CASE: f"{name}{n:03}", ROOT: f"{name}{n:03}", PARENT: None})
        for n in range(times)
    ]
    return replace(log, frame=pd.concat(copies, ignore_index=True))


def _later(log: EventLog, name: str, skipping: int) -> EventLog:
    """Return the same cases in May, some without a step."""
    frame = log.frame.assign(**{TIMESTAMP: log.frame[TIMESTAMP] + timedelta(days=75)})
    frame = frame.assign(**{CASE: name + frame[CASE].astype(object)})
    ids = sorted(frame[CASE].unique())[:skipping]
    return replace(log, frame=frame[~(frame[CASE].isin(ids) & (frame[ACTIVITY] == STEP))])


def _both(*logs: EventLog) -> tuple[EventLog, ConformanceReport]:
    frame = pd.concat([log.frame for log in logs], ignore_index=True)
    log = replace(logs[0], frame=frame)
    return log, conformance(log, shipped(), None)


@pytest.mark.parametrize(("skipping", "state"), [(0, None), (1, "same"), (20, "more")])
def test_what_began_later_is_more_only_when_chance_cannot_do_it(
    calm: EventLog, skipping: int, state: str | None
) -> None:
    found = split(*_both(calm, _later(calm, "b", skipping)), TURN).frame.set_index("finding")
    if state is None:
        assert list(found.index) == [""]
        assert found.loc["", "state"] == "same"
        return
    row = found.loc[FINDING]
    assert (row["cases"], row["of"]) == (skipping, 40)
    assert (row["cases_other"], row["of_other"]) == (0, 40)
    assert row["low"] < row["difference"] == skipping / 40 < row["high"]
    assert row["state"] == state
    path = found.loc[""]
    assert path["difference"] == pytest.approx(-row["difference"])
    assert path["state"] == {"more": "less", "same": "same"}[state]


def test_cases_that_still_run_do_not_make_the_newest_look_better(calm: EventLog) -> None:
    """They skip a step as late as the others do, only nobody knows it yet."""
    spoiled = _later(calm, "b", 20)
    log, report = _both(_later(calm, "", 20), spoiled)
    half = sorted(report.cases["case"][report.cases["case"].str.startswith("b")])[:20]
    open_ = report.cases["case"].isin(half)
    running = replace(
        report,
        cases=report.cases.assign(open=open_, fits=report.cases["fits"] | open_),
        occurrences=report.occurrences[~report.occurrences["case"].isin(half)],
    )
    found = compare(running, report, here="now", there="later").frame.set_index("finding")
    assert (found.loc[FINDING, "of"], found.loc[FINDING, "of_other"]) == (60, 80)
    closed = running.cases["case"][~open_]
    left = running.occurrences[running.occurrences["case"].isin(closed)]
    assert found.loc[FINDING, "cases"] == left["case"].nunique()
    month = split(log, running, TURN).frame
    assert set(month["of"]) | set(month["of_other"]) <= {20, 40}


def test_a_rule_is_compared_among_the_cases_that_it_looked_at(calm: EventLog) -> None:
    def with_rule(looked_at: int, broken: int) -> ConformanceReport:
        _, report = _both(calm)
        ids = report.cases["case"].iloc[:broken]
        what = {"template": "W5", "kind": "rule", "activity": STEP, "rule": "planned"}
        return replace(
            report,
            looked=pd.DataFrame({"planned": report.cases.index < looked_at}),
            occurrences=pd.DataFrame({"case": ids}).assign(**what, times=1),
            deviations=pd.DataFrame([{"finding": "W5.planned", **what}]),
        )

    found = compare(with_rule(10, 6), with_rule(20, 6), here="B", there="A").frame
    row = found.set_index("finding").loc["W5.planned"]
    assert (row["of"], row["share"]) == (10, 0.6)
    assert (row["of_other"], row["share_other"]) == (20, 0.3)
    unseen = compare(with_rule(10, 6), with_rule(0, 0), here="B", there="A").frame
    assert list(unseen["finding"]) == [""]


def test_two_logs_are_compared_like_two_periods(calm: EventLog) -> None:
    later = _later(calm, "b", 20)
    (_, here), (_, there) = _both(later), _both(calm)
    beside = compare(here, there, here="B", there="A")
    assert (beside.here, beside.there) == ("B", "A")
    once = split(*_both(calm, later), TURN).frame
    pd.testing.assert_frame_equal(beside.frame, once)


def test_what_is_gone_is_less(calm: EventLog) -> None:
    spoiled = _later(_later(calm, "", 20), "b", 0)
    (_, here), (_, there) = _both(calm), _both(spoiled)
    found = compare(here, there, here="A", there="B").frame
    assert found.set_index("finding").loc[FINDING, "state"] == "less"


@pytest.mark.parametrize(
    ("span", "latest", "ends", "edges"),
    [
        ("month", "2026-05-16T12Z", "2026-05-16T12Z", ((2026, 3), (2026, 4), (2026, 5))),
        ("month", "2026-05-31T21:59Z", "2026-05-31T21:59Z", ((2026, 4), (2026, 5), (2026, 6))),
        ("month", "2026-01-16T12Z", "2026-01-16T12Z", ((2025, 11), (2025, 12), (2026, 1))),
        ("month", "2026-04-16T12Z", "2026-07-16T12Z", ((2026, 3), (2026, 4), (2026, 5))),
        ("quarter", "2026-05-16T12Z", "2026-05-16T12Z", ((2025, 10), (2026, 1), (2026, 4))),
        ("quarter", "2026-05-16T12Z", "2026-07-02T12Z", ((2026, 1), (2026, 4), (2026, 7))),
    ],
)
def test_the_last_whole_month_or_quarter_with_cases_stands_beside_the_one_before(
    calm: EventLog, span: Span, latest: str, ends: str, edges: tuple[tuple[int, int], ...]
) -> None:
    log, report = _both(calm)
    started = pd.Series(pd.Timestamp(latest), index=report.cases.index)
    moved = replace(report, cases=report.cases.assign(started=started))
    ended = replace(log, frame=log.frame.assign(**{TIMESTAMP: pd.Timestamp(ends)}))
    found = split(ended, moved, span)
    first, turn, end = (date(year, month, 1) for year, month in edges)
    assert found.there == Period(first=first, end=turn)
    assert found.here == Period(first=turn, end=end)


def test_a_period_holds_whole_local_days() -> None:
    moments = pd.Series(pd.to_datetime(
        ["2026-04-30T21:59:59Z", "2026-04-30T22:00:00Z", "2026-05-31T21:59:59Z", None]
    ))  # fmt: skip
    held = Period(first=date(2026, 5, 1), end=date(2026, 6, 1)).holds(moments)
    assert held.tolist() == [False, True, True, False]


def test_a_log_without_times_has_no_past(calm: EventLog) -> None:
    log, report = _both(calm)
    timeless = replace(report, cases=report.cases.assign(started=pd.NaT))
    with pytest.raises(InputRefused, match="BDV-403"):
        split(log, timeless, "month")
