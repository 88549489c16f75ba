"""My work: three piles, sieved in the address, in pages, many at once, and live."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.web import my_work
from web.conftest import Visit, peopled
from web.test_case import said

Come = Callable[[str], Visit]

MINE = "/mijn-werk"


def started(register: CaseRegister, *templates: str) -> list[str]:
    """Start cases of Anna; return their intake items."""
    return [register.items(register.start(each, by="anna"))[0].id for each in templates]


def test_my_work_tells_what_a_call_is_about_and_by_when_it_is_due(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    register.start("W4", by="anna", data={"subject": "Lantaarn <i>uit</i>"})
    seen = visit("ben").see(MINE).text
    assert "Lantaarn &lt;i&gt;uit&lt;/i&gt;" in seen
    assert "te laat" not in seen.split("<main")[1].split("<table")[1]
    clock.pass_time(timedelta(days=30))
    assert "te laat" in visit("ben").see(MINE).text.split("<main")[1].split("<table")[1]


def test_the_sieve_stands_in_the_address_and_stays_there_after_a_command(
    visit: Come, register: CaseRegister
) -> None:
    incident, request = started(register, "W4", "W5")
    ben, address = visit("ben"), f"{MINE}?lijst=free&werkstroom=W5&wie=anna"
    seen = ben.see(address).text
    assert request in seen
    assert incident not in seen
    done = ben.send(address, on=address, item=request)
    assert f"{done.url.path}?{done.url.query.decode()}" == address
    assert "Opgepakt: 1." in done.text
    assert register.item(request).claimed_by == "ben"


def test_another_language_keeps_the_sieve(visit: Come, register: CaseRegister) -> None:
    ben, address = visit("ben"), f"{MINE}?lijst=free&werkstroom=W5"
    assert 'name="next" value="/mijn-werk?lijst=free&amp;werkstroom=W5"' in ben.see(address).text


def test_many_items_are_taken_at_once_and_each_has_its_own_result(
    visit: Come, register: CaseRegister
) -> None:
    first, held, last = started(register, "W5", "W5", "W4")
    carla = visit("carla")
    register.claim(held, by="ben")
    hidden = {"token": carla.token(MINE), "key": "k"}
    told = carla.client.post(MINE, data={**hidden, "item": [first, held, last, "Z9.9"]}).text
    assert "Opgepakt: 2." in told
    why = "Ben heeft dit werk al opgepakt. Kies ander werk, of vraag Ben om het vrij te geven."
    assert f'<a href="/taken/{held}">{held}</a>: {why}' in told
    assert '<a href="/taken/Z9.9">Z9.9</a>: Deze zaak bestaat niet' in told
    assert register.item(first).claimed_by == register.item(last).claimed_by == "carla"
    assert register.item(held).claimed_by == "ben"
    assert "Dit is niet gelukt" not in carla.see(MINE).text


def test_work_is_handed_on_many_at_once_to_who_may_do_it(
    visit: Come, register: CaseRegister
) -> None:
    one, other = started(register, "W5", "W4")
    for item in (one, other):
        register.claim(item, by="carla")
    carla = visit("carla")
    hidden = {"token": carla.token(MINE), "key": "k", "hand": "on"}
    told = carla.client.post(MINE, data={**hidden, "to": "ben", "item": [one, other]}).text
    assert "Overgedragen: 2." in told
    assert register.item(one).claimed_by == register.item(other).claimed_by == "ben"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Vink eerst aan om welk werk het gaat."),
        ({"hand": "on", "item": "Z1.2"}, "Kies eerst een collega."),
        ({"hand": "on", "item": "Z1.2", "to": "__class__"}, "Z1.2</a>:"),
        ({"hand": "on", "item": "Z1.2", "to": "dirk"}, "Z1.2</a>: Dirk mag"),
    ],
)
def test_what_cannot_be_done_with_work_is_told_and_changes_nothing(
    visit: Come, register: CaseRegister, fields: dict[str, str], told: str
) -> None:
    (item,) = started(register, "W5")
    seen = visit("carla").send(MINE, on=MINE, **fields)
    assert told in seen.text
    assert "Overgedragen:" not in seen.text
    assert register.item(item).claimed_by is None


def test_work_in_cases_of_others_is_told_of_to_nobody(visit: Come, register: CaseRegister) -> None:
    register.organisation = peopled(2)
    held, done = (register.items(register.start("W5", by="c1"))[0].id for _ in range(2))
    register.claim(held, by="ben")
    register.complete(done, by="ben")
    told = said(visit("c0").send(MINE, on=MINE, item=held, key="k").text)
    told += said(visit("c0").send(MINE, on=MINE, item=done, key="l").text)
    assert told.count("Burger 0 mag deze zaak niet inzien") == 2
    assert "Ben" not in told
    assert "Opgepakt:" not in told
    rows = [(each.object, each.result) for each in register.audit() if each.action == "read"]
    assert rows == [("Z1", "denied BDV-343"), ("Z2", "denied BDV-343")]


def test_what_the_database_says_is_not_told_of_items_either(
    visit: Come, register: CaseRegister, tmp_path: Path
) -> None:
    (item,) = started(register, "W5")
    ben = visit("ben")
    fields = {"token": ben.token(MINE), "key": "k", "item": item}
    with closing(sqlite3.connect(tmp_path / "register.db")) as database:
        database.execute("DROP TABLE command")
    refused = ben.client.post(MINE, data=fields)
    assert refused.status_code == 503
    assert "Het register is nu niet bereikbaar" in refused.text
    assert "no such table" not in refused.text


def test_who_only_calls_sees_what_waits_and_no_way_to_search_among_people(
    visit: Come, register: CaseRegister
) -> None:
    register.organisation = peopled(3)
    register.start("W5", by="c0")
    seen = said(visit("c0").see(MINE).text)
    assert "Wacht op anderen" in seen
    for hidden in ("Burger 1", "Burger 2", "Ben", "Vrij voor mijn rollen", "Aanvrager of"):
        assert hidden not in seen


def test_who_works_here_chooses_among_colleagues_and_not_among_citizens(
    visit: Come, register: CaseRegister
) -> None:
    register.organisation = peopled(3)
    register.start("W5", by="c1")
    seen = visit("ben").see(f"{MINE}?wie=c1").text
    for name in ("wie", "to"):
        choices = seen.split(f'name="{name}"')[1].split("</select>")[0]
        assert "Carla" in choices
        assert "Burger" not in choices
    assert "<option selected>c1</option>" in seen


def test_a_long_pile_comes_in_pages_of_fifty(
    visit: Come, register: CaseRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    with register.batch():
        items = started(register, *["W5"] * 51)
    ben = visit("ben")
    pages = [ben.see(f"{MINE}?lijst=free&blad={page}").text for page in (1, 2)]
    assert [page.count('name="item"') for page in pages] == [50, 1]
    shown = [re.findall(r'name="item" value="([^"]*)"', page) for page in pages]
    assert sorted(shown[0] + shown[1]) == sorted(items)
    assert 'rel="next" href="/mijn-werk?lijst=free&amp;blad=2"' in pages[0]
    assert 'rel="prev" href="/mijn-werk?lijst=free"' in pages[1]
    glance = ben.see(MINE).text
    assert glance.count('name="item"') == 10
    assert "Alle 51 bekijken" in glance
    # Nobody counts on and on: of what lies beyond it is only said that there is more.
    monkeypatch.setattr(my_work, "_COUNTED", 50)
    first, last, beyond = (ben.see(f"{MINE}?lijst=free&blad={page}").text for page in (1, 2, 99))
    assert [page.count('name="item"') for page in (first, last, beyond)] == [50, 1, 50]
    assert '(<span data-live="free">meer dan 50</span>)' in first
    assert "<span>Blad 2</span>" in last
    assert 'rel="next"' not in last
    assert 'rel="next"' in first


def test_who_called_finds_the_own_calls_again_with_how_they_ended(
    visit: Come, register: CaseRegister
) -> None:
    started(register, "W5", "W4")
    register.withdraw("Z1", by="anna")
    own = visit("anna").see(MINE).text.split('id="calls"')[1]
    assert re.findall(r'href="/meldingen/(Z\d)".*?– (\w+)', own) == [
        ("Z2", "loopt"), ("Z1", "ingetrokken"),
    ]  # fmt: skip
    assert "U hebt nog niets gemeld" in visit("ben").see(MINE).text


@pytest.mark.parametrize(
    ("typed", "leads"),
    [
        ("z1", "/meldingen/Z1"),
        (" Z 1 ", "/meldingen/Z1"),
        ("../x", "/meldingen/..%2FX"),
    ],
)  # fmt: skip
def test_a_number_leads_to_its_case(
    visit: Come, register: CaseRegister, typed: str, leads: str
) -> None:
    started(register, "W5")
    found = visit("ben").client.get("/meldingen", params={"nummer": typed}, follow_redirects=False)
    assert found.headers["location"] == leads


@pytest.mark.parametrize(
    "nonsense", ["lijst=x", "blad=0", "blad=-1", "blad=1e9", "blad=²", "werkstroom=W99&stap=<b>"]
)
def test_an_address_that_means_nothing_shows_my_work_all_the_same(
    visit: Come, nonsense: str
) -> None:
    assert visit("ben").see(f"{MINE}?{nonsense}").status_code == 200


def test_what_waits_for_others_and_for_my_answer_is_told_apart(
    visit: Come, register: CaseRegister
) -> None:
    asked, held = started(register, "W5", "W4")
    register.complete(asked, by="ben", outcome="incomplete")
    register.claim(held, by="carla")
    seen = visit("anna").see(MINE).text
    question = seen.split("Wacht op uw antwoord")[1].split("</ul>")[0]
    assert "/meldingen/Z1" in question
    waiting = seen.split('<h2 id="waiting">')[1]
    assert "Carla" in waiting
    assert "/meldingen/Z2" in waiting


def test_counts_are_sent_while_one_looks_and_again_when_they_changed(
    visit: Come, register: CaseRegister
) -> None:
    ben, sent = visit("ben"), []
    with ben.client.stream("GET", "/mijn-werk/stand", timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if not line.startswith("data: "):
                continue
            sent.append(json.loads(line.removeprefix("data: ")))
            if len(sent) == 2:
                break
            visit("anna").send("/meldingen", on="/meldingen/nieuw", template="W5")
    assert sent == [
        {"mine": "0", "free": "0", "waiting": "0"}, {"mine": "0", "free": "1", "waiting": "0"},
    ]  # fmt: skip


def test_a_stranger_hears_no_counts(visit: Come) -> None:
    assert "data:" not in visit("").see("/mijn-werk/stand").text
