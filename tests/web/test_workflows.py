"""Werkstromen: the eight, who does what in them, and how many cases they have now."""

import re
from collections.abc import Callable

from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped
from web.conftest import Visit

Come = Callable[[str], Visit]


def test_the_eight_are_told_with_the_cases_they_have_now(
    visit: Come, register: CaseRegister
) -> None:
    for _ in range(2):
        register.start("W5", by="anna")
    register.withdraw("Z2", by="anna")
    page = visit("ben").see("/werkstromen").text
    assert re.findall(r'href="/werkstromen/(W\d)"', page) == [t.key for t in shipped()]
    assert page.count("Nu open: 0; gesloten: 0.") == 7
    assert "Nu open: 1; gesloten: 1." in page


def test_a_workflow_tells_in_a_table_every_step_that_its_diagram_shows(visit: Come) -> None:
    ben = visit("ben")
    for template in shipped():
        page = ben.see(f"/werkstromen/{template.key}").text
        drawing, table = page.split("<table>")
        for step in template.activities:
            assert f'data-element-id="{step.id}"' in drawing
            assert f"{step.label()}" in table
            assert step.documentation in table


def test_a_workflow_says_who_does_a_step_and_how_long_that_takes(visit: Come) -> None:
    rows = visit("ben").see("/werkstromen/W5").text.split("<tr>")
    (row,) = (row for row in rows if "3. Werk plannen" in row)
    assert re.findall(r"<td>(.*?)</td>", row) == [
        "Procescoördinator", "Procescoördinator", "Uitvoerder", "–", "15\N{NO-BREAK SPACE}minuten",
    ]  # fmt: skip


def test_a_workflow_that_is_not_there_is_not_found(visit: Come) -> None:
    assert visit("ben").see("/werkstromen/W9").status_code == 404
