from datetime import UTC, datetime

import pytest

from bdv_process.picture import words


@pytest.mark.parametrize(
    ("share", "dutch", "english"),
    [
        (0, "0,0 %", "0.0%"),
        (1, "100,0 %", "100.0%"),
        (41 / 480, "8,5 %", "8.5%"),
        (0.99999, "99,9 %", "99.9%"),
        (0.00001, "< 0,1 %", "< 0.1%"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(share: float, dutch: str, english: str) -> None:
    assert words.percent(share, "nl").replace("\u00a0", " ") == dutch
    assert words.percent(share, "en") == english


def test_only_a_perfect_fitness_shows_as_one() -> None:
    assert words.fitness(1, "nl") == "1,000"
    assert words.fitness(0.99999, "nl") == "0,999"


def test_thousands_and_fractions_are_written_as_the_reader_does() -> None:
    assert words.count(1_234_567, "nl") == "1.234.567"
    assert words.decimal(1_234.56, "nl") == "1.234,6"
    assert words.decimal(1_234.56, "en") == "1,234.6"


def test_a_moment_is_shown_in_local_time() -> None:
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert words.minute(moment, "nl").replace("\u00a0", " ") == "1 juli 2026, 00:30"
    assert words.day(moment, "en").replace("\u00a0", " ") == "1 July 2026"


def test_a_pattern_of_streams_reads_as_its_processes_one_after_another() -> None:
    assert words.pattern("recover>(change>operate, W9-x)", "nl") == (
        "herstellen → (wijzigen → uitvoeren, W9-x)"
    )
    assert words.pattern("recover>operate", "en") == "recover → operate"
