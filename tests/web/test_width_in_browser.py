"""Every screen fits a window of 320 pixels, says nothing to the console and asks nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bdv_process.execution.register import CaseRegister

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 4


@pytest.fixture
def window(address: str) -> Iterator[sync_api.Page]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        page = started.new_page(viewport={"width": 320, "height": 800}, base_url=address)
        page.goto("/aanmelden")
        page.click("button[value=carla]")
        yield page
        started.close()


def test_every_screen_fits_the_narrowest_window(
    window: sync_api.Page, address: str, register: CaseRegister
) -> None:
    register.start("W4", by="anna", data={LONG: LONG})
    register.complete("Z1.2", by="ben", data={"linked": LONG, "motivation": LONG})
    said: list[str] = []
    asked: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("request", lambda request: asked.append(request.url))
    (item,) = register.items("Z1")
    for path in (
        "/mijn-werk", "/meldingen/nieuw", "/meldingen/Z1", f"/taken/{item.id}", "/werkstromen",
        "/werkstromen/W1", "/begrippen", "/toegankelijkheid", "/bestaat-niet",
    ):  # fmt: skip
        window.goto(path)
        window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert window.evaluate("document.documentElement.scrollWidth") == 320, path
    assert [each for each in said if "404" not in each] == []
    assert all(each.startswith(address) for each in asked)
