"""A mapping reads a foreign log as ours, and everything it leaves out is counted."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    EVIDENCE,
    ITEM,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    RESOURCE,
    ROLE,
    SEQ,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping

Read = Callable[..., Mapping]
HEADER = "case,time,state,version,person,change\n"
RULES = """
missing = "?"
collapse = true
---
[[reject]]
when = { state = ["-100", "broken"] }
[[template]]
key = "W3"
when = { change = { missing = false } }
[[template]]
key = "W4"
[[activity]]
id = "recover_accept"
when = { state = "New" }
touchpoint = true
[[activity]]
id = "recover_classify"
when = { state = "Active" }
occurrence = "first"
[[activity]]
id = "recover_analyse"
when = { state = "Active" }
occurrence = "later"
[[activity]]
id = "recover_verify"
leaving = { state = "Resolved" }
when = { state = { not = "Closed" } }
outcome = "not_as_agreed"
label = "Reopened"
[[activity]]
id = "recover_recover"
when = { state = "Resolved" }
[[activity]]
id = "recover_close"
when = { state = "Closed" }
"""


@pytest.fixture
def log_of_states(tmp_path: Path) -> Callable[..., EventLog]:
    """Read cases given as `state state ...` with one row per day, under the rules above."""

    def read(mapping: Mapping, *cases: str, change: str = "?") -> EventLog:
        lines = [
            f"c{number},2026-01-{day:02}T09:00:00Z,{state},{day},p,{change}\n"
            for number, states in enumerate(cases, 1)
            for day, state in enumerate(states.split(), 1)
        ]
        (tmp_path / "states.csv").write_text(HEADER + "".join(lines))
        return EventLog.read(tmp_path / "states.csv", mapping=mapping)

    return read


def activities(log: EventLog) -> list[str]:
    return [name.removeprefix("recover_") for name in log.frame[ACTIVITY]]


def counts_add_up(log: EventLog) -> bool:
    account, notes = log.provenance, dict(log.provenance.notes)
    twice = notes.get("eventlog.leaving", {"count": 0})["count"]
    return (
        account.rows_in == account.used + len(account.rejected)
        and len(log) == account.used - account.collapsed + twice  # type: ignore[operator]
    )


def test_a_repeated_state_is_one_event(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "New New Active Active Active Resolved Closed Closed")
    assert activities(log) == ["accept", "classify", "recover", "close"]
    assert log.frame[TIMESTAMP].dt.day.tolist() == [1, 3, 6, 7]
    assert (log.provenance.used, log.provenance.collapsed) == (8, 4)
    assert counts_add_up(log)


def test_the_first_and_later_times_in_a_state_may_differ(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "Active Waiting Active Waiting Active", "Active")
    assert activities(log) == ["classify", "analyse", "analyse", "classify"]
    assert counts_add_up(log)


def test_leaving_a_state_is_an_event_before_the_next_state(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "Resolved Active Resolved Resolved Closed", "Resolved")
    assert activities(log) == [
        "recover", "verify", "classify", "recover", "close", "recover",
    ]  # fmt: skip
    reopened = log.frame.iloc[1]
    assert (reopened[LABEL], reopened[OUTCOME]) == ("Reopened", "not_as_agreed")
    assert reopened[TIMESTAMP] == log.frame.loc[2, TIMESTAMP]
    assert log.frame[OUTCOME].notna().sum() == 1
    assert counts_add_up(log)


def test_leaving_is_seen_even_when_the_next_state_is_no_activity(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "Resolved Waiting")
    assert activities(log) == ["recover", "verify"]
    assert dict(log.provenance.notes)["eventlog.unmapped"] == {
        "count": 1,
        "states": "Waiting (1)",
    }


def test_states_without_an_activity_are_counted_by_name(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "New Waiting Held Waiting", "Waiting")
    assert dict(log.provenance.notes)["eventlog.unmapped"] == {
        "count": 4,
        "states": "Waiting (3), Held (1)",
    }
    assert log.cases == 1  # a case of which nothing is ours is not in the log
    assert counts_add_up(log)


def test_rows_the_mapping_calls_broken_are_rejected_not_refused(
    mapping_of: Read, log_of_states: Callable[..., EventLog]
) -> None:
    log = log_of_states(mapping_of(RULES), "New -100 broken Active")
    assert log.provenance.rejected.values.tolist() == [
        [3, "BDV-249", "-100"],
        [4, "BDV-249", "broken"],
    ]
    assert activities(log) == ["accept", "classify"]
    assert counts_add_up(log)


def test_the_template_is_that_of_the_first_condition_that_holds_in_the_case(
    mapping_of: Read, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(
        HEADER + "a,2026-01-01T09:00:00Z,New,1,p,?\na,2026-01-02T09:00:00Z,Active,2,p,CHG1\n"
        "b,2026-01-01T09:00:00Z,New,1,p,?\n"
    )
    log = EventLog.read(tmp_path / "log.csv", mapping=mapping_of(RULES))
    assert log.frame[TEMPLATE].tolist() == ["W3", "W3", "W4"]


def test_rows_of_one_moment_stand_in_the_order_of_a_whole_number(
    mapping_of: Read, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(
        HEADER + "a,2026-01-01T09:00:00Z,Closed,10,p,?\na,2026-01-01T09:00:00Z,New,9,p,?\n"
    )
    rules = mapping_of(RULES, 'order = "version"\nresource = "person"\n')
    log = EventLog.read(tmp_path / "log.csv", mapping=rules)
    assert activities(log) == ["accept", "close"]
    assert log.frame[RESOURCE].tolist() == ["p", "p"]
    assert log.frame[TOUCHPOINT].tolist() == [True, False]
    (tmp_path / "log.csv").write_text(HEADER + "a,2026-01-01T09:00:00Z,New,x,p,?\n")
    with pytest.raises(BdvError, match="BDV-241"):
        EventLog.read(tmp_path / "log.csv", mapping=rules)


def test_who_asked_is_the_first_known_of_the_case(mapping_of: Read, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        HEADER + "a,2026-01-01T09:00:00Z,New,1,?,?\na,2026-01-02T09:00:00Z,Active,2,p,?\n"
    )
    log = EventLog.read(
        tmp_path / "log.csv",
        mapping=mapping_of(RULES, 'requester = "person"\nkeep = ["version"]\n'),
    )
    assert log.frame[REQUESTER].tolist() == ["p", "p"]
    assert log.frame["version"].tolist() == ["1", "2"]


def test_without_activities_the_foreign_names_stay(mapping_of: Read, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        HEADER + "a,2026-01-01 09:00,Toets,1,p,?\na,2026-01-01 10:00,Toets,2,p,?\n"
    )
    rules = mapping_of('---\n[time]\ntimezone = "UTC"\n')
    log = EventLog.read(tmp_path / "log.csv", mapping=rules)
    assert log.frame[ACTIVITY].tolist() == ["Toets", "Toets"]
    assert log.frame[LIFECYCLE].tolist() == ["complete", "complete"]
    assert log.provenance.collapsed == 0


def test_a_row_with_a_start_and_an_end_is_two_events_of_one_item(
    mapping_of: Read, refusal: Callable[..., BdvError], tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        HEADER + "a,2026-01-01T10:30:00Z,A,2026-01-01T10:00:00Z,p,?\n"
        "a,2026-01-01T11:30:00Z,B,2026-01-01T10:30:00Z,p,?\n"
    )
    rules = mapping_of("", 'start = "version"\n')
    log = EventLog.read(path, mapping=rules)
    assert log.frame[[LABEL, LIFECYCLE, ITEM]].values.tolist() == [
        ["A", "start", "1"],
        ["A", "complete", "1"],
        ["B", "start", "2"],
        ["B", "complete", "2"],
    ]
    assert dict(log.provenance.notes)["eventlog.begun"] == {"count": 2}
    path.write_text(HEADER + "a,2026-01-01T10:30:00Z,A,2026-01-01T11:00:00Z,p,?\n")
    assert refusal(path, mapping=rules).code == "BDV-247"


WORK = (
    "case:concept:name,concept:name,time:timestamp,lifecycle:transition,concept:instance,org:role,"
    "bdv:activity,bdv:seq,case:bdv:template,colour\n"
    "a,Toets,2026-01-01T10:00:00Z,start,1,staf,assess,1,W2,red\n"
    "a,Toets,2026-01-01T11:00:00Z,complete,1,staf,assess,2,W2,blue\n"
)


@pytest.mark.parametrize(
    ("named", "kept", "gone"),
    [
        ({"resource": "org:role"}, {LIFECYCLE: "start", SEQ: 1, TEMPLATE: "W2"}, [ROLE]),
        ({"activity": "colour"}, {LIFECYCLE: "start", ROLE: "staf", ACTIVITY: "red"}, ["colour"]),
        ({"activity": LIFECYCLE}, {LIFECYCLE: "complete", LABEL: "start"}, ["colour"]),
        ({"case": ROLE}, {LIFECYCLE: "start", CASE: "staf", ACTIVITY: "assess"}, [SEQ, TEMPLATE]),
    ],
)
def test_a_column_with_a_name_of_ours_stays_when_others_are_named(
    named: dict[str, str], kept: dict[str, object], gone: list[str], tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(WORK)
    log = EventLog.read(tmp_path / "log.csv", mapping=Mapping.of(**named))
    first = log.frame.iloc[0]
    assert first[list(kept)].to_dict() == kept
    assert not {name for name in gone if name in log.frame and log.frame[name].notna().any()}


def test_a_column_of_starts_is_used_without_being_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "case:concept:name,concept:name,time:timestamp,start_timestamp,who\n"
        "a,A,2026-01-01T10:30:00Z,2026-01-01T10:00:00Z,p\n"
        "a,B,2026-01-01T11:30:00Z,,p\n"
    )
    for rules in (None, Mapping.of(resource="who")):
        log = EventLog.read(path, mapping=rules)
        assert log.frame[[LABEL, LIFECYCLE]].values.tolist() == [
            ["A", "start"], ["A", "complete"], ["B", "complete"],
        ]  # fmt: skip
        assert dict(log.provenance.notes)["eventlog.begun"] == {"count": 1}


def test_a_column_of_starts_is_let_be_where_events_say_when_work_began(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "case:concept:name,concept:name,time:timestamp,lifecycle:transition,start_timestamp\n"
        "a,A,2026-01-01T10:00:00Z,START,2026-01-01T10:00:00Z\n"
        "a,A,2026-01-01T10:30:00Z,complete,2026-01-01T10:00:00Z\n"
    )
    log = EventLog.read(path)
    assert len(log) == 2
    assert log.frame["start_timestamp"].notna().all()


def test_a_mapped_column_that_is_missing_names_the_closest(
    mapping_of: Read, refusal: Callable[..., BdvError], tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text("case,time,State\na,2026-01-01T09:00:00Z,New\n")
    error = refusal(tmp_path / "log.csv", mapping=mapping_of(""))
    assert (error.code, error.facts["nearest"]) == ("BDV-223", "State")


@pytest.mark.parametrize(
    ("toml", "code", "said"),
    [
        ("collapse = yes\n---\n", "BDV-260", "TOML"),
        ("colapse = true\n---\n", "BDV-261", "collapse"),
        ("---\n[time]\nformt = '%Y'\n", "BDV-261", "format"),
        ("---\n[[activity]]\nid = 'recover_acept'\n", "BDV-262", "recover_accept"),
        ("not_observable = ['recover_prepar']\n---\n", "BDV-262", "recover_prepare"),
        ("---\n[[activity]]\nid = 'recover_close'\nwhen = 3\n", "BDV-263", "3"),
        ("---\n[[activity]]\nid = 'recover_close'\nwhen = { s = 3 }\n", "BDV-263", "3"),
        ("---\n[[activity]]\nid = 'recover_close'\nwhen = { s = { no = 'x' } }\n", "BDV-263", "no"),
        ("---\n[[activity]]\nid = 'recover_close'\noccurrence = 'last'\n", "BDV-263", "last"),
        ("---\n[time]\nfold = 'never'\n", "BDV-263", "never"),
        ("---\n[time]\nunit = 'fortnight'\n", "BDV-263", "fortnight"),
        ("---\n[time]\ntimezone = 'Europe/Utrecht'\n", "BDV-246", "Utrecht"),
        ("---\n[[template]]\nwhen = { s = 'x' }\n", "BDV-264", "key"),
        ("---\n[[reject]]\n", "BDV-264", "when"),
        ("---\n[[activity]]\noutcome = 'x'\n", "BDV-264", "id"),
        ("activity = 3\n---\n", "BDV-263", "activity"),
        ("missing = 3\n---\n", "BDV-263", "missing"),
        ("collapse = 'yes'\n---\n", "BDV-263", "collapse"),
        ("---\n[[activity]]\nid = 7\n", "BDV-263", "7"),
        ("missing = [1]\n---\n", "BDV-263", "missing"),
        ("not_observable = [1]\n---\n", "BDV-263", "not_observable"),
        ("not_observable = [['recover_verify']]\n---\n", "BDV-263", "not_observable"),
        (f"missing = {'[' * 5000}\n---\n", "BDV-260", "TOML"),
        ("---\n[[template]]\nkey = 'W9'\n", "BDV-265", "W9"),
    ],
)
def test_a_mapping_that_is_not_understood_is_refused(
    mapping_of: Read, toml: str, code: str, said: str
) -> None:
    with pytest.raises(BdvError) as caught:
        mapping_of(toml)
    assert (caught.value.code, caught.value.exit_code) == (code, 3)
    assert said in caught.value.render("nl")
    assert caught.value.render("en").startswith(code)


def test_the_columns_to_keep_are_names(mapping_of: Read) -> None:
    with pytest.raises(BdvError, match="BDV-263"):
        mapping_of("", "keep = [1]\n")


def test_a_mapping_names_case_time_and_activity(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('[columns]\ncase = "c"\ntime = "t"\n')
    with pytest.raises(BdvError, match="BDV-264"):
        Mapping.read(tmp_path / "m.toml", known=())
    with pytest.raises(BdvError, match="BDV-201"):
        Mapping.read(tmp_path / "none.toml", known=())


def test_a_mapping_also_reads_xes(mapping_of: Read, xes_of: Callable[[str], Path]) -> None:
    path = xes_of(
        '<trace><string key="concept:name" value="c1"/><event>'
        '<string key="concept:name" value="Accepted"/>'
        '<string key="lifecycle:transition" value="In Progress"/>'
        '<date key="time:timestamp" value="2026-01-01T09:00:00Z"/></event></trace>'
    )
    mapping = path.with_suffix(".toml")
    mapping.write_text(
        '[columns]\ncase = "case:concept:name"\ntime = "time:timestamp"\n'
        'activity = "concept:name"\n[[activity]]\nid = "recover_analyse"\n'
        'when = { "concept:name" = "Accepted", "lifecycle:transition" = "In Progress" }\n'
    )
    log = EventLog.read(path, mapping=Mapping.read(mapping, known=["recover_analyse"]))
    assert log.frame[[CASE, ACTIVITY, LABEL, LIFECYCLE]].values.tolist() == [
        ["c1", "recover_analyse", "Accepted", "complete"]
    ]


def test_a_mapping_names_the_evidence_and_of_work_it_belongs_to_the_end(
    mapping_of: Read, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "case,state,begun,time,asset,decided,reason,clock,deadline,typed\n"
        "1,A,2024-01-01 09:00:00Z,2024-01-01 10:00:00Z,C-7,none,true,extended,2024-03-01 09:00:00Z,"
        "2024-01-05 09:00:00Z\n"
        "1,B,,2024-01-02 10:00:00Z,,,,,,\n"
    )
    mapping = mapping_of(
        "",
        'start = "begun"\nlinked = "asset"\ncomponent = "asset"\nproposal = "decided"\n'
        'motivated = "reason"\nterm = "clock"\ndue = "deadline"\nrecorded = "typed"\n',
    )
    frame = EventLog.read(path, mapping=mapping).frame
    begun, done, other = frame[list(EVIDENCE)].astype(object).to_numpy().tolist()
    moments = [pd.Timestamp("2024-03-01 09:00:00Z"), pd.Timestamp("2024-01-05 09:00:00Z")]
    assert done == ["C-7", "C-7", "none", True, "extended", *moments]
    assert pd.isna([*begun, *other]).all()
    assert frame[LIFECYCLE].tolist() == ["start", "complete", "complete"]


def test_a_log_says_which_column_we_tell_activities_apart_by(
    xes_of: Callable[[str], Path],
) -> None:
    path = xes_of(
        '<classifier name="Activity" keys="concept:name"/>'
        '<trace><string key="concept:name" value="c1"/><event>'
        '<string key="concept:name" value="A"/><string key="org:group" value="B"/>'
        '<date key="time:timestamp" value="2026-01-01T09:00:00Z"/></event></trace>'
    )
    for rules, column in ((None, LABEL), (Mapping.of(activity="org:group"), "org:group")):
        (told,) = EventLog.read(path, mapping=rules).provenance.told("en")
        assert (
            told == f"The log tells activities apart by: Activity: concept:name. We use {column}."
        )


def test_a_refusal_names_the_column_as_the_analyst_does(
    refusal: Callable[..., BdvError], tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text("id,what,Complete Timestamp\n1,a,2026-01-01 09:00\n")
    rules = Mapping.of(case="id", activity="what", end="Complete Timestamp")
    error = refusal(tmp_path / "log.csv", mapping=rules)
    assert (error.code, error.facts["column"]) == ("BDV-235", "Complete Timestamp")
    assert "--timezone Europe/Amsterdam (timezone=)" in error.hint("en")
