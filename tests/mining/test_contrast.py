"""What goes together with a long case, and how surely."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bdv_process.errors import InputRefused
from bdv_process.mining.contrast import contrast
from bdv_process.mining.interval import of_chance


def streams(of: dict[str, list[float]]) -> pd.DataFrame:
    rows = [(team, days) for team, all_ in of.items() for days in all_]
    frame = pd.DataFrame(rows, columns=["team", "days"])
    return frame.assign(took=pd.to_timedelta(frame["days"], unit="D"))


def test_the_chance_of_being_longer_is_the_share_of_pairs() -> None:
    """Of 5 x 6 pairs, a is longer in 6+6+6+6+4, and equal in one: 28.5 / 30."""
    frame = streams({"a": [6, 7, 8, 9, 5], "b": [1, 2, 3, 4, 5, 5.5]})
    found = contrast(frame, "days", "team").frame.set_index("value")
    assert found.loc["a", "chance"] == pytest.approx(28.5 / 30)
    assert found.loc["b", "chance"] == pytest.approx(1.5 / 30)
    assert found.loc["a", ["cases", "median", "others"]].tolist() == [5, 7, 3.5]


@given(
    st.lists(st.integers(0, 9), min_size=5, max_size=12),
    st.lists(st.integers(0, 9), min_size=5, max_size=12),
)
def test_it_is_the_statistic_of_mann_and_whitney(one: list[int], other: list[int]) -> None:
    frame = streams({"a": [*map(float, one)], "b": [*map(float, other)]})
    found = contrast(frame, "took", ["team"]).frame.set_index("value")
    expected = stats.mannwhitneyu(one, other).statistic / (len(one) * len(other))
    assert found.loc["a", "chance"] == pytest.approx(expected)
    assert found.loc["a", "least"] <= expected <= found.loc["a", "most"]


def test_of_yes_and_no_only_yes_has_a_row() -> None:
    frame = streams({"a": [1] * 5, "b": [2] * 5})
    found = contrast(frame.assign(late=frame["team"] == "b"), "days", "late").frame
    assert found[["value", "chance"]].to_numpy().tolist() == [["True", 1.0]]


def test_durations_stay_durations() -> None:
    found = contrast(streams({"a": [1] * 5, "b": [2] * 5}), "took", "team")
    assert found.frame["median"].tolist() == [pd.Timedelta(days=1), pd.Timedelta(days=2)]
    assert found.to_dict()["contrasts"][0]["others"] == 2 * 86_400


def test_groups_under_five_are_not_compared_and_what_is_missing_is_no_group() -> None:
    frame = streams({"a": [1] * 4, "b": [2] * 9})
    assert contrast(frame, "days", "team").frame.empty
    assert "nothing compared" in repr(contrast(frame, "days", "team"))
    frame.loc[:5, "team"] = None
    assert contrast(frame.assign(days=3.0), "days", "team").frame["value"].tolist() == ["b"]


@pytest.mark.parametrize(("these", "those", "shift"), [(20, 30, 0.0), (15, 15, 1.5), (8, 60, 0.7)])
def test_the_interval_holds_the_true_chance_about_95_times_in_100(
    these: int, those: int, shift: float
) -> None:
    chances, true = np.random.default_rng(7), stats.norm.cdf(shift / np.sqrt(2))
    held = 0
    for _ in range(600):
        one, other = chances.normal(shift, 1, these), chances.normal(0, 1, those)
        share = stats.mannwhitneyu(one, other).statistic / (these * those)
        low, high = of_chance(share, these, those)
        held += low <= true <= high
    assert 0.92 <= held / 600 <= 0.985


def test_when_all_are_longer_the_chance_is_still_not_sure() -> None:
    low, high = of_chance(1.0, 10, 10)
    assert 0.6 < low < 0.95
    assert high == 1


def test_a_picture_names_the_groups_and_shows_how_sure_each_chance_is() -> None:
    frame = streams({"a": [1, 2, 3, 4, 5, 6], "b": [4, 5, 6, 7, 8]})
    found = contrast(frame.assign(late=frame["team"] == "b"), "took", ["team", "late"])
    picture = found.chart(lang="en")
    assert picture.table["group"].tolist() == ["team: a", "team: b", "late"]
    assert "50%" in picture.says
    assert "took" in picture.title


def test_nothing_compared_is_said_in_place_of_a_picture() -> None:
    found = contrast(streams({"a": [1] * 4}), "days", "team")
    with pytest.raises(InputRefused, match="days"):
        found.chart()
    assert "<table" in found._repr_html_()
