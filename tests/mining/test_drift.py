"""In which month cases began to go differently."""

from dataclasses import replace
from itertools import product
from math import comb

import numpy as np
import pandas as pd
import pytest

from bdv_process.mining.conformance import ConformanceReport
from bdv_process.mining.drift import FITS, Drift, _by_chance, _change, drift

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]


def report(*months: tuple[int, int], kind: str = "skipped") -> ConformanceReport:
    """Cases per month, of which so many skip a step; month by month from January."""
    rows = [
        (f"{month}-{n}", "W5", pd.Timestamp(f"{MONTHS[month]}-10T09:00Z"), n >= wrong)
        for month, (cases, wrong) in enumerate(months)
        for n in range(cases)
    ]
    cases = pd.DataFrame(rows, columns=["case", "template", "started", "fits"]).assign(open=False)
    cases["started"] = pd.to_datetime(cases["started"], utc=True)
    what = {"template": "W5", "kind": kind, "activity": "operate_verify", "rule": ""}
    occurrences = cases.loc[~cases["fits"], ["case"]].assign(**what, times=1)
    deviations = pd.DataFrame([{"finding": "W5.skipped.operate_verify", **what}])
    nothing = pd.DataFrame()
    return ConformanceReport(
        cases=cases,
        occurrences=occurrences,
        deviations=deviations,
        rules=nothing,
        looked=nothing,
        runs=nothing,
        templates=nothing,
        unobservable={},
        tiers={},
    )


def test_the_month_of_the_change_is_found() -> None:
    found = drift(report((40, 2), (40, 1), (40, 20), (40, 22)))
    changes = found.changes.set_index("measure")
    assert changes.loc[FITS, "since"] == "2026-03"
    assert changes["changed"].all()
    assert changes.loc[FITS, "before"] == pytest.approx(77 / 80)
    assert changes.loc[FITS, "after"] == pytest.approx(38 / 80)
    assert changes.loc["W5.skipped.operate_verify", "difference"] == pytest.approx(39 / 80)
    assert changes.loc[FITS, "low"] < -39 / 80 < changes.loc[FITS, "high"] < 0


def test_the_same_share_all_year_is_no_change() -> None:
    assert not drift(report((40, 10), (40, 11), (40, 9), (40, 10))).changes["changed"].any()


def test_a_rule_drifts_among_the_cases_that_it_looked_at() -> None:
    """It breaks in four of the ten it looks at, whatever the others do."""
    given = report((40, 4), (40, 4), (20, 4), (20, 4), kind="rule")
    what = given.occurrences.assign(rule="told"), given.deviations.assign(rule="told")
    nth = given.cases.groupby(given.cases["started"]).cumcount()
    asked = replace(
        given, occurrences=what[0], deviations=what[1], looked=pd.DataFrame({"told": nth < 10})
    )
    found = drift(asked)
    rule = found.months[found.months["measure"] != FITS]
    assert (rule["of"].tolist(), rule["share"].tolist()) == ([10] * 4, [0.4] * 4)
    nowhere = drift(replace(asked, looked=asked.looked & False))
    assert set(nowhere.months["measure"]) == {FITS}
    changes = found.changes.set_index("measure")
    assert changes.loc["W5.skipped.operate_verify", "difference"] == 0
    assert changes.loc[FITS, "difference"] != 0


def test_cases_that_still_run_are_counted_beside_the_others_and_change_nothing() -> None:
    given = report((40, 10), (40, 11), (40, 9), (40, 10))
    running = given.cases["case"].str.startswith("3-") & (np.arange(160) % 40 < 34)
    still = given.cases.assign(open=running, fits=given.cases["fits"] | running)
    shown = given.occurrences[~given.occurrences["case"].isin(still.loc[running, "case"])]
    found = drift(replace(given, cases=still, occurrences=shown))
    assert not found.changes["changed"].any()
    last = found.months[found.months["measure"] == FITS].iloc[-1]
    assert last[["month", "of", "open", "cases", "share"]].tolist() == ["2026-04", 6, 34, 6, 1.0]


