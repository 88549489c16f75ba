import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from lxml import html

from bdv_process.errors import StorageUnavailable
from bdv_process.language import Language
from bdv_process.report.render import render
from bdv_process.report.section import Section

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


def page(section: Section, folder: Path, lang: Language = "nl") -> html.HtmlElement:
    to = render([section], to=folder / "report.html", lang=lang, title="Rapport", generated=NOW)
    return html.fromstring(to.read_text(encoding="utf-8"))


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().replace("\u00a0", " ").split())


def table(document: html.HtmlElement, name: str) -> list[list[str]]:
    """Return the cells of the table whose caption has this id; pictures read as nothing."""
    (found,) = document.xpath("//table[caption/span[@id=$id]]", id=f"log1{name}")
    return [
        [text(cell) for cell in row.xpath("./th|./td[not(@class='wide')]")]
        for row in found.xpath("./tbody/tr")
    ]


def number(cell: str) -> float:
    return float(cell.removesuffix("%").strip().replace(".", "").replace(",", "."))


def test_the_first_thing_said_is_what_goes_wrong_most(section: Section, tmp_path: Path) -> None:
    card = text(page(section, tmp_path).xpath("//article")[0])
    assert "55,8 % 1.507 van de 2.702 zaken volgden precies hun werkstroom." in card
    assert (
        "In 1.100 van de 2.222 zaken (49,5 %) kwam ‘Classificeren’ op een ander moment "
        "dan de bedoeling is in W5 Dienst uitvoeren." in card
    )


def test_deviations_are_sentences_with_examples(section: Section, tmp_path: Path) -> None:
    sentences = [text(item) for item in page(section, tmp_path).xpath("//ol[@class='top']/li")]
    assert (
        "In 41 van de 480 zaken (8,5 %) is ‘Testen en vrijgeven’ overgeslagen "
        "in W2 Beheerd onderdeel wijzigen. Bijvoorbeeld: c7, c9." in sentences
    )


def test_the_page_speaks_english(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path, "en")
    assert document.get("lang") == "en"
    sentences = [text(item) for item in document.xpath("//ol[@class='top']/li")]
    assert (
        "In 41 of the 480 cases (8.5%), ‘Test and release’ was skipped "
        "in W2 Change a managed component. For example: c7, c9." in sentences
    )
    assert "Who makes it does not test it" in text(document)


def test_the_numbers_per_workflow_are_those_of_the_report(section: Section, tmp_path: Path) -> None:
    rows = table(page(section, tmp_path), "-templates")
    frame = section.report.templates
    assert [[number(cell) for cell in row[1:]] for row in rows] == [
        [row.cases, round(100 * row.fitting / row.cases, 1), round(row.fitness, 3), row.variants]
        for row in frame.itertuples()
    ]


def test_the_days_are_those_of_the_throughput_frame(section: Section, tmp_path: Path) -> None:
    rows = table(page(section, tmp_path), "-throughput")
    expected = section.throughput[["median", "mean", "p90"]].round(1).to_numpy().tolist()
    assert [[number(cell) for cell in row[1:]] for row in rows] == expected


def test_the_deviations_of_a_workflow_are_those_of_the_report(
    section: Section, tmp_path: Path
) -> None:
    rows = table(page(section, tmp_path), "-2-deviations")
    frame = section.report.deviations
    expected = frame[frame["template"] == "W5"].sort_values("cases", ascending=False)
    assert [[*map(number, row[2:5])] for row in rows] == [
        [row.count_, row.cases, round(100 * row.share, 1)]
        for row in expected.rename(columns={"count": "count_"}).itertuples()
    ]
    assert [row[1] for row in rows] == [
        "op een ander moment",
        "toegevoegd",
        "onbekend in het sjabloon",
    ]


def test_the_diagram_and_its_table_say_the_same(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path)
    rows = table(document, "-1-steps")
    badges = {row[0]: row[2] for row in rows if row[2] != "–"}
    drawn = document.xpath("(//figure)[1]//*[*[@class='badge']]")
    assert badges == {"Testen en vrijgeven": "43×", "Plannen en accorderen": "12×"}
    assert {node.xpath("string(*[@class='badge'])") for node in drawn} == set(badges.values())
    assert len(rows) == len(section.templates[0].visible)


def test_a_small_group_shows_no_number_and_no_case(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path)
    (row,) = [row for row in table(document, "-1-deviations") if "test het niet" in row[1]]
    assert row[2:] == ["< 5", "< 5", "–", "–"]
    assert "secret" not in text(document)
    assert "Wie het maakt, test het niet" in row[1]


