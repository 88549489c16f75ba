"""The door: who comes in, who stays out, and which forms are ours."""

import re
import time
from collections.abc import Callable

import pytest

from bdv_process.execution.register import CaseRegister
from bdv_process.web import visitor
from bdv_process.web.visitor import SESSION
from web.conftest import Visit

Come = Callable[[str], Visit]


def test_a_stranger_is_asked_who_is_there_and_then_gets_where_he_was_going(visit: Come) -> None:
    stranger = visit("")
    asked = stranger.see("/werkstromen/W4")
    assert (asked.url.path, asked.status_code) == ("/aanmelden", 200)
    came = stranger.send("/aanmelden", on=str(asked.url), person="ben", next="/werkstromen/W4")
    assert came.url.path == "/werkstromen/W4"
    assert "Ben" in came.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_through_a_proxy_nobody_picks_who_they_are(visit: Come, header: str) -> None:
    came = visit("").client
    came.headers[header] = "203.0.113.9"
    assert 'value="ben"' not in came.get("/aanmelden").text
    token = re.search(r'name="token" value="([^"]+)"', came.get("/aanmelden").text)
    assert token
    form = {"token": token[1], "person": "ben"}
    assert came.post("/aanmelden", data=form).status_code == 404
    bearer = {"authorization": "Bearer dev:ben"}
    assert came.get("/api/v1/cases", headers=bearer).status_code == 401


def test_a_cookie_that_was_changed_lets_nobody_in(visit: Come) -> None:
    ben = visit("ben")
    signed = ben.client.cookies[SESSION]
    ben.client.cookies.clear()
    ben.client.cookies.set(SESSION, "A" + signed[1:])
    assert ben.see("/mijn-werk").status_code == 401


def test_who_left_is_a_stranger_again(visit: Come) -> None:
    ben = visit("ben")
    assert ben.send("/afmelden", on="/mijn-werk").url.path == "/aanmelden"
    assert "Ben" not in ben.see("/mijn-werk").text.split("<main")[0]


def test_a_workday_after_the_login_a_cookie_is_nobodys_however_often_it_was_used(
    visit: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = visit("ben")
    assert ben.send("/taal", on="/mijn-werk", lang="en", next="/mijn-werk").url.path == "/mijn-werk"
    now = time.time()
    monkeypatch.setattr(visitor, "time", lambda: now + 10 * 60 * 60 + 1)
    assert ben.see("/mijn-werk").url.path == "/aanmelden"


def test_a_form_without_our_token_does_nothing(visit: Come, register: CaseRegister) -> None:
    anna = visit("anna")
    for token in ({}, {"token": ""}, {"token": "guessed"}):
        sent = anna.client.post("/meldingen", data=token | {"template": "W5", "key": "k"})
        assert sent.status_code == 403
    assert register.cases() == []


def test_a_form_sent_twice_is_done_once(visit: Come, register: CaseRegister) -> None:
    anna = visit("anna")
    anna.send("/meldingen", on="/meldingen/nieuw", template="W5", key="the same")
    again = anna.send("/meldingen", on="/meldingen/nieuw", template="W5", key="the same")
    assert again.url.path == "/meldingen/Z1"
    assert len(register.cases()) == 1


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elders.example/", "//elders.example", "/\\elders.example", "elders", "//["],
)
def test_nobody_is_sent_to_another_site(visit: Come, elsewhere: str) -> None:
    stranger = visit("")
    asked = stranger.client.get("/aanmelden", params={"next": elsewhere})
    assert 'name="next" value="/"' in asked.text
    came = stranger.send("/aanmelden", person="ben", next=elsewhere)
    assert came.url.path == "/mijn-werk"


def test_the_screens_speak_the_language_that_was_chosen(visit: Come) -> None:
    ben = visit("ben")
    assert "<h1>Mijn werk</h1>" in ben.see("/mijn-werk").text
    changed = ben.send("/taal", on="/mijn-werk", lang="en", next="/mijn-werk")
    assert "<h1>My work</h1>" in changed.text
    assert '<html lang="en">' in changed.text


def test_every_response_forbids_what_comes_from_elsewhere(visit: Come) -> None:
    for path in ("/aanmelden", "/static/screen.css", "/bestaat-niet"):
        headers = visit("").see(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
