"""Every screen, in each of its states, as axe-core judges it and as somebody hears it.

axe-core is fetched with npm, unless AXE_CORE names its script; it looks for failures of WCAG 2.0,
2.1 and 2.2, level A and AA, as far as a program can.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from secrets import token_urlsafe
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web.app import create_app
from web.conftest import peopled, served, settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Addresses that lead on or speak to a script, and show no screen.
LEAD_ON = {
    "/", "/aanmelden/elders", "/aanmelden/terug", "/mijn-werk/stand",
    "/static/diagram.css", "/inzicht/opmaak.css", "/healthz",
}  # fmt: skip


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core."""
    given = os.environ.get("AXE_CORE")
    if given:
        return Path(given).read_text("utf-8")
    if not which("npm"):
        pytest.skip("no axe-core: apt-get install npm")
    folder = tmp_path_factory.mktemp("axe")
    quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    ran = subprocess.run(
        ["npm", "install", "--prefix", str(folder), *quiet, AXE],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if ran.returncode:
        pytest.skip(f"no axe-core: npm could not fetch it ({ran.stderr.strip()[-200:]})")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application on a register with a case in every state."""
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    register = CaseRegister(
        f"sqlite:///{tmp_path_factory.mktemp('access') / 'register.db'}",
        templates=shipped(), procedure=shipped_procedure(), organisation=peopled(6),
        clock=clock,
    )  # fmt: skip
    _fill(register, clock)
    yield create_app(register, secret=token_urlsafe(), dev=True)
    register.close()


def _fill(register: CaseRegister, clock: VirtualClock) -> None:
    call = {"subject": "De lantaarn voor mijn huis brandt niet."}
    register.start("W5", by="anna", data=call)  # Z1: overdue, with a colleague
    register.claim("Z1.2", by="ben")
    light = {"service": "openbare-ruimte", "component": "lichtmast-0417"}
    register.start("W4", by="ben", requester="anna", data=call, **light)  # Z2: waits for Z3
    while register.items("Z2")[0].activity != "recover_recover":
        item = register.items("Z2")[0]
        worker = {"kcc": "ben", "uitvoerder": "dirk"}.get(str(item.role), "carla")
        register.complete(item.id, by=worker, data={"motivation": "Zo is het besproken."})
    clock.pass_time(timedelta(weeks=9))
    register.start("W5", by="anna", data=call)  # Z4: waits for its requester
    register.complete("Z4.2", by="ben", outcome="incomplete")
    register.start("W5", by="anna", data=call)  # Z5: closed
    register.withdraw("Z5", by="anna", reason="Niet meer nodig.")
    register.start("W2", by="anna", data=call)  # Z6: free
    register.start("W5", by="ben", data=call)  # Z7: not for Anna
    register.start("W4", by="anna", data=call)  # Z8: may move to a sibling
    for citizen in range(6):
        settle(register, clock, f"c{citizen}")  # Z9 to Z14: enough to draw


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as where:
        yield where


def _press(page: Page, button: str) -> None:
    """Send a form as a browser does that checks nothing itself."""
    page.evaluate("[...document.forms].forEach(form => form.noValidate = true)")
    with page.expect_navigation():
        page.locator(button).first.click()


def _call(page: Page) -> None:
    page.locator("#subject").fill("De lamp is stuk.")
    for question, answer in (("agreement", "no"), ("disturbed", "yes"), ("component", "no")):
        page.locator(f"[name={question}][value={answer}]").check()
    _press(page, "main form button")


def _depart(page: Page) -> None:
    _call(page)
    page.locator("[name=template][value=W5]").check()
    _press(page, "main form button")


def _forge(page: Page) -> None:
    page.evaluate("[...document.querySelectorAll('[name=token]')].forEach(each => each.value = '')")
    _press(page, "form[action='/taal'] button")


def _come_late(page: Page) -> None:
    """Take what a colleague took while one looked."""
    page.evaluate("document.querySelector('[action$=oppakken]').action = '/taken/Z1.2/oppakken'")
    _press(page, "[action$=oppakken] button")


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen in one of its states: who looks where, and does what first."""

    who: str
    path: str
    does: Callable[[Page], None] | None = None
    status: int = 200


SCREENS = {
    "login": Screen(who="", path="/aanmelden"),
    "my work": Screen(who="carla", path="/mijn-werk"),
    "my work of a requester": Screen(who="anna", path="/mijn-werk"),
    "one pile": Screen(who="ben", path="/mijn-werk?lijst=free&werkstroom=W2&te-laat=ja"),
    "nothing ticked": Screen(
        who="carla", path="/mijn-werk?lijst=free", does=partial(_press, button=".bulk button")
    ),
    "open calls": Screen(who="carla", path="/meldingen"),
    "new call": Screen(who="ben", path="/meldingen/nieuw"),
    "new call with mistakes": Screen(
        who="ben", path="/meldingen/nieuw", does=partial(_press, button="main button"), status=400
    ),
    "proposal": Screen(who="ben", path="/meldingen/nieuw", does=_call),
    "proposal with a mistake": Screen(who="ben", path="/meldingen/nieuw", does=_depart, status=400),
    "overdue case of the requester": Screen(who="anna", path="/meldingen/Z1"),
    "case that waits for another": Screen(who="carla", path="/meldingen/Z2"),
    "case of which the term can be put off": Screen(who="carla", path="/meldingen/Z6"),
    "case that asks its requester": Screen(who="anna", path="/meldingen/Z4"),
    "closed case": Screen(who="carla", path="/meldingen/Z5"),
    "case that may move to a sibling": Screen(who="carla", path="/meldingen/Z8"),
    "free task": Screen(who="ben", path="/taken/Z6.2"),
    "task of one's own": Screen(who="ben", path="/taken/Z1.2"),
    "task that a duty forbids": Screen(who="dirk", path="/taken/Z6.2"),
    "task with mistakes": Screen(
        who="ben",
        path="/taken/Z6.2",
        does=partial(_press, button="[action$=afronden] button"),
        status=400,
    ),
    "workflows": Screen(who="ben", path="/werkstromen"),
    "workflow": Screen(who="ben", path="/werkstromen/W1"),
    "insight": Screen(who="carla", path="/inzicht"),
    "insight of a requester": Screen(who="anna", path="/inzicht", status=403),
    "register": Screen(who="anna", path="/register"),
    "register in which nothing is found": Screen(who="ben", path="/register?zoek=zeppelin"),
    "service": Screen(who="anna", path="/register/diensten/openbare-ruimte"),
    "component": Screen(who="carla", path="/register/onderdelen/lichtmast-0417"),
    "component that is not registered": Screen(
        who="ben", path="/register/onderdelen/zeppelin", status=404
    ),
    "glossary": Screen(who="", path="/begrippen"),
    "accessibility": Screen(who="", path="/toegankelijkheid"),
    "stranger's form": Screen(who="ben", path="/mijn-werk", does=_forge, status=403),
    "case of somebody else": Screen(who="anna", path="/meldingen/Z7", status=403),
    "nowhere": Screen(who="ben", path="/nergens", status=404),
    "too late": Screen(who="carla", path="/taken/Z6.2", does=_come_late, status=409),
}


class Tour:
    """Opens screens as the people of the demonstration, in one language and light."""

    def __init__(self, browser: Browser, address: str, *, lang: str = "nl", light: str = "light"):
        self._browser, self._address, self._lang, self._light = browser, address, lang, light
        self._pages: dict[str, Page] = {}
        self._status: dict[str, int] = {}
        self.asked: list[str] = []

    def open(self, screen: Screen) -> Page:
        """Return the page that shows a screen, with everything on it unfolded."""
        page = self._pages.get(screen.who) or self._come_in(screen.who)
        page.goto(screen.path)
        if screen.does:
            screen.does(page)
        assert self._status[screen.who] == screen.status, screen
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        return page

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _come_in(self, who: str) -> Page:
        context = self._browser.new_context(base_url=self._address, color_scheme=self._light)
        context.on("request", lambda request: self.asked.append(request.url))
        page = self._pages[who] = context.new_page()

        def keep(response: Response) -> None:
            if response.request.is_navigation_request():
                self._status[who] = response.status

        page.on("response", keep)
        page.goto("/aanmelden")
        for button in (f"value={who}" if who else "", "name=lang" if self._lang != "nl" else ""):
            if button:
                _press(page, f"button[{button}]")
        return page


@pytest.mark.parametrize(("lang", "light"), [("nl", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_each_screen_can_be_heard(
    browser: Browser, address: str, axe: str, lang: str, light: str
) -> None:
    tour, found, titles = Tour(browser, address, lang=lang, light=light), [], {}
    for name, screen in SCREENS.items():
        page = tour.open(screen)
        page.evaluate(axe)
        judged = page.evaluate(f"axe.run({{runOnly: {RULES}, resultTypes: ['violations']}})")
        assert judged["passes"], name
        found += [
            f"{name}: {each['id']} {[node['html'][:200] for node in each['nodes']]}"
            for each in judged["violations"]
        ]
        heard = page.evaluate(HEARD)
        titles.setdefault(page.title(), []).append(name)
        found += [f"{name}: {what}" for what in _unheard(heard, lang)]
    tour.close()
    assert found == []
    assert [names for names in titles.values() if len(names) > 1] == ALIKE
    assert [url for url in tour.asked if not url.startswith(address)] == []


#: The same screen with other work on it.
ALIKE = [["my work", "my work of a requester"], ["free task", "task that a duty forbids"]]

HEARD = """({
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll('h1, h2, h3, h4')].map(each => +each.tagName[1]),
    pictures: document.querySelectorAll('.bdv-diagram').length,
    tables: document.querySelectorAll('.diagram ~ .scroll caption, figure ~ details table').length,
    mistakes: document.querySelectorAll('.mistake').length,
    led: [...document.querySelectorAll('.wrongs a[href^="#"]')].map(each => {
        const field = document.getElementById(each.hash.slice(1));
        return Boolean(field && (field.matches('fieldset') || field.labels.length));
    }),
    focus: document.activeElement.className,
    order: [...document.querySelectorAll('[tabindex]')].filter(each => each.tabIndex > 0).length,
})"""


def _unheard(heard: dict[str, Any], lang: str) -> Iterator[str]:
    """Yield what somebody who does not see a screen would miss."""
    if heard["lang"] != lang:
        yield "another language than it says"
    if heard["headings"].count(1) != 1 or heard["headings"][0] != 1:
        yield f"headings {heard['headings']}"
    if any(after - before > 1 for before, after in pairwise(heard["headings"])):
        yield f"headings {heard['headings']}"
    if heard["pictures"] != heard["tables"]:
        yield "a diagram without a table"
    if not all(heard["led"]) or len(heard["led"]) != heard["mistakes"]:
        yield f"mistakes that lead nowhere {heard['led']}"
    if heard["led"] and heard["focus"] != "wrongs":
        yield "mistakes that are not told first"
    if heard["order"]:
        yield "an order of its own"


def test_every_screen_there_is_was_looked_at(app: FastAPI) -> None:
    looked = {screen.path.partition("?")[0] for screen in SCREENS.values()}
    paths = {path for path, methods in app.openapi()["paths"].items() if "get" in methods}
    assert len(paths - LEAD_ON) > 8
    for path in paths - LEAD_ON:
        shown = re.sub(r"{\w+}", "[^/]+", path)
        assert any(re.fullmatch(shown, each) for each in looked), path


def test_the_keyboard_goes_through_a_screen_in_the_order_in_which_it_is_read(
    browser: Browser, address: str
) -> None:
    tour = Tour(browser, address)
    page = tour.open(SCREENS["free task"])
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = page.evaluate("""{
            const all = [...document.querySelectorAll('*')];
            const here = document.activeElement;
            [all.indexOf(here), getComputedStyle(here).outlineStyle, here.className];
        }""")
        if stops and place[0] <= stops[-1][0]:
            break
        stops.append(place)
    tour.close()
    assert stops[0][2] == "skip"
    assert len(stops) > 10
    assert {outline for _, outline, _ in stops} <= {"solid", "auto"}
