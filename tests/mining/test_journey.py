"""Customer journeys, held to small ones that were drawn and counted by hand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import CASE, REQUESTER, TIMESTAMP, TOUCHPOINT
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journeying import journeys
from bdv_process.template.library import shipped
from mining.contacts import Row, case, did, frame_of, log_of, service

TEMPLATES = tuple(shipped())
DAY = pd.Timedelta(days=1)


def found(*cases: list[Row], **asked: object) -> Journeys:
    return journeys(log_of(*cases), TEMPLATES, **asked)  # type: ignore[arg-type]


def only(*cases: list[Row], **asked: object) -> pd.Series:
    (row,) = found(*cases, **asked).journeys.to_dict("records")
    return pd.Series(row)


def passport(name: str = "z1", subject: str = "anna") -> list[Row]:
    return case(
        name, subject,
        did(0, "operate_call"), did(1, "operate_accept", "incomplete", "kcc"),
        did(1, "operate_question"), did(11, "operate_answer"),
        did(14, "operate_accept", "accepted", "kcc"), did(15, "operate_classify", None, "kcc"),
        did(20, "operate_verify", "as_agreed", "toetser"), did(21, "operate_close"),
        did(21, "operate_completed", "completed"),
    )  # fmt: skip


def test_one_need_is_told_as_its_contacts_and_silences() -> None:
    """Called on day 0; asked on day 1, answered on day 11; accepted on day 14, verified on day 20.

    Six contacts; what was classified and closed is none. The citizen's turn: day 1 to 11 = 10.
    Government's: 0 to 1, 11 to 14, 14 to 20 = 10. One change: the front office, then the tester.
    """
    row = only(passport())
    assert row["path"] == (
        "operate_call", "operate_accept", "operate_question", "operate_answer", "operate_accept",
        "operate_verify",
    )  # fmt: skip
    assert row["last"] - row["first"] == 20 * DAY
    assert (row["citizen"], row["government"]) == (10 * DAY, 10 * DAY)
    assert row["longest_silence"] == 10 * DAY
    assert (row["streams"], row["cases"], row["touchpoints"], row["parallel"]) == (1, 1, 6, 1)
    assert (row["role_changes"], row["repeated"], row["sent_on"]) == (1, 0, 0)
    assert (row["withdrawn"], row["without_outcome"], row["open"]) == (0, 0, False)


def test_each_contact_says_which_way_it_went_and_whose_turn_it_was_before() -> None:
    contacts = found(passport()).of("anna")
    assert contacts["direction"].tolist() == ["in", "both", "out", "in", "both", "both"]
    assert contacts["turn"].tolist() == [
        "", "government", "", "citizen", "government", "government",
    ]  # fmt: skip
    days = contacts["silence"] / DAY
    np.testing.assert_array_equal(days, [np.nan, 1, 0, 10, 3, 6])
    assert contacts["number"].tolist() == [1, 2, 3, 4, 5, 6]


def test_while_anything_waits_for_government_it_is_not_the_citizens_turn() -> None:
    """The passport waits for the citizen from day 1 to 11; an incident is open from 5 to 8.

    Citizen: 1 to 5 and 8 to 11 = 7. Government: the other 13 of 20 days. Two open at once.
    """
    row = only(
        passport(),
        case(
            "z2", "anna", did(5, "recover_call"), did(8, "recover_accept", "rejected"),
            did(8, "recover_rejected", "rejected"),
        ),
    )  # fmt: skip
    assert (row["citizen"], row["government"]) == (7 * DAY, 13 * DAY)
    assert (row["streams"], row["parallel"]) == (2, 2)
    assert row["longest_silence"] == 6 * DAY


def test_a_call_that_was_rejected_and_followed_by_another_was_sent_on() -> None:
    rejected = case(
        "z2", "anna", did(5, "recover_call"), did(8, "recover_accept", "rejected"),
        did(8, "recover_rejected", "rejected"),
    )  # fmt: skip
    assert only(rejected)["sent_on"] == 0
    assert only(rejected, service("z3", "anna", begin=9))["sent_on"] == 1
    assert only(rejected, service("z3", "anna", begin=4))["sent_on"] == 0, "called before"
    assert found(rejected, service("z3", "bert", begin=9)).journeys["sent_on"].sum() == 0
    child = case(
        "z2", "anna", did(5, "change_call"), did(6, "change_accept", "rejected"), parent="z3"
    )
    inside = only(service("z3", "anna", begin=4), child, service("z4", "anna", begin=9))
    assert inside["sent_on"] == 0, "a case that government started was no call"


@pytest.mark.parametrize(("begin", "ended"), [(96, 1), (97, 2)])
def test_a_journey_ends_when_for_over_90_days_nothing_is_open_or_said(
    begin: float, ended: int
) -> None:
    """The first need is closed on day 6: 90 days later it is day 96."""
    assert len(found(service("z1", "anna"), service("z2", "anna", begin=begin)).journeys) == ended


def test_what_stays_open_holds_a_journey_together() -> None:
    """Between day 5 and day 300 nothing is said, but the incident of day 4 is open until 301."""
    row = only(
        case(
            "z1", "anna", did(4, "recover_call"), did(5, "recover_accept", "accepted"),
            did(300, "recover_verify", "as_agreed"), did(301, "recover_completed", "completed"),
        ),
        service("z2", "anna", begin=302),
    )  # fmt: skip
    assert row["longest_silence"] == 295 * DAY
    assert row["government"] == (row["last"] - row["first"]) - 1 * DAY, "none was open on day 301"


def test_the_gap_is_what_is_asked_for() -> None:
    two = service("z1", "anna"), service("z2", "anna", begin=20)
    assert len(found(*two).journeys) == 1
    apart = found(*two, gap=timedelta(days=13)).journeys
    assert apart["journey"].tolist() == ["anna/1", "anna/2"]
    assert apart["streams"].tolist() == [1, 1]


def test_asking_again_about_one_need_is_counted_from_the_second_time() -> None:
    row = only(
        case(
            "z1", "anna", did(0, "operate_call"),
            did(1, "operate_question"), did(2, "operate_answer"),
            did(3, "operate_question"), did(7, "operate_answer"),
            did(8, "operate_question"), did(9, "operate_answer"),
            did(10, "operate_accept", "accepted"), did(11, "operate_verify", "as_agreed"),
            did(12, "operate_completed", "completed"),
        ),
        case(
            "z2", "anna", did(3, "recover_call"), did(4, "recover_question"),
            did(5, "recover_answer"), did(6, "recover_accept", "accepted"),
            did(7, "recover_verify", "as_agreed"), did(7, "recover_completed", "completed"),
        ),
        service("z3", "anna", begin=4),
    )  # fmt: skip
    assert row["repeated"] == 2


def test_an_unanswered_question_is_the_citizens_turn_until_the_case_ends() -> None:
    unanswered = case(
        "z1", "anna", did(0, "operate_call"), did(1, "operate_question"),
        did(29, "operate_unanswered", "withdrawn"),
    )  # fmt: skip
    row = found(unanswered, service("z2", "bert")).journeys.iloc[0]
    assert (row["citizen"], row["government"]) == (28 * DAY, 1 * DAY)
    assert row["withdrawn"] == 0, "government gave up, not the requester"
    assert row["without_outcome"] == 0, "they were told"


def test_who_ends_a_case_themselves_withdrew_it() -> None:
    row = only(
        case(
            "z1", "anna", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
            did(30, "operate_withdrawal"), did(30, "operate_withdrawn", "withdrawn"),
        )
    )  # fmt: skip
    assert (row["withdrawn"], row["without_outcome"]) == (1, 0)


def test_between_ship_and_shore_is_what_ended_while_nothing_was_told() -> None:
    row = only(
        case(
            "z1", "anna", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
            did(3, "operate_close"), did(3, "operate_completed", "completed"),
        )
    )  # fmt: skip
    assert row["without_outcome"] == 1


@pytest.mark.parametrize(
    ("last", "lost"),
    [
        pytest.param(did(43, "operate_accept", "accepted"), 1, id="silent for 57 days"),
        pytest.param(did(44, "operate_accept", "accepted"), 0, id="silent for 56 days"),
        pytest.param(did(2, "operate_question"), 0, id="waits for the citizen"),
    ],
)
def test_what_is_open_is_lost_when_it_is_silent_for_over_eight_weeks(last: Row, lost: int) -> None:
    """The log ends on day 100, with somebody else's case."""
    open_ = case("z1", "anna", did(0, "operate_call"), last)
    rows = found(open_, service("z2", "bert", begin=94)).journeys.set_index("subject")
    assert rows.loc["anna", "without_outcome"] == lost
    assert rows["open"].to_dict() == {"anna": True, "bert": False}


