"""`bdv mine value-stream`: also of a log that another system wrote, by the names of its columns."""

from pathlib import Path

import pytest

from cli.conftest import Shell

COLUMNS = "--case zaak --activity stap --start van --end tot --resource wie"


@pytest.fixture
def foreign(shell: Shell, tmp_path: Path) -> Shell:
    """Two cases of another system: a (9-10), b (12-13); and a (9-11) alone."""
    rows = ["zaak,stap,van,tot,wie,eigenaar"]
    rows += [
        f"{case},{step},2026-03-02T{begin:02}:00,2026-03-02T{end:02}:00,{who},kcc"
        for case, step, begin, end, who in [
            ("z1", "a", 9, 10, "ann"), ("z1", "b", 12, 13, "ben"), ("z2", "a", 9, 11, "ann"),
        ]
    ]  # fmt: skip
    (tmp_path / "theirs.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return shell


def test_the_streams_of_a_foreign_log_need_no_mapping(foreign: Shell) -> None:
    """z1: four hours, two of work; z2: two hours, all work. Together 4 / 6."""
    typed = f"mine value-stream theirs.csv {COLUMNS} --timezone Europe/Amsterdam"
    whole, kind = foreign(f"{typed} --json").json["patterns"]
    assert (whole["throughput"], whole["busy"], whole["between"]) == (6 * 3600, 4 * 3600, 2 * 3600)
    assert kind["pattern"] == "case"
    assert "67%" in foreign(typed).out


def test_the_organisation_of_a_foreign_log_stays(foreign: Shell) -> None:
    found = foreign(f"mine value-stream theirs.csv {COLUMNS} --timezone UTC "
                    "--organisation eigenaar --json").json  # fmt: skip
    assert [row["organisation"] for row in found["organisations"]] == ["kcc"]


def test_a_mapping_and_columns_together_are_refused(foreign: Shell) -> None:
    typed = f"mine value-stream theirs.csv {COLUMNS} --mapping m.toml"
    assert "niet allebei" in foreign(typed, code=2).err


def test_the_map_of_a_pattern_is_drawn_and_so_is_its_model(foreign: Shell, tmp_path: Path) -> None:
    typed = f"mine value-stream theirs.csv {COLUMNS} --timezone UTC --map case -o map.svg"
    assert "Getekend: map.svg" in foreign(typed).out
    counted = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert foreign(f"{typed} --model --json").json["path"] == "map.svg"
    found = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert counted.startswith("<svg")
    assert found.startswith("<svg")
    assert counted != found


def test_a_map_needs_a_file_and_a_file_a_map(foreign: Shell, tmp_path: Path) -> None:
    for typed in ("--map case", "-o map.svg", "--model"):
        assert "samen" in foreign(f"mine value-stream theirs.csv {COLUMNS} {typed}", code=2).err
    assert not (tmp_path / "map.svg").exists()
