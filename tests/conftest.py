"""Where tests find the project's own files, and the shared test data when it is there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from bdv_process.template.library import read_folder
from bdv_process.template.model import Template, by_key
from faults.databases import Server, Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# In CI the same examples every time; at a desk new ones, so that what is missed is found there.
# A machine that others use is slow now and then: no example has a deadline.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared test data beside the checkout; tests that need it are skipped elsewhere."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared beside this checkout: real logs and schemas are not shipped")
    return folder


@pytest.fixture(scope="session")
def templates(root: Path) -> dict[str, Template]:
    """The eight templates by key."""
    return by_key(read_folder(root / "bpmn"))


@pytest.fixture(scope="session")
def new_schema() -> Iterator[Iterator[str]]:
    """URLs of empty schemas on a PostgreSQL that lives as long as the tests."""
    try:
        server = Server()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield iter(server.schema, None)
    server.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A real Chromium; what is seen in it is not tested where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()
