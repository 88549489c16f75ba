"""The tree of cases: late and lost parents, circles, and what equal trees are called."""

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, PARENT, ROOT, TEMPLATE
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.tree import patterns, tree

Linked = tuple[str, str | None, str | None]  #: case, parent, root as recorded


def _tree(*linked: Linked, template: str | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(linked, columns=[CASE, PARENT, ROOT])
    return tree(EventLog(frame=frame.assign(**{ACTIVITY: "a", TEMPLATE: template})).coded)


def _streams(found: pd.DataFrame) -> list[str]:
    return found["stream"].tolist()


def test_a_chain_is_one_stream_however_deep() -> None:
    found = _tree(("a", None, "a"), ("b", "a", "a"), ("c", "b", "a"), ("d", "c", "a"))
    assert _streams(found) == ["a"] * 4
    assert found["depth"].tolist() == [0, 1, 2, 3]
    assert found["parent"].tolist() == [-1, 0, 1, 2]


def test_children_may_stand_before_their_parents() -> None:
    found = _tree(("c", "b", "a"), ("b", "a", "a"), ("a", None, "a"))
    assert _streams(found) == ["a"] * 3
    assert found["depth"].tolist() == [2, 1, 0]


def test_a_case_that_was_linked_late_takes_its_children_along() -> None:
    found = _tree(("a", None, "a"), ("b", "a", "b"), ("c", "b", "b"))
    assert _streams(found) == ["a"] * 3


def test_what_lost_its_parent_joins_the_stream_of_its_recorded_root() -> None:
    found = _tree(("a", None, "a"), ("d", "gone", "a"))
    assert _streams(found) == ["a", "a"]
    assert found["depth"].tolist() == [0, 1]


def test_cases_of_which_the_first_is_gone_stay_together() -> None:
    found = _tree(("e", "gone", "z"), ("f", "gone", "z"), ("g", None, "g"))
    assert _streams(found) == ["z", "z", "g"]


def test_a_root_below_its_own_case_was_written_down_too_early() -> None:
    found = _tree(("a", None, "b"), ("b", "a", "b"))
    assert found["depth"].tolist() == [0, 1]
    assert found["stream"].nunique() == 1


@pytest.mark.parametrize(
    "linked",
    [
        [("a", "a", "a")],
        [("a", "b", "a"), ("b", "a", "a")],
        [("a", "b", "a"), ("b", "c", "a"), ("c", "a", "a"), ("d", "c", "a"), ("e", None, "e")],
    ],
    ids=["itself", "each other", "three, and one below"],
)
def test_cases_that_are_each_others_ancestors_are_refused(linked: list[Linked]) -> None:
    with pytest.raises(InputRefused, match="BDV-295") as refused:
        _tree(*linked)
    assert refused.value.where


def _pattern(*linked: Linked, names: dict[str, str]) -> str:
    cases = _tree(*linked)
    (found,) = patterns(cases.assign(template=cases["case"].str[0]), names)
    return found


def test_a_pattern_is_the_tree_in_words() -> None:
    """Cases begin with the key of their template: r1 starts c1, which starts o1 and o2."""
    names = {"r": "recover", "c": "change", "o": "operate"}
    chain = [("r1", None, "r1"), ("c1", "r1", "r1"), ("o1", "c1", "r1")]
    assert _pattern(*chain, names=names) == "recover>change>operate"
    twice = [*chain, ("o2", "c1", "r1")]
    assert _pattern(*twice, names=names) == "recover>change>(operate, operate)"
    assert _pattern(*chain, names={"r": "recover"}) == "recover>c>o"


def test_equal_trees_have_equal_patterns_whatever_came_first() -> None:
    names = {"i": "improve", "a": "agree", "c": "change"}
    one = [("i1", None, "i1"), ("a1", "i1", "i1"), ("c1", "i1", "i1"), ("c2", "a1", "i1")]
    other = [("i1", None, "i1"), ("c1", "i1", "i1"), ("a1", "i1", "i1"), ("c2", "a1", "i1")]
    assert _pattern(*one, names=names) == "improve>(agree>change, change)"
    assert _pattern(*other, names=names) == _pattern(*one, names=names)


def test_a_foreign_case_has_a_pattern_too() -> None:
    assert patterns(_tree(("a", None, "a")), {}).tolist() == ["case"]
    assert patterns(_tree(("a", "gone", "z"), ("b", "gone", "z")), {}).tolist() == ["case + case"]
