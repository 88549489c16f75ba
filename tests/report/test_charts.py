import pytest
from lxml import etree

from bdv_process.report import charts


@pytest.mark.parametrize(
    ("highest", "end"),
    [(0, 0.02), (0.4, 0.4), (1, 1), (7, 8), (33.2, 40), (99, 100), (1_204, 1_500)],
)
def test_an_axis_ends_on_a_round_number(highest: float, end: float) -> None:
    assert charts.round_up(highest) == pytest.approx(end)


@pytest.mark.parametrize("highest", [0, 0.03, 1, 3, 7, 12, 33.2, 61, 99, 250, 1_204])
def test_an_axis_counts_from_nought_to_its_end(highest: float) -> None:
    end = charts.round_up(highest)
    numbers = [float(n) for n in etree.fromstring(charts.axis(end)).itertext()]
    assert numbers[0] == 0
    assert numbers[-1] == pytest.approx(end)
    assert 2 <= len(numbers) <= 7


def test_bars_are_drawn_to_scale() -> None:
    rest, main, *_ = etree.fromstring(charts.reach(10, 30, end=40))
    assert (main.get("width"), rest.get("width")) == ("25.00%", "75.00%")
    assert etree.fromstring(charts.bar(0.883))[1].get("width") == "88.30%"