def test_the_patience_with_silence_is_what_is_asked_for() -> None:
    open_ = case("z1", "anna", did(0, "operate_call"))
    both = open_, service("z2", "bert", begin=4)
    for days, lost in ((9, 1), (10, 0)):
        rows = found(*both, lost_after=timedelta(days=days)).journeys
        assert rows["without_outcome"].sum() == lost


def test_contact_in_a_child_case_belongs_to_the_need_that_started_it() -> None:
    row = only(
        case(
            "z1", "anna", did(0, "agree_call"), did(1, "agree_accept", "accepted"),
            did(9, "agree_verify", "as_agreed"), did(10, "agree_completed", "completed"),
        ),
        case(
            "z2", "anna", did(2, "change_call"), did(3, "change_accept", "accepted"),
            did(8, "change_completed", "completed"), parent="z1",
        ),
    )  # fmt: skip
    assert (row["streams"], row["cases"], row["parallel"]) == (1, 2, 1)
    assert row["path"] == ("agree_call", "agree_accept", "change_accept", "agree_verify"), (
        "that a case started another is no call of the requester"
    )


def test_a_need_is_that_of_who_asked_first_whoever_a_child_case_names() -> None:
    result = found(
        case("z1", "anna", did(0, "agree_call"), did(9, "agree_verify", "as_agreed")),
        case("z2", "zoe", did(3, "change_accept", "accepted"), parent="z1"),
    )
    assert result.journeys["subject"].tolist() == ["anna"]
    assert len(result.of("anna")) == 3


