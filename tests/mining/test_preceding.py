"""What stands before a withdrawal or a complaint, counted by hand."""

import pandas as pd
import pytest

from bdv_process.mining.interval import newcombe, wilson
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journeying import journeys
from bdv_process.template.library import shipped
from mining.contacts import Row, case, did, log_of, service


def asked_and_gone(name: str) -> list[Row]:
    return case(
        name, name, did(0, "operate_call"), did(1, "operate_question"),
        did(31, "operate_withdrawal"), did(31, "operate_withdrawn", "withdrawn"),
    )  # fmt: skip


def asked_and_answered(name: str) -> list[Row]:
    return case(
        name, name, did(0, "operate_call"), did(1, "operate_question"), did(3, "operate_answer"),
        did(4, "operate_verify", "as_agreed"), did(4, "operate_completed", "completed"),
    )  # fmt: skip


def found(*cases: list[Row], **asked: object) -> Journeys:
    return journeys(log_of(*cases), tuple(shipped()), **asked)  # type: ignore[arg-type]


def of(result: Journeys, moment: str) -> pd.Series:
    (row,) = result.preceding[result.preceding["moment"] == moment].to_dict("records")
    return pd.Series(row)


def test_a_step_after_which_people_leave_is_told_with_its_lift() -> None:
    """Six are asked and leave after 30 days, two are asked and answer, nine go straight on.

    After a question 6 of 8 leave. Other contacts that are followed by one: 6 + 2 calls, 2 answers
    and 9 x 2 of the others = 28, none of which is followed by leaving; so there is no lift.
    """
    result = found(
        *(asked_and_gone(f"g{n}") for n in range(6)),
        *(asked_and_answered(f"a{n}") for n in range(2)),
        *(service(f"z{n}", f"z{n}") for n in range(9)),
    )
    row = of(result, "operate_question")
    assert (row["kind"], row["times"], row["left"]) == ("step", 8, 6)
    assert (row["share"], row["elsewhere"]) == (0.75, 0)
    assert pd.isna(row["lift"])
    assert (row["low"], row["high"]) == tuple(map(float, wilson(6, 8)))
    assert (row["least"], row["most"]) == tuple(map(float, newcombe(6, 8, 0, 28)))
    assert row["more"]
    assert not result.preceding.set_index("moment").loc["operate_call", "more"]


def test_a_silence_after_which_people_leave_is_told_by_its_length() -> None:
    """All six leave after a month; of the others two are silent so long, and go on: 6 of 8.

    Elsewhere 1 of 6 x 1 + 1 x 2 + 9 x 2 leaves: who is gone within a week.
    """
    late = [
        case(
            f"l{n}", f"l{n}", did(0, "operate_call"), did(30, "operate_verify", "as_agreed"),
            did(30, "operate_completed", "completed"),
        )
        for n in range(2)
    ]  # fmt: skip
    soon = case("s", "s", did(0, "operate_call"), did(2, "operate_withdrawal"))
    result = found(
        *(asked_and_gone(f"g{n}") for n in range(6)), *late, soon,
        *(service(f"z{n}", f"z{n}") for n in range(9)),
    )  # fmt: skip
    row = of(result, "eight_weeks")
    assert (row["kind"], row["times"], row["left"]) == ("silence", 8, 6)
    assert row["elsewhere"] == 1 / (6 + 1 + 18)
    assert row["lift"] == pytest.approx(0.75 * 25)


def test_what_happened_fewer_than_five_times_says_nothing() -> None:
    result = found(*(asked_and_gone(f"g{n}") for n in range(4)))
    assert result.preceding.empty
    assert found(*(asked_and_gone(f"g{n}") for n in range(5))).preceding["times"].min() == 5


def test_a_complaint_counts_as_leaving_when_it_is_said_to_be_one() -> None:
    angry = [
        case(
            f"k{n}", f"k{n}", did(0, "operate_call"), did(9, "Klacht"), did(10, "operate_question"),
            did(11, "operate_withdrawal"),
        )
        for n in range(5)
    ]  # fmt: skip
    assert of(found(*angry), "Klacht")["left"] == 0
    result = found(*angry, complaints=["Klacht"])
    assert (result.journeys["complaints"] == 1).all()
    assert of(result, "operate_call")["left"] == 5
    assert set(result.preceding["moment"]) == {"operate_call", "fortnight"}, (
        "what came after the complaint is not looked at"
    )


def test_where_nobody_left_there_is_nothing_to_say() -> None:
    result = found(*(service(f"z{n}", f"z{n}") for n in range(9)))
    assert result.preceding.empty
    assert result.unseen["preceding"] == "unchecked.left"
