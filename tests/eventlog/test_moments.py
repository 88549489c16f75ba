"""Times: certain ones are read, uncertain ones are refused with row, column and value."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.moments import moments

Refusal = Callable[..., BdvError]
AMSTERDAM = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("text", "timezone", "utc"),
    [
        ("2026-04-03T09:30:00+02:00", None, "2026-04-03T07:30:00"),
        ("2026-04-03 09:30+0200", None, "2026-04-03T07:30:00"),
        ("2026-04-03T09:30:00.123456Z", None, "2026-04-03T09:30:00.123456"),
        ('"2026-04-03T09:30:00,5Z"', None, "2026-04-03T09:30:00.5"),
        ("2026-04-03T09:30:00", AMSTERDAM, "2026-04-03T07:30:00"),
        ("2026-01-03 09:30", AMSTERDAM, "2026-01-03T08:30:00"),
        ("2026-01-03", AMSTERDAM, "2026-01-02T23:00:00"),
    ],
)
def test_iso_times_are_read_to_the_microsecond(
    csv_of: Callable[[str], Path], text: str, timezone: str | None, utc: str
) -> None:
    log = EventLog.read(csv_of(f"c1,a,{text}\n"), timezone=timezone)
    assert log.frame.loc[0, TIMESTAMP] == pd.Timestamp(utc, tz="UTC")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31-02-2026", "BDV-234"),
        ("03-04-2026", "BDV-234"),
        ("3/4/26 9:30", "BDV-234"),
        ("2026-13-01T09:00:00Z", "BDV-233"),
        ("2026-02-31T09:00:00Z", "BDV-233"),
        ("2026-01-01T24:30:00Z", "BDV-233"),
        ("24:30", "BDV-233"),
        ("morgen", "BDV-233"),
        ("2026-04-03T09:30:00", "BDV-235"),
        ("1767225600", "BDV-239"),
        ("46000", "BDV-239"),
        ("1800-01-01T00:00:00Z", "BDV-238"),
        ("9999-12-31T00:00:00Z", "BDV-238"),
    ],
)
def test_an_uncertain_time_is_refused_with_row_column_and_value(
    refusal: Refusal, csv_of: Callable[[str], Path], text: str, code: str
) -> None:
    error = refusal(csv_of(f"c1,a,2026-01-01T09:00:00Z\nc1,b,{text}\n"))
    expected = "BDV-240" if code == "BDV-235" else code
    assert (error.code, error.exit_code) == (expected, 3)
    assert error.where == "log.csv: 3"
    assert TIMESTAMP in error.what("nl")
    assert text[:10] in error.what("nl")


def test_a_time_without_zone_asks_for_one(refusal: Refusal, csv_of: Callable[[str], Path]) -> None:
    error = refusal(csv_of("c1,a,2026-04-03T09:30:00\n"))
    assert (error.code, error.exit_code) == ("BDV-235", 3)
    assert "--timezone" in error.hint("nl")


def test_times_with_and_without_zone_are_never_mixed(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    path = csv_of("c1,a,2026-04-03T09:30:00Z\nc1,b,2026-04-03T10:30:00\n")
    assert refusal(path, timezone=AMSTERDAM).code == "BDV-240"


def test_an_ambiguous_date_is_read_in_the_form_that_is_named(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    path = csv_of("c1,a,03-04-2026 09:30\nc1,b,13-04-2026 09:30\n")
    day_first = EventLog.read(path, date_format="%d-%m-%Y %H:%M", timezone=AMSTERDAM)
    assert day_first.frame[TIMESTAMP].dt.day.tolist() == [3, 13]
    error = refusal(path, date_format="%m-%d-%Y %H:%M", timezone=AMSTERDAM)
    assert (error.code, error.where) == ("BDV-233", "log.csv: 3")


def test_a_form_may_state_the_zone_itself(csv_of: Callable[[str], Path]) -> None:
    path = csv_of("c1,a,03-04-2026 09:30 +0200\n")
    log = EventLog.read(path, date_format="%d-%m-%Y %H:%M %z")
    assert log.frame.loc[0, TIMESTAMP].hour == 7


@pytest.mark.parametrize(
    "form", ["%Q", "%", "%Y-%m-%d %", "%y %y", "%Y-%m-%d %Z", "mixed", "ISO8601", ""]
)
def test_a_form_that_is_wrong_or_leaves_a_guess_is_refused(
    refusal: Refusal, csv_of: Callable[[str], Path], mapping_of: Callable[..., Mapping], form: str
) -> None:
    path = csv_of("c1,a,03-04-2026\n")
    if form:
        assert refusal(path, date_format=form).code == "BDV-253"
    with pytest.raises(BdvError, match="BDV-253") as caught:
        mapping_of(f'---\n[time]\nformat = "{form}"\n')
    assert caught.value.where.endswith("mapping.toml")


def test_a_time_the_clock_skipped_is_refused(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    path = csv_of("c1,a,2026-03-29 01:59:59\nc1,b,2026-03-29 02:30\nc1,c,2026-03-29 03:00\n")
    error = refusal(path, timezone=AMSTERDAM)
    assert (error.code, error.exit_code, error.where) == ("BDV-236", 3, "log.csv: 3")


def test_a_time_the_clock_showed_twice_needs_a_rule(
    refusal: Refusal, csv_of: Callable[[str], Path], mapping_of: Callable[..., Mapping]
) -> None:
    path = csv_of("c1,a,2026-10-25 01:59\nc1,b,2026-10-25 02:30\nc1,c,2026-10-25 03:00\n")
    error = refusal(path, timezone=AMSTERDAM)
    assert (error.code, error.exit_code, error.where) == ("BDV-237", 3, "log.csv: 3")
    assert "fold" in error.hint("en")
    path.write_text("case,state,time\n" + path.read_text().split("\n", 1)[1])
    for fold, hour in (("earlier", 0), ("later", 1)):
        rule = mapping_of(f'---\n[time]\ntimezone = "{AMSTERDAM}"\nfold = "{fold}"\n')
        times = EventLog.read(path, mapping=rule).frame[TIMESTAMP]
        assert times[1] == pd.Timestamp(2026, 10, 25, hour, 30, tz="UTC")


@pytest.mark.parametrize(
    ("unit", "text"), [("s", "1767258000"), ("ms", "1767258000000"), ("excel", "46023.375")]
)
def test_a_number_is_a_time_only_in_a_named_unit(
    tmp_path: Path, mapping_of: Callable[..., Mapping], unit: str, text: str
) -> None:
    (tmp_path / "log.csv").write_text(f"case,state,time\nc1,a,{text}\n")
    rule = mapping_of(f'---\n[time]\nunit = "{unit}"\ntimezone = "UTC"\n')
    log = EventLog.read(tmp_path / "log.csv", mapping=rule)
    assert log.frame.loc[0, TIMESTAMP] == pd.Timestamp("2026-01-01 09:00", tz="UTC")


def test_tomorrow_is_allowed_and_the_day_after_is_not(
    refusal: Refusal, csv_of: Callable[[str], Path]
) -> None:
    now = datetime.now(UTC)
    soon, late = now + timedelta(hours=23), now + timedelta(hours=25)
    assert len(EventLog.read(csv_of(f"c1,a,{soon.isoformat()}\n"))) == 1
    assert refusal(csv_of(f"c1,a,{late.isoformat()}\n")).code == "BDV-238"


def test_work_that_ends_before_it_starts_is_refused(refusal: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "case:concept:name,concept:name,concept:instance,lifecycle:transition,time:timestamp\n"
        "c1,a,i1,start,2026-01-01T10:00:00Z\nc1,a,i1,complete,2026-01-01T09:00:00Z\n"
        "c1,b,i2,start,2026-01-01T10:00:00Z\nc1,b,i2,complete,2026-01-01T11:00:00Z\n"
    )
    error = refusal(path)
    assert (error.code, error.exit_code, error.where) == ("BDV-247", 3, "log.csv: 3")


@pytest.mark.parametrize("name", ["Europe/Brussel", "Europe/Am" * 1_000], ids=["none", "long"])
def test_a_zone_that_does_not_exist_is_refused(
    refusal: Refusal, csv_of: Callable[[str], Path], name: str
) -> None:
    error = refusal(csv_of("c1,a,2026-01-01T09:00:00\n"), timezone=name)
    assert (error.code, error.facts["timezone"]) == ("BDV-246", name)


def test_missing_texts_have_neither_moment_nor_reason() -> None:
    times, reasons = moments(pd.Series([None, "2026-01-01T00:00:00Z"], dtype="str"))
    assert times.isna().tolist() == [True, False]
    assert reasons.isna().all()
