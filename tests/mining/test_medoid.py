"""Paths that are alike, held to distances counted by hand and to trying every choice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.mining.medoid import LONGEST, distances, medoids

Path = tuple[str, ...]
paths = st.lists(
    st.lists(st.sampled_from(["operate_call", "operate_verify", "agree_call", "Ticket"])).map(
        tuple
    ),
    min_size=1,
    max_size=6,
)


def apart(one: Path, other: Path) -> float:
    return float(distances([one], [other])[0, 0])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(("a_x", "b_y"), ("a_x", "b_y"), 0, id="the same"),
        pytest.param((), (), 0, id="nothing and nothing"),
        pytest.param((), ("a_x",), 1, id="nothing and something"),
        pytest.param(("a_x",), ("b_y",), 2 / 3, id="another step: 2 x 1 / (1 + 1 + 1)"),
        pytest.param(("a_x",), ("a_y",), 0.4, id="of one process: 2 x 0.5 / (1 + 1 + 0.5)"),
        pytest.param(("a_x",), ("b_x",), 0.4, id="the same step of another process"),
        pytest.param(("a_x", "b_y"), ("a_x",), 0.5, id="one left out: 2 x 1 / (2 + 1 + 1)"),
        pytest.param(("p", "q"), ("q", "p"), 2 / 3, id="turned round: two steps of 2 + 2 + 2"),
    ],
)
def test_a_distance_is_what_it_costs_to_change_the_one_into_the_other(
    one: Path, other: Path, expected: float
) -> None:
    assert apart(one, other) == pytest.approx(expected)


def test_of_a_long_path_the_first_steps_count() -> None:
    assert apart(("a_x",) * LONGEST, ("a_x",) * (LONGEST + 9)) == 0
    assert apart(("a_x",) * (LONGEST - 1), ("a_x",) * LONGEST) > 0


@settings(max_examples=50, deadline=None)
@given(paths)
def test_a_distance_is_one(some: list[Path]) -> None:
    """0 to itself only, as far there as back, and never longer by a detour."""
    d = distances(some, some)
    np.testing.assert_allclose(d, d.T)
    assert ((d >= 0) & (d <= 1)).all()
    equal = np.array([[a == b for b in some] for a in some])
    np.testing.assert_array_equal(d == 0, equal)
    assert (d[:, None, :] <= d[:, :, None] + d[None, :, :] + 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(paths, st.data())
def test_no_single_exchange_makes_the_medoids_better(some: list[Path], data: st.DataObject) -> None:
    some = sorted(set(some))
    weight = np.array([data.draw(st.integers(1, 9)) for _ in some])
    d = distances(some, some)
    most = data.draw(st.integers(1, len(some)))
    chosen = medoids(d, weight, most).tolist()
    assert len(set(chosen)) == most

    def cost(rows: list[int]) -> float:
        return float(d[rows].min(axis=0) @ weight)

    for place in range(most):
        for row in range(len(some)):
            exchanged = [*chosen[:place], row, *chosen[place + 1 :]]
            assert cost(chosen) <= cost(exchanged) + 1e-9


def test_two_clouds_have_a_medoid_each_the_heaviest_way_in_it() -> None:
    """The best pair of all pairs, found by trying them."""
    some = [("a_x", "a_y"), ("a_x", "a_y", "a_y"), ("b_p", "b_q", "b_r"), ("b_p", "b_q")]
    weight = np.array([9, 1, 2, 8])
    d = distances(some, some)
    best = min(combinations(range(4), 2), key=lambda pair: d[[*pair]].min(axis=0) @ weight)
    assert sorted(medoids(d, weight, 2)) == [*best] == [0, 3]


def test_a_good_beginning_is_exchanged_for_a_better_whole() -> None:
    """On a line: one alone stands best at 0, but two stand best at -9 and 9, where most is."""
    places = np.array([-10, -9, 0, 9, 10])
    line = np.abs(places[:, None] - places[None, :]).astype(float)
    assert sorted(places[medoids(line, np.array([1, 2, 1, 2, 1]), 2)]) == [-9, 9]
