"""Journeys of a log in parts: however it is split and put together, they are those of the whole."""

import pickle
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import CASE, LABEL, REQUESTER, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.journeying import Journeying, Journeys, journeys
from bdv_process.template.library import shipped
from mining.contacts import Row, case, did, log_of, service
from mining.test_journey import ENDS, Drawn, cases_of_several

ASKED = Journeying(
    templates=tuple(shipped()), organisation=None, channel=None,
    complaints=frozenset({"recover_answer"}),
    chasers=frozenset({"operate_answer"}),
    gap=timedelta(days=90), lost_after=timedelta(weeks=8), groups=2,
)  # fmt: skip

NAMED: dict[str, Any] = {
    "complaints": ["recover_answer"],
    "chasers": ["operate_answer"],
    "groups": 2,
}

#: Of nobody, from inside, of another system, with a child in another name, and with a complaint.
OTHERS = [
    case("n1", None, did(3, "operate_accept", "accepted"), did(9, "operate_question")),
    case("i1", "kees", did(0, "improve_call"), did(3, "improve_completed", "completed")),
    case(
        "f1",
        "fay",
        did(1, "Ticket opened", role="kcc"),
        did(7, "recover_answer"),
        did(8, "recover_answer"),
    ),
    case("p1", "zoe", did(2, "agree_call"), did(9, "agree_verify", "as_agreed")),
    case("p2", "abe", did(4, "change_accept", "rejected"), parent="p1"),
    case("e1", "end", did(490, "recover_call"), did(491, "recover_accept", "rejected")),
]


def whose(rows: list[Row]) -> str:
    """Who the stream of a case belongs to: parts keep those together."""
    return "zoe" if rows[0][CASE] == "p2" else rows[0][REQUESTER] or rows[0][CASE]


def in_parts(
    parts: Sequence[EventLog], put_together: Callable[[Sequence[object]], object]
) -> Journeys:
    can = ASKED.surveyed([ASKED.survey(part) for part in parts])
    sent = [pickle.dumps(ASKED.partial(part, can)) for part in parts]
    found = [pickle.loads(each) for each in sent]  # noqa: S301 - what we just made
    return ASKED.finish(put_together(found), can)  # type: ignore[arg-type]


def one_by_one(found: Sequence[object]) -> object:
    """From the last to the first, two at a time."""
    both = found[-1]
    for part in reversed(found[:-1]):
        both = ASKED.merge([both, part])  # type: ignore[list-item]
    return both


def assert_equal(one: Journeys, other: Journeys) -> None:
    for name in ("touchpoints", "journeys", "needs", "workflows", "groups", "preceding"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.unseen, one.notes) == (other.unseen, other.notes)


def follow(log: EventLog) -> Journeys:
    return journeys(log, **NAMED)


@settings(max_examples=8, deadline=None)
@given(drawn=cases_of_several(), data=st.data())
def test_any_split_that_keeps_requesters_whole_gives_the_journeys_of_the_whole(
    drawn: Drawn, data: st.DataObject
) -> None:
    cases = [*drawn, *ENDS, *OTHERS]
    log = log_of(*cases)
    names = sorted({whose(rows) for rows in cases})
    place = dict(
        zip(names, data.draw(st.lists(st.integers(0, 3), min_size=len(names))), strict=False)
    )
    parts = [
        log.where(cases=[rows[0][CASE] for rows in cases if place[whose(rows)] == number])
        for number in data.draw(st.permutations(range(4)))
    ]
    whole = follow(log)
    assert_equal(whole, in_parts(parts, ASKED.merge))
    assert_equal(whole, in_parts(parts, one_by_one))


def test_the_shipped_log_has_the_same_journeys_in_parts(root: Path) -> None:
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    people = log.frame.groupby(REQUESTER)[CASE].unique()
    parts = [log.where(cases=[c for own in people.iloc[n::3] for c in own]) for n in range(3)]
    whole = follow(log)
    assert_equal(whole, in_parts(parts, one_by_one))


@pytest.mark.parametrize("engine", ["local", "processes:2"])
def test_a_store_has_the_journeys_of_the_log_that_was_written_to_it(
    tmp_path: Path, engine: str
) -> None:
    people = [service(f"z{n}", f"s{n}", begin=n) for n in range(9)]
    log = log_of(*people, *ENDS, *OTHERS)
    store = LogStore.write(log, tmp_path / "store", parts=3)
    assert_equal(follow(log), journeys(store, **NAMED, engine=engine))


def test_what_only_another_part_shows_is_known_in_all() -> None:
    """The one part shows no end of a service request, and ends on day 1: the other, on day 106."""
    open_ = log_of(case("z1", "anna", did(0, "operate_call"), did(1, "operate_accept")))
    alone = journeys(open_)
    assert alone.unseen["open"]
    both = in_parts([open_, log_of(service("z2", "bert", begin=100))], ASKED.merge)
    mine = both.journeys.set_index("subject").loc["anna"]
    assert mine["open"]
    assert mine["without_outcome"] == 1


def test_of_two_names_of_one_step_it_takes_the_first_in_the_alphabet_in_any_order() -> None:
    cases = [
        case(
            f"{name}{n}", f"{name}{n}", did(0, "operate_accept", **{LABEL: name}),
            did(1, "operate_withdrawal"),
        )
        for name in ("b", "a") for n in range(5)
    ]  # fmt: skip
    parts = [log_of(*cases[:5]), log_of(*cases[5:])]
    for order in (parts, parts[::-1]):
        named = in_parts(order, ASKED.merge).preceding.set_index("moment")["label"]
        assert named["operate_accept"] == "a"


def test_one_part_without_times_refuses_the_whole() -> None:
    timed = log_of(service("z1", "anna"))
    timeless = EventLog(frame=timed.frame.assign(**{TIMESTAMP: pd.NaT}))
    with pytest.raises(InputRefused, match="BDV-450"):
        in_parts([timed, timeless], ASKED.merge)


def test_a_contact_takes_few_bytes() -> None:
    """Beside its texts, each kept once: what 50 million events come to must fit in memory."""
    few, many = (
        journeys(log_of(*(service("z1", "anna", begin=7 * n) for n in range(times)))).coded
        for times in (10, 1010)
    )
    added = many.memory_usage(deep=True).sum() - few.memory_usage(deep=True).sum()
    assert added / (len(many) - len(few)) <= 60