def test_a_month_in_which_every_case_still_runs_is_no_side_of_a_change() -> None:
    given = report((40, 10), (40, 20), (40, 0))
    cases = given.cases.assign(open=given.cases["case"].str.startswith("2-"))
    found = drift(replace(given, cases=cases))
    assert set(found.months["month"]) == {"2026-01", "2026-02"}
    assert set(found.changes["since"]) == {"2026-02"}


def test_a_month_has_its_share_with_an_interval() -> None:
    months = drift(report((40, 10), (20, 5))).months
    fits = months[months["measure"] == FITS]
    assert fits[["month", "of", "cases", "share"]].values.tolist() == [
        ["2026-01", 40, 30, 0.75],
        ["2026-02", 20, 15, 0.75],
    ]
    assert (fits["low"] < 0.75).all()
    assert fits["low"].iloc[1] < fits["low"].iloc[0]


def test_a_month_of_four_cases_is_not_shown_and_is_no_side_of_a_change() -> None:
    found = drift(report((4, 0), (30, 20), (30, 20), (4, 4)))
    assert set(found.months["month"]) == {"2026-02", "2026-03"}
    assert set(found.changes["since"]) == {"2026-03"}


def test_a_month_is_one_of_the_netherlands() -> None:
    given = report((5, 0), (5, 0))
    given.cases["started"] = pd.Timestamp("2026-01-31T23:30Z")
    assert set(drift(given).months["month"]) == {"2026-02"}


def test_significance_is_that_of_dealing_all_cases_at_random() -> None:
    of, found = np.array([3, 5, 4, 6]), np.array([0, 1, 3, 5])
    total, all_ = int(found.sum()), int(of.sum())

    def furthest(dealt: np.ndarray) -> float:  # type: ignore[type-arg]
        before, shown = np.cumsum(of)[:-1], np.cumsum(dealt)[:-1]
        apart = np.abs(shown - before * total / all_) / np.sqrt(before * (all_ - before))
        return float(apart.max())

    as_far = sum(
        np.prod([comb(n, k) for n, k in zip(of.tolist(), dealt, strict=True)])
        for dealt in product(*(range(n + 1) for n in of.tolist()))
        if sum(dealt) == total and furthest(np.array(dealt)) >= furthest(found) - 1e-9
    )
    before = np.cumsum(of)[:-1]
    limits = furthest(found) * np.sqrt(before * (all_ - before))
    assert _by_chance(of, total, limits) == pytest.approx(as_far / comb(all_, total))


def test_significance_is_larger_for_having_looked_at_every_month() -> None:
    year = np.array([50] * 12)
    steady = np.array([10] * 11 + [20])
    halves = np.array([550, 50]), np.array([110, 20])
    once, often = _change(pd.Index([0, 1]), *halves), _change(pd.Index(range(12)), year, steady)
    assert once
    assert often
    assert once["since"] == "0-02"
    assert often["since"] == "0-12"
    assert often["significance"] > once["significance"]  # type: ignore[operator]


def test_many_cases_of_one_month_need_no_time_and_no_memory() -> None:
    of = np.array([1_000_000, 1_000_000])
    change = _change(pd.Index([0, 1]), of, np.array([500_000, 500_100]))
    assert change
    assert change["significance"] == pytest.approx(0.888, abs=0.002)


def test_a_log_without_times_has_no_months() -> None:
    given = report((10, 1), (10, 2))
    timeless = pd.to_datetime([None] * len(given.cases), utc=True)
    found = drift(replace(given, cases=given.cases.assign(started=timeless)))
    assert (len(found.months), len(found.changes)) == (0, 0)
    assert repr(found) == "<Drift: 0 months, 0 measures, 0 changed>"


def test_a_result_says_itself_on_one_line_and_as_plain_values() -> None:
    found: Drift = drift(report((40, 2), (40, 1), (40, 20), (40, 22)))
    assert repr(found) == (
        "<Drift: 4 months, 2 measures, 2 changed: "
        "W5 W5.skipped.operate_verify since 2026-03, W5 fits since 2026-03>"
    )
    assert set(found.to_dict()) == {"format", "months", "changes"}
    assert found.frame is found.months


def test_of_a_workflow_in_which_every_case_still_runs_nothing_is_told() -> None:
    given = report((40, 10), (40, 20))
    found = drift(replace(given, cases=given.cases.assign(open=True)))
    assert (len(found.months), len(found.changes)) == (0, 0)