def test_a_question_in_a_child_case_makes_the_whole_need_wait_for_the_citizen() -> None:
    """Asked on day 4 and again on day 5, answered on day 7: 3 days, however often was asked."""
    row = only(
        case(
            "z1", "anna", did(0, "agree_call"), did(1, "agree_accept", "accepted"),
            did(9, "agree_verify", "as_agreed"), did(10, "agree_completed", "completed"),
        ),
        case(
            "z2", "anna", did(2, "change_call"), did(4, "change_question"),
            did(5, "change_question"), did(7, "change_answer"),
            did(8, "change_completed", "completed"), parent="z1",
        ),
    )  # fmt: skip
    assert (row["citizen"], row["government"], row["repeated"]) == (3 * DAY, 6 * DAY, 1)


def test_a_term_that_stopped_in_silence_is_not_the_citizens_turn() -> None:
    """The same suspension, once with a contact and once without: nobody was asked anything."""
    for touched, turn in ((True, 4), (False, 0)):
        stopped = did(1, "Clock stopped") | {"bdv:term": "suspended", TOUCHPOINT: touched}
        ticket = case("1", "anna", did(0, "Ticket opened"), stopped, did(5, "operate_answer"))
        row = found(ticket, passport("z3", "carl")).journeys.iloc[0]
        assert row["citizen"] == turn * DAY


def test_what_begins_inside_is_no_journey_of_a_citizen() -> None:
    inside = case(
        "z1", "kees", did(0, "improve_call"), did(1, "improve_identify"),
        did(3, "improve_completed", "completed"),
    )  # fmt: skip
    result = found(inside, service("z2", "anna"))
    assert result.journeys["subject"].tolist() == ["anna"]
    assert result.notes == (("journey.inside", {"streams": 1}),)


