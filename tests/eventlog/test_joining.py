"""Logs of several organisations as one: what links is linked, what does not is said."""

from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import (
    CASE,
    LABEL,
    LINKED,
    ORGANISATION,
    PARENT,
    ROOT,
    TIMESTAMP,
)
from bdv_process.eventlog.joining import join
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from eventlog.test_roundtrip import assert_same

BEGIN = pd.Timestamp("2026-03-02T09:00:00Z")


def log(*cases: str, begin: int = 0, **columns: list[str | None]) -> EventLog:
    """One event per case, an hour apart."""
    times = [BEGIN + pd.Timedelta(hours=begin + n) for n in range(len(cases))]
    rows = {CASE: list(cases), LABEL: ["a"] * len(cases), TIMESTAMP: times}
    return EventLog(frame=pd.DataFrame(rows | columns))


def told(joined: EventLog, column: str) -> dict[str, str | None]:
    rows = joined.frame.drop_duplicates(CASE)
    return {
        case: None if pd.isna(v) else v for case, v in zip(rows[CASE], rows[column], strict=True)
    }


def facts(joined: EventLog, key: str) -> dict[str, object]:
    return dict(dict(joined.provenance.notes)[key])


def test_a_parent_that_another_log_has_becomes_the_parent_and_its_root_the_root() -> None:
    town = log("G1", "G2", **{PARENT: [None, "G1"]})
    fund = log("U1", "U2", **{PARENT: ["G2", "U1"]})
    joined = join({"gemeente": town, "uwv": fund})
    assert told(joined, PARENT) == {"G1": None, "G2": "G1", "U1": "G2", "U2": "U1"}
    assert told(joined, ROOT) == dict.fromkeys(["G1", "G2", "U1", "U2"], "G1")
    assert told(joined, ORGANISATION)["U2"] == "uwv"
    assert facts(joined, "joined.linked") == {"linked": 1, "loose": 0, "ids": "-"}


def test_a_reference_in_a_column_of_its_own_links_too() -> None:
    fund = log("U1", "U2", kenmerk=["G1", None])
    joined = join({"gemeente": log("G1"), "uwv": fund}, reference="kenmerk")
    assert told(joined, PARENT) == {"G1": None, "U1": "G1", "U2": None}


def test_what_no_other_log_has_or_two_have_is_not_linked_and_is_said() -> None:
    logs = {"a": log("Z1"), "b": log("Z1"), "c": log("C1", "C2", **{PARENT: ["Z1", "Z9"]})}
    joined = join(logs)
    assert told(joined, PARENT) == {"a:Z1": None, "b:Z1": None, "C1": "Z1", "C2": "Z9"}
    assert facts(joined, "joined.linked") == {"linked": 0, "loose": 2, "ids": "Z1, Z9"}


def test_ids_that_clash_carry_their_organisation_wherever_they_are_named() -> None:
    one = log("Z1", "Z2", "Z3", **{PARENT: [None, "Z1", None], LINKED: [None, None, "Z1 C-7"]})
    joined = join({"a": one, "b": log("Z1", begin=9)})
    assert told(joined, PARENT) == {"a:Z1": None, "Z2": "a:Z1", "Z3": None, "b:Z1": None}
    assert told(joined, ROOT)["Z2"] == "a:Z1"
    assert told(joined, LINKED)["Z3"] == "a:Z1 C-7"
    assert facts(joined, "joined.renamed") == {"count": 2}


def test_a_trace_makes_one_stream_without_saying_who_asked() -> None:
    early = log("A1", "A2", **{"bdv:trace": ["t1", "t2"]})
    late = log("B1", "B2", begin=5, **{"bdv:trace": ["t1", None], PARENT: [None, "B1"]})
    joined = join({"b": late, "a": early}, trace="bdv:trace")
    assert told(joined, ROOT) == {"B1": "A1", "B2": "A1", "A1": "A1", "A2": "A2"}
    assert told(joined, PARENT)["B1"] is None
    assert facts(joined, "joined.traces") == {"streams": 1, "count": 1, "of": 3}


def test_a_root_that_is_in_no_log_stays_as_it_was_said() -> None:
    joined = join({"a": log("A1", **{PARENT: ["X1"], ROOT: ["X0"]}), "b": log("B1")})
    assert (told(joined, PARENT)["A1"], told(joined, ROOT)["A1"]) == ("X1", "X0")


def test_provenance_adds_up_and_no_event_is_lost() -> None:
    one, two = log("A1", "A2"), log("B1")
    joined = join({"a": one, "b": two})
    assert len(joined) == len(one) + len(two)
    each = [given.provenance for given in (one, two)]
    assert joined.provenance.rows_in == sum(given.rows_in for given in each)
    assert joined.provenance.source == "a + b"


def test_a_joined_log_names_its_organisations_as_objects_and_comes_back(tmp_path: Path) -> None:
    joined = join({"a": log("A1"), "b": log("B1", **{PARENT: ["A1"]})})
    objects = ObjectLog.of(joined)
    handled = objects.object_object[objects.object_object["ocel_qualifier"] == "handled by"]
    assert sorted(handled["ocel_target_id"]) == ["organisation:a", "organisation:b"]
    joined.write(tmp_path / "joined.sqlite")
    assert_same(joined, EventLog.read(tmp_path / "joined.sqlite"))


def test_the_order_of_the_logs_changes_nothing_but_the_order() -> None:
    logs = {"a": log("Z1", "Z2"), "b": log("Z1", "B2", **{PARENT: [None, "Z2"]})}
    one, two = join(logs), join(dict(reversed(logs.items())))
    for column in (PARENT, ROOT, ORGANISATION):
        assert told(one, column) == told(two, column)


def test_cases_that_are_each_others_parents_are_refused() -> None:
    logs = {"a": log("A1", **{PARENT: ["B1"]}), "b": log("B1", **{PARENT: ["A1"]})}
    with pytest.raises(BdvError, match="BDV-288"):
        join(logs)


def test_a_column_that_no_log_has_is_refused() -> None:
    with pytest.raises(BdvError, match="BDV-287"):
        join({"a": log("A1"), "b": log("B1")}, trace="spoor")
