"""The interval of a share, beside the one that scipy computes."""

import pytest
from scipy.stats import binomtest

from bdv_process.mining.interval import wilson


@pytest.mark.parametrize(("cases", "of"), [(0, 5), (1, 5), (5, 5), (12, 60), (1, 24_918)])
def test_the_interval_is_that_of_wilson(cases: int, of: int) -> None:
    expected = binomtest(cases, of).proportion_ci(method="wilson")
    assert wilson(cases, of) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_of_no_cases_nothing_is_known() -> None:
    low, high = wilson([0, 3], [0, 10])
    assert (low[0], high[0]) == (0, 1)
    assert 0 < low[1] < 0.3 < high[1] < 1
