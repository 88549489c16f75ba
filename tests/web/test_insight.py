"""Inzicht: the pictures of the report on a page, of nobody and of no few."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

import pytest
from fastapi import FastAPI

import bdv_process as bdv
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web import insight
from bdv_process.web.app import create_app
from web.conftest import Visit, peopled, served, settle

Come = Callable[[str], Visit]


@pytest.fixture
def register(tmp_path: Path, clock: VirtualClock) -> Iterator[CaseRegister]:
    """An empty register of an organisation with citizens."""
    opened = CaseRegister(
        f"sqlite:///{tmp_path / 'register.db'}",
        templates=shipped(), procedure=shipped_procedure(), organisation=peopled(14), clock=clock,
    )  # fmt: skip
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseRegister]:
    """A register in which six calls went through W5: for tests that only look."""
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    opened = CaseRegister(
        f"sqlite:///{tmp_path_factory.mktemp('insight') / 'register.db'}",
        templates=shipped(), procedure=shipped_procedure(), organisation=peopled(6), clock=clock,
    )  # fmt: skip
    _settle(opened, clock, *range(6))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def ben(six: CaseRegister) -> Iterator[Visit]:
    """Ben, who looks at it."""
    with served(create_app(six, secret=token_urlsafe(), dev=True)) as address:
        visitor = Visit(address)
        visitor.send("/aanmelden", person="ben")
        yield visitor
        visitor.client.close()


def _settle(register: CaseRegister, clock: VirtualClock, *citizens: int) -> None:
    for citizen in citizens:
        settle(register, clock, f"c{citizen}")


def _reject(register: CaseRegister, clock: VirtualClock, citizen: str) -> None:
    """Let the first step of W2 end in no."""
    (item,) = register.items(register.start("W2", by=citizen))
    clock.pass_time(timedelta(hours=1))
    register.complete(item.id, by="ben", outcome="rejected", data={"motivation": "Dit kan niet."})


def _patterns(page: str) -> list[str]:
    return re.findall(r'href="/inzicht\?pattern=([^"]*)"', page)


def test_the_page_shows_the_picture_that_the_library_draws(ben: Visit, six: CaseRegister) -> None:
    page = ben.see("/inzicht").text
    log = EventLog.of(six.events())
    journey = bdv.journeys(log).chart(procedure=six.procedure, lang="nl")
    pictures = (bdv.value_streams(log).chart(lang="nl"), journey)
    assert page.count("<svg") == len(pictures)
    for picture in pictures:
        assert picture.says in page
        for row in picture.table.astype(str).itertuples(index=False):
            first, *others = row
            cells = "".join(f"<td>{cell.replace('<', '&lt;')}</td>" for cell in others)
            assert f'<th scope="row">{first}</th>{cells}' in page


def test_what_the_pictures_look_like_comes_from_here_and_stands_apart(ben: Visit) -> None:
    seen = ben.see("/inzicht")
    assert "style-src" not in seen.headers["content-security-policy"]
    assert "unsafe" not in seen.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=", seen.text)
    (address,) = re.findall(r'href="(/inzicht/opmaak\.css[^"]*)"', seen.text)
    look = ben.see(address)
    assert look.headers["content-type"].startswith("text/css")
    for picture in ("stream", "journey"):
        assert f'id="{picture}"' in seen.text
        assert re.search(rf"#{picture} svg\.bdv-sheet {{ --bdv-width:\d+", look.text)


def test_roles_are_called_by_their_names(ben: Visit) -> None:
    page = ben.see("/inzicht").text
    assert "W5 · Klantcontactcentrum" in page
    assert "· kcc" not in page


def test_nobody_is_named(ben: Visit, six: CaseRegister) -> None:
    page = ben.see("/inzicht").text
    main = page[page.index("<main") :]
    for person in six.organisation.people.values():
        assert not re.search(rf"\b({person.id}|{person.name})\b", main)


def test_of_few_calls_nothing_is_shown(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    _settle(register, clock, *range(4))
    page = visit("ben").see("/inzicht").text
    assert "nog geen 5 meldingen" in page
    assert "<svg" not in page


def test_a_small_pattern_is_neither_shown_nor_told_by_what_is(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    _settle(register, clock, *range(7))
    for citizen, template in enumerate(("W1", "W1", "W1", "W1", "W1", "W2", "W2"), 7):
        withdrawn = register.start(template, by=f"c{citizen}")
        clock.pass_time(timedelta(hours=1))
        register.withdraw(withdrawn, by=f"c{citizen}")
    ben = visit("ben")
    # Two of W2 are too few; with the five of W1 beside them they could be worked out.
    assert _patterns(ben.see("/inzicht").text) == ["operate"]
    hidden, unknown = (ben.see(f"/inzicht?pattern={each}") for each in ("change", "zeppelin"))
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text.replace("change", "zeppelin") == re.sub(
        r'name="key" value="[^"]*"', "", unknown.text
    )
    assert ben.see("/inzicht/opmaak.css?pattern=change").status_code == 404


def test_a_pattern_is_chosen_by_a_link(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    _settle(register, clock, *range(6))
    for citizen in range(6, 11):
        _reject(register, clock, f"c{citizen}")
    ben = visit("ben")
    assert _patterns(ben.see("/inzicht").text) == ["operate", "change"]
    page = ben.see("/inzicht?pattern=change").text
    assert 'href="/inzicht?pattern=change" aria-current="true"' in page
    assert "Waardestroom wijzigen" in page
    assert "Waardestroom uitvoeren" not in page


def test_a_chain_without_a_step_to_draw_has_no_map(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    _settle(register, clock, *range(5))
    for citizen in range(5, 11):
        withdrawn = register.start("W1", by=f"c{citizen}")
        register.withdraw(withdrawn, by=f"c{citizen}")
    assert _patterns(visit("ben").see("/inzicht").text) == ["operate"]


def test_who_asks_may_not_look_and_reads_why(visit: Come, register: CaseRegister) -> None:
    anna = visit("anna")
    for path in ("/inzicht", "/inzicht/opmaak.css"):
        refused = anna.see(path)
        assert refused.status_code == 403
        assert "Anna kan dit niet inzien: Inzicht is voor wie hier werkt" in refused.text
    assert 'href="/inzicht"' not in anna.see("/mijn-werk").text
    assert 'href="/inzicht"' in visit("ben").see("/mijn-werk").text
    denied = [each.object for each in register.audit() if each.result == "denied BDV-580"]
    assert denied == ["/inzicht", "/inzicht/opmaak.css"]


def test_a_stranger_is_sent_to_the_door(visit: Come) -> None:
    assert visit("").see("/inzicht").url.path == "/aanmelden"


def test_the_pictures_speak_the_language_of_who_looks(ben: Visit) -> None:
    ben.send("/taal", lang="en")
    page = ben.see("/inzicht").text
    assert 'aria-current="page">Insight</a>' in page
    assert page.count('lang="en" role="img"') == 2
    assert "Where the time went" in page
    ben.send("/taal", lang="nl")


def test_what_was_looked_at_is_kept_until_a_case_is_closed(
    visit: Come, app: FastAPI, register: CaseRegister, clock: VirtualClock
) -> None:
    _settle(register, clock, *range(5))
    ben, kept = visit("ben"), app.state.insight
    assert "Uit alle 5 meldingen" in ben.see("/inzicht").text
    first = kept.seen()
    register.start("W5", by="anna")
    assert kept.seen() is first
    _settle(register, clock, 5)
    assert "Uit alle 6 meldingen" in ben.see("/inzicht").text


def test_older_calls_do_not_count_and_the_page_says_how_many_do(
    visit: Come, register: CaseRegister, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight, "_MOST", 6)
    _settle(register, clock, *range(5))
    clock.pass_time(timedelta(days=366))
    ben = visit("ben")
    _settle(register, clock, *range(5, 9))
    assert "nog geen 5 meldingen" in ben.see("/inzicht").text
    _settle(register, clock, 9, 10)
    assert "Uit alle 6 meldingen" in ben.see("/inzicht").text
    _settle(register, clock, 11)
    assert "Uit de 6 meldingen die het laatst zijn afgesloten" in ben.see("/inzicht").text


def test_serving_pages_needs_nothing_that_mines() -> None:
    asked = "import sys, bdv_process.web.app; print({'pandas', 'pm4py', 'altair'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
