"""Notebooks ask one question and answer it; `pytest` runs each from top to bottom (nbmake)."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LONGEST = 5  #: lines of a function


@pytest.fixture(params=BOOKS, ids=lambda path: path.stem)
def cells(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    book = json.loads(request.param.read_text("utf-8"))
    return [cell | {"text": "".join(cell["source"])} for cell in book["cells"]]


@pytest.fixture
def code(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_eight_notebooks_in_order() -> None:
    assert [path.stem[:3] for path in BOOKS] == [f"0{number}-" for number in range(1, 9)]


def test_a_notebook_asks_one_question_in_its_title_in_dutch_and_then_in_english(
    cells: list[dict[str, Any]],
) -> None:
    title, _, english = cells[0]["text"].splitlines()[:3]
    assert re.fullmatch(r"# [^?]+\?", title)
    assert re.fullmatch(r"\*[^?]+\?\*", english)
    assert sum(cell["text"].startswith("# ") for cell in cells) == 1


def test_the_last_cell_of_a_notebook_answers_with_a_number_and_a_picture(
    cells: list[dict[str, Any]],
) -> None:
    assert cells[-2]["text"].startswith("## Het antwoord")
    *_, picture = cells[-1]["text"].splitlines()
    assert re.fullmatch(r"\w+\.chart\(.*\)", picture)
    said = re.findall(r'print\(f"(.*)"\)', cells[-1]["text"])
    assert "{" in said[0], "a number that is computed"


def test_a_notebook_needs_nothing_but_our_own_door(code: list[dict[str, Any]]) -> None:
    tree = ast.parse("\n".join(cell["text"] for cell in code))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import bdv_process as bdv"]
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    for function in functions:
        assert (function.end_lineno or 0) - function.lineno < LONGEST, function.name


def test_notebooks_are_kept_without_what_came_out_of_them() -> None:
    command = [sys.executable, "-m", "nbstripout", "--verify", *map(str, BOOKS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"make format: {ran.stdout}"
