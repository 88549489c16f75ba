"""What analysts import: complete, documented, and the twin of the shell."""

import inspect
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import bdv_process as bdv
from bdv_process.cli.mine import mine
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    RESOURCE,
    TIMESTAMP,
)
from bdv_process.language import text

AMSTERDAM = "Europe/Amsterdam"

#: A chart is a method of each result; a contrast is of any frame: see `cli/test_twins.py`.
MINING = sorted(mine.commands.keys() - {"chart", "contrast"})


def _own(name: str) -> list[Any]:
    """Return a public name, and its own methods when it is a class."""
    named = getattr(bdv, name)
    methods = vars(named).items() if inspect.isclass(named) else ()
    public = [method for called, method in methods if not called.startswith("_")]
    return [named, *(one for one in public if isinstance(one, FunctionType))]


def twin(command: str) -> str:
    """Return the name in Python of a command: its own, or what there are several of."""
    name = command.replace("-", "_")
    return name if name in bdv.__all__ else f"{name}s"


@pytest.fixture(scope="module")
def log(root: Path) -> bdv.EventLog:
    return bdv.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")


@pytest.mark.parametrize("name", bdv.__all__)
def test_what_is_public_says_what_it_is(name: str) -> None:
    for thing in _own(name):
        assert inspect.getdoc(thing), thing


@pytest.mark.parametrize("name", bdv.__all__)
def test_what_is_public_says_what_it_takes_and_gives(name: str) -> None:
    for thing in _own(name):
        if isinstance(thing, FunctionType):
            signature = inspect.signature(thing)
            assert signature.return_annotation is not inspect.Signature.empty, thing
            taken = [each for each in signature.parameters.values() if each.name != "self"]
            assert all(each.annotation is not each.empty for each in taken), thing


def test_the_door_says_the_same_names_three_times() -> None:
    assert sorted(bdv.__all__) == bdv.__all__ == sorted(bdv._ROOMS)


@pytest.mark.parametrize("command", MINING)
def test_a_command_that_mines_is_one_call_in_python(command: str, log: bdv.EventLog) -> None:
    call = getattr(bdv, twin(command))
    given, *others = inspect.signature(call).parameters.values()
    assert all(each.default is not each.empty for each in others)
    found = call(bdv.conformance(log) if given.name == "report" else log)
    for one in found if isinstance(found, tuple) else [found]:
        assert repr(one).startswith("<")
        assert "\n" not in repr(one)
        assert "<table" in one._repr_html_()
        assert len(one.frame.columns)
        assert json.dumps(one.to_dict(), allow_nan=False)


def test_a_mapping_is_read_by_its_path(root: Path) -> None:
    folder = root / "eventlogs"
    log = bdv.read(
        folder / "servicenow-incidents.csv.gz", mapping=folder / "servicenow-incidents.toml"
    )
    assert log.cases == 24_918
    assert repr(bdv.conformance(log)).startswith("<ConformanceReport: 24918 cases, 8333 fit, ")


def test_a_foreign_log_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("id,what,when,who,why\n1,a,2026-01-05T09:00Z,x,c\n")
    columns = {"case": "id", "activity": "what", "end": "when", "resource": "who"}
    log = bdv.read(tmp_path / "log.csv", **columns, keep=["why"])
    assert log.frame[["org:resource", "why"]].to_numpy().tolist() == [["x", "c"]]
    with pytest.raises(TypeError, match="one or the other"):
        bdv.read(tmp_path / "log.csv", **columns, mapping="mapping.toml")


@pytest.mark.parametrize(
    ("asked", "column"),
    [("requesters", REQUESTER), ("activities", ACTIVITY), ("outcomes", OUTCOME)],
)
def test_cases_are_chosen_whole_by_what_is_in_them(
    log: bdv.EventLog, asked: str, column: str
) -> None:
    wanted = log.frame[column].dropna().iloc[0]
    found = log.where(**{asked: [wanted]})
    having = log.frame.loc[log.frame[column] == wanted, "case:concept:name"].unique()
    whole = log.frame["case:concept:name"].isin(having)
    assert 0 < found.cases == len(having) < log.cases
    assert len(found) == whole.sum()


