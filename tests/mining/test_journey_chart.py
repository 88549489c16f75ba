"""Pictures of journeys say only what was measured, and of nobody too much."""

import re

import pytest

from bdv_process.eventlog.event import TOUCHPOINT
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journeying import journeys
from mining.contacts import case, did, frame_of, log_of


def called(name: str, *days: tuple[float, str]) -> list[dict[str, object]]:
    return case(name, name, did(0, "operate_call"), *(did(*each) for each in days))


@pytest.fixture(scope="module")
def uneven() -> Journeys:
    """Six are accepted after a day; four of them are verified four weeks later."""
    quick = [called(f"q{n}", (1, "operate_accept")) for n in range(2)]
    slow = [called(f"s{n}", (1, "operate_accept"), (29, "operate_verify")) for n in range(4)]
    asked = called("z", (1, "operate_question"))  # so that it is known whose turn it is
    return journeys(log_of(*quick, *slow, asked), groups=1)


@pytest.fixture(scope="module")
def foreign() -> Journeys:
    """Of another system, in which nobody is ever asked anything: whose turn is not measurable."""
    tickets = [
        case(f"t{n}", f"t{n}", did(0, "Ticket opened"), did(3, "Ticket resolved")) for n in range(6)
    ]
    return journeys(log_of(*tickets), ())


def test_a_silence_of_few_is_dashes_and_never_looks_like_none(uneven: Journeys) -> None:
    picture = uneven.chart(group=1, lang="nl")
    path = uneven.groups.set_index("group").loc[1, "path"]
    assert path == ("operate_call", "operate_accept", "operate_verify")
    assert picture.table["stil ervoor"].tolist() == ["–", "1,0\u00a0d", "niet getoond (< 5)"]
    assert "stilte niet getoond (&lt; 5)" in picture.svg.replace("\n", " ")
    assert "28,0" not in picture.svg


def test_while_a_silence_is_withheld_none_is_called_the_longest(uneven: Journeys) -> None:
    assert "langst" not in uneven.chart(group=1, lang="nl").says


@pytest.mark.parametrize("asked", [{}, {"subject": "t1"}])
def test_what_nothing_tells_the_turn_of_is_a_bar_on_nobodys_side(
    foreign: Journeys, asked: dict[str, str]
) -> None:
    assert "citizen" in foreign.unseen
    picture = foreign.chart(**asked, lang="nl")  # type: ignore[arg-type]
    assert picture.table["wie aan zet was"].tolist() == ["–", "–"]
    assert picture.table["stil ervoor"].tolist() == ["–", "3,0\u00a0d"]
    drawn = set(re.findall(r'<rect class="(\w+)"', picture.svg))
    assert drawn.isdisjoint({"wait", "work"})
    assert "lane" in drawn
    assert "aan zet: " not in picture.svg


@pytest.mark.parametrize("asked", [{}, {"subject": "t1"}])
def test_where_no_contact_is_recorded_no_silence_looks_like_none(asked: dict[str, str]) -> None:
    cases = [called(f"t{n}", (1, "operate_question"), (9, "operate_accept")) for n in range(6)]
    frame = frame_of(*cases).assign(**{TOUCHPOINT: False})
    picture = journeys(EventLog(frame=frame)).chart(**asked, lang="nl")  # type: ignore[arg-type]
    assert picture.table["stil ervoor"].tolist() == ["–", "–"]
    assert "stilte niet te meten" in picture.svg
