"""Open meldingen: what is going on and where it waits, for who answers for it; found by number."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from web.conftest import Visit
from web.test_case import work

Come = Callable[[str], Visit]


def rows(page: str) -> dict[str, str]:
    """Return the words of each row of the table, by the case that it is about."""
    found = {}
    for row in page.split("<tbody")[-1].split("<tr ")[1:]:
        words = " ".join(unescape(re.sub(r"<[^>]+>", " ", row.split(">", 1)[1])).split())
        found[re.findall(r'href="/meldingen/(Z\d+)"', row)[0]] = words
    return found


def test_what_is_late_stands_first_with_who_has_it_and_who_answers_for_it(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    register.start("W5", by="anna", data={"subject": "Een paspoort."})
    quick = work(register, "operate_accept", "W4")
    register.complete("Z1.2", by="ben", outcome="incomplete", data={"motivation": "Welk?"})
    (item,) = (item for item in register.worklist(root=quick) if item.case != quick)
    register.claim(item.id, by="ben")
    clock.pass_time(timedelta(weeks=2))
    carla = visit("carla")
    found = rows(carla.see("/meldingen").text)
    assert list(found) == [quick, item.case, "Z1"]
    assert f"Herstellen – melding {item.case} Procescoördinator" in found[quick]
    assert "Dienstverzoek aannemen – Ben Procescoördinator" in found[item.case]
    assert found[item.case].endswith("te laat")
    assert "Een paspoort. het antwoord van Anna staat stil" in found["Z1"]
    assert list(rows(carla.see("/meldingen?te-laat=ja&werkstroom=W5").text)) == [item.case]
    assert list(rows(carla.see("/meldingen?verantwoordelijk=ja").text)) == [quick, item.case]
    assert 'href="/meldingen"' in carla.see("/werkstromen").text


def test_nobody_reads_here_what_they_may_not(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.start("W5", by="ben")
    anna = visit("anna")
    assert list(rows(anna.see("/meldingen").text)) == ["Z1"]
    assert 'href="/meldingen"' not in anna.see("/mijn-werk").text


def test_a_count_of_open_cases_leads_to_them(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    page = visit("ben").see("/werkstromen").text
    assert re.findall(r'href="/meldingen\?werkstroom=(W\d)"', page) == ["W5"]


@pytest.mark.parametrize("typed", ["1", " z 1 ", "Z1"])
def test_a_case_is_found_by_its_number_as_people_type_it(
    visit: Come, register: CaseRegister, typed: str
) -> None:
    register.start("W5", by="anna")
    assert (
        visit("ben").client.get("/meldingen", params={"nummer": typed}).url.path == "/meldingen/Z1"
    )


@pytest.mark.parametrize(
    "asked", ["blad=-1", "blad=x", "blad=", "blad=99999999", "werkstroom=%00", "te-laat="]
)
def test_what_an_address_cannot_mean_is_no_mistake(
    visit: Come, register: CaseRegister, asked: str
) -> None:
    assert visit("carla").see(f"/meldingen?{asked}").status_code == 200
