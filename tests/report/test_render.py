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
from bdv_process.mining.overview import overview
from bdv_process.privacy import FEW
from bdv_process.report.page import Chapter, Page
from bdv_process.report.render import compose, render
from bdv_process.report.section import Section

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


def page(section: Section, folder: Path, lang: Language = "nl") -> html.HtmlElement:
    told = compose([section], lang=lang, title="Rapport", generated=NOW)
    to = render(told, to=folder / "report.html")
    return html.fromstring(to.read_text(encoding="utf-8"))


def chapter_of(section: Section) -> Chapter:
    (chapter,) = compose([section], title="Rapport", generated=NOW).chapters
    return chapter


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


def points(document: html.HtmlElement) -> list[str]:
    return [text(item) for item in document.xpath("//ol[@class='points']/li")]


def test_page_one_tells_what_where_how_often_since_when_and_what_to_do(
    section: Section, tmp_path: Path
) -> None:
    document = page(section, tmp_path)
    first = text(document.xpath("//section[@class='first']")[0])
    headline = "1.507 van de 2.702 zaken volgden tot nu toe alle stappen, in de juiste volgorde."
    assert f"55,8 % {headline} Wat gaat er mis?" in first
    assert points(document)[0] == (
        "Bij ‘Dienst uitvoeren’ komt ‘Classificeren’ te vroeg of te laat. "
        "Dat gebeurde in 1.100 van de 2.222 zaken: tussen 47 en 52 van de 100. "
        "Het begon in februari 2026 en is na juni 2026 niet meer gezien. "
        "Wat te doen: Spreek met het team af wat de goede volgorde is. "
        "Bied deze stap pas aan als de vorige klaar is. "
        "Kenmerk, om dit als risico te melden: W5.moved.operate_classify"
    )
    assert "Bovenaan staat wat in de meeste zaken misgaat." in first
    assert "Verderop staat nog één ding dat anders ging." in first


def test_no_two_points_of_page_one_sound_the_same(section: Section, tmp_path: Path) -> None:
    said = [re.sub(r"[\d.]+|‘[^’]*’", "", point) for point in points(page(section, tmp_path))]
    sentences = [sentence.split(".")[0] for sentence in said]
    assert len(said) == len(set(sentences)) == 5


def test_page_one_speaks_english(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path, "en")
    assert document.get("lang") == "en"
    assert points(document)[1].startswith(
        "In ‘Change a managed component’, the step ‘Test and release’ is skipped. "
        "Those are 41 of 480 cases, by estimate between 6 and 12 in 100. "
    )
    assert "Who makes it does not test it" in text(document)


def test_the_numbers_per_workflow_are_those_of_the_report(section: Section, tmp_path: Path) -> None:
    rows = table(page(section, tmp_path), "-templates")
    frame = section.report.templates
    assert [[number(row[n]) for n in (1, 2, 4, 5)] for row in rows] == [
        [row.cases, round(100 * row.fitting / row.cases, 1), round(row.fitness, 3), row.variants]
        for row in frame.itertuples()
    ]
    assert rows[0][3] == "85,2 % – 90,9 %"


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
    assert [[number(row[n]) for n in (5, 2, 3)] for row in rows] == [
        [row.count_, row.cases, round(100 * row.share, 1)]
        for row in expected.rename(columns={"count": "count_"}).itertuples()
    ]
    assert {row[6] for row in rows} == {"februari 2026"}
    assert [row[1] for row in rows] == [
        "op een ander moment",
        "toegevoegd",
        "onbekend in het sjabloon",
    ]


def test_the_diagram_and_its_table_say_the_same(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path)
    rows = table(document, "-1-steps")
    badges = {row[0]: row[2] for row in rows if row[2] != "–"}
    drawn = document.xpath("(//*[@class='workflow']/figure)[1]//*[*[@class='badge']]")
    assert badges == {"Testen en vrijgeven": "43×", "Plannen en accorderen": "12×"}
    assert {node.xpath("string(*[@class='badge'])") for node in drawn} == set(badges.values())
    assert len(rows) == len(section.templates[0].visible)


def test_every_rule_says_what_came_of_it(section: Section, tmp_path: Path) -> None:
    document = page(section, tmp_path)
    rows = table(document, "-1-rules") + table(document, "-2-rules")
    assert [row[1] for row in rows] == [
        "Niet gehouden in 12 van de 480 zaken.",
        "Niet gehouden in < 5 van de 480 zaken.",
        "Niet te controleren: de log noemt geen rollen uit de procedure.",
        "In orde. Gecontroleerd in 2.222 zaken.",
    ]


def test_page_one_says_beside_findings_how_much_could_not_be_checked(
    section: Section, tmp_path: Path
) -> None:
    frames = section.report
    blind = frames.rules["rule"] == "responsible"
    rules = frames.rules.assign(
        state=frames.rules["state"].mask(blind, "unchecked"),
        reason=frames.rules["reason"].mask(blind, "unchecked.role"),
    )
    document = page(replace(section, report=replace(frames, rules=rules)), tmp_path)
    (link,) = document.xpath("//section[@class='first']//a[contains(., 'controleren')]")
    assert text(link) == "1 van de 2 regels konden we niet controleren."
    (there,) = document.xpath("//section[.//*[@id=$id]][@class='guide']", id=link.get("href")[1:])
    assert "ervoor verantwoordelijk is: de log noemt geen rollen uit de procedure." in text(there)


def test_a_rule_that_was_checked_in_another_workflow_is_unchecked_only_where_it_was(
    section: Section,
) -> None:
    chapter = chapter_of(section)
    clean, unchecked = chapter.checked
    assert clean.says == ()
    assert [said.replace("\u00a0", " ") for said in unchecked.says] == [
        "Gedaan door wie ervoor verantwoordelijk is (W5): "
        "de log noemt geen rollen uit de procedure."
    ]
    assert chapter.unchecked == ""  # nowhere is too much said


