"""Value streams on the page: numbers worked out by hand, small groups hidden, refusals told."""

from dataclasses import replace

import pandas as pd
import pytest

from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.value_stream import value_streams
from bdv_process.report import page
from bdv_process.report.section import Section
from bdv_process.report.streams import streams
from bdv_process.template.library import shipped
from mining.streams import Worked, log_of, rows_of
from report.conftest import need


def told(section: Section, *cases: Worked) -> page.Streams:
    made = streams(replace(section, streams=value_streams(log_of(*cases), shipped())), "nl")
    assert made is not None
    return made


def test_the_sentences_say_what_the_streams_took(section: Section) -> None:
    """Six needs of two days, worked on for 12 of 48 hours.

    12 hours until the start and 24 hours between the steps: a quarter and a half of the time.
    """
    made = told(section, *(need(f"z{n}") for n in range(6)))
    said = " ".join(made.says).replace("\u00a0", " ")
    assert "Deze log heeft er 6." in said
    assert "De helft was binnen 2,0 dagen klaar, negen van de tien binnen 2,0 dagen." in said
    assert "In 25,0 % van die tijd werkte er iemand aan" in said
    assert "Het meest was dat wachten tussen stappen: 50,0 % van alle tijd." in said
    assert "ging 100,0 % in één keer goed" in said
    assert "Gemiddeld ging het werk 1,0 keer over in andere handen." in said
    assert "Begin bij ‘W5_end’" in made.advice
    assert "(6 keer, in het midden 1,0 dagen)" in made.advice


def test_a_pattern_of_few_streams_is_not_shown_and_cannot_be_told_by_subtraction(
    section: Section,
) -> None:
    wishes = [need(f"w{n}", "W1") for n in range(5)]
    requests = [need(f"z{n}") for n in range(6)]
    risks = [need(f"r{n}", "W8") for n in range(3)]
    assert [row.name for row in told(section, *wishes, *requests).patterns] == [
        "alle stromen", "uitvoeren", "afspreken",
    ]  # fmt: skip
    assert [row.name for row in told(section, *wishes, *requests, *risks).patterns] == [
        "alle stromen", "uitvoeren",
    ]  # fmt: skip


def test_what_was_withdrawn_at_once_has_a_row_and_no_picture(section: Section) -> None:
    at_once = (("agree_call", 0.0), ("agree_withdrawn", 1.0))
    gone = [Worked(case=f"w{n}", template="W1", moments=at_once) for n in range(7)]
    made = told(section, *gone, *(need(f"z{n}") for n in range(6)))
    assert [row.name for row in made.patterns] == ["alle stromen", "afspreken", "uitvoeren"]
    assert [figure.title for figure in made.figures] == ["Waardestroom uitvoeren"]


def test_fewer_than_five_streams_say_only_that_they_are_few(section: Section) -> None:
    made = told(section, *(need(f"z{n}") for n in range(4)))
    assert made == page.Streams(says=(made.says[0],))
    assert "minder dan 5" in made.says[0]


def test_a_log_without_times_says_why_it_has_no_streams() -> None:
    rows = rows_of(need("z1"))
    rows[TIMESTAMP] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    made = Section.of(EventLog(frame=rows), shipped(), name="log")
    for lang, why in (("nl", "geen tijden"), ("en", "no times")):
        said = streams(made, lang)
        assert said is not None
        assert why in said.says[0]


def test_a_section_that_was_not_asked_for_streams_has_none(section: Section) -> None:
    assert streams(replace(section, streams=None), "nl") is None


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_map_is_drawn_of_chains_before_single_cases(section: Section, lang: str) -> None:
    made = streams(section, "en" if lang == "en" else "nl")
    assert made is not None
    chain, alone = made.figures
    assert chain.title.endswith({"nl": "wijzigen → uitvoeren", "en": "change → operate"}[lang])
    assert alone.title.endswith({"nl": "uitvoeren", "en": "operate"}[lang])
    assert {row[1] for row in alone.rows} == {"W5_call", "W5_begin", "W5_end"}
    assert all(figure.svg.startswith("<svg") for figure in made.figures)
