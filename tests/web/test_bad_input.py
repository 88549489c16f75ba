"""Bad input on pages and API alike: a refusal in words, nothing written, and never markup."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from bdv_process.execution.register import CaseRegister
from bdv_process.web.visitor import SESSION
from web.conftest import Visit

Come = Callable[[str], Visit]
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"
MARKUP = f"<script>alert`1`</script>{OVERRIDE}txet"
HOSTILE = [
    "", "\x00\x07", "Infinity", "__class__", "9" * 400, MARKUP, "%s {who} {{ 7 * 7 }}",
    "a" * 20_000,
]  # fmt: skip


def forms(app: FastAPI) -> dict[str, list[str]]:
    """Return the addresses that take a form, of case Z1 and its first item, with their fields."""
    document = app.openapi()
    found = {}
    for path, methods in document["paths"].items():
        if "post" in methods:
            body = methods["post"].get("requestBody", {}).get("content", {})
            shapes = [re.sub(".*/", "", each["schema"].get("$ref", "")) for each in body.values()]
            named = [document["components"]["schemas"][each] for each in shapes if each]
            address = path.replace("{case}", "Z1").replace("{item}", "Z1.2")
            found[address] = [name for each in named for name in each.get("properties", {})]
    return found


def written(register: CaseRegister) -> list[object]:
    return list(register.events())


@pytest.fixture
def begun(register: CaseRegister) -> CaseRegister:
    register.start("W5", by="anna")
    return register


def test_no_form_is_taken_without_the_token_of_its_session(
    visit: Come, app: FastAPI, begun: CaseRegister
) -> None:
    before, ben = written(begun), visit("ben")
    paths = forms(app)
    assert len(paths) > 15
    for path, fields in paths.items():
        for token in ({}, {"token": "guessed"}):
            sent = ben.client.post(path, data=dict.fromkeys(fields, "x") | {"token": ""} | token)
            assert sent.status_code == 403, path
            assert "<h1>Dit formulier komt niet van deze site" in sent.text, path
    assert written(begun) == before


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_stands_in_a_form_is_taken_or_refused_in_words(
    visit: Come, app: FastAPI, begun: CaseRegister, value: str
) -> None:
    ben = visit("ben")
    token = ben.token("/meldingen/nieuw")
    for path, fields in forms(app).items():
        if path in ("/afmelden", "/aanmelden"):
            continue
        given = dict.fromkeys([*fields, "field.linked", "field.__class__"], value)
        told = ben.client.post(path, data=given | {"token": token})
        assert told.status_code < 500, path
        assert "Traceback" not in told.text
        assert "<script>alert" not in told.text
        assert "49" not in re.findall(r"\b49\b", told.text), path
    assert ben.see("/meldingen/Z1").status_code == 200


def test_a_date_that_is_none_is_refused_in_one_sentence(visit: Come, begun: CaseRegister) -> None:
    carla, before = visit("carla"), written(begun)
    for day in ("2026-02-30", "Infinity", "", "0000-00-00"):
        told = carla.send("/meldingen/Z1/verdagen", on="/meldingen/Z1", until=day)
        assert told.status_code == 400
        assert told.text.count("<h1>") == 1
    assert written(begun) == before


def test_a_key_stands_for_one_form_only(visit: Come, begun: CaseRegister) -> None:
    ben = visit("ben")
    assert ben.send("/taken/Z1.2/oppakken", on="/taken/Z1.2", key="one").status_code == 200
    other = ben.send("/taken/Z1.2/beginnen", on="/taken/Z1.2", key="one")
    assert other.status_code == 409
    assert [str(event.lifecycle) for event in begun.events("Z1")][-1] == "assign"


def test_a_session_that_somebody_changed_is_nobody_s(visit: Come, begun: CaseRegister) -> None:
    ben, before = visit("ben"), written(begun)
    token, signed = ben.token("/mijn-werk"), ben.client.cookies[SESSION]
    payload, rest = signed.split(".", 1)
    unsigned, swapped = payload, f"{payload[:-4]}AAAA.{rest}"
    for cookie in ("A" + signed[1:], signed[:-1], unsigned, swapped, "x" * 4_000, "."):
        stranger = httpx.Client(base_url=ben.client.base_url, cookies={SESSION: cookie})
        with stranger:
            page = stranger.get("/meldingen/Z1")
            assert page.status_code == 401
            assert 'href="/aanmelden"' in page.text
            assert "Anna" not in page.text
            for sent in (
                stranger.post("/taken/Z1.2/oppakken", data={"token": token, "key": "k"}),
                stranger.post("/api/v1/work-items/Z1.2/claim", headers={"x-csrf-token": token}),
                stranger.get("/api/v1/cases/Z1"),
            ):
                assert sent.status_code in (401, 403)
    assert written(begun) == before


def test_who_comes_back_after_a_while_is_led_to_the_door_and_then_on(visit: Come) -> None:
    visitor = visit("")
    visitor.send("/taal", on="/aanmelden", lang="en", next="/aanmelden")  # a session, and nobody's
    asked = visitor.see("/mijn-werk?lijst=free")
    assert asked.url.path == "/aanmelden"
    assert 'name="next" value="/mijn-werk?lijst=free"' in asked.text


def test_a_database_that_is_gone_is_told_with_when_to_try_again(
    visit: Come, begun: CaseRegister
) -> None:
    ben = visit("ben")
    token = ben.token("/taken/Z1.2")
    with begun._ledger._engine.begin() as connection:
        for table in ("event", "work_item"):
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_elsewhere"))
    claim = {"token": token, "key": "k"}
    for told in (
        ben.see("/mijn-werk"), ben.see("/meldingen/Z1"), ben.see("/taken/Z1.2"),
        ben.client.post("/taken/Z1.2/oppakken", data=claim), ben.see("/api/v1/cases/Z1"),
    ):  # fmt: skip
        assert told.status_code == 503
        assert int(told.headers["retry-after"]) > 0
        assert "Traceback" not in told.text
        for ours in ("SELECT", "sqlite", "no such table", "BDV_DATABASE"):
            assert ours not in told.text


def test_what_nobody_foresaw_is_told_without_a_traceback(
    visit: Come, app: FastAPI, begun: CaseRegister
) -> None:
    @app.get("/breekt")
    def breaks() -> None:
        raise RuntimeError("secret inside")

    told = visit("ben").see("/breekt")
    assert told.status_code == 500
    assert "<h1>" in told.text
    assert "secret" not in told.text


def test_names_of_people_never_become_markup_nor_turn_a_sentence_around(
    visit: Come, register: CaseRegister
) -> None:
    people = register.organisation.people
    for person in ("anna", "carla"):
        people[person] = replace(people[person], name=MARKUP)
    register.start("W5", by="anna", data={"subject": MARKUP, MARKUP: MARKUP})
    register.claim("Z1.2", by="ben")
    ben = visit("ben")
    ben.send("/taken/Z1.2/overdragen", on="/taken/Z1.2", to="carla")
    for path in (
        "/aanmelden", "/mijn-werk", "/meldingen/nieuw", "/meldingen/Z1", "/taken/Z1.2",
        "/werkstromen/W5",
    ):  # fmt: skip
        page = ben.see(path).text
        assert "<script>alert" not in page
        for found in _loose(page):
            pytest.fail(f"{path}: {found}")
    refused = ben.send("/taken/Z1.2/oppakken", on="/meldingen/nieuw")
    assert refused.status_code == 409
    assert not list(_loose(refused.text))


def _loose(page: str) -> Iterator[str]:
    """Yield where an override of direction could reach the words around it."""
    apart = re.sub(r"<bdi>.*?</bdi>|<option[^>]*>[^<(]*</option>", "", page)
    apart = unescape(apart)
    apart = re.sub("\N{FIRST STRONG ISOLATE}[^\N{POP DIRECTIONAL ISOLATE}]*", "", apart)
    for found in re.finditer(f".{{0,80}}{OVERRIDE}", apart):
        yield found[0]
