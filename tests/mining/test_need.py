"""What became of each need, and what it cost the requester, counted by hand."""

import pandas as pd
import pytest

from bdv_process.mining.journey import Journeys
from bdv_process.mining.journeying import journeys
from mining.contacts import Row, case, did, log_of, service

DAY = pd.Timedelta(days=1)


def found(*cases: list[Row], **asked: object) -> Journeys:
    return journeys(log_of(*cases), **asked)  # type: ignore[arg-type]


def need(result: Journeys, stream: str) -> pd.Series:
    return result.needs.set_index("stream").loc[stream]


def test_a_need_has_a_response_a_lead_time_and_an_administrative_one() -> None:
    """Called on day 0 and accepted on day 1: 1. Last told on day 5, closed on day 9: 5, and 9."""
    late = case(
        "z1", "anna", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
        did(5, "operate_verify", "as_agreed"), did(9, "operate_close"),
        did(9, "operate_completed", "completed"),
    )  # fmt: skip
    row = need(found(late), "z1")
    assert row["first_response"] == 1 * DAY
    assert (row["lead_time"], row["administrative"]) == (5 * DAY, 9 * DAY)
    assert (row["told"] - row["first"], row["last"] - row["first"]) == (5 * DAY, 9 * DAY)


def test_the_last_time_that_it_was_told_counts_and_an_intake_tells_nothing() -> None:
    """Verified on day 5, done again and verified on day 8: 8. Accepted only: nothing was told."""
    again = case(
        "z1", "anna", did(0, "operate_call"), did(5, "operate_verify", "not_as_agreed"),
        did(8, "operate_verify", "as_agreed"), did(8, "operate_completed", "completed"),
    )  # fmt: skip
    untold = case(
        "z2", "bert", did(0, "operate_call"), did(1, "operate_accept", "accepted"),
        did(3, "operate_completed", "completed"),
    )  # fmt: skip
    result = found(again, untold)
    assert need(result, "z1")["lead_time"] == 8 * DAY
    assert pd.isna(need(result, "z2")["lead_time"])
    assert need(result, "z2")["administrative"] == 3 * DAY


def test_what_is_open_or_withdrawn_has_no_lead_time() -> None:
    """Both were verified, so somebody told them something: but not how it ended."""
    result = found(
        case("z1", "anna", did(0, "operate_call"), did(5, "operate_verify", "not_as_agreed")),
        case(
            "z2", "bert", did(0, "operate_call"), did(5, "operate_verify", "not_as_agreed"),
            did(6, "operate_withdrawal"), did(6, "operate_withdrawn", "withdrawn"),
        ),
        service("z3", "carl"),
    )  # fmt: skip
    lasting = result.needs.set_index("stream")[["lead_time", "administrative"]]
    assert lasting.loc[["z1", "z2"]].isna().all(axis=None)
    assert lasting.loc["z3"].tolist() == [5 * DAY, 6 * DAY]
    assert pd.isna(need(result, "z1")["last"])


def test_a_response_is_what_government_says_after_the_first_call() -> None:
    """Anna is asked something on day 3: that is a response. Nobody ever answers Bert."""
    result = found(
        case("z1", "anna", did(0, "operate_call"), did(3, "operate_question")),
        case("z2", "bert", did(0, "recover_call"), did(4, "recover_withdrawal")),
        case("z3", "anna", did(1, "recover_call"), did(6, "recover_accept", "accepted")),
    )
    assert need(result, "z1")["first_response"] == 3 * DAY
    assert pd.isna(need(result, "z2")["first_response"])
    longest = result.journeys.set_index("subject")["first_response"]
    assert longest["anna"] == 5 * DAY, "of two needs the one that was left longest"
    assert pd.isna(longest["bert"])


