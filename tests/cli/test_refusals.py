"""Bad input gets one line that says what, where and what to do, and nothing is written.

The lines stand in `refusals/*.txt`, one file per kind of bad input, in Dutch and in English;
`pytest tests/cli --update-gold` writes them again.
"""

import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bdv_process.errors import NotAllowed
from cli.bad_input import BAD_DIAGRAMS, FILES, ROWS, RULES
from cli.conftest import DATABASE, Answer, Shell

_AUDITED = 'INSERT INTO "audit"'
GOLD = Path(__file__).parent / "refusals"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all bad files, where the first test makes a register."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "folder.csv").mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content())
    for rule, name in BAD_DIAGRAMS.items():
        shutil.copy(RULES / rule / "bad.bpmn", folder / f"{name}.bpmn")
    return folder


@pytest.fixture
def busy(shell: Shell, workshop: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A register in which things have happened, made once."""
    monkeypatch.chdir(workshop)
    if (workshop / DATABASE).exists():
        return shell
    for started in ("W1 --by anna --key eens", "W1 --by anna", "W1 --by anna", "W5 --by anna",
                    "W5 --by carla", "W8 --by guus", "W5 --by guus"):  # fmt: skip
        shell(f"case start {started}")
    shell("work complete Z1.2 --by ben")
    shell("work claim Z2.2 --by ben")
    shell("work start Z7.2 --by ben")
    shell("work suspend Z7.2 --by ben")
    shell("case withdraw Z3 --by anna")
    for item in ("Z4.2", "Z4.5", "Z4.8", "Z6.2", "Z6.5", "Z6.8", "Z6.11"):
        shell(f"work complete {item} --by carla")
    shell("work complete Z4.11 --by dirk")
    # A change (Z9, with the case that carries it out), up to the step that updates the register.
    shell("case start W2 --by anna")
    for step in ("Z9.2 ben", "Z9.5 ben", "Z9.8 carla", "Z9.11 dirk", "Z9.14 eva", "Z10.2 ben",
                 "Z10.5 ben", "Z10.8 carla", "Z10.11 dirk", "Z10.14 eva", "Z10.17 carla",
                 "Z9.20 eva"):  # fmt: skip
        item, by = step.split()
        shell(f"work complete {item} --by {by}")
    _altered("broken.db", "delete from event where \"case\" = 'Z1' and seq = 3")
    _altered("newer.db", "update alembic_version set version_num = '99'")
    _altered("older.db", "update alembic_version set version_num = '5'")
    return shell


def _altered(copy: str, statement: str) -> None:
    shutil.copy(DATABASE, copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def _standing(folder: Path, *, audited: bool) -> list[object]:
    """Everything in a folder: files with their size and time, registers with what they hold.

    Without the audit log, in which what is `audited` leaves its trace.
    """
    files = [each for each in sorted(folder.rglob("*")) if not (audited and each.name == DATABASE)]
    found: list[object] = [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    for database in (DATABASE, "broken.db", "newer.db", "older.db"):
        with closing(sqlite3.connect(folder / database)) as connection:
            lines = list(connection.iterdump())
        found += [line for line in lines if not (audited and line.startswith(_AUDITED))]
    return found


@pytest.mark.parametrize("name", ROWS)
def test_bad_input_is_refused_in_one_line_and_nothing_is_written(
    busy: Shell, workshop: Path, name: str, request: pytest.FixtureRequest
) -> None:
    exit_code, code, typed, env = ROWS[name]
    denied = exit_code == NotAllowed.exit_code
    before = _standing(workshop, audited=denied)
    dutch = busy(typed, code=exit_code, **env)
    english = busy(typed, code=exit_code, lang="en", **env)
    as_json = busy(f"{typed} --json", code=exit_code, **env)
    assert _standing(workshop, audited=denied) == before

    if exit_code in (0, 1):
        _findings(dutch, as_json, code)
    else:
        _refusal(dutch, as_json, code)
    shown = "".join(f"{said.out}{said.err}\n" for said in (dutch, english))
    shown = re.sub(r"(?<= op | on )\d{4}-\d\d-\d\d \d\d:\d\d", "<when>", shown)
    shown = re.sub(r"(alleen|only|werkt met|works with) schema \d+", r"\1 schema <ours>", shown)
    where = "".join(f"{key}={value} " for key, value in env.items())
    shown = f"$ {where}bdv {typed}\nexit {exit_code}\n\n{shown.replace(str(workshop), '<tmp>')}"
    gold = GOLD / f"{name}.txt"
    if request.config.getoption("update_gold", default=False):
        gold.write_text(shown.rstrip() + "\n", encoding="utf-8")
    assert gold.read_text(encoding="utf-8") == shown.rstrip() + "\n"


def _refusal(said: Answer, as_json: Answer, code: str) -> None:
    assert said.out == as_json.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"{code}: ")
    problem = Answer(code=0, out=as_json.err, err="").json
    assert list(problem) == ["type", "title", "code", "where", "hint"]
    assert problem["code"] == code
    for part in ("title", "where", "hint"):
        assert " ".join(problem[part].split()) in line


def _findings(said: Answer, as_json: Answer, rule: str) -> None:
    assert said.err == as_json.err == ""
    *lines, count = said.out.splitlines()
    found = as_json.json
    severities = Counter(finding["severity"] for finding in found)
    said = {"error": ("fout", "fouten"), "warning": ("waarschuwing", "waarschuwingen")}
    assert count == ", ".join(f"{n} {said[s][n > 1]}" for s, n in severities.items()) + "."
    assert rule in {finding["rule"] for finding in found}
    assert len(found) == len(lines)
    for line, finding in zip(lines, found, strict=True):
        assert line.startswith(finding["file"])
        assert line.endswith(f"[{finding['rule']}]")
        assert finding["hint"]


def test_every_golden_file_has_its_row() -> None:
    assert {path.stem for path in GOLD.iterdir()} == set(ROWS)
