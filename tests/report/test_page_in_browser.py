"""The page as a reader sees it, in a real Chromium that may reach nothing but the file."""

import re
from itertools import pairwise

import pytest

from bdv_process.report.page import Page
from bdv_process.report.render import render

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


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
        .filter(text => text.getBoundingClientRect().width > 0)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    browser: sync_api.Browser, address: str, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    pairs: list[list[str]] = page.evaluate("""(() => {
        const behind = node => {
            for (; node; node = node.parentElement) {
                const colour = getComputedStyle(node).backgroundColor;
                if (!/, 0\\)$|transparent/.test(colour)) return colour;
            }
            return getComputedStyle(document.body).backgroundColor;
        };
        const texts = [...document.querySelectorAll('body *:not(svg, svg *)')].filter(node =>
            [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim()));
        return [...new Set(texts.map(n => getComputedStyle(n).color + '|' + behind(n)))]
            .map(pair => pair.split('|'));
    })()""")
    page.close()
    assert len(pairs) > 3
    assert [pair for pair in pairs if contrast(*map(hexadecimal, pair)) < 4.5] == []


def hexadecimal(colour: str) -> str:
    return "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize("width", [320, 1280])
def test_what_can_be_pressed_is_large_enough_or_stands_in_a_sentence(
    browser: sync_api.Browser, address: str, width: int
) -> None:
    """WCAG 2.2, 2.5.8: 24 pixels, or spacing of 24 around its middle."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    small = page.evaluate("""(() => {
        const boxes = [...document.querySelectorAll('a:not(.skip), summary')].map(node =>
            [node.textContent.trim(), node.getBoundingClientRect()]);
        const middle = box => [box.x + box.width / 2, box.y + box.height / 2];
        return boxes.filter(([name, box]) => {
            if (box.width >= 24 && box.height >= 24) return false;
            const [x, y] = middle(box);
            return boxes.some(([other, there]) => {
                const [u, v] = middle(there);
                return other !== name && Math.hypot(x - u, y - v) < 24;
            });
        }).map(([name]) => name);
    })()""")
    page.close()
    assert small == []


def test_the_page_has_one_heading_one_main_and_names_for_all_regions(
    browser: sync_api.Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    headings = page.get_by_role("heading").evaluate_all("all => all.map(h => +h.tagName[1])")
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert page.get_by_role("main").count() == 1
    for role in ("region", "table"):
        found = page.get_by_role(role)
        assert found.count() > 3, role
        assert page.get_by_role(role, name=re.compile(".")).count() == found.count(), role
    page.close()


def test_a_finding_is_read_as_an_item_of_a_list(browser: sync_api.Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    first = page.get_by_role("region").first
    points = first.get_by_role("list").first.get_by_role("listitem")
    assert points.count() == 5
    assert "Wat te doen:" in points.first.inner_text()
    page.close()


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
