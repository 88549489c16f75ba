"""Durations are literal, positive and of one length."""

from datetime import timedelta

import pytest

from bdv_process.errors import InputRefused
from bdv_process.template.duration import read_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P6W", timedelta(weeks=6)),
        ("P3D", timedelta(days=3)),
        ("PT4H", timedelta(hours=4)),
        ("PT30M", timedelta(minutes=30)),
        ("PT1S", timedelta(seconds=1)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("P3653D", timedelta(days=3653)),
    ],
)
def test_weeks_days_hours_minutes_and_seconds_are_read(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        *("vijf dagen", "", "P", "PT", "P1DT", "P-1D", "-P1D", "R/PT0S", "R3/P1D", "PT0S", "P0D"),
        *("P999999999Y", "P99999999M", "P999999999W", "P1M", "P1Y", "P1M1W", "P0.5D", "PT1,5H"),
        *("P1D ", " P1D", "p1d", "P1D\n", "P١D", "P3654D", "timedelta(days=1)", '"PT4H"', "5"),
        *("2026-01-01", "P" + "9" * 5000 + "D", "__import__('os')"),
    ],
)
def test_everything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_duration(text)
    assert (refused.value.code, refused.value.exit_code) == ("BDV-130", 3)
    assert text in refused.value.what("nl")
    assert "P8W" in refused.value.hint("nl")
    assert "maanden" in refused.value.hint("nl")
