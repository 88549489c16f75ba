"""What is a call in Python can be typed, and says the same."""

import json
from collections.abc import Callable
from inspect import isclass
from pathlib import Path
from typing import Any

import pytest

import bdv_process as bdv
from bdv_process.language import preferred
from cli.conftest import Shell

#: How each function of Python is typed.
TYPED = {
    "align": "mine align {log} -o found.csv",
    "compose": "report {log} -o found.html -o found.json",
    "conformance": "mine conformance {log}",
    "contrast": "mine contrast {log} --by case:bdv:template",
    "discover": "mine discover {log} --template W5 -o found.svg",
    "draw": "template draw W5 -o found.svg",
    "draw_map": "mine discover {log} --template W5 -o found.svg",
    "drift": "mine drift {log}",
    "handovers": "mine handovers {log} -o found.csv",
    "join": "log join ours={log} -o found.csv",
    "journeys": "mine journey {log}",
    "link": "log link {log} --infer -o found.csv",
    "object_map": "mine discover {log} --objects -o found.svg",
    "precision": "mine precision {log}",
    "principles": "mine principles {log}",
    "procedure": "template rights",
    "quality": "mine quality {log}",
    "read": "log show {log}",
    "render": "report {log} -o found.html -o found.json",
    "stream_map": "mine value-stream {log} --map '' -o found.svg",
    "synthesise": "log synthesise -o found.csv --cases 1",
    "templates": "template list",
    "throughput": "report {log} -o found.html -o found.json",
    "value_streams": "mine value-stream {log}",
}
#: What says the same in JSON as in Python.
SAME: dict[str, Callable[[bdv.EventLog], Any]] = {
    "conformance": bdv.conformance,
    "drift": lambda log: bdv.drift(bdv.conformance(log)),
    "handovers": bdv.handovers,
    "journeys": bdv.journeys,
    "precision": lambda log: bdv.precision(bdv.conformance(log), bdv.templates()),
    "principles": bdv.principles,
    "quality": bdv.quality,
    "value_streams": bdv.value_streams,
}
DRAWN: dict[str, Callable[[bdv.EventLog], Any]] = {
    "chart conformance {} --template W4": lambda log: bdv.conformance(log).chart("W4"),
    "chart drift {}": lambda log: bdv.drift(bdv.conformance(log)).chart(),
    "chart handovers {}": lambda log: bdv.handovers(log).chart(),
    "chart journey {} --kind funnel": lambda log: bdv.journeys(log).chart("funnel"),
    "chart journey {} --group 1": lambda log: bdv.journeys(log).chart(group=1),
    "chart value-stream {} --calendar kantooruren": (
        lambda log: bdv.value_streams(log, calendar="kantooruren").chart()
    ),
    "chart value-stream {} --kind tree --pattern operate": (
        lambda log: bdv.value_streams(log).chart("tree", pattern="operate")
    ),
    "quality {}": lambda log: bdv.quality(log).chart(),
}


@pytest.fixture(scope="module")
def path(root: Path) -> Path:
    return root / "eventlogs" / "synthetic-eight-workflows.xes.gz"


@pytest.fixture(scope="module")
def log(path: Path) -> bdv.EventLog:
    return bdv.read(path)


def test_every_function_can_be_typed() -> None:
    functions = {name for name in bdv.__all__ if not isclass(getattr(bdv, name))}
    assert functions == set(TYPED)


@pytest.mark.parametrize("typed", sorted({TYPED[name] for name in TYPED.keys() - SAME.keys()}))
def test_what_is_typed_runs(shell: Shell, path: Path, typed: str) -> None:
    assert shell(typed.format(log=path)).out


@pytest.mark.parametrize("name", SAME)
def test_what_is_typed_says_what_the_call_says(
    shell: Shell, path: Path, log: bdv.EventLog, name: str
) -> None:
    told = shell(f"{TYPED[name].format(log=path)} --json").json
    called = json.loads(json.dumps(SAME[name](log).to_dict(), default=str))
    assert {key: told[key] for key in called} == called


@pytest.mark.parametrize("typed", DRAWN)
def test_a_chart_that_is_typed_is_the_one_that_the_result_draws(
    shell: Shell, path: Path, log: bdv.EventLog, tmp_path: Path, typed: str
) -> None:
    out = shell(f"mine {typed.format(path)} -o found.svg").out
    picture = DRAWN[typed](log)
    assert preferred() == "nl"
    assert (tmp_path / "found.svg").read_text("utf-8") == picture.svg
    assert out.endswith("Getekend: found.svg\n")


def test_of_a_contrast_the_cases_are_those_that_closed(shell: Shell, path: Path) -> None:
    typed = f"mine contrast {path} --by case:bdv:template"
    rows = shell(f"{typed} --json").json["contrasts"]
    closed = [row for row in shell(f"mine value-stream {path} --json").json["cases"]
              if not row["open"]]  # fmt: skip
    assert {row["value"] for row in rows} == {row["template"] for row in closed}
    assert sum(row["cases"] for row in rows) == len(closed)
    assert "Getekend: found.svg" in shell(f"{typed} -o found.svg").out
    shell("mine contrast log.csv --by mood", code=4)
    assert "mood" in shell(f"mine contrast {path} --by mood", code=3).err


def test_an_option_that_is_not_about_a_result_is_refused(shell: Shell, path: Path) -> None:
    said = shell(f"mine chart drift {path} -o found.svg --kind tree", code=2).err
    assert "--kind gaat niet over drift" in said


def test_a_picture_is_a_svg_and_never_the_log_itself(shell: Shell, path: Path) -> None:
    shell(f"mine chart handovers {path} -o found.png", code=3)
    shell(f"mine quality {path} -o found.png", code=3)


def test_the_map_of_a_group_of_journeys_is_drawn_and_so_is_its_model(
    shell: Shell, path: Path, tmp_path: Path
) -> None:
    typed = f"mine journey {path} --map 0 -o found.svg"
    drawn = []
    for model in ("", "--model"):
        assert shell(f"{typed} {model} --json").json["path"] == "found.svg"
        drawn.append((tmp_path / "found.svg").read_text("utf-8"))
    assert drawn[0] != drawn[1]
    assert all(each.startswith("<svg") for each in drawn)
    assert "samen" in shell(f"mine journey {path} --map 0", code=2).err


def test_a_column_of_a_foreign_log_may_have_any_name(shell: Shell, tmp_path: Path) -> None:
    """Six cases take a day, six two; a column called `case` tells them apart."""
    rows = [
        f"z{n},{step},2026-03-0{day}T09:00,{'slow' if n % 2 else 'fast'}"
        for n in range(12)
        for step, day in (("a", 2), ("b", 4 if n % 2 else 3))
    ]
    (tmp_path / "theirs.csv").write_text("\n".join(["zaak,stap,tot,case", *rows]), "utf-8")
    typed = (
        "mine contrast theirs.csv --case zaak --activity stap --end tot --timezone UTC --by case"
    )
    told = {row["value"]: row for row in shell(f"{typed} --json").json["contrasts"]}
    assert (told["slow"]["median"], told["slow"]["chance"]) == (2 * 86_400, 1)
    assert (told["fast"]["median"], told["fast"]["chance"]) == (86_400, 0)
