"""A call in the browser: three answers, a proposal with its reason, a motivation to depart."""

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from bdv_process.execution.register import CaseRegister
from web.conftest import Visit, peopled

Come = Callable[[str], Visit]

NEW = "/meldingen/nieuw"
BROKEN = {
    "subject": "De <b>lantaarn</b> is uit",
    "agreement": "no",
    "disturbed": "yes",
    "component": "no",
}


def proposed(visitor: Visit, **answers: str) -> httpx.Response:
    return visitor.send("/meldingen/voorstel", on=NEW, **BROKEN | answers)


def test_a_proposal_comes_with_its_reason_and_starts_nothing_yet(
    visit: Come, register: CaseRegister
) -> None:
    seen = proposed(visit("anna"))
    assert "W4 Herstellen zonder wijziging" in seen.text
    assert "Een afgesproken dienst werkt niet zoals het hoort" in seen.text
    assert 'value="W4" required checked' in seen.text
    assert register.cases() == []


def test_the_reason_is_told_in_the_language_of_the_screen(visit: Come) -> None:
    anna = visit("anna")
    anna.send("/taal", on=NEW, lang="en", next=NEW)
    assert "An agreed service does not work as it should" in proposed(anna).text


@pytest.mark.parametrize(
    ("answer", "told"), [("yes", "An agreed service does not work as it should"), ("", "Choose")]
)
def test_another_language_keeps_what_was_filled_in(visit: Come, answer: str, told: str) -> None:
    anna = visit("anna")
    page = proposed(anna, disturbed=answer, subject='Zij zei: "uit"').text
    switch = page.split('action="/taal">')[1].split("</form>")[0]
    kept = {
        name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="(.*?)"', switch)
    }
    english = anna.client.post("/taal", data=kept)
    assert told in english.text
    assert "Zij zei: &#34;uit&#34;" in english.text
    assert '<html lang="en">' in english.text


def test_what_was_proposed_is_started_with_the_words_of_who_called(
    visit: Come, register: CaseRegister
) -> None:
    started = visit("anna").send("/meldingen", on=NEW, template="W4", **BROKEN)
    assert started.url.path == "/meldingen/Z1"
    first = next(register.events("Z1"))
    assert first.data["call"] == {"subject": "De <b>lantaarn</b> is uit"}
    assert register.subjects(["Z1"]) == {"Z1": "De <b>lantaarn</b> is uit"}


def test_words_of_who_called_never_become_markup(visit: Come) -> None:
    seen = proposed(visit("anna"), subject="<script>alert(1)</script>")
    assert "<script>alert" not in seen.text
    assert "&lt;script&gt;alert" in seen.text


def test_another_workflow_asks_for_a_motivation_and_keeps_what_was_filled_in(
    visit: Come, register: CaseRegister
) -> None:
    anna = visit("anna")
    refused = anna.send("/meldingen", on=NEW, template="W5", **BROKEN)
    assert refused.status_code == 400
    assert 'href="#motivation"' in refused.text
    assert 'value="W5" required checked' in refused.text
    assert register.cases() == []
    anna.send("/meldingen", on=NEW, template="W5", motivation="Alleen uitleg.", **BROKEN)
    assert next(register.events("Z1")).motivated


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("subject", "  "),
        ("subject", "x" * 2_001),
        ("agreement", ""),
        ("disturbed", "__class__"),
        ("component", "Infinity"),
        ("requester", "typename"),
    ],
)
def test_what_cannot_be_is_one_message_with_a_link_to_its_field(
    visit: Come, field: str, given: str
) -> None:
    refused = proposed(visit("ben"), **{field: given})
    assert refused.status_code == 400
    main = refused.text.split("<main")[1].split("</main>")[0]
    assert main.count("<li><a href=") == 1
    assert f'<li><a href="#{field}">' in refused.text
    assert f'id="{field}"' in refused.text


def test_a_new_agreement_needs_no_further_answers(visit: Come) -> None:
    seen = proposed(visit("anna"), agreement="yes", disturbed="", component="")
    assert seen.status_code == 200
    assert 'value="W1" required checked' in seen.text


