"""CSV: what is recognised, what stays as it is, and what is refused with its row."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL
from bdv_process.eventlog.log import EventLog

Refusal = Callable[..., BdvError]
HEADER = "case:concept:name,concept:name,time:timestamp"


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolon"), ("\t", "tab")])
def test_another_delimiter_is_recognised_and_noted(
    tmp_path: Path, delimiter: str, name: str
) -> None:
    path = tmp_path / "log.csv"
    text = f'{HEADER}\nc1,"een\nregel",2026-01-01T09:00:00Z\n'
    path.write_text(text.replace(",", delimiter))
    log = EventLog.read(path)
    assert log.frame[LABEL].tolist() == ["een\nregel"]
    assert log.provenance.notes == (("eventlog.delimiter", {"delimiter": name}),)


def test_ids_and_names_stay_the_text_they_are(csv_of: Callable[[str], Path]) -> None:
    cases = ["0012", "12", "1e5", "12.0", "NA"]
    names = ["NA", "null", "None", "nan", " x "]
    rows = zip(cases, names, strict=True)
    log = EventLog.read(csv_of("".join(f"{c},{a},2026-01-01T09:00:00Z\n" for c, a in rows)))
    assert log.frame[CASE].tolist() == cases
    assert log.frame[ACTIVITY].tolist() == names


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(
        b"\xef\xbb\xbf" + f"{HEADER}\r\nc1,a,2026-01-01T09:00:00Z\r\n".encode()
    )
    assert len(EventLog.read(tmp_path / "log.csv")) == 1


@pytest.mark.parametrize(("encoding", "offset"), [("cp1252", 48), ("utf-16", 0)])
def test_another_encoding_is_refused_at_its_byte_and_read_when_named(
    refusal: Refusal, tmp_path: Path, encoding: str, offset: int
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(f"{HEADER}\nc1é,a,2026-01-01T09:00:00Z\n".encode(encoding))
    error = refusal(path)
    assert (error.code, error.exit_code, error.facts["offset"]) == ("BDV-209", 3, offset)
    assert "--encoding" in error.hint("nl")
    assert EventLog.read(path, encoding=encoding).frame[CASE].tolist() == ["c1é"]
    for other in ("klingon", "base64", "rot13", "undefined", "utf-8\0"):
        assert refusal(path, encoding=other).code == "BDV-248"


def test_utf_16_without_the_mark_it_begins_with_is_refused(
    refusal: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_bytes(HEADER.encode("utf-16-be"))
    error = refusal(tmp_path / "log.csv", encoding="utf-16")
    assert (error.code, error.facts["offset"]) == ("BDV-209", 0)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("c1,a,2026-01-01T09:00:00Z\n", "BDV-220", "2026-01-01"),
        (f"{HEADER},\nc1,a,2026-01-01T09:00:00Z,x\n", "BDV-220", "''"),
        (f"{HEADER},concept:name\nc1,a,2026-01-01,b\n", "BDV-221", "concept:name"),
        (f"{HEADER}\n", "BDV-222", ""),
        ("case:concept:nam,concept:name,time:timestamp\nc1,a,b\n", "BDV-223", "case:concept:nam"),
        ("case:concept:name,Activity\nc1,a\n", "BDV-223", "concept:name"),
        ("case:concept:name,concept:name,at\nc1,a,2026-01-01\n", "BDV-223", "time:timestamp"),
        (f"{HEADER}\nc1,a,2026-01-01T09:00:00Z\nc1,a\n", "BDV-224", "log.csv:3"),
        (f"{HEADER}\nc1,a,2026-01-01T09:00:00Z,more\n", "BDV-224", "log.csv:2"),
        (f"{HEADER}\nc1,a,2026-01-01T09:00:00Z\n\nc1,b,2026-01-01T09:00:00Z\n", "BDV-224", ":3"),
        (f'{HEADER}\nc1,a,2026-01-01T09:00:00Z\nc1,"a,2026\n', "BDV-225", "log.csv:3"),
        (f'{HEADER}\nc1,"a"b,2026-01-01T09:00:00Z\n', "BDV-225", "log.csv:2"),
    ],
)
def test_a_broken_file_is_refused_and_says_where(
    refusal: Refusal, tmp_path: Path, text: str, code: str, said: str
) -> None:
    (tmp_path / "log.csv").write_text(text)
    error = refusal(tmp_path / "log.csv")
    assert (error.code, error.exit_code) == (code, 3)
    assert said in error.render("nl")


def test_a_file_in_which_nothing_is_a_time_is_read_in_its_own_order(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case:concept:name,concept:name,cost\n1,b,9\n2,a,8\n1,a,7\n")
    log = EventLog.read(tmp_path / "log.csv")
    assert log.frame[LABEL].tolist() == ["b", "a", "a"]
    assert log.provenance.notes == (("eventlog.timeless", {"count": 3}),)


def test_a_missing_column_names_the_closest_one(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case:concept:Name,concept:name,time:timestamp\nc1,a,b\n")
    assert refusal(tmp_path / "log.csv").facts["nearest"] == "case:concept:Name"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",a,2026-01-01T09:00:00Z", "BDV-230"),
        ("c1,,2026-01-01T09:00:00Z", "BDV-231"),
        ("c1,a,", "BDV-232"),
    ],
)
def test_a_row_without_case_activity_or_time_is_refused_or_left_out_and_counted(
    refusal: Refusal, csv_of: Callable[[str], Path], row: str, code: str
) -> None:
    path = csv_of(f"c1,a,2026-01-01T09:00:00Z\n{row}\nc2,a,2026-01-02T09:00:00Z\n")
    error = refusal(path)
    assert (error.code, error.exit_code) == (code, 3)
    assert error.where == "log.csv: 3"
    log = EventLog.read(path, skip_bad=True)
    account = log.provenance
    assert (account.rows_in, account.used, len(account.rejected)) == (3, 2, 1)
    assert account.rejected[["row", "reason"]].values.tolist() == [[3, code]]


def test_a_refusal_names_the_first_five_rows_and_counts_all(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    error = refusal(csv_of("c1,,2026-01-01T09:00:00Z\n" * 7))
    assert error.where == "log.csv: 2; 3; 4; 5; 6"
    assert error.facts["count"] == 7


def test_exact_duplicates_are_kept_and_noted(csv_of: Callable[[str], Path]) -> None:
    log = EventLog.read(csv_of("c1,a,2026-01-01T09:00:00Z\n" * 3))
    assert len(log) == 3
    assert log.provenance.notes == (("eventlog.duplicates", {"count": 2}),)


def test_names_that_look_alike_stay_apart_and_are_noted(csv_of: Callable[[str], Path]) -> None:
    names = ["Toets", "toets ", "To\u200bets", "Café", "Cafe\u0301", "Anders"]
    log = EventLog.read(csv_of("".join(f"c1,{name},2026-01-01T09:00:00Z\n" for name in names)))
    assert log.frame[LABEL].nunique() == 6
    ((key, facts),) = log.provenance.notes
    assert key == "eventlog.lookalikes"
    assert str(facts["pairs"]).count(" = ") == 3
    assert "Anders" not in str(facts["pairs"])


def test_a_name_that_reverses_text_is_refused(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    error = refusal(csv_of("c1,weigeren\u202etoe,2026-01-01T09:00:00Z\n"))
    assert (error.code, error.exit_code) == ("BDV-243", 3)
    assert "U+202E" in error.what("nl")


def test_a_control_character_is_refused(refusal: Refusal, csv_of: Callable[[str], Path]) -> None:
    error = refusal(csv_of("c1,a\x00b,2026-01-01T09:00:00Z\n"))
    assert (error.code, error.exit_code) == ("BDV-242", 3)


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_huge_cell_is_past_the_limit(
    refusal: Refusal, csv_of: Callable[[str], Path], size: int
) -> None:
    error = refusal(csv_of(f"c1,{'a' * size},2026-01-01T09:00:00Z\n"))
    assert (error.code, error.exit_code) == ("BDV-227", 9)
    assert error.where.endswith("log.csv:2")


def test_too_many_columns_are_past_the_limit(refusal: Refusal, tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(50_000))
    (tmp_path / "log.csv").write_text(f"{names}\n{names}\n")
    error = refusal(tmp_path / "log.csv")
    assert (error.code, error.exit_code) == ("BDV-226", 9)


def test_a_cell_a_spreadsheet_would_run_is_written_as_text_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER},x\nc1,'=a,2026-01-01T09:00:00Z,'s-Gravenhage\n")
    log = EventLog.read(path)
    assert log.frame[[LABEL, "x"]].values.tolist() == [["=a", "'s-Gravenhage"]]
    log.write(path)
    assert "'=a" in path.read_text()
    assert EventLog.read(path).frame.equals(log.frame)
