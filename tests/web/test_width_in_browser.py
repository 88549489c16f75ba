"""Every screen fits a window of 320 pixels and says nothing to the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bdv_process.execution.register import CaseRegister

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 4


def test_every_screen_fits_the_narrowest_window(
    browser: Browser, address: str, register: CaseRegister
) -> None:
    register.start("W4", by="anna", data={"subject": LONG, LONG: LONG})
    linked = "ZAAK" * 16  # as long as an id may be
    register.complete("Z1.2", by="ben", data={"linked": linked, "motivation": LONG})
    (item,) = register.items("Z1")
    window = browser.new_page(viewport={"width": 320, "height": 800}, base_url=address)
    window.goto("/aanmelden")
    with window.expect_navigation():
        window.click("button[value=carla]")
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    for path in (
        "/aanmelden", "/mijn-werk", "/meldingen", "/meldingen/nieuw", "/meldingen/Z1",
        f"/taken/{item.id}", "/werkstromen", "/werkstromen/W1", "/register",
        "/register/diensten/paspoort", "/register/onderdelen/website", "/begrippen",
        "/toegankelijkheid", "/bestaat-niet",
    ):  # fmt: skip
        window.goto(path)
        window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert window.evaluate("document.documentElement.scrollWidth") == 320, path
    window.close()
    assert [each for each in said if "404" not in each] == []