def test_who_takes_in_calls_names_who_called_and_sees_earlier_calls_to_link_to(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna", data={"subject": "Nieuw paspoort"})
    ben = visit("ben")
    assert 'name="requester"' in ben.see(NEW).text
    seen = proposed(ben, requester="anna")
    assert "Nieuw paspoort" in seen.text
    ben.send("/meldingen", on=NEW, template="W4", requester="anna", linked="Z1", **BROKEN)
    first = next(register.events("Z2"))
    assert (first.requester, first.resource, first.linked) == ("anna", "ben", "Z1")


@pytest.mark.parametrize("path", ["/meldingen/voorstel", "/meldingen"])
@pytest.mark.parametrize("requester", ["c1", "nobody"])
def test_what_another_asked_is_shown_to_nobody_who_takes_in_no_calls(
    visit: Come, register: CaseRegister, path: str, requester: str
) -> None:
    register.organisation = peopled(2)
    register.start("W5", by="c1", data={"subject": "Nieuw paspoort"})
    said = {"subject": "x", "agreement": "yes", "requester": requester, "template": "W5"}
    refused = visit("c0").send(path, on=NEW, **said)
    assert refused.status_code == 403
    assert "Burger 0 mag geen meldingen van anderen aannemen of inzien" in refused.text
    assert "Nieuw paspoort" not in refused.text
    assert [case.requester for case in register.cases()] == ["c1"]
    last = register.audit()[-1]
    assert (last.actor, last.action, last.result) == ("c0", "intake", "denied BDV-610")


def test_only_who_works_here_is_asked_for_risks_and_for_whom_it_is(visit: Come) -> None:
    asked = visit("anna").see(NEW).text
    assert 'name="risk"' not in asked
    assert 'name="requester"' not in asked
    seen = proposed(visit("carla"), risk="yes")
    assert 'value="W8" required checked' in seen.text


def test_nobody_raises_a_risk_from_outside(visit: Come, register: CaseRegister) -> None:
    sent = visit("anna").send("/meldingen", on=NEW, template="W8", **BROKEN | {"risk": "yes"})
    assert sent.status_code == 403
    assert register.cases() == []


def test_the_register_answers_the_third_question(visit: Come, register: CaseRegister) -> None:
    anna = visit("anna")
    page = proposed(anna, about="lichtmast-0417", component="").text
    assert "Lichtmast Dorpsstraat 17 staat in het register" in page
    assert 'value="W3" required checked' in page
    assert 'value="W5" required checked' in proposed(
        anna, service="paspoort", component="", disturbed="no"
    ).text  # fmt: skip
    anna.send(
        "/meldingen", on=NEW, template="W3", about="lichtmast-0417", service="openbare-ruimte",
        **BROKEN | {"component": ""},
    )  # fmt: skip
    first = next(register.events("Z1"))
    assert (first.data["service"], first.linked) == ("openbare-ruimte", "lichtmast-0417")
    case = anna.see("/meldingen/Z1").text
    assert 'href="/register/onderdelen/lichtmast-0417"' in case
    assert 'href="/register/diensten/openbare-ruimte"' in case


def test_who_names_nothing_that_is_registered_has_to_answer(visit: Come) -> None:
    refused = proposed(visit("anna"), component="")
    assert refused.status_code == 400
    assert 'href="#component"' in refused.text


@pytest.mark.parametrize("field", ["about", "service"])
@pytest.mark.parametrize("path", ["/meldingen/voorstel", "/meldingen"])
def test_what_is_not_registered_is_told_at_its_field(
    visit: Come, register: CaseRegister, path: str, field: str
) -> None:
    said = BROKEN | {field: "<b>lichtmast-417</b>", "template": "W4"}
    refused = visit("anna").send(path, on=NEW, **said)
    assert refused.status_code == 400
    assert f'href="#{field}"' in refused.text
    assert "<b>lichtmast" not in refused.text
    assert register.cases() == []
