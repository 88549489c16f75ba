"""Graphviz gives places where it is installed; a picture comes out whatever it does."""

import shutil
from pathlib import Path

import pytest

from bdv_process.picture.dot import placed_by_dot
from bdv_process.picture.layout import Edge

SIZES = {'<a> "b"': (150.0, 42.0), "b": (36.0, 36.0)}
EDGES = [
    Edge(source=one, target=other, weight=weight, words=30)
    for one, other, weight in (('<a> "b"', "b", 9), ("b", '<a> "b"', 2))
]


def test_dot_places_nodes_routes_and_words() -> None:
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")
    layout = placed_by_dot(SIZES, EDGES)
    assert layout
    first, second = layout.nodes.values()
    assert first[1] < second[1]
    down, back = layout.routes
    assert down[0][1] < down[-1][1]
    assert back[0][1] > back[-1][1]
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in layout.words)


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo 'graph 1 2 3'",
        "echo 'graph 1 2 3'; echo 'node 0 a b c d'",
        "echo",
        "printf '\\377'",
    ],
)
def test_a_dot_that_fails_or_babbles_is_left_alone(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert placed_by_dot(SIZES, EDGES) is None


def test_no_name_reaches_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\ncat > {tmp_path}/asked\nexit 1\n", encoding="utf-8")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    placed_by_dot(SIZES, EDGES)
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert "0 -> 1 [color=0" in asked
    assert "0 -> 1 [color=1" in asked
    assert "<a>" not in asked


def test_without_dot_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert placed_by_dot(SIZES, EDGES) is None
