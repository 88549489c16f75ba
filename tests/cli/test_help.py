"""Help is complete and quick: it loads nothing that only work needs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bdv_process.cli import main, naming
from bdv_process.eventlog.event import Lifecycle, Term
from bdv_process.execution.duty import Action
from bdv_process.language import catalogue
from bdv_process.template.library import shipped

HEAVY = ("pandas", "pm4py", "SpiffWorkflow", "sqlalchemy", "lxml", "numpy", "alembic")


def _tree(command: click.Command, path: str = "bdv") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _tree(child, f"{path} {name}")


@pytest.mark.parametrize("command", [pytest.param(c, id=path) for path, c in _tree(main)])
def test_a_command_and_each_of_its_options_say_what_they_do(command: click.Command) -> None:
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


@pytest.mark.parametrize("typed", [path for path, _ in _tree(main)])
def test_every_command_that_prints_takes_a_language(typed: str) -> None:
    command = dict(_tree(main))[typed]
    names = {option.name for option in command.params}
    assert {"lang"} <= names or isinstance(command, click.Group)


@pytest.mark.parametrize("typed", ["--help", "demo --help", "work list --help"])
def test_help_loads_nothing_heavy(typed: str) -> None:
    script = (
        "import sys; from bdv_process.cli import main; "
        f"main({typed.split()!r}, standalone_mode=False); "
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Usage: ")
    assert ran.stderr.strip() == ""


def test_opening_a_register_that_is_there_loads_no_migrations(tmp_path: Path) -> None:
    script = (
        "import sys; from bdv_process.cli import main; "
        "main(sys.argv[1:], standalone_mode=False); print('alembic' in sys.modules)"
    )
    env = os.environ | {"BDV_DATABASE": f"sqlite:///{tmp_path / 'bdv.db'}"}
    said = [
        subprocess.run(
            [sys.executable, "-c", script, *typed.split()],
            env=env, capture_output=True, text=True, check=True,
        ).stdout.split()[-1]
        for typed in ("case start W5 --by anna", "case list", "case start W5 --by anna")
    ]  # fmt: skip
    assert said == ["True", "False", "False"]


def test_everything_that_can_be_done_and_can_happen_to_work_or_a_term_has_a_word() -> None:
    assert {f"cli.lifecycle.{each}" for each in Lifecycle} <= set(catalogue())
    assert {f"cli.term.event.{each}" for each in Term} <= set(catalogue())
    assert {f"cli.action.{each}" for each in Action} <= set(catalogue())


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_end_of_our_workflows_has_a_word(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BDV_LANG", lang)
    ends = {node.case_outcome for template in shipped() for node in template.nodes} - {None}
    assert {"completed", "rejected", "withdrawn"} < ends
    for end in ends:
        assert f"cli.outcome.{end}" in catalogue()
        assert "_" not in str(naming.case_outcome(end))
