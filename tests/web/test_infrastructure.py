"""Register: services and components are found, each with what happened to it, in both languages."""

import re
from collections.abc import Callable

import pytest

from bdv_process.execution.register import CaseRegister
from execution.test_registration import NEW, registered
from web.conftest import Visit

Come = Callable[[str], Visit]


def links(page: str) -> list[str]:
    return re.findall(r'href="/register/(?:diensten|onderdelen)/([^"]*)"', page)


def test_the_register_lists_services_and_components(visit: Come, register: CaseRegister) -> None:
    page = visit("anna").see("/register").text
    now = register.infrastructure
    assert sorted(links(page)) == sorted([*now.services, *now.components])
    assert '<a href="/register" aria-current="page">' in page


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("lichtmast", ["lichtmast-0417", "lichtmast-0418"]),
        ("LICHTMAST 17", ["lichtmast-0417"]),
        ("street light", ["lichtmast-0417", "lichtmast-0418"]),
        ("connection", ["brp-koppeling", "dso-koppeling"]),  # by kind
        ("paspoort", ["paspoort"]),
        ("<script>", []),
    ],
)
def test_words_find_what_has_all_of_them(visit: Come, wanted: str, found: list[str]) -> None:
    page = visit("ben").client.get("/register", params={"zoek": wanted}).text
    assert sorted(links(page)) == found
    assert "<script>" not in page
    assert ("Niets gevonden" in page) == (not found or len(found) < 13)


def test_a_service_tells_what_it_is_and_what_it_rests_on(visit: Come) -> None:
    page = visit("anna").see("/register/diensten/paspoort").text
    assert "aan de balie klaarligt" in page
    assert "Wie een afspraak heeft, wacht ten hoogste tien minuten." in page
    assert links(page) == [
        "publieksbalie",
        "aanvraagstation-1",
        "aanvraagstation-2",
        "brp-koppeling",
    ]
    assert "Er zijn geen meldingen over." in page


def test_a_service_that_a_workflow_delivers_leads_to_it(visit: Come) -> None:
    ben = visit("ben")
    assert 'href="/werkstromen/W5"' in ben.see("/register/diensten/informatie").text
    routine = ben.see("/register/diensten/paspoort").text
    assert "paspoort-aanvragen" in routine
    assert "/werkstromen/paspoort" not in routine


def test_a_component_tells_which_case_did_what_to_it_and_in_which_role(
    visit: Come, register: CaseRegister
) -> None:
    first = registered(register, component="lichtmast-0418")
    last = registered(register, retired="lichtmast-0418", **NEW)
    page = visit("carla").see("/register/onderdelen/lichtmast-0418").text
    assert "Dit onderdeel is buiten gebruik." in page
    assert set(re.findall(r'href="/meldingen/(Z\d+)"', page)) == {first, last}
    rows = re.split("<tr[^>]*>", page)
    (retired,) = [row for row in rows if "buiten gebruik gesteld" in row]
    assert "Procescoördinator" in retired
    assert "Carla" not in "".join(rows[1:])  # a role, not a person
    new = visit("carla").see("/register/onderdelen/lichtmast-0419").text
    assert "nieuw in het register" in new


def test_who_may_not_read_a_case_hears_that_it_was_and_no_more(
    visit: Come, register: CaseRegister
) -> None:
    case = registered(register, component="website")
    call = register.start(
        "W4", by="ben", requester="anna", component="website", data={"subject": "Mijn geheim"}
    )
    page = visit("guus").see("/register/onderdelen/website").text
    shown = re.findall(r'href="/meldingen/(Z\d+)"', page)
    allowed = {c.id for c in register.readable("guus")}
    assert set(shown) <= allowed
    other = visit("anna").see("/register/onderdelen/website").text
    assert f'href="/meldingen/{call}"' in other
    assert ("Mijn geheim" in page) == (call in allowed)
    assert case in other  # it was anna's own wish


def test_a_requester_sees_only_the_own_calls_about_a_service(
    visit: Come, register: CaseRegister
) -> None:
    own = register.start("W5", by="anna", service="informatie")
    risk = register.start("W8", by="guus", service="informatie")
    page = visit("anna").see("/register/diensten/informatie").text
    # A token on the page may hold any two characters.
    assert f"/meldingen/{own}" in page
    assert f"/meldingen/{risk}" not in page
    assert "omdat ze ouder zijn of u ze niet mag inzien: 1" in page


@pytest.mark.parametrize("path", ["diensten/website", "onderdelen/paspoort", "onderdelen/x%00y"])
def test_what_is_not_registered_is_not_found(visit: Come, path: str) -> None:
    assert visit("ben").see(f"/register/{path}").status_code == 404


def test_the_register_speaks_english(visit: Come) -> None:
    ben = visit("ben")
    ben.send("/taal", on="/register", lang="en", next="/register")
    assert "Passport or identity card" in ben.see("/register").text
    assert "Connection with the persons register" in ben.see("/register/diensten/paspoort").text
    assert "This component is in use." in ben.see("/register/onderdelen/website").text


def test_only_who_is_known_sees_the_register(visit: Come) -> None:
    assert visit("").see("/register").url.path == "/aanmelden"
