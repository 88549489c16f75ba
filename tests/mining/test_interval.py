"""The intervals of shares, medians and means, beside what scipy says."""

import numpy as np
import pytest
from scipy import stats

from bdv_process.mining.interval import of_mean, of_median, wilson


@pytest.mark.parametrize(("cases", "of"), [(0, 5), (1, 5), (5, 5), (12, 60), (1, 24_918)])
def test_the_interval_of_a_share_is_that_of_wilson(cases: int, of: int) -> None:
    expected = stats.binomtest(cases, of).proportion_ci(method="wilson")
    assert wilson(cases, of) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_of_no_cases_nothing_is_known() -> None:
    low, high = wilson([0, 3], [0, 10])
    assert (low[0], high[0]) == (0, 1)
    assert 0 < low[1] < 0.3 < high[1] < 1


@pytest.mark.parametrize("n", [6, 7, 10, 25, 100, 1001])
def test_the_interval_of_a_median_holds_the_true_one_95_times_in_100(n: int) -> None:
    _, low, high = of_median(np.arange(n))
    below = stats.binom(n, 0.5)  # how many of n amounts lie below the true median
    assert below.cdf(high) - below.cdf(low) >= 0.95
    assert n < 20 or high - low < n / 2, "an interval that holds everything says nothing"


def test_below_six_amounts_a_median_may_lie_anywhere_between_them() -> None:
    assert of_median([4, 1, 9]) == (4, 1, 9)


def test_the_interval_of_a_mean_is_the_normal_one() -> None:
    amounts = [1, 1, 2, 1, 3, 1, 1, 2]
    mean, low, high = of_mean(amounts)
    expected = stats.norm.interval(0.95, np.mean(amounts), stats.sem(amounts))
    assert (mean, low, high) == pytest.approx((1.5, *expected), abs=1e-5)


def test_one_amount_has_a_mean_of_which_nothing_else_is_known() -> None:
    assert of_mean([2]) == (2, -np.inf, np.inf)
