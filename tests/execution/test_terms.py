"""The clock of a case, on days that were worked out by hand, and on any days at all."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdv_process.eventlog.event import Event, Lifecycle, Term
from bdv_process.execution.terms import MOST, Penalty, TermClock, amount, clock_of
from bdv_process.template.duration import read_duration
from bdv_process.template.term import HERE, end_of, works

EIGHT_WEEKS = timedelta(weeks=8)
with (Path(__file__).with_name("terms.csv")).open(encoding="utf-8") as file:
    BY_HAND = list(csv.DictReader(file))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00+00:00")


def happened(at: datetime, term: Term | None = None, due: datetime | None = None) -> Event:
    return Event(
        case="Z1", seq=1, template="W5", root="Z1", requester="anna", activity="operate_call",
        label="Dienstverzoek", lifecycle=Lifecycle.COMPLETE, timestamp=at, term=term, due=due,
    )  # fmt: skip


def told(row: dict[str, str]) -> list[Event]:
    events = []
    for stop in row["stops"].split():
        asked, _, answered = stop.partition("/")
        events.append(happened(moment(asked), Term.SUSPENDED))
        if answered:
            events.append(happened(moment(answered), Term.RESUMED))
    if row["put_off"]:
        until = end_of(date.fromisoformat(row["until"]))
        events.append(happened(moment(row["put_off"]), Term.EXTENDED, until))
    return [happened(moment(row["received"])), *sorted(events, key=lambda e: e.timestamp)]


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: f"{row['received']}: {row['why']}")
def test_the_last_day_is_the_one_that_was_worked_out_by_hand(row: dict[str, str]) -> None:
    clock = clock_of(told(row), read_duration(row["term"]))
    assert clock is not None
    assert str(clock.last or "-") == row["last"]


def test_the_table_is_as_long_as_promised() -> None:
    assert len({tuple(row.values()) for row in BY_HAND}) > 60


def test_a_term_that_was_put_off_to_the_end_of_all_days_still_is_a_term() -> None:
    until = end_of(date(9999, 12, 30))
    events = [
        happened(moment("2026-03-02")),
        happened(moment("2026-03-03"), Term.EXTENDED, until),
        happened(moment("2026-03-04"), Term.SUSPENDED),
        happened(moment("2026-03-14"), Term.RESUMED),
    ]
    clock = clock_of(events, EIGHT_WEEKS)
    assert clock is not None
    assert clock.due == until


def late(noticed: str, until: str, last: str = "2026-04-29") -> Penalty | None:
    """What is due on a day for a term that was over on `last`."""
    clock = TermClock(
        received=date(2026, 3, 4), term=EIGHT_WEEKS, announced=date.fromisoformat(last),
        noticed=date.fromisoformat(noticed),
    )  # fmt: skip
    return clock.penalty(date.fromisoformat(until))


@pytest.mark.parametrize(
    ("noticed", "until", "first", "days", "euros"),
    [
        # Monday 4 May and two weeks: Monday 18 May is the last day of grace.
        ("2026-05-04", "2026-05-18", "2026-05-19", 0, 0),
        ("2026-05-04", "2026-05-19", "2026-05-19", 0, 0),  # decided on the first day: no whole day
        ("2026-05-04", "2026-05-20", "2026-05-19", 1, 23),
        ("2026-05-04", "2026-06-02", "2026-05-19", 14, 322),  # 14 x 23
        ("2026-05-04", "2026-06-03", "2026-05-19", 15, 357),  # and one of 35
        ("2026-05-04", "2026-06-16", "2026-05-19", 28, 812),  # 322 + 14 x 35
        ("2026-05-04", "2026-06-17", "2026-05-19", 29, 857),  # and one of 45
        ("2026-05-04", "2026-06-29", "2026-05-19", 41, 1397),
        ("2026-05-04", "2026-06-30", "2026-05-19", 42, 1442),  # the most there is
        ("2026-05-04", "2027-01-01", "2026-05-19", 42, 1442),
        ("2026-05-11", "2026-05-28", "2026-05-27", 1, 23),  # grace ends on Whit Monday: a day more
        (
            "2026-05-16",
            "2026-06-02",
            "2026-06-02",
            0,
            0,
        ),  # grace ends on a Saturday
        ("2026-05-16", "2026-06-03", "2026-06-02", 1, 23),
    ],
)
def test_a_penalty_runs_from_two_weeks_after_the_notice(
    noticed: str, until: str, first: str, days: int, euros: int
) -> None:
    assert late(noticed, until) == Penalty(first=date.fromisoformat(first), days=days, amount=euros)


def test_the_amounts_are_those_of_the_first_day_in_default() -> None:
    before = late("2018-12-10", "2019-01-08", last="2018-12-05")  # grace ends on 24 December
    assert before == Penalty(first=date(2018, 12, 25), days=14, amount=280)
    assert [amount(date(2018, 7, 24), MOST), amount(date(2019, 1, 1), MOST)] == [1260, 1442]


def test_without_a_notice_nothing_is_due_however_late() -> None:
    clock = clock_of([happened(moment("2026-03-04"))], EIGHT_WEEKS)
    assert clock is not None
    assert clock.lapsed(date(2027, 1, 1))
    assert clock.penalty(date(2027, 1, 1)) is None


def test_a_notice_before_the_term_is_over_is_no_notice() -> None:
    events = [happened(moment("2026-03-04")), happened(moment("2026-04-29"), Term.NOTICE)]
    clock = clock_of(events, EIGHT_WEEKS)
    assert clock is not None
    assert clock.noticed is None


def test_a_child_case_and_a_process_that_decides_nothing_have_no_term() -> None:
    child = replace(happened(moment("2026-03-04")), parent="Z0")
    assert clock_of([child], EIGHT_WEEKS) is None
    assert clock_of([happened(moment("2026-03-04"))], None) is None


DAYS = st.dates(date(2010, 1, 1), date(2060, 12, 31))
TERMS = st.integers(1, 90).map(lambda days: timedelta(days=days))


def start(day: date, hour: int = 12) -> Event:
    return happened(datetime(day.year, day.month, day.day, hour, tzinfo=HERE).astimezone(UTC))


@given(day=DAYS, term=TERMS, hour=st.integers(0, 23))
def test_a_term_ends_on_a_working_day_and_the_hour_does_not_matter(
    day: date, term: timedelta, hour: int
) -> None:
    clock = clock_of([start(day, hour)], term)
    assert clock is not None
    assert clock.last is not None
    assert works(clock.last)
    assert term <= clock.last - day <= term + timedelta(days=7)
    assert clock == clock_of([start(day)], term)


@given(day=DAYS, term=TERMS, asked=st.integers(0, 60), waited=st.integers(0, 400))
def test_a_standstill_never_makes_a_term_shorter_and_adds_its_whole_days(
    day: date, term: timedelta, asked: int, waited: int
) -> None:
    plain = clock_of([start(day)], term)
    at = day + timedelta(days=asked)
    answered = replace(start(at + timedelta(days=waited)), term=Term.RESUMED)
    clock = clock_of([start(day), replace(start(at), term=Term.SUSPENDED), answered], term)
    assert clock is not None
    assert plain is not None
    assert clock.last is not None
    assert plain.last is not None
    if at > plain.last:
        assert clock.last == plain.last
    else:
        least = day + term + timedelta(days=max(waited - 1, 0))
        assert max(plain.last, least) <= clock.last <= least + timedelta(days=7)


@given(last=DAYS, late_by=st.integers(1, 300), days=st.integers(0, 500))
def test_a_penalty_only_grows_and_never_over_the_most(last: date, late_by: int, days: int) -> None:
    clock = TermClock(
        received=last - EIGHT_WEEKS, term=EIGHT_WEEKS, announced=last,
        noticed=last + timedelta(days=late_by + 7),
    )  # fmt: skip
    noticed = clock.noticed
    assert noticed is not None
    today = noticed + timedelta(days=days)
    now, tomorrow = clock.penalty(today), clock.penalty(today + timedelta(days=1))
    assert now is not None
    assert tomorrow is not None
    assert 0 <= tomorrow.amount - now.amount <= 45
    assert now.amount <= 1442
    assert now.first > noticed + timedelta(days=14)
