"""Costs: to the cent, equal on every level, and only where a log and the rates can carry them."""

from decimal import Decimal

import numpy as np
import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.mining.analysis import analysed
from bdv_process.mining.calendar import Calendar
from bdv_process.mining.costs import Costing, _rounded
from bdv_process.mining.rates import Rates
from bdv_process.mining.value_stream import value_streams
from bdv_process.template.model import Template
from mining.streams import Worked, log_of

ANN, BEN = "role of ann", "role of ben"
RATES = Rates.of({"hour": {ANN: "42.50", "default": 60}, "activity": {"b": 10}})
CASES = [
    Worked(case="p", steps=[("a", "ann", 0, 2), ("b", "ben", 3, 3.5)], extra={"of": "kcc"}),
    Worked(case="k", parent="p", root="p", steps=[("b", None, 2, 3)], extra={"of": "uwv"}),
    Worked(case="z", steps=[("a", "ann", 5, 6)], extra={"of": "kcc"}),
]


def test_what_streams_cost_is_hours_at_the_rate_of_the_role_and_what_activities_cost() -> None:
    """p: 2 h at 42.50 + half an hour at 60 + 10 = 125.00; k: 1 h at 60 (nobody known) + 10 = 70.00.

    The stream of p: 195.00. z: 1 h at 42.50. All: 237.50 over two streams.
    """
    found = value_streams(log_of(*CASES), rates=RATES, organisation="of").costs
    assert found is not None
    assert dict(zip(found.cases["case"], found.cases["cents"], strict=True)) == {
        "p": 12500, "k": 7000, "z": 4250,
    }  # fmt: skip
    assert found.streams["cents"].tolist() == [19500, 4250]
    assert found.patterns.to_dict("list") == {
        "pattern": ["", "case>case", "case"], "streams": [2, 1, 1], "cents": [23750, 19500, 4250],
        "mean": [11875, 19500, 4250],
    }  # fmt: skip
    assert found.activities.to_dict("list") == {
        "activity": ["a", "b"], "times": [2, 2], "cents": [12750, 11000]
    }  # fmt: skip
    assert found.roles.fillna("unknown").to_dict("list") == {
        "role": [ANN, "unknown", BEN], "times": [2, 1, 1], "cents": [12750, 7000, 4000]
    }  # fmt: skip
    assert found.organisations["cents"].tolist() == [16750, 7000]


def test_every_level_comes_to_the_same_cent_also_where_the_log_says_nothing() -> None:
    found = value_streams(log_of(*CASES), rates=RATES).costs
    assert found is not None
    levels = (found.streams, found.cases, found.activities, found.roles, found.organisations)
    assert {int(level["cents"].sum()) for level in levels} == {23750}
    assert found.to_dict()["organisations"] == [{"organisation": None, "times": 4, "cents": 23750}]


def test_hours_of_which_most_beginnings_are_unknown_have_no_cost() -> None:
    """A third of the steps say when they began: what they cost is no third of all."""
    steps = [("a", "ann", 0, 1), ("b", "ann", None, 2), ("c", "ann", None, 3)]
    found = value_streams(log_of(Worked(steps=steps)), rates=RATES).costs
    assert found is not None
    assert (found.reason, found.patterns["cents"].isna().all()) == ("unchecked.most_starts", True)
    half = value_streams(log_of(Worked(steps=steps[:2])), rates=RATES).costs
    assert half is not None
    assert (half.reason, half.streams["cents"].tolist()) == ("", [4250 + 1000])


def test_every_execution_is_rounded_once_and_halves_to_the_even_cent() -> None:
    """At 1 cent an hour half an hour is half a cent: 0; an hour and a half 2; 2.5 hours 2."""
    took = np.array([0.5, 1.5, 2.5, 2.51, 0.49]) * 3_600_000_000
    assert _rounded(took.astype(np.int64), np.full(5, 1)).tolist() == [0, 2, 2, 3, 0]


def test_ten_years_of_work_at_the_highest_rate_fit() -> None:
    """87 600 hours at a million euros."""
    took = np.array([87_600 * 3_600_000_000])
    assert _rounded(took, np.array([100_000_000])).tolist() == [87_600 * 100_000_000]


def test_office_hours_cost_what_office_hours_count() -> None:
    """Monday 9:00 UTC is 10:00 here; of 24 hours 7 are counted that day and one and a half next."""
    log = log_of(Worked(steps=[("a", "ann", 0, 24)]))
    found = value_streams(log, calendar="kantooruren", rates={"hour": {"default": 1}}).costs
    assert found is not None
    assert found.cases["cents"].tolist() == [850]


def test_without_recorded_starts_hours_have_no_cost_but_activities_have() -> None:
    log = log_of(Worked(steps=[("a", "ann", None, 2), ("b", "ann", None, 3)]))
    hours = value_streams(log, rates=RATES).costs
    assert hours is not None
    assert hours.reason == "unchecked.start"
    assert hours.patterns["cents"].isna().all()
    assert hours.to_dict()["patterns"][0]["cents"] is None
    once = value_streams(log, rates={"activity": {"b": "3.20"}}).costs
    assert once is not None
    assert once.patterns["cents"].tolist() == [320, 320]


def test_work_in_a_role_without_a_rate_is_refused_not_free() -> None:
    log = log_of(Worked(steps=[("a", "ann", 0, 1), ("b", None, 1, 2)]))
    with pytest.raises(InputRefused) as refused:
        value_streams(log, rates={"hour": {BEN: 50}})
    assert refused.value.code == "BDV-448"
    assert refused.value.facts["roles"] == f"-, {ANN}"


@pytest.mark.parametrize("euros", [-1, "veel", "42,50", 42.505, True, None, "NaN", "1e9", [1]])
def test_what_is_no_amount_is_refused(euros: object) -> None:
    with pytest.raises(InputRefused) as refused:
        Rates.of({"hour": {"kcc": euros}})
    assert refused.value.code == "BDV-447"


@pytest.mark.parametrize("given", [{}, {"hour": {}}, {"uur": {"kcc": 1}}, {"hour": 60}])
def test_rates_without_an_amount_or_with_something_else_are_refused(given: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputRefused) as refused:
        Rates.of(given)
    assert refused.value.code == "BDV-446"


def test_an_amount_counts_as_it_is_written() -> None:
    written = {"a": 0.29, "b": "0.29", "c": Decimal("0.29"), "d": 0}
    assert Rates.of({"activity": written}).activity == {"a": 29, "b": 29, "c": 29, "d": 0}


def test_a_file_of_rates_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        Rates.read("nowhere.toml")


def test_parts_cost_what_the_whole_costs(templates: dict[str, Template]) -> None:
    asked = Costing(
        rates=RATES, templates=tuple(templates.values()), calendar=Calendar.NONE,
        organisation="of", inferred=True,
    )  # fmt: skip
    whole = analysed(asked, log_of(*CASES))
    logs = [log_of(CASES[2]), log_of(*CASES[:2])]
    can = asked.surveyed([asked.survey(log) for log in logs])
    found = asked.finish(asked.merge([asked.partial(log, can) for log in logs]), can)
    assert found.to_dict() == whole.to_dict()