def test_a_rule_that_few_cases_kept_is_not_in_order(section: Section) -> None:
    frames = section.report
    rules = frames.rules[frames.rules["state"] == "clean"]
    for checked, told in ((FEW - 1, 0), (FEW, 1)):
        report = replace(frames, rules=rules.assign(checked=checked))
        chapter = chapter_of(replace(section, report=report))
        assert len(chapter.checked[0].says) == told


@pytest.mark.parametrize(
    ("still", "said"),
    [
        (0, "Alle 480 zaken volgden alle stappen, in de juiste volgorde."),
        (3, "Alle 480 zaken volgden tot nu toe alle stappen, in de juiste volgorde."),
        (478, "tot nu toe alle stappen, in de juiste volgorde. Bijna alle 480 zaken lopen nog."),
        (480, "tot nu toe alle stappen, in de juiste volgorde. Alle 480 zaken lopen nog."),
    ],
)
def test_of_cases_that_still_run_nobody_says_that_they_are_done(
    section: Section, still: int, said: str
) -> None:
    frames = section.report
    cases = frames.cases[frames.cases["template"] == "W2"]
    cases = cases.assign(fits=True, open=[n < still for n in range(len(cases))])
    report = replace(frames, cases=cases)
    made = replace(section, report=report, overview=overview(report, least=FEW))
    chapter = chapter_of(made)
    assert chapter.headline.endswith(said)
    told = {entry.term: entry.says for entry in chapter.quality}
    assert ("Lopende zaken" in told) == bool(still)


def test_a_note_on_separations_stands_only_where_one_was_checked(section: Section) -> None:
    frames = section.report
    noted = replace(frames, notes=(("conformance.unlinked", {}),))
    none = frames.rules.assign(checked=0, state="unchecked", reason="unchecked.resource")
    blind = replace(noted, rules=none)
    for report, told in ((noted, True), (blind, False)):
        chapter = chapter_of(replace(section, report=report))
        said = " ".join(each for entry in chapter.quality for each in entry.says)
        assert ("functiescheiding is alleen" in said) is told


def test_when_nothing_is_wrong_page_one_says_what_was_looked_at(
    section: Section, tmp_path: Path
) -> None:
    frames = section.report
    cases = frames.cases.assign(fits=True)
    rules = frames.rules[frames.rules["state"] != "broken"]
    calm = replace(frames, cases=cases, deviations=frames.deviations.iloc[:0], rules=rules)
    nothing: pd.DataFrame = section.throughput.iloc[:0]
    document = page(
        replace(section, report=calm, overview=overview(calm, least=FEW), throughput=nothing),
        tmp_path,
    )
    first = text(document.xpath("//section[@class='first']")[0])
    assert "Alle 2.702 zaken volgden tot nu toe alle stappen, in de juiste volgorde." in first
    assert "We vonden niets wat anders ging dan afgesproken." in first
    assert "het is in orde Wie het maakt, test het niet." in first
    assert "niet controleren Gedaan door wie ervoor verantwoordelijk is: de log noemt" in first
    assert table(document, "-throughput")[0][1:] == ["–", "–", "–"]


def test_a_log_without_cases_says_so(section: Section, tmp_path: Path) -> None:
    frames = section.report
    empty = replace(
        frames,
        cases=frames.cases.iloc[:0],
        deviations=frames.deviations.iloc[:0],
        templates=frames.templates.iloc[:0],
        rules=frames.rules.iloc[:0],
    )
    nothing: pd.DataFrame = section.throughput.iloc[:0]
    hollow = replace(section, report=empty, overview=overview(empty, least=FEW), throughput=nothing)
    assert "Er waren geen zaken om te bekijken." in text(page(hollow, tmp_path))


def test_the_guide_says_what_was_read_and_what_could_not_be_seen(
    section: Section, tmp_path: Path
) -> None:
    guide = " ".join(map(text, page(section, tmp_path).xpath("//section[@class='guide']")))
    for said in (
        "5 januari 2026 tot en met 1 juli 2026",
        "30.000 gelezen = 29.989 gebruikt + 11 afgekeurd. 870 gebruikte regels herhalen",
        "legt deze stappen van W5 niet vast. Zij tellen niet als overgeslagen: "
        "Werk plannen, Toetsen en terugkoppelen.",
        "De tijden zijn op de minuut nauwkeurig.",
        "De rol van wie het werk deed: in geen enkele zaak vastgelegd.",
        "Wie de aanvrager is: niet vastgelegd in 40 van de 2.702 zaken.",
        "Tussen 3 en 7 van de 100",
        "Deze gegevens zijn verzonnen",
        "28 van de 2.702 zaken lopen nog.",
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
    told = compose([section, section], title="Rapport", generated=NOW)
    to = render(told, to=tmp_path / "r.html")
    document = html.fromstring(to.read_text(encoding="utf-8"))
    assert len(document.xpath("//section[@class='first']")) == 2
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_a_missing_folder_is_made_and_nothing_else_is_left(
    section: Section, tmp_path: Path
) -> None:
    page(section, tmp_path / "new" / "folder")
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["report.html"]


@pytest.mark.parametrize("place", ["file/report.html", "folder.html"])
def test_a_page_that_cannot_be_written_is_refused_and_leaves_nothing(
    told: Page, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(StorageUnavailable) as refused:
        render(told, to=tmp_path / place)
    assert refused.value.code == "BDV-501"
    assert str(tmp_path / place) in str(refused.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder.html"]