def test_what_nobody_asked_for_or_noticed_is_left_out_and_said() -> None:
    result = found(
        case("z1", None, did(0, "operate_accept", "accepted")),
        case("z2", "anna", did(0, "operate_classify")),
        service("z3", "anna"),
    )
    assert result.journeys["subject"].tolist() == ["anna"]
    assert result.journeys["parallel"].tolist() == [1], "she noticed one"
    assert dict(result.notes) == {
        "journey.nobody": {"streams": 1}, "journey.silent": {"streams": 1},
    }  # fmt: skip


def test_changes_of_channel_and_organisation_are_counted_per_need() -> None:
    """By phone, then twice at the desk: one change; the other need, by letter, is another matter.

    The municipality sends the need on to the province, and gets it back: two changes.
    """

    def by(channel: str, organisation: str) -> dict[str, str]:
        return {"bdv:channel": channel, "owner": organisation}

    cases = (
        case(
            "z1", "anna", did(0, "operate_call", **by("phone", "A")),
            did(2, "operate_accept", "accepted", **by("desk", "B")),
            did(4, "operate_verify", "as_agreed", **by("desk", "A")),
            did(4, "operate_completed", "completed"),
        ),
        case("z2", "anna", did(1, "operate_call", **by("letter", "C"))),
    )  # fmt: skip
    row = only(*cases, organisation="owner")
    assert (row["channel_changes"], row["organisation_changes"]) == (1, 2)
    assert found(*cases).unseen == {
        "organisation_changes": "unchecked.organisation",
        "role_changes": "unchecked.no_role",
        "failure_demand": "unchecked.failure",
        "preceding": "unchecked.left",
    }


def test_what_a_log_cannot_show_is_missing_and_never_nought() -> None:
    """The case of another system: no question, no outcome, no end, nobody's role."""
    row = only(case("1", "anna", did(0, "Ticket opened"), did(3, "Ticket resolved")))
    for measure in (
        "citizen", "government", "repeated", "sent_on", "role_changes", "organisation_changes",
        "channel_changes", "withdrawn", "without_outcome", "open", "first_response", "inbound",
        "failure_demand",
    ):  # fmt: skip
        assert pd.isna(row[measure]), measure
    assert row["longest_silence"] == 3 * DAY


@pytest.mark.parametrize(
    ("hidden", "unseen"),
    [
        (
            ["operate_verify"],
            {"without_outcome", "lead_time", "first_response", "silence", "longest_silence"},
        ),
        (["operate_accept"], {"first_response"}),
        (["operate_question"], {"citizen", "government", "repeated", "first_response"}),
        (["operate_classify"], set()),
    ],
)
def test_what_a_system_cannot_record_makes_unseen_what_leans_on_it(
    hidden: list[str], unseen: set[str]
) -> None:
    """Beside it runs a case that began inside: what that could ask is no question to a citizen."""
    inside = case("z2", "kees", did(0, "improve_call"), did(3, "improve_completed", "completed"))
    log = log_of(service("z1", "anna"), inside)
    blind = replace(log.provenance, not_observable=tuple(hidden))
    told = journeys(EventLog(frame=log.frame, provenance=blind), TEMPLATES).unseen
    assert set(told) - set(journeys(log, TEMPLATES).unseen) == unseen


def test_where_no_step_is_called_a_contact_nothing_is_silent_or_untold() -> None:
    """That nobody told them anything would be a finding: this log just cannot show it."""
    log = log_of(*(service(f"z{n}", f"s{n}") for n in range(5)), passport("p"))
    result = journeys(EventLog(frame=log.frame.assign(**{TOUCHPOINT: False})), TEMPLATES)
    leaning = {
        "silence", "longest_silence", "citizen", "government", "first_response", "lead_time",
        "without_outcome",
    }  # fmt: skip
    assert leaning <= {n for n, why in result.unseen.items() if why == "unchecked.contact"}
    assert result.journeys[[*leaning - {"silence", "lead_time"}]].isna().all(axis=None)
    assert result.touchpoints[["silence", "turn"]].isna().all(axis=None)
    assert result.needs["lead_time"].isna().all()
    assert "outcome not measurable" in repr(result)


