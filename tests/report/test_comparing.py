"""The comparison on the page: the same measures side by side, words only for more than chance."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from bdv_process.mining.comparison import Comparison, Period
from bdv_process.report.page import Chapter
from bdv_process.report.render import compose, html
from bdv_process.report.section import Section
from report.conftest import NOW

COLUMNS = [
    "template", "finding", "kind", "activity", "rule", "cases", "of", "cases_other", "of_other",
    "difference", "low", "high", "state",
]  # fmt: skip
ROWS = [
    ("W2", "W2.skipped.change_test", "skipped", "change_test", "", 40, 200, 10, 200, 0.15, 0.08,
     0.21, "more"),
    ("W5", "", "", "", "", 100, 1_000, 300, 1_000, -0.2, -0.23, -0.17, "less"),
    ("W2", "W2.responsible.change_plan", "rule", "change_plan", "responsible", 12, 200, 9, 200,
     0.015, -0.03, 0.06, "same"),
    ("W2", "W2.skipped.change_plan", "skipped", "change_plan", "", 4, 200, 77, 200, -0.3, -0.4,
     -0.2, "less"),
]  # fmt: skip
STILL = "Lopende zaken tellen hier niet mee: die kunnen nog afwijken."


def compared(section: Section, rows: list[tuple[object, ...]], other: str = "") -> Chapter:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for side in ("", "_other"):
        frame[f"share{side}"] = frame[f"cases{side}"] / frame[f"of{side}"]
    here, there = Period(first=date(2026, 4, 1)), Period(end=date(2026, 4, 1))
    beside = Comparison(here=here, there=other or there, frame=frame)
    page = compose([replace(section, comparison=beside)], title="Rapport", generated=NOW)
    (chapter,) = page.chapters
    assert chapter.comparison
    assert ("log1-comparison" in html(page)) == bool(chapter.comparison.rows)
    return chapter


def test_another_log_is_no_earlier_time(section: Section) -> None:
    found = compared(section, ROWS[:1], other="Gemeente B").comparison
    assert found is not None
    assert found.there == "Gemeente B"
    assert (
        found.sentences[1]
        .replace("\u00a0", " ")
        .endswith("overgeslagen. Dat is hier zo in 20,0 % van de zaken, in Gemeente B in 5,0 %.")
    )


def test_only_what_chance_cannot_do_is_told_in_words(section: Section) -> None:
    found = compared(section, ROWS).comparison
    assert found is not None
    assert (found.here, found.there) == ("zaken vanaf 1\u00a0april\u00a02026",
                                         "zaken vóór 1\u00a0april\u00a02026")  # fmt: skip
    assert [said.replace("\u00a0", " ") for said in found.sentences] == [
        "Deze verschillen zijn groter dan toeval kan maken.",
        "Bij ‘Beheerd onderdeel wijzigen’ wordt de stap ‘Testen en vrijgeven’ overgeslagen. "
        "Dat steeg van 5,0 % naar 20,0 % van de zaken.",
        "W5 Dienst uitvoeren: alle stappen, in de juiste volgorde. "
        "Dat daalde van 30,0 % naar 10,0 % van de zaken.",
        STILL,
    ]
    assert [row.word for row in found.rows] == ["vaker", "minder vaak", "kan toeval zijn"]


def test_what_is_small_on_one_side_is_left_out(section: Section) -> None:
    found = compared(section, ROWS).comparison
    assert found is not None
    assert "W2.skipped.change_plan" not in [row.finding for row in found.rows]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ROWS[2:3],
            "Er was maar één ding te vergelijken, en dat verschilt niet meer dan toeval kan maken.",
        ),
        (
            [ROWS[2], (*ROWS[1][:-1], "same"), *ROWS[3:]],
            "Van de 2 dingen die te vergelijken waren, "
            "verschilt er geen meer dan toeval kan maken.",
        ),
        (ROWS[3:], "Er is niets met aan beide kanten genoeg zaken om te vergelijken."),
    ],
)
def test_without_a_difference_it_says_so(
    section: Section, rows: list[tuple[object, ...]], said: str
) -> None:
    found = compared(section, rows).comparison
    assert found is not None
    assert found.sentences == (said, STILL)


def test_a_section_that_is_compared_with_nothing_has_no_comparison(section: Section) -> None:
    assert compose([section], title="Rapport", generated=NOW).chapters[0].comparison is None
