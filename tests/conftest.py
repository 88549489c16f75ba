"""Where tests find the project's own files, and the shared test data when it is there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from bdv_process.template.library import read_folder
from bdv_process.template.model import Template, by_key

# In CI the same examples every time; at a desk new ones, so that what is missed is found there.
settings.register_profile("ci", derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

ROOT = Path(__file__).resolve().parents[1]


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
