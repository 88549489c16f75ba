"""The log itself: what it promises about its frame, and what can be asked of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError, InputRefused
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    ITEM,
    KINDS,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    ROOT,
    SEQ,
    SERVICE,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
    Event,
    Lifecycle,
)
from bdv_process.eventlog.log import EventLog, Provenance
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.eventlog.ocel import QUALIFIER, SOURCE, TARGET

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def event(case: str, seq: int, activity: str, **more: object) -> Event:
    given: dict[str, object] = {
        "template": "W5",
        "root": case,
        "requester": "r1",
        "label": activity.upper(),
        "lifecycle": Lifecycle.COMPLETE,
        "timestamp": NINE + timedelta(hours=seq),
    }
    return Event(case=case, seq=seq, activity=activity, **(given | more))  # type: ignore[arg-type]


def test_a_log_of_events_has_our_columns_and_types() -> None:
    log = EventLog.of([event("c1", 1, "operate_accept", touchpoint=True, outcome="accepted")])
    assert tuple(log.frame.columns) == COLUMNS
    assert str(log.frame[TIMESTAMP].dtype) == "datetime64[us, UTC]"
    assert log.frame[TOUCHPOINT].dtype == "bool"
    assert log.frame[SEQ].dtype == "Int64"
    assert all(log.frame[c].dtype == "str" for c in COLUMNS if c not in KINDS)
    assert log.frame.loc[0, OUTCOME] == "accepted"
    assert pd.isna(log.frame.loc[0, ITEM])
    assert (log.provenance.rows_in, log.provenance.used) == (1, 1)


def test_every_case_of_a_chain_is_about_the_service_that_was_called_about() -> None:
    first = event("Z1", 1, "W1_start", data={"service": "paspoort"})
    child = event("Z10", 1, "W2_start", root="Z1", data={"service": 3})
    log = EventLog.of([child, first, event("Z1", 2, "agree_accept"), event("Z2", 1, "W5_start")])
    services = log.frame.set_index([CASE, SEQ])[SERVICE]
    assert services.dropna().to_dict() == {
        ("Z10", 1): "paspoort", ("Z1", 1): "paspoort", ("Z1", 2): "paspoort"
    }  # fmt: skip
    pairs = ObjectLog.of(log).said.object_object
    about = pairs[pairs[QUALIFIER] == "about"]
    assert set(about[SOURCE]) == {"case:Z1", "case:Z10"}
    assert set(about[TARGET]) == {"service:paspoort"}


def test_a_log_without_events_has_the_same_columns_and_types() -> None:
    empty, one = EventLog.of([]), EventLog.of([event("c1", 1, "operate_accept")])
    assert len(empty) == empty.cases == 0
    assert empty.frame.dtypes.equals(one.frame.dtypes)
    assert empty.variants().empty


@pytest.mark.parametrize("suffix", [".xes", ".csv", ".parquet"])
def test_a_clock_that_steps_back_never_reorders_a_case(tmp_path: Path, suffix: str) -> None:
    begun, done = NINE + timedelta(hours=9), NINE
    log = EventLog.of(
        [
            event("b", 3, "close", timestamp=done),
            event("a", 1, "only"),
            event("b", 2, "verify", item="i1", timestamp=done),
            event("b", 1, "verify", item="i1", timestamp=begun, lifecycle=Lifecycle.START),
        ]
    )
    assert log.frame[[CASE, SEQ]].values.tolist() == [["b", 1], ["b", 2], ["b", 3], ["a", 1]]
    log.write(tmp_path / f"log{suffix}")
    again = EventLog.read(tmp_path / f"log{suffix}")
    assert again.frame[[CASE, SEQ]].equals(log.frame[[CASE, SEQ]])
    assert again.provenance.notes == (("eventlog.clock", {"count": 1}),)


def test_without_a_recorded_order_rows_stand_by_time_then_as_they_came() -> None:
    days = pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-01"], utc=True)
    activities = ["late", "first", "second"]
    frame = pd.DataFrame({CASE: ["b"] * 3, LABEL: activities, TIMESTAMP: days})
    assert EventLog(frame=frame).frame[LABEL].tolist() == ["first", "second", "late"]
    half = frame.assign(**{SEQ: [1, None, 2]})
    assert EventLog(frame=half).frame[LABEL].tolist() == ["first", "second", "late"]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({TIMESTAMP: pd.to_datetime(["2026-01-01", "2026-01-02"])}, "BDV-235", TIMESTAMP),
        ({TIMESTAMP: [NINE.replace(tzinfo=None), NINE]}, "BDV-240", "iloc[0]"),
        ({TIMESTAMP: [NINE, None]}, "BDV-232", "iloc[1]"),
        ({TIMESTAMP: [1, 2]}, "BDV-239", TIMESTAMP),
        ({TOUCHPOINT: ["ja", "nee"]}, "BDV-241", "ja"),
        ({SEQ: [1.5, 2.0]}, "BDV-241", "1.5"),
        ({CASE: ["c1", None]}, "BDV-230", "iloc[1]"),
        ({LABEL: ["", "b"]}, "BDV-231", "iloc[0]"),
        ({"n": [2**63, 1]}, "BDV-241", str(2**63)),
        ({"t": pd.to_datetime(["2026-01-01", None])}, "BDV-235", "2026"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_with_its_place(
    change: dict[str, object], code: str, said: str
) -> None:
    frame = pd.DataFrame({CASE: ["c1", "c1"], LABEL: ["a", "b"]} | change)
    with pytest.raises(InputRefused, match=code) as caught:
        EventLog(frame=frame)
    assert said in caught.value.render("nl")


def test_a_frame_with_a_column_twice_or_without_cases_is_refused() -> None:
    twice = pd.DataFrame([["c1", "a", "b"]], columns=[CASE, LABEL, LABEL])
    with pytest.raises(InputRefused, match="BDV-221"):
        EventLog(frame=twice)
    with pytest.raises(InputRefused, match="BDV-230"):
        EventLog(frame=pd.DataFrame({LABEL: ["a"]}))


def test_a_frame_may_hold_truths_and_moments_as_plain_objects() -> None:
    frame = pd.DataFrame({CASE: ["c1", "c1"], LABEL: ["a", "b"]})
    frame[TOUCHPOINT] = pd.Series([True, None], dtype=object)
    frame[TIMESTAMP] = pd.Series([NINE, str(NINE + timedelta(hours=1))], dtype=object)
    log = EventLog(frame=frame)
    assert log.frame[TOUCHPOINT].tolist() == [True, False]
    assert log.frame[TIMESTAMP].dt.hour.tolist() == [9, 10]


def test_a_frame_without_rows_or_columns_is_a_log_without_events() -> None:
    assert EventLog(frame=pd.DataFrame()).frame.equals(EventLog.of([]).frame)


def test_a_transition_of_the_standard_is_known_in_any_case() -> None:
    frame = pd.DataFrame({CASE: ["1", "1"], LABEL: ["a", "b"], LIFECYCLE: ["COMPLETE", "Klaar"]})
    assert EventLog(frame=frame).frame[LIFECYCLE].tolist() == ["complete", "Klaar"]


def test_what_a_foreign_frame_lacks_is_filled_in() -> None:
    frame = pd.DataFrame({CASE: ["1", "2"], LABEL: ["Start", "Stop"], "extra": ["", "x"]})
    log = EventLog(frame=frame)
    assert log.frame[ACTIVITY].tolist() == ["Start", "Stop"]
    assert log.frame[LIFECYCLE].tolist() == ["complete", "complete"]
    assert log.frame[ROOT].tolist() == ["1", "2"]
    assert log.frame[REQUESTER].isna().all()
    assert log.frame["extra"].isna().tolist() == [True, False]
    assert frame.columns.tolist() == [CASE, LABEL, "extra"]  # the caller's frame is left alone


def test_an_attribute_of_the_case_may_not_differ_within_it() -> None:
    with pytest.raises(BdvError, match="BDV-245") as caught:
        EventLog.of([event("c1", 1, "a"), event("c1", 2, "b", template="W2")])
    assert "c1" in caught.value.what("nl")


def test_a_mark_that_reverses_text_is_refused() -> None:
    with pytest.raises(BdvError, match="BDV-243"):
        EventLog.of([event("c1", 1, "a", label="weigeren\u202etoekennen")])


def test_a_control_character_is_refused_with_its_code_point() -> None:
    with pytest.raises(BdvError, match="U\\+0000"):
        EventLog.of([event("c1", 1, "a", resource="jan\x00sen")])


def test_a_part_of_a_log_holds_whole_cases() -> None:
    log = EventLog.of([event("a", 1, "x"), event("a", 9, "y"), event("b", 5, "x", template="W2")])
    assert log.where(since=NINE + timedelta(hours=4)).frame[CASE].tolist() == ["b"]
    assert log.where(until=NINE + timedelta(hours=4)).frame[CASE].tolist() == ["a", "a"]
    assert log.where(templates=["W2"]).frame[CASE].tolist() == ["b"]
    part = log.where(cases=["a"])
    assert (len(part), part.cases) == (2, 1)
    assert part.provenance.notes == (("eventlog.part", {"events": 2, "of": 3}),)


def test_a_part_is_asked_for_with_a_moment_that_has_a_zone() -> None:
    with pytest.raises(InputRefused, match="BDV-252"):
        EventLog.of([event("a", 1, "x")]).where(since=NINE.replace(tzinfo=None))


def test_variants_count_cases_by_their_complete_events() -> None:
    log = EventLog.of(
        [
            event("a", 1, "x"),
            event("a", 2, "y", lifecycle=Lifecycle.START),
            event("a", 3, "y"),
            event("b", 1, "x"),
            event("b", 2, "y"),
            event("c", 1, "x", lifecycle=Lifecycle.START),
        ]
    )
    assert log.variants().values.tolist() == [["W5", ("x", "y"), 2], ["W5", (), 1]]


def test_a_log_says_on_one_line_what_it_holds(csv_of: Callable[[str], Path]) -> None:
    path = csv_of("c1,a,2026-01-01T09:00:00Z\nc1,b,\n")
    shown = repr(EventLog.read(path, skip_bad=True))
    assert shown == (
        "<EventLog from log.csv: 1 events, 1 cases, 2026-01-01 to 2026-01-01, 1 rows rejected>"
    )
    assert "no times" in repr(EventLog(frame=pd.DataFrame({CASE: ["1"], LABEL: ["x"]})))
    assert "templates W5" in repr(EventLog.of([event("c1", 1, "a")]))
    assert TEMPLATE not in shown


@pytest.mark.parametrize("suffix", [".xes", ".csv", ".parquet"])
def test_who_reads_a_log_says_how_many_events_it_may_have(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"log{suffix}"
    EventLog.of([event("a", 1, "x"), event("a", 2, "y")]).write(path)
    assert len(EventLog.read(path, limit=2)) == 2
    with pytest.raises(BdvError, match="BDV-228") as caught:
        EventLog.read(path, limit=1)
    assert caught.value.exit_code == 9


def test_what_a_reader_should_know_of_a_log_is_told_in_words() -> None:
    account = Provenance(notes=(("eventlog.repeated", {"count": 3}),))
    (dutch,), (english,) = account.told("nl"), account.told("en")
    assert dutch != english
    assert "3" in dutch
    assert "3" in english


def frame_of(rows: list[tuple[object, ...]], *more: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[CASE, LABEL, TIMESTAMP, *more])


def test_a_frame_is_its_own_account_and_tells_its_doubles() -> None:
    log = EventLog(frame=frame_of([("a", "x", NINE), ("a", "x", NINE), ("b", "x", NINE)]))
    assert (log.provenance.rows_in, log.provenance.used) == (3, 3)
    assert log.provenance.notes == (("eventlog.duplicates", {"count": 1}),)
    assert len(log.where(cases=["b"]).provenance.notes) == 2


def test_a_number_that_is_there_again_in_its_case_is_doubted() -> None:
    rows = [("a", "x", NINE, 1), ("a", "y", NINE, 1), ("b", "x", NINE, 1)]
    notes = EventLog(frame=frame_of(rows, SEQ)).provenance.notes
    assert notes == (("eventlog.seq_twice", {"count": 1}),)


def test_a_log_in_which_nothing_is_complete_says_so() -> None:
    rows = [("a", "x", NINE, "END"), ("a", "y", NINE, "END"), ("a", "z", NINE, "completed")]
    log = EventLog(frame=frame_of(rows, LIFECYCLE))
    (told,) = log.provenance.told("en")
    assert "None of the 3 events is complete (lifecycle); the log has END, completed." in told
    assert log.where(cases=["a"]).provenance.told("en")[:1] == [told]


def test_cases_that_pandas_counted_in_floats_keep_their_name() -> None:
    frame = frame_of([(1.0, "x", NINE), (2.0, "x", NINE)])
    assert EventLog(frame=frame).frame[CASE].tolist() == ["1", "2"]
    frame[CASE] = [1.5, 2.0]
    assert EventLog(frame=frame).frame[CASE].tolist() == ["1.5", "2.0"]


def test_a_part_may_not_begin_at_no_moment() -> None:
    log = EventLog(frame=frame_of([("a", "x", NINE)]))
    with pytest.raises(InputRefused, match="BDV-252"):
        log.where(since=pd.NaT)