def test_paths_that_occur_are_the_groups_while_they_are_few() -> None:
    result = found(
        *(service(f"z{n}", f"s{n}") for n in range(5)),
        *(passport(f"p{n}", f"t{n}") for n in range(3)),
        case("q", "q", did(0, "recover_call")),
    )
    groups = result.groups.set_index("group")
    assert groups["journeys"].to_dict() == {0: 9, 1: 5, 2: 3, 3: 1}
    assert groups["exact"].to_dict() == {0: 9, 1: 5, 2: 3, 3: 1}
    assert groups.loc[1, "path"] == ("operate_call", "operate_accept", "operate_verify")
    assert groups.loc[2, "citizen"] == 30 * DAY
    assert groups.loc[1, "median"] == 5 * DAY
    assert set(result.journeys.loc[result.journeys["group"] == 3, "subject"]) == {"q"}


def test_there_are_never_more_groups_than_asked_for() -> None:
    """Three paths in two groups: the incident stands apart, the two service requests are alike."""
    result = found(
        *(service(f"z{n}", f"s{n}") for n in range(5)),
        *(passport(f"p{n}", f"t{n}") for n in range(3)),
        *(case(f"q{n}", f"q{n}", did(0, "recover_call")) for n in range(4)),
        groups=2,
    )
    groups = result.groups.set_index("group")
    assert groups["journeys"].to_dict() == {0: 12, 1: 8, 2: 4}
    assert groups["exact"].to_dict() == {0: 9, 1: 5, 2: 4}
    assert groups.loc[2, "path"] == ("recover_call",)


def test_a_group_has_a_map_of_its_contacts() -> None:
    result = found(
        *(service(f"z{n}", f"s{n}") for n in range(6)),
        *(passport(f"p{n}", f"t{n}") for n in range(5)),
    )
    assert result.map().cases == 11
    own = result.map(1)
    assert own.cases == 6
    assert list(own.variants) == [("operate_call", "operate_accept", "operate_verify")]
    with pytest.raises(NotFound, match="BDV-454"):
        result.map(3)


def test_as_data_it_gives_groups_and_one_subject_only_when_asked() -> None:
    result = found(*(service(f"z{n}", f"s{n}") for n in range(5)), passport("p"))
    told = result.to_dict()
    assert [group["group"] for group in told["groups"]] == [1]
    assert "anna" not in str(told)
    own = result.to_dict("anna")
    assert "groups" not in own
    assert {row["subject"] for row in own["touchpoints"]} == {"anna"}
    assert own["journeys"][0]["citizen"] == 10 * 86_400
    with pytest.raises(NotFound, match="BDV-453"):
        result.to_dict("bert")


def test_a_count_of_few_is_in_no_data_and_no_total_gives_it_away() -> None:
    """Nine journeys in two groups; of the five service requests one was withdrawn."""
    left = case(
        "w", "w", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
        did(5, "operate_verify", "as_agreed"), did(5, "operate_withdrawn", "withdrawn"),
    )  # fmt: skip
    four = [service(f"z{n}", f"s{n}") for n in range(4)]
    others = [passport(f"p{n}", f"t{n}") for n in range(4)]
    result = found(left, *four, *others, groups=2)
    assert result.groups["journeys"].tolist() == [9, 5, 4]
    (told,) = result.to_dict()["groups"]
    assert told["group"] == 1, "all together would give away the four"
    assert told["withdrawn"] is told["withdrawn_low"] is told["exact"] is None
    assert told["repeated"] == 0


@pytest.fixture(scope="module")
def uneven() -> Journeys:
    """Groups of 6, 3 and 1: of all ten together the four would follow."""
    return found(
        *(service(f"z{n}", f"s{n}") for n in range(6)),
        *(passport(f"p{n}", f"t{n}") for n in range(3)),
        case("q", "q", did(0, "recover_call")),
    )


def test_no_face_tells_how_many_stand_in_small_groups(uneven: Journeys) -> None:
    assert uneven.groups["journeys"].tolist() == [10, 6, 3, 1], "an analyst has all of it"
    assert repr(uneven) == "<Journeys: 6 in 1 groups of 5 or more>"
    (group,) = uneven.to_dict()["groups"]
    assert "share" not in group, "6 of 0.6 are 10"
    shown = uneven._repr_html_()
    assert "<th>share</th>" not in shown
    assert "10 of" not in shown
    small = found(*(service(f"z{n}", f"s{n}") for n in range(3)))
    assert repr(small) == "<Journeys: none of 5 or more>"