def test_each_workflow_has_the_medians_of_its_needs() -> None:
    """Service requests told on day 5 and closed on day 6, five times; one incident is open.

    All of the five are answered after 1 day, and closed 1 day after they were told.
    """
    result = found(
        *(service(f"z{n}", f"s{n}") for n in range(5)),
        case("r", "s1", did(0, "recover_call"), did(2, "recover_accept", "accepted")),
    )
    flows = result.workflows.set_index("template")
    assert flows["needs"].to_dict() == {"W4": 1, "W5": 5}
    row = flows.loc["W5"]
    assert (row["first_response"], row["lead_time"]) == (1 * DAY, 5 * DAY)
    assert (row["administrative"], row["after"]) == (6 * DAY, 1 * DAY)
    assert (row["lead_time_low"], row["lead_time_high"], row["lead_time_times"]) == (
        5 * DAY, 5 * DAY, 5,
    )  # fmt: skip
    assert pd.isna(flows.loc["W4", "lead_time"])
    assert flows.loc["W4", "first_response"] == 2 * DAY
    assert [row["template"] for row in result.to_dict()["workflows"]] == ["W5"], "few are hidden"


def test_demand_by_failure_is_what_would_not_have_been_said_had_all_gone_well() -> None:
    """Anna calls (0), answers (2), answers again (4), asks how it stands (6), complains (7).

    Of her five contacts the second answer, the question and the complaint are three.
    """
    anna = case(
        "z1", "anna", did(0, "operate_call"), did(1, "operate_question"), did(2, "operate_answer"),
        did(3, "operate_question"), did(4, "operate_answer"), did(6, "Statusvraag"),
        did(7, "Klacht"), did(8, "operate_verify", "as_agreed"),
        did(8, "operate_completed", "completed"),
    )  # fmt: skip
    (row,) = found(anna, complaints=["Klacht"], chasers=["Statusvraag"]).journeys.to_dict("records")
    assert (row["inbound"], row["failure_demand"]) == (5, 3)
    assert row["complaints"] == 1
    (row,) = found(anna, complaints=["Klacht"]).journeys.to_dict("records")
    assert (row["inbound"], row["failure_demand"]) == (4, 2), "what a status call is was not said"


@pytest.mark.parametrize(("begin", "failed"), [(9, 1), (4, 0)])
def test_the_first_call_after_a_rejected_one_is_demand_by_failure(
    begin: float, failed: int
) -> None:
    """Rejected on day 8; the next call is the one of day 9, the one of day 20 is another matter."""
    rejected = case(
        "z2", "anna", did(5, "recover_call"), did(8, "recover_accept", "rejected"),
        did(8, "recover_rejected", "rejected"),
    )  # fmt: skip
    both = [rejected, service("z3", "anna", begin=begin)]
    (row,) = found(*both, complaints=["recover_withdrawal"]).journeys.to_dict("records")
    assert (row["inbound"], row["failure_demand"]) == (2, failed)
    (row,) = found(
        *both, service("z4", "anna", begin=20), complaints=["recover_withdrawal"]
    ).journeys.to_dict("records")
    assert (row["inbound"], row["failure_demand"]) == (3, 1)


def test_a_group_has_the_share_of_its_contacts_that_is_demand_by_failure() -> None:
    """Five who call and five who also complain twice: 10 of 5 + 15 contacts, by five of ten."""
    angry = [
        case(
            f"k{n}", f"k{n}", did(0, "operate_call"), did(2, "Klacht"), did(3, "Klacht"),
            did(4, "operate_verify", "as_agreed"), did(4, "operate_completed", "completed"),
        )
        for n in range(5)
    ]  # fmt: skip
    calm = [service(f"z{n}", f"z{n}") for n in range(5)]
    groups = found(*calm, *angry, complaints=["Klacht"]).groups.set_index("group")
    assert (groups.loc[0, "failure_demand"], groups.loc[0, "inbound"]) == (5, 20)
    assert groups.loc[0, "failure_demand_share"] == 0.5
    assert groups["first_response"].tolist() == [2.5 * DAY, 4 * DAY, 1 * DAY]
    few = found(*calm, *angry[:4], complaints=["Klacht"], groups=1).to_dict()["groups"]
    assert {row["failure_demand_share"] for row in few} == {None}, "four complained"


def test_what_a_log_cannot_tell_of_needs_says_why() -> None:
    """No call, no end, and nobody said what a complaint is."""
    unseen = found(case("1", "anna", did(0, "Ticket opened"), did(3, "Ticket resolved"))).unseen
    assert unseen["first_response"] == unseen["failure_demand"] == "unchecked.call"
    assert unseen["lead_time"] == unseen["administrative"] == "unchecked.ends"
    assert found(service("z1", "anna")).unseen["failure_demand"] == "unchecked.failure"
