"""Pictures as they are seen: everything inside, large enough, on a phone, a screen and paper."""

import pytest

from picture.conftest import Drawing

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

#: What sticks out of its picture or its box, what lies over each other, and the size of the
#: smallest letters, of what can be seen.
LOOK = """[...document.querySelectorAll('svg.bdv-sheet')].map(svg => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(each => each.getClientRects().length);
    const boxes = texts.map(each => each.getBoundingClientRect());
    return {
        wide: texts.filter((each, n) => {
            const body = each.previousElementSibling;
            const box = body?.matches('rect.body') && body.getBoundingClientRect();
            return box && (boxes[n].left < box.left || boxes[n].right > box.right);
        }).map(each => each.textContent),
        over: texts.filter((each, n) => boxes.some((other, m) => m < n
            && Math.min(other.right, boxes[n].right) - Math.max(other.left, boxes[n].left) > 2
            && Math.min(other.bottom, boxes[n].bottom) - Math.max(other.top, boxes[n].top) > 5
        )).map(each => each.textContent),
        out: texts.filter(each => {
            const box = each.getBoundingClientRect();
            return box.left < frame.left - 1 || box.right > frame.right + 1
                || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
        }).map(each => each.textContent),
        smallest: Math.min(...texts.map(each => {
            const {a, b} = each.getScreenCTM();
            return parseFloat(getComputedStyle(each).fontSize) * Math.hypot(a, b);
        })),
        letters: texts.length,
    };
})"""


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_sticks_out_and_letters_can_be_read(
    browser: sync_api.Browser, drawings: dict[str, Drawing], width: int
) -> None:
    pictures = [drawn(lang) for drawn in drawings.values() for lang in ("nl", "en")]
    sheets = [each for each in pictures if "bdv-sheet" in each.svg]
    assert len(sheets) >= 18
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content("<meta charset=utf-8>" + "".join(each.svg for each in sheets))
    seen = page.evaluate(LOOK)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width
    for sheet, look in zip(sheets, seen, strict=True):
        assert look["out"] == look["wide"] == look["over"] == [], sheet.title
        assert look["letters"] > 0
        assert look["smallest"] >= 9, sheet.title
