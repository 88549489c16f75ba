"""An organisation drops in its own design tokens, and every screen wears them."""

from __future__ import annotations

import re
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import pytest

from bdv_process.errors import NotFound
from bdv_process.execution.register import CaseRegister
from bdv_process.web.app import create_app
from bdv_process.web.theme import theme_in
from web.conftest import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

THEME = """
:root {
  --utrecht-document-font-family: "Rijks", monospace;
  --utrecht-link-color: rgb(1, 2, 3);
  --utrecht-button-primary-action-background-color: rgb(4, 5, 6);
  --utrecht-button-border-radius: 0;
}
@media screen and (prefers-color-scheme: dark) { :root { --utrecht-link-color: rgb(7, 8, 9); } }
"""
WORN = """({
    font: getComputedStyle(document.body).fontFamily,
    link: getComputedStyle(document.querySelector('main a, footer a')).color,
    button: getComputedStyle(document.querySelector('main form button')).backgroundColor,
    corner: getComputedStyle(document.querySelector('main form button')).borderRadius,
})"""


@pytest.mark.parametrize(("light", "link"), [("light", "rgb(1, 2, 3)"), ("dark", "rgb(7, 8, 9)")])
def test_the_tokens_of_an_organisation_are_worn_in_light_and_dark(
    browser: Browser, register: CaseRegister, tmp_path: Path, light: str, link: str
) -> None:
    sheet = tmp_path / "huisstijl.css"
    sheet.write_text(THEME, "utf-8")
    app = create_app(register, secret=token_urlsafe(), dev=True, theme=sheet)
    with served(app) as address:
        page = browser.new_page(base_url=address, color_scheme=light)
        page.goto("/aanmelden")
        page.click("button[value=ben]")
        page.goto("/meldingen/nieuw")
        worn = page.evaluate(WORN)
        page.close()
    assert worn == {
        "font": "Rijks, monospace", "link": link, "button": "rgb(4, 5, 6)", "corner": "0px",
    }  # fmt: skip


def test_a_sheet_that_is_not_there_is_refused_before_anybody_sees_a_page() -> None:
    with pytest.raises(NotFound) as refused:
        theme_in({"BDV_THEME": "nergens.css"})
    assert refused.value.code == "BDV-622"
    assert theme_in({}) is None


def test_no_style_names_a_colour_or_a_letter_outside_the_tokens(root: Path) -> None:
    sheet = (root / "src/bdv_process/web/static/screen.css").read_text("utf-8")
    own = re.sub(r"var\(--utrecht-[a-z-]+\)", "", sheet)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl|font-family", own) == []
