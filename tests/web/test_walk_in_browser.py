"""A wish from intake to close, through a change and a service, by four people in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bdv_process.execution.register import CaseRegister

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

WISH = "Kan het loket op donderdagavond open?"
#: What a step asks to be filled in, by its label.
FILLED = {
    "Hoort bij": "geen",
    "Gewijzigde onderdelen": "website",
    "Voorstellen tot verbetering": "Geen ",
}


@pytest.mark.parametrize("scripts", [True, False], ids=["JavaScript", "no JavaScript"])
def test_four_people_bring_a_wish_to_its_end(
    browser: Browser, address: str, register: CaseRegister, scripts: bool
) -> None:
    asked: list[str] = []
    pages = {}
    for person in ("Ben", "Carla", "Dirk", "Eva"):
        context = browser.new_context(base_url=address, java_script_enabled=scripts)
        context.on("request", lambda request: asked.append(request.url))
        pages[person] = _come_in(context.new_page(), person)
    _take_in(pages["Ben"])
    done: list[str] = []
    while register.case("Z1").closed is None:
        before = len(done)
        for page in pages.values():
            done += _work(page)
        assert len(done) > before, "nobody can go on"
    assert [case.template for case in register.cases()] == ["W1", "W2", "W5"]
    assert {case.outcome for case in register.cases()} == {"completed"}
    linked = {event.linked for event in register.events() if event.activity == "agree_accept"}
    assert linked == {None, "none"}
    assert len(done) == 23 - 2  # what is drawn, less the forks: nobody works on those
    ben = pages["Ben"]
    ben.goto("/mijn-werk")
    ben.get_by_label("Nummer van een melding").fill("z1")
    _follow(ben, ben.get_by_role("button", name="Melding openen"))
    assert "voltooid" in ben.locator(".lead").inner_text()
    assert WISH in ben.locator("main").inner_text()
    for page in pages.values():
        page.context.close()
    assert all(url.startswith(address) for url in asked)


def test_counts_follow_what_happens_while_one_looks(
    browser: Browser, address: str, register: CaseRegister
) -> None:
    page = _come_in(browser.new_page(base_url=address), "Ben")
    free = page.locator("[data-live=free]")
    assert free.inner_text() == "0"
    register.start("W5", by="anna")
    page.locator("[data-live=free]", has_text="1").wait_for()
    page.close()


def _come_in(page: Page, person: str) -> Page:
    page.goto("/")
    _follow(page, page.get_by_role("button", name=person))
    assert page.get_by_role("heading", level=1).inner_text() == "Mijn werk"
    return page


def _take_in(page: Page) -> None:
    """Write down the wish of somebody who calls."""
    _follow(page, page.get_by_role("link", name="Nieuwe melding").first)
    page.get_by_label("Wat is er aan de hand").fill(WISH)
    page.get_by_label("Voor wie is het?").select_option("Anna")
    page.get_by_label("Ja, nieuw of anders").check()
    _follow(page, page.get_by_role("button", name="Naar het voorstel"))
    assert "W1 Afspraak aanpassen" in page.locator(".said").inner_text()
    _follow(page, page.get_by_role("button", name="Melding starten"))
    assert re.search("/meldingen/Z1$", page.url)


def _work(page: Page) -> list[str]:
    """Do what is free for somebody, as long as there is any; return the steps."""
    done = []
    while True:
        _follow(page, page.get_by_role("link", name="Mijn werk").first)
        task = page.locator("section[aria-labelledby=free] tbody a").first
        if not task.count():
            return done
        done.append(task.inner_text())
        _follow(page, task)
        claim = page.get_by_role("button", name="Oppakken")
        if not claim.count():  # a duty forbids it, and the page says which
            assert page.locator(".denied li").count()
            return done[:-1]
        _follow(page, claim)
        for label, value in FILLED.items():
            asked = page.get_by_label(label, exact=True)
            if asked.count():
                asked.fill(value)
        if page.get_by_role("radio").count():
            page.get_by_role("radio").first.check()
        _follow(page, page.get_by_role("button", name="Afronden"))
        assert page.get_by_role("status").inner_text()


def _follow(page: Page, way: Locator) -> None:
    """Click, and wait until the page is there that it leads to: a click alone does not."""
    with page.expect_navigation():
        way.click()