def test_calls_can_be_chained(root: Path) -> None:
    path = root / "eventlogs" / "synthetic-eight-workflows.xes.gz"
    ways = bdv.read(path).where(templates=["W4"]).variants()
    assert set(ways["template"]) == {"W4"}


def test_a_made_up_log_is_the_same_again_and_nobody_sees_a_file_of_it() -> None:
    made, again = bdv.synthesise(cases=1, seed=3), bdv.synthesise(cases=1, seed=3)
    assert made.frame.equals(again.frame)
    assert set(made.frame["case:bdv:template"]) == {f"W{number}" for number in range(1, 9)}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (lambda log: bdv.value_streams(log, ["W4"]), "BDV-199"),
        (lambda log: bdv.conformance(log, bdv.templates()[0]), "BDV-199"),
        (lambda log: log.where(templates="W4"), "BDV-297"),
        (lambda log: log.where(since="2026-01-01"), "BDV-252"),
        (lambda log: log.where(since=date(2026, 1, 1)), "BDV-252"),
        (lambda log: bdv.read(Path(__file__).parent), "BDV-296"),
        (lambda log: log.where(since=pd.NaT), "BDV-252"),
        (lambda log: bdv.read(log.frame), "BDV-555"),
        (lambda log: bdv.read("log.csv", mapping={}), "BDV-555"),
        (lambda log: bdv.read("log.csv", case="id", keep="why"), "BDV-297"),
        (lambda log: bdv.Mapping.of(keep="why"), "BDV-297"),
        (lambda log: bdv.link(log, by="number"), "BDV-297"),
        (lambda log: bdv.conformance(log, running="Z1"), "BDV-297"),
        (lambda log: bdv.conformance(log, running=["foo"]), "BDV-405"),
        (lambda log: bdv.conformance(log, not_observable="recover_verify"), "BDV-297"),
        (lambda log: bdv.journeys(log, complaints="complain"), "BDV-297"),
        (lambda log: bdv.value_streams(log, calendar="office"), "BDV-465"),
        (lambda log: bdv.quality(log).chart(lang="de"), "BDV-468"),
        (lambda log: bdv.discover(log)[0].chart(lang="de"), "BDV-468"),
        (lambda log: bdv.contrast(log, "throughput", "pattern"), "BDV-466"),
        (lambda log: bdv.contrast(pd.DataFrame({"a": [1]}), "nope", "a"), "BDV-442"),
        (lambda log: bdv.contrast(pd.DataFrame({"a": [1]}), "a", ["a", "nope"]), "BDV-442"),
        (lambda log: bdv.contrast(pd.DataFrame({"a": ["x"]}), "a", "a"), "BDV-467"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    log: bdv.EventLog, asked: Callable[[bdv.EventLog], object], code: str
) -> None:
    with pytest.raises(bdv.BdvError, match=code):
        asked(log)


@pytest.mark.parametrize(
    "measure",
    [
        bdv.align, bdv.conformance, bdv.discover, bdv.drift, bdv.handovers, bdv.journeys, bdv.link,
        bdv.precision, bdv.principles, bdv.quality, bdv.throughput, bdv.value_streams,
        lambda log: bdv.join({"ours": log}),
        lambda log: bdv.Section.of(log, name="2026"),
    ],
)  # fmt: skip
def test_a_frame_is_told_how_it_becomes_a_log(measure: Callable[[object], object]) -> None:
    frame = pd.DataFrame({CASE: ["a"], ACTIVITY: ["x"]})
    with pytest.raises(bdv.BdvError, match=r"BDV-298.* DataFrame .*bdv\.EventLog\(frame=frame\)"):
        measure(frame)


def test_what_looks_at_a_report_makes_one_of_a_log_as_the_shell_does(log: bdv.EventLog) -> None:
    some = log.where(templates=["W4"])
    report = bdv.conformance(some)
    assert bdv.precision(some).frame.equals(bdv.precision(report).frame)
    assert bdv.drift(some).frame.equals(bdv.drift(report).frame)
    assert bdv.throughput(some).equals(bdv.throughput(some, report))


