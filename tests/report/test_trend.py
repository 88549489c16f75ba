"""Month by month, and the three starting points: shown where enough cases are, silent elsewhere."""

from dataclasses import replace

import pandas as pd
import pytest

from bdv_process.mining.drift import FITS, Drift
from bdv_process.report.findings import Findings
from bdv_process.report.page import Page
from bdv_process.report.section import Section
from bdv_process.report.starting_points import starting_points
from bdv_process.report.trend import changes, months

_MONTHS = ["template", "measure", "month", "of", "open", "cases", "share", "low", "high"]
_CHANGES = ["template", "measure", "since", "difference", "changed"]


def drifted(section: Section, sizes: dict[str, int], *moved: tuple[str, float, bool]) -> Findings:
    rows = [
        ("W2", FITS, month, of, 0, of // 2, 0.5, 0.4, 0.6) for month, of in sizes.items()
    ]  # fmt: skip
    found = [("W2", measure, "2026-03", change, sure) for measure, change, sure in moved]
    drift = Drift(
        months=pd.DataFrame(rows, columns=_MONTHS), changes=pd.DataFrame(found, columns=_CHANGES)
    )
    return Findings(replace(section, drift=drift), "nl")


def test_months_are_shown_with_how_many_cases_followed_the_path(section: Section) -> None:
    found = months(drifted(section, {"2026-01": 300, "2026-02": 180}), "W2", 480)
    assert [(each.month, each.following.cases, each.following.of) for each in found] == [
        ("2026-01", 150, 300),
        ("2026-02", 90, 180),
    ]


@pytest.mark.parametrize(("hidden", "shown"), [(3, ["2026-01"]), (5, ["2026-01", "2026-02"])])
def test_a_month_that_is_hidden_takes_another_with_it(
    section: Section, hidden: int, shown: list[str]
) -> None:
    sizes = {"2026-01": 300, "2026-02": 180 - hidden}
    assert [each.month for each in months(drifted(section, sizes), "W2", 480)] == shown


def test_what_changed_is_said_with_the_month_and_the_way_but_no_numbers(section: Section) -> None:
    found = drifted(
        section, {}, (FITS, -0.3, True), ("W2.skipped.change_test", 0.2, True),
        ("W2.responsible.change_plan", 0.2, False), ("W2.maker_not_tester.change_test", 0.1, True),
    )  # fmt: skip
    assert [said.replace("\u00a0", " ") for said in changes(found, "W2")] == [
        "Deze veranderingen zijn groter dan toeval kan maken.",
        "Sinds maart 2026 volgen minder zaken alle stappen dan ervoor.",
        "Bij ‘Beheerd onderdeel wijzigen’ wordt de stap ‘Testen en vrijgeven’ overgeslagen. "
        "Sinds maart 2026 gebeurt dat vaker dan ervoor.",
    ]


def test_a_workflow_whose_cases_all_go_one_way_says_so(told: Page) -> None:
    said = told.chapters[0].workflows[0].really
    assert said[0] == "Alle zaken gingen op dezelfde manier."
    assert "75,0" in said[1]


def test_a_starting_point_has_a_value_or_says_why_not(told: Page) -> None:
    said = {each.measure: each.says.replace("\u00a0", " ") for each in told.chapters[0].principles}
    assert said == {
        "linked": "Niet te meten: de log zegt nergens waaraan een melding is gekoppeld.",
        "told": "87,5 %",
        "silence": "12,2 dagen",
        "rounds": "Niet te meten: waar dit over gaat, kwam in geen enkele zaak voor.",
        "motivated": "Bijna alle.",
    }
    shown = {each.measure: each.value for each in told.chapters[0].principles if each.value}
    assert shown == {"told": 0.875, "silence": 12.25}


def test_a_starting_point_does_not_tell_what_the_tables_of_rules_hide(section: Section) -> None:
    def said(*late: int) -> str:
        rules = section.report.rules.iloc[:2].assign(
            template=["W2", "W5"], rule="feedback", state="broken", checked=1_200, cases=late
        )
        found = starting_points(replace(section, report=replace(section.report, rules=rules)), "nl")
        (told,) = [each for each in found if each.measure == "told"]
        assert (told.value is None) == (told.n is None) == (told.low is None)
        return told.says.replace("\u00a0", " ")

    assert said(150, 150) == "87,5 %"
    assert said(300, 0) == "87,5 %"
    assert said(297, 3).startswith("Niet te tonen")


def test_what_really_happened_is_a_picture_and_a_table(told: Page) -> None:
    flow = told.chapters[0].workflows[0]
    assert flow.map.startswith("<svg")
    assert [(each.source, each.target, each.times) for each in flow.passages] == [
        ("begin", "Wijzigingsverzoek aannemen", "480"),
        ("Wijzigingsverzoek aannemen", "Classificeren", "480"),
        ("Classificeren", "einde", "< 5"),
    ]
