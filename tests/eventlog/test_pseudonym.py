"""People in a log by keyed pseudonyms: one each, wherever they stand, and the findings the same."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from bdv_process.eventlog.event import BEHALF, REQUESTER, RESOURCE, Event, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.pseudonym import PEOPLE, pseudonym, pseudonymised
from bdv_process.mining.conformance import conformance
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure

KEY, OTHER = b"1" * 32, b"2" * 32


@pytest.fixture(scope="module")
def log() -> EventLog:
    return EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")


def test_a_person_has_one_pseudonym_in_every_column_and_nobody_another(log: EventLog) -> None:
    named = pseudonymised(log, KEY)
    before, after = log.frame, named.frame
    pairs = pd.concat([
        pd.DataFrame({"old": before[column], "new": after[column]}) for column in PEOPLE
    ]).dropna().drop_duplicates()  # fmt: skip
    assert len(pairs) == pairs["old"].nunique() == pairs["new"].nunique() > 20
    assert not set(pairs["old"]) & set(pairs["new"])
    rest = [column for column in before if column not in PEOPLE]
    assert after[rest].equals(before[rest])
    assert all(after[column].isna().equals(before[column].isna()) for column in PEOPLE)


def test_another_key_gives_other_pseudonyms(log: EventLog) -> None:
    ours, again, theirs = (pseudonymised(log, key).frame[RESOURCE] for key in (KEY, KEY, OTHER))
    assert ours.equals(again)
    assert not set(ours.dropna()) & set(theirs.dropna())


def test_separations_of_duties_are_seen_behind_pseudonyms(log: EventLog) -> None:
    frame = log.frame.copy()
    doers = frame[RESOURCE].dropna().unique()[:3]
    frame.loc[frame[RESOURCE].isin(doers), RESOURCE] = doers[0]  # one person does it all
    spoiled = EventLog(frame=frame)
    plain, hidden = (
        conformance(each, shipped(), shipped_procedure())
        for each in (spoiled, pseudonymised(spoiled, KEY))
    )
    assert len(plain.deviations)
    assert hidden.rules.equals(plain.rules)
    assert hidden.deviations.equals(plain.deviations)


def test_who_was_erased_keeps_that_mark() -> None:
    assert pseudonym("erased-Z12", KEY) == "erased-Z12"
    at = datetime(2026, 3, 2, tzinfo=UTC)
    event = Event(case="Z1", seq=1, template="W5", root="Z1", requester="erased-Z1", activity="a",
                  label="a", lifecycle=Lifecycle.COMPLETE, timestamp=at, resource="erased-Z1",
                  behalf="ben")  # fmt: skip
    (row,) = pseudonymised(EventLog.of([event]), KEY).frame.to_dict("records")
    assert (row[REQUESTER], row[RESOURCE]) == ("erased-Z1", "erased-Z1")
    assert row[BEHALF] == pseudonym("ben", KEY) != "ben"


def test_a_log_without_people_stays_without() -> None:
    assert len(pseudonymised(EventLog.of([]), KEY)) == 0