def test_a_workflow_with_few_cases_shows_no_numbers(section: Section, tmp_path: Path) -> None:
    templates = section.report.templates.assign(cases=[4, 2_222], fitting=[3, 1_083])
    report = replace(section.report, templates=templates)
    document = page(replace(section, report=report), tmp_path)
    assert table(document, "-templates")[0][1:] == ["< 5", "–", "–", "–"]
    assert table(document, "-throughput")[0][1:] == ["–", "–", "–"]


def test_a_log_without_deviations_or_closed_cases_says_so(section: Section, tmp_path: Path) -> None:
    frames = section.report
    calm = replace(
        frames,
        cases=frames.cases.assign(fits=True),
        deviations=frames.deviations.iloc[:0],
        templates=frames.templates.assign(fitting=frames.templates["cases"]),
    )
    nothing: pd.DataFrame = section.throughput.iloc[:0]
    document = page(replace(section, report=calm, throughput=nothing), tmp_path)
    assert "Alle 2.702 zaken volgden precies hun werkstroom." in text(document)
    assert "Er is geen enkele afwijking gevonden." in text(document)
    assert table(document, "-throughput")[0][1:] == ["–", "–", "–"]


def test_a_log_without_cases_says_so(section: Section, tmp_path: Path) -> None:
    frames = section.report
    empty = replace(
        frames,
        cases=frames.cases.iloc[:0],
        deviations=frames.deviations.iloc[:0],
        templates=frames.templates.iloc[:0],
    )
    document = page(replace(section, report=empty), tmp_path)
    assert "Er waren geen zaken om te bekijken." in text(document)


def test_the_guide_says_what_was_read_and_what_could_not_be_seen(
    section: Section, tmp_path: Path
) -> None:
    guide = text(page(section, tmp_path).xpath("//section[@class='guide']")[0])
    for said in (
        "5 januari 2026 tot en met 1 juli 2026",
        "30.000 gelezen = 29.989 gebruikt + 11 afgekeurd. 870 gebruikte regels herhalen",
        "legt deze stappen van W5 niet vast. Zij tellen niet als overgeslagen: "
        "Werk plannen, Toetsen en terugkoppelen.",
        "noemt geen rollen uit de procedure",
        "Deze log is verzonnen",
        "28 van de 2.702 zaken waren nog niet afgesloten.",
        "Bron: eigen simulatie.",
        "1.012 zaken volgen een ander sjabloon (W9) en zijn niet getoetst",
    ):
        assert said in guide


def test_hostile_names_are_only_text(section: Section, tmp_path: Path) -> None:
    hostile = "</style><script>alert(1)</script>"
    deviations = section.report.deviations.assign(label=hostile, examples=[[hostile]] * 6)
    document = page(
        replace(
            section,
            name=hostile,
            source=hostile,
            report=replace(section.report, deviations=deviations),
        ),
        tmp_path,
    )
    assert not document.xpath("//script")
    assert hostile in text(document)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_refers_to_nothing_outside_itself(
    section: Section, tmp_path: Path, lang: Language
) -> None:
    document = page(section, tmp_path, lang)
    references = document.xpath("//@href | //@src | //@srcset | //@action | //@data")
    assert references
    anchors = set(document.xpath("//@id"))
    assert all(reference.removeprefix("#") in anchors for reference in references)
    styles = " ".join(document.xpath("//style/text()") + document.xpath("//@style"))
    assert not re.search(r"url\(|@import|//", styles)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_headings_tables_and_regions_are_in_order(
    section: Section, tmp_path: Path, lang: Language
) -> None:
    document = page(section, tmp_path, lang)
    levels = [int(node.tag[1]) for node in document.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for found in document.xpath("//table"):
        assert text(found.find("caption"))
        assert all(head.get("scope") for head in found.iter("th"))
    for label in document.xpath("//@aria-labelledby"):
        assert label in ids
    assert len(document.xpath("//main")) == len(document.xpath("//header")) == 1


def test_two_logs_share_one_page(section: Section, tmp_path: Path) -> None:
    to = render([section, section], to=tmp_path / "r.html", title="Rapport", generated=NOW)
    document = html.fromstring(to.read_text(encoding="utf-8"))
    assert len(document.xpath("//article")) == 2
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_a_missing_folder_is_made_and_nothing_else_is_left(
    section: Section, tmp_path: Path
) -> None:
    page(section, tmp_path / "new" / "folder")
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["report.html"]


@pytest.mark.parametrize("place", ["file/report.html", "folder"])
def test_a_page_that_cannot_be_written_is_refused_and_leaves_nothing(
    section: Section, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageUnavailable) as refused:
        render([section], to=tmp_path / place, title="Rapport", generated=NOW)
    assert refused.value.code == "BDV-501"
    assert str(tmp_path / place) in str(refused.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]
