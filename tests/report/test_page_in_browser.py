"""The page as a reader sees it, in a real Chromium that may reach nothing but the file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bdv_process.report.page import Page
from bdv_process.report.render import render

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(told: Page, tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(told, to=tmp_path_factory.mktemp("page") / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 1280, 2560])
def test_the_page_fits_its_window_in_silence(
    browser: sync_api.Browser, address: str, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width
    assert not said
    assert asked == [address]


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_the_letters_of_a_diagram_are_large_enough(
    browser: sync_api.Browser, address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    smallest = page.evaluate("""Math.min(...[...document.querySelectorAll('.bdv-diagram text')]
        .map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))""")
    page.close()
    assert smallest >= 9


def test_names_stay_inside_their_shapes_and_above_the_sign_of_a_fork(
    browser: sync_api.Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    outside = page.evaluate("""[...document.querySelectorAll('.bdv-diagram g')].filter(group => {
        const body = group.querySelector(':scope > rect.body');
        const name = group.querySelector(':scope > text');
        if (!body || !name) return false;
        const outer = body.getBBox(), inner = name.getBBox();
        const sign = group.querySelector(':scope > .calls');
        if (sign && inner.y + inner.height > sign.getBBox().y + 2) return true;
        return inner.x < outer.x || inner.x + inner.width > outer.x + outer.width
            || inner.y < outer.y || inner.y + inner.height > outer.y + outer.height;
    }).map(group => group.dataset.elementId)""")
    page.close()
    assert outside == []


def test_the_keyboard_reaches_the_skip_link_and_every_scroll_box(
    browser: sync_api.Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 900})
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    boxes = page.evaluate("""[...document.querySelectorAll('.scroll')]
        .map(box => [box, document.getElementById(box.getAttribute('aria-labelledby'))])
        .map(([box, label]) => [box.tabIndex, box.role, label.textContent.length > 5])""")
    page.close()
    assert boxes
    assert all(box == [0, "group", True] for box in boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_far_enough_apart(browser: sync_api.Browser, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(address)
    colours: dict[str, str] = page.evaluate("""(() => {
        const read = (selector, names) => {
            const style = getComputedStyle(document.querySelector(selector));
            return names.map(name => [name, style.getPropertyValue(name).trim()]);
        };
        const levels = [0, 1, 2, 3, 4].map(n => `--bdv-level-${n}`);
        return Object.fromEntries([
            ...read(':root', ['--paper', '--panel', '--ink', '--quiet', '--accent', '--soft']),
            ...read('.bdv-diagram', ['--bdv-paper', '--bdv-shape', '--bdv-quiet', '--bdv-ink',
                '--bdv-line', '--bdv-accent', '--bdv-rework', '--bdv-edge', ...levels]),
        ]);
    })()""")
    page.close()
    levels = [f"--bdv-level-{n}" for n in range(5)]
    letters = [
        *((ink, on) for ink in ("--ink", "--quiet", "--accent") for on in ("--paper", "--panel")),
        *(("--bdv-ink", on) for on in ("--bdv-paper", "--bdv-shape", "--bdv-quiet", *levels)),
    ]
    lines = [
        (line, on)
        for line in ("--bdv-line", "--bdv-accent", "--bdv-rework", "--bdv-edge")
        for on in ("--bdv-paper", "--bdv-quiet")
    ]
    weak = [pair for pair in letters if contrast(*(colours[name] for name in pair)) < 4.5]
    weak += [pair for pair in lines if contrast(*(colours[name] for name in pair)) < 3]
    assert weak == []


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(pair, 16) / 255 for pair in re.findall("[0-9a-f]{2}", colour)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
