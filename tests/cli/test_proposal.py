"""A finding of a report becomes the call of a risk, with what the report said of it attached."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bdv_process.eventlog.event import ACTIVITY, CASE, TEMPLATE
from bdv_process.eventlog.log import EventLog
from cli.conftest import Shell

OFTEN, SELDOM = "W5.skipped.operate_plan", "W2.skipped.change_test"


@pytest.fixture
def reported(shell: Shell, root: Path, tmp_path: Path) -> Shell:
    """A report of a log in which eight cases of W5 skipped a step, and two of W2 another."""
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    frame = log.frame
    for finding, cases in ((OFTEN, 8), (SELDOM, 2)):
        template, _, activity = finding.split(".")
        at = (frame[TEMPLATE] == template) & (frame[ACTIVITY] == activity)
        frame = frame[~(at & frame[CASE].isin(frame.loc[at, CASE].unique()[:cases]))]
    replace(log, frame=frame).write(tmp_path / "log.csv")
    shell("report log.csv -o report.json")
    return shell


def evidence(shell: Shell, case: str) -> Any:
    return shell(f"case show {case} --json").json["events"][0]["data"]["call"]["evidence"]


@pytest.mark.parametrize("template", ["W6", "W7", "W8"])
def test_a_risk_carries_what_the_report_said(
    reported: Shell, tmp_path: Path, template: str
) -> None:
    reported(f"case start {template} --by guus --from-finding {OFTEN} --report report.json")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (finding,) = [f for f in report["chapters"][0]["findings"] if f["finding"] == OFTEN]
    found = evidence(reported, "Z1")
    assert (found["cases"], found["of"]) == (8, finding["part"]["of"])
    assert found["low"] < found["share"] < found["high"]
    assert len(found["examples"]) == 5
    assert found["examples"] == finding["examples"]
    assert found["log"] == "log.csv"
    assert found["since"] == finding["since"]
    assert found["report"]["fingerprint"] == report["fingerprint"]
    assert finding["says"] in found["says"]
    assert f"Aanleiding: {finding['says']}" in reported("case show Z1").out


def test_a_small_group_is_filed_without_numbers_and_examples(reported: Shell) -> None:
    reported(f"case start W8 --by guus --from-finding {SELDOM} --report report.json")
    found = evidence(reported, "Z1")
    assert [found[name] for name in ("cases", "share", "low", "high", "since")] == [None] * 5
    assert found["examples"] == []
    assert "minder dan 5" in found["says"]


def test_the_same_risk_is_filed_once_under_one_key(reported: Shell) -> None:
    typed = f"case start W8 --by guus --from-finding {OFTEN} --report report.json --key eens"
    assert reported(f"{typed} --json").json == reported(f"{typed} --json").json
    assert len(reported("case list --json").json) == 1


def test_what_was_filled_in_by_hand_stands_beside_it(reported: Shell) -> None:
    reported(f"case start W8 --by guus --data spoed=ja --from-finding {OFTEN} --report report.json")
    call = reported("case show Z1 --json").json["events"][0]["data"]["call"]
    assert call["spoed"] == "ja"
    assert call["evidence"]["finding"] == OFTEN


@pytest.mark.parametrize("half", [f"--from-finding {OFTEN}", "--report report.json"])
def test_a_finding_and_its_report_belong_together(shell: Shell, half: str) -> None:
    assert "--from-finding en --report" in shell(f"case start W8 --by guus {half}", code=2).err