@pytest.mark.parametrize("group", [0, 2, 3])
def test_a_group_that_is_not_shown_has_no_map_either(uneven: Journeys, group: int) -> None:
    with pytest.raises(InputRefused, match="BDV-473"):
        uneven.map(group)


def test_what_befell_all_but_a_few_is_in_no_face() -> None:
    """Of ten, nine withdrew: that would tell of one that he or she did not."""
    lost = found(
        *(
            case(
                f"w{n}", f"w{n}", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
                *([did(5, "operate_withdrawal")] if n else [did(5, "operate_verify")]),
                did(6, "operate_completed", "completed"),
            )
            for n in range(10)
        ),
        groups=1,
    )  # fmt: skip
    assert lost.groups["withdrawn"].tolist() == [9, 9]
    for group in lost.to_dict()["groups"]:
        assert group["withdrawn"] is group["withdrawn_high"] is group["exact"] is None
        assert group["apart"] is None
    assert "<td>9</td>" not in lost._repr_html_()
    told = {row["moment"]: row for row in lost.to_dict()["preceding"]}
    assert told["operate_accept"]["left"] is told["operate_accept"]["share"] is None


def test_it_says_on_one_line_what_was_found() -> None:
    assert repr(found(*(service(f"z{n}", f"s{n}") for n in range(5)))) == (
        "<Journeys: 5 of 5 subjects, 15 contacts, 1 groups (100% exactly as their name), "
        "0 without an outcome>"
    )
    assert "outcome not measurable" in repr(found(case("1", "anna", did(0, "Ticket opened"))))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [(REQUESTER, None, "BDV-451"), (TOUCHPOINT, False, "BDV-452"), (TIMESTAMP, pd.NaT, "BDV-450")],
)
def test_a_log_without_journeys_is_refused(column: str, value: object, code: str) -> None:
    frame = frame_of(case("z1", "anna", did(0, "operate_accept"))).assign(**{column: value})
    with pytest.raises(InputRefused, match=code):
        journeys(EventLog(frame=frame), TEMPLATES)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputRefused, match="BDV-442"):
        found(passport(), channel="how")


@pytest.mark.parametrize("asked", ["complaints", "chasers"])
def test_a_step_that_nothing_knows_is_refused(asked: str) -> None:
    with pytest.raises(InputRefused, match=r"BDV-455.*klaagt"):
        found(passport(), **{asked: ["operate_verify", "klaagt"]})
    assert "failure_demand" not in found(passport(), **{asked: ["recover_withdrawal"]}).unseen


@pytest.mark.parametrize("asked", ["complaints", "chasers"])
def test_one_text_for_a_list_of_steps_is_refused(asked: str) -> None:
    with pytest.raises(InputRefused, match="BDV-297"):
        found(passport(), **{asked: "operate_verify"})


@pytest.mark.parametrize(
    "asked",
    [
        {"groups": 0}, {"groups": -1}, {"groups": 2.5}, {"gap": 90}, {"gap": timedelta(0)},
        {"gap": timedelta(-1)}, {"lost_after": 56}, {"lost_after": timedelta(0)},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(InputRefused, match="BDV-457"):
        found(passport(), **asked)


def test_a_group_that_there_is_not_is_refused_with_those_that_there_are(
    uneven: Journeys,
) -> None:
    with pytest.raises(NotFound) as refused:
        uneven.chart(group=0, lang="nl")
    assert "1 tot en met 3" in refused.value.hint("nl") + refused.value.what("nl")


Drawn = list[list[Row]]
#: A log in which each workflow shows how a case ends, and contact after the intake: then one
#: without an end is open, and one without contact is silent.
ENDS = [
    case(
        f"end-{process}", "end", did(500, f"{process}_call"), did(501, f"{process}_accept"),
        did(502, f"{process}_verify"), did(503, f"{process}_completed", "completed"),
    )
    for process in ("operate", "recover", "change")
]  # fmt: skip
STEPS = ("accept", "question", "answer", "verify", "withdrawal", "classify")


@st.composite
def cases_of_several(draw: st.DrawFn, subjects: Iterable[str] = "abc") -> Drawn:
    """Cases of several subjects; no two events are in one moment."""
    days = draw(st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True))
    owner = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(subjects)), st.integers(1, 3)),
            min_size=len(days), max_size=len(days),
        )
    )  # fmt: skip
    cases: dict[tuple[str, int], list[int]] = {}
    for day, whose in zip(days, owner, strict=True):
        cases.setdefault(whose, []).append(day)
    made = []
    for (subject, number), own in sorted(cases.items()):
        process = ("operate", "recover", "change")[number - 1]
        first, *others = sorted(own)
        rows = [did(first, f"{process}_call")]
        rows += [did(day, f"{process}_{draw(st.sampled_from(STEPS))}") for day in others]
        if others and draw(st.booleans()):
            rows[-1] = did(others[-1], f"{process}_completed", "completed")
        made.append(case(f"{subject}{number}", subject, *rows))
    return made


