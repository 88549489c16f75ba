"""What a file may take is settled in one place, set in the environment, and written down."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bdv_process.errors import InputRefused
from bdv_process.limits import LIMITS, limit


def test_a_limit_is_what_it_is_set_to_and_else_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BDV_MAX_SECONDS", raising=False)
    assert limit("BDV_MAX_SECONDS") == LIMITS["BDV_MAX_SECONDS"][0]
    monkeypatch.setenv("BDV_MAX_SECONDS", " 7 ")
    assert limit("BDV_MAX_SECONDS") == 7


@pytest.mark.parametrize("value", ["0", "-1", "een minuut", "1e9", "١", "9" * 5_000, "1000001"])
def test_a_limit_that_is_no_number_in_its_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("BDV_MAX_SECONDS", value)
    with pytest.raises(InputRefused) as caught:
        limit("BDV_MAX_SECONDS")
    assert caught.value.code == "BDV-550"
    assert "BDV_MAX_SECONDS" in caught.value.render("nl")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("BDV_MAX_EVENTS", "1", "BDV-228"), ("BDV_MAX_COLUMNS", "2", "BDV-226"),
     ("BDV_MAX_CELL_CHARACTERS", "5", "BDV-227"), ("BDV_MAX_UNPACKED_BYTES", "9", "BDV-207"),
     ("BDV_MAX_EVENTS", "veel", "BDV-550")],
)  # fmt: skip
def test_a_setting_counts_for_the_command(tmp_path: Path, name: str, value: str, code: str) -> None:
    (tmp_path / "log.csv").write_text(
        "case:concept:name,concept:name,time:timestamp\n" + "a,Aannemen,2026-03-02T09:00:00Z\n" * 2
    )
    said = subprocess.run(
        [sys.executable, "-m", "bdv_process", "log", "show", "log.csv"],
        cwd=tmp_path, env=os.environ | {name: value}, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stderr.startswith(f"{code}: ")
    assert said.returncode == (3 if code == "BDV-550" else 9)


def test_every_limit_stands_in_the_documentation_with_its_default(root: Path) -> None:
    page = (root / "docs" / "limits.md").read_text(encoding="utf-8")
    told = {
        name: (int(default.replace(" ", "")), int(most.replace(" ", "")))
        for name, default, most in re.findall(
            r"\| `(BDV_MAX_\w+)` \| ([\d ]+) \| ([\d ]+) \|", page
        )
    }
    assert told == LIMITS
