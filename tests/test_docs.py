"""What the documents say is what the product does."""

import ast
import contextlib
import io
import re
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import bdv_process
from bdv_process.cli import main
from bdv_process.eventlog.log import EventLog
from bdv_process.language import catalogue
from bdv_process.picture.diagram import draw
from bdv_process.template.library import shipped
from bdv_process.template.model import by_key


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        is_group = isinstance(command, click.Group)
        found += commands(command, f"{path}{name} ") if is_group else [f"{path}{name}"]
    return found


def test_every_command_stands_in_the_tree_of_the_readme(readme: str) -> None:
    tree = re.search(r"```\nbdv\n(.*?)```", readme, re.DOTALL)
    assert tree
    lines = {line.split()[1]: line for line in tree[1].splitlines()}
    for command in commands(main):
        group, _, name = command.partition(" ")
        assert not name or re.search(rf"\b{name}\b", lines[group]), command
    assert set(lines) == set(main.commands)


def test_every_command_an_administrator_reads_of_exists(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    typed = re.findall(r"(?:^|`|/bin/)bdv((?: -{0,2}[a-z][a-z-]*)+)", page, re.MULTILINE)
    told = set()
    for line in typed:
        command: click.Command = main
        for word in line.split():
            if isinstance(command, click.Group):
                command = command.commands[word]
                told.add(command.name)
            elif word.startswith("-"):
                assert any(word in option.opts for option in command.params), line
    assert {"upgrade", "check", "backup", "restore", "rebuild", "worker", "serve"} <= told
    source = "\n".join(path.read_text("utf-8") for path in (root / "src").rglob("*.py"))
    for setting in re.findall(r"BDV_[A-Z_]+", page):
        assert f'"{setting}' in source, setting


def test_the_python_of_the_readme_runs(readme: str, root: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    shown = io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(shown):
        exec(compile(ast.parse(code), "README.md", "exec"), {})  # noqa: S102 - our own words
    for promised in re.findall(r"# (<.*?), \.\.\.>", code):
        assert promised in shown.getvalue()


def test_the_picture_in_the_readme_is_the_template_as_it_is_drawn_now(root: Path) -> None:
    picture = (root / "docs" / "w4.svg").read_text(encoding="utf-8")
    assert picture == draw(by_key(shipped())["W4"]), "make pictures"


def test_the_authorisation_table_is_what_the_deciding_function_says_now(root: Path) -> None:
    said = CliRunner(env={"BDV_LANG": "en"}).invoke(main, ["template", "rights"]).stdout
    table = (root / "docs" / "authorisation.md").read_text(encoding="utf-8")
    assert table == said, "make authorisation"


def test_the_glossary_is_what_the_screens_say(root: Path) -> None:
    written = (root / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    told = [
        f"| {key.removeprefix('glossary.')} | {said['word']} | {said['en']} "
        f"| {said.get('source', '')} |".replace("|  |", "| |")
        for key, said in catalogue().items()
        if key.startswith("glossary.")
    ]
    assert [line for line in written if line.startswith("| ")][1:] == told


def test_the_links_in_the_documents_lead_somewhere(root: Path) -> None:
    for page in [root / "README.md", *root.glob("*/*.md")]:
        if ".venv" in page.parts:
            continue
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_shipped_synthetic_log_is_what_make_eventlogs_makes(root: Path, tmp_path: Path) -> None:
    from bdv_process.demo.run import synthesise

    recipe = (root / "Makefile").read_text("utf-8")
    cases, seed = re.search(r"synthesise .*--cases (\d+) --seed (\d+)", recipe).groups()  # type: ignore[union-attr]
    made = synthesise(cases=int(cases), seed=int(seed))
    made.write(tmp_path / "made.xes.gz")
    shipped_log = root / "eventlogs" / "synthetic-eight-workflows.xes.gz"
    assert (tmp_path / "made.xes.gz").read_bytes() == shipped_log.read_bytes(), "make eventlogs"
    assert EventLog.read(shipped_log).frame.equals(made.frame)


def test_every_public_name_is_there(root: Path) -> None:
    for name in bdv_process.__all__:
        assert getattr(bdv_process, name) is not None
    with pytest.raises(AttributeError):
        bdv_process.nothing_of_the_kind  # noqa: B018


def test_every_text_is_said_in_both_languages() -> None:
    for key, words in catalogue().items():
        assert {"nl", "en"} <= set(words), key
        assert ("nl_do" in words) == ("en_do" in words), key


def test_every_text_stands_in_one_file(root: Path) -> None:
    files = (root / "src" / "bdv_process" / "texts").glob("*.toml")
    keys = [key for file in files for key in tomllib.loads(file.read_text("utf-8"))]
    assert len(keys) == len(set(keys))


def test_every_error_code_has_words_and_every_worded_code_is_used(root: Path) -> None:
    source = "\n".join(path.read_text("utf-8") for path in (root / "src").rglob("*.py"))
    used = set(re.findall(r"BDV-\d{3}", source))
    worded = {key for key in catalogue() if key.startswith("BDV-")}
    assert used == worded
    for code in worded:
        assert {"nl_do", "en_do"} <= set(catalogue()[code]), code
        for said in catalogue()[code].values():
            assert not said.endswith("."), f"{code}: sentences are joined by dashes"
            assert not said[0].islower(), code


def test_placeholders_are_the_same_in_both_languages() -> None:
    # Names of rules and steps have a language of their own.
    of_its_own = {
        f"{fact}{lang}" for fact in ("name", "activity", "earlier") for lang in ("", "_en")
    }
    for key, words in catalogue().items():
        facts = {
            lang: set(re.findall(r"\{(\w+)", words[lang] + words.get(f"{lang}_do", "")))
            for lang in ("nl", "en")
        }
        assert facts["nl"] - of_its_own == facts["en"] - of_its_own, key


def test_nothing_names_this_machine(root: Path) -> None:
    registry = re.compile("/opt/" + "pypi|" + "/work/" + "main")
    for path in root.rglob("*"):
        kept = path.is_file() and path.suffix in {".py", ".md", ".toml", ".yml", ".bpmn", ".mjs"}
        if kept and not {".venv", "node_modules"} & set(path.parts):
            assert not registry.search(path.read_text("utf-8")), path