@settings(max_examples=12, deadline=None)
@given(drawn=cases_of_several(), seed=st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(drawn: Drawn, seed: int) -> None:
    frame = frame_of(*drawn)
    mixed = frame.sample(frac=1, random_state=seed)
    one, other = (journeys(EventLog(frame=each), TEMPLATES, groups=2) for each in (frame, mixed))
    for name in ("touchpoints", "journeys", "groups", "preceding"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=12, deadline=None)
@given(drawn=cases_of_several(), others=cases_of_several("xyz"))
def test_logs_of_other_subjects_add_their_journeys(drawn: Drawn, others: Drawn) -> None:
    """Whether an open need is forgotten depends on when the log ends: here both end together."""
    apart = [found(*each, *ENDS).journeys for each in (drawn, others)]
    apart[0] = apart[0][apart[0]["subject"] != "end"]
    expected = pd.concat(apart).sort_values("journey", ignore_index=True)
    together = found(*drawn, *others, *ENDS).journeys.sort_values("journey", ignore_index=True)
    pd.testing.assert_frame_equal(
        expected.drop(columns="group"), together.drop(columns="group"), check_dtype=False
    )


@settings(max_examples=12, deadline=None)
@given(drawn=cases_of_several())
def test_the_turns_of_citizen_and_government_are_all_the_time_that_something_is_open(
    drawn: Drawn,
) -> None:
    """Counted day by day: a day counts when a case of the subject, with contact, covers it."""
    result = found(*drawn, *ENDS)
    frame = frame_of(*drawn, *ENDS)
    horizon = frame[TIMESTAMP].max()
    for row in result.journeys.to_dict("records"):
        mine = result.touchpoints[result.touchpoints["subject"] == row["subject"]]
        days: set[pd.Timestamp] = set()
        for name in mine["case"].unique():
            own = frame[frame[CASE] == name]
            closed = "completed" in set(own["bdv:outcome"])
            end = own[TIMESTAMP].max() if closed else horizon
            days |= set(pd.date_range(own[TIMESTAMP].min(), end, inclusive="left"))
        inside = [day for day in days if row["first"] <= day < row["last"]]
        assert row["citizen"] + row["government"] == len(inside) * DAY


def test_the_shipped_log_has_journeys(root: Path) -> None:
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    result = journeys(log, TEMPLATES)
    assert result.journeys["streams"].sum() == 25
    assert (result.journeys["without_outcome"] == 0).all(), "the simulated people tell everybody"
    silences = result.touchpoints.groupby("journey")["silence"].sum()
    both = result.journeys.set_index("journey")
    pd.testing.assert_series_equal(
        silences, both["citizen"] + both["government"], check_names=False, check_dtype=False
    )


def test_a_notebook_shows_groups_and_no_pseudonym(root: Path) -> None:
    found = journeys(EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz"))
    shown = found._repr_html_()
    assert f"<td>{found.shown['journeys'].iloc[0]}</td>" in shown
    assert not any(f">{subject}<" in shown for subject in found.journeys["subject"])
