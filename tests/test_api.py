"""What analysts import: complete, documented, and the twin of the shell."""

import inspect
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd
import pytest

import bdv_process as bdv
from bdv_process.cli.mine import mine
from bdv_process.eventlog.event import ACTIVITY, CASE, OUTCOME, REQUESTER

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
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    log: bdv.EventLog, asked: Callable[[bdv.EventLog], object], code: str
) -> None:
    with pytest.raises(bdv.BdvError, match=code):
        asked(log)


def test_of_an_empty_log_the_quality_is_that_nothing_is_there() -> None:
    empty = bdv.EventLog(frame=pd.DataFrame(columns=[CASE, ACTIVITY], dtype="str"))
    assert set(bdv.quality(empty).frame["missing"]) == {0}