def test_cases_that_still_run_are_named(log: bdv.EventLog) -> None:
    some = log.where(templates=["W4"])
    case = some.frame[CASE].iloc[0]
    cases = bdv.conformance(some, running=[case]).cases
    assert cases.loc[cases["open"], "case"].tolist() == [case]


def test_a_zone_may_be_one_of_pythons_own(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("id,what,when\n1,a,2026-07-05 09:00\n")
    read = partial(bdv.read, tmp_path / "log.csv", case="id", activity="what", end="when")
    named, given = (read(timezone=zone) for zone in (AMSTERDAM, ZoneInfo(AMSTERDAM)))
    assert given.frame.equals(named.frame)
    assert given.frame[TIMESTAMP].iloc[0].hour == 7


def test_what_is_large_says_on_one_line_what_it_is(log: bdv.EventLog) -> None:
    template = next(each for each in bdv.templates() if each.key == "W1")
    assert repr(template) == f"<Template W1 {template.name}, {len(template.activities)} steps>"
    section = bdv.Section.of(log.where(templates=["W4"]), name="2026")
    page = bdv.compose([section], title="2026", generated=datetime(2026, 11, 30, tzinfo=UTC))
    for one in (section, page):
        assert "2026" in repr(one)
        assert len(repr(one)) < 400


def test_how_cases_were_aligned_is_said_in_words(log: bdv.EventLog) -> None:
    aligned = bdv.align(log.where(templates=["W4"]))
    assert "tier." not in repr(aligned)
    assert repr(aligned).endswith(f"by {text(next(iter(aligned.tiers.values())))}>")


def test_of_a_log_in_which_nothing_is_complete_no_step_is_measured() -> None:
    rows = [("a", "x", "END", "p"), ("a", "y", "END", "q"), ("b", "x", "END", "p")]
    frame = pd.DataFrame(rows, columns=[CASE, ACTIVITY, LIFECYCLE, RESOURCE])
    frame[TIMESTAMP] = pd.date_range("2026-03-02T09:00Z", periods=3, freq="h")
    log = bdv.EventLog(frame=frame)
    found = bdv.value_streams(log)
    assert found.patterns[["handovers", "rework", "right", "right_low"]].isna().all(axis=None)
    assert found.streams[["handovers", "right"]].isna().all(axis=None)
    assert found.unseen["right"] == found.unseen["handovers"] == "unchecked.steps"
    assert found.patterns["median"].notna().all()
    assert bdv.handovers(log).reason == "unchecked.steps"
    with pytest.raises(bdv.BdvError, match="BDV-404"):
        bdv.discover(log)
    assert "END" in " ".join(bdv.quality(log).to_dict()["notes"])


def test_quality_counts_the_rows_of_a_frame_and_nothing_of_nothing() -> None:
    frame = pd.DataFrame({CASE: ["a"], ACTIVITY: ["x"]})
    assert "0 of 1 rows rejected" in repr(bdv.quality(bdv.EventLog(frame=frame)))
    empty = bdv.EventLog(frame=frame[:0])
    assert repr(bdv.quality(empty)).startswith("<Quality: - of 10 kinds")


def test_of_the_yes_and_no_of_plain_objects_only_yes_is_compared() -> None:
    late = [True, False] * 5 + [None]
    frame = pd.DataFrame({"amount": range(11), "late": pd.Series(late, dtype=object)})
    assert bdv.contrast(frame, "amount", "late").frame["value"].tolist() == ["True"]


def test_groups_may_be_counted_by_numpy(log: bdv.EventLog) -> None:
    assert bdv.journeys(log, groups=np.int64(3)).groups["group"].max() == 3


def test_of_an_empty_log_the_quality_is_that_nothing_is_there() -> None:
    empty = bdv.EventLog(frame=pd.DataFrame(columns=[CASE, ACTIVITY], dtype="str"))
    assert set(bdv.quality(empty).frame["missing"]) == {0}
