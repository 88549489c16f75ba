"""What really happens, counted and held beside the template."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import CASE, LABEL, LIFECYCLE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.discovery import ProcessMap, discover, follows
from bdv_process.mining.pm4 import inductive_tree
from bdv_process.picture.process_map import EDGE
from bdv_process.template.automaton import automaton
from bdv_process.template.model import Template
from bdv_process.template.process_tree import ProcessTree
from mining.conftest import Did

Logs = Callable[..., EventLog]
Happy = Callable[[Template], list[Did]]


def only(found: tuple[ProcessMap, ...]) -> ProcessMap:
    (one,) = found
    return one


def foreign(*ways: str) -> EventLog:
    """A log of another system: each letter is a step."""
    rows = [
        (f"c{case}", step, pd.Timestamp("2026-03-02T09:00Z") + pd.Timedelta(hours=hour))
        for case, way in enumerate(ways)
        for hour, step in enumerate(way)
    ]
    return EventLog(frame=pd.DataFrame(rows, columns=[CASE, LABEL, TIMESTAMP]))


def passed(found: ProcessMap) -> dict[tuple[str, str], tuple[int, int]]:
    rows = found.transitions.to_dict("records")
    return {(row["source"], row["target"]): (row["count"], row["cases"]) for row in rows}


def strange(found: ProcessMap) -> set[tuple[str, str]]:
    rows = found.transitions.to_dict("records")
    return {(row["source"], row["target"]) for row in rows if row["expected"] is False}


def test_what_follows_what_is_counted_with_begin_and_end() -> None:
    assert passed(only(discover(foreign("abb", "abbb", "ba")))) == {
        (EDGE, "a"): (2, 2),
        ("a", "b"): (2, 2),
        ("b", EDGE): (2, 2),
        ("b", "b"): (3, 2),
        (EDGE, "b"): (1, 1),
        ("b", "a"): (1, 1),
        ("a", EDGE): (1, 1),
    }


def test_the_fewest_variants_that_cover_a_share_come_first() -> None:
    found = only(discover(foreign("ab", "ab", "ab", "b", "b", "a", "ba", "aa", "bb", "aab")))
    covering = found.covering(0.5)
    assert covering["variant"].tolist() == [("a", "b"), ("b",)]
    assert covering["share"].tolist() == pytest.approx([0.3, 0.2])
    assert covering["together"].tolist() == pytest.approx([0.3, 0.5])
    assert len(found.covering(1.0)) == len(found.variants) == 7


def test_only_what_was_completed_is_on_the_map() -> None:
    events = foreign("abc").frame
    events.loc[1, LIFECYCLE] = "start"
    assert passed(only(discover(EventLog(frame=events)))) == {
        (EDGE, "a"): (1, 1), ("a", "c"): (1, 1), ("c", EDGE): (1, 1)
    }  # fmt: skip


def test_a_case_as_it_should_be_has_nothing_strange(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    for template in templates.values():
        found = only(discover(log(template, happy(template)), templates.values()))
        assert found.template == template.key
        assert not strange(found)
        assert found.steps["expected"].all()


def test_what_the_template_does_not_allow_is_marked(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    right = happy(templates["W5"])
    skipped = [did for did in right if did.activity != "operate_plan"]
    unknown = [*right[:-1], Did("coffee"), right[-1]]
    found = only(discover(log(templates["W5"], skipped, unknown), templates.values()))
    assert strange(found) == {
        ("operate_classify", "operate_execute"),
        ("operate_close", "coffee"),
        ("coffee", EDGE),
    }
    steps = found.steps.set_index("activity")
    assert not steps.loc["coffee", "expected"]
    assert steps.drop("coffee")["expected"].all()


def test_what_never_happened_is_counted_as_nothing(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    found = only(discover(log(templates["W5"], happy(templates["W5"])), templates.values()))
    assert set(found.steps.loc[found.steps["count"] == 0, "activity"]) == {
        "operate_rejected", "operate_question", "operate_answer", "operate_unanswered",
        "operate_withdrawal",
    }  # fmt: skip


def test_an_open_case_does_not_end(templates: dict[str, Template], log: Logs, happy: Happy) -> None:
    case = happy(templates["W5"])
    found = only(discover(log(templates["W5"], case, case[:3]), templates.values()))
    ends = found.transitions[found.transitions["target"] == EDGE]
    assert ends[["source", "count"]].values.tolist() == [["operate_close", 1]]


def test_cases_of_no_known_template_have_a_map_of_their_own(
    templates: dict[str, Template], log: Logs, happy: Happy
) -> None:
    w1, w5 = templates["W1"], templates["W5"]
    both = pd.concat([log(w1, happy(w1)).frame.replace("z1", "a"), log(w5, happy(w5)).frame])
    found = discover(EventLog(frame=both), [w5])
    assert [(one.template, one.cases) for one in found] == [("W5", 1), ("", 1)]
    assert found[1].transitions["expected"].isna().all()


def test_what_may_follow_what_is_what_words_of_the_language_show(
    templates: dict[str, Template],
) -> None:
    spoken = automaton(templates["W4"])
    seen = {
        pair
        for word in spoken.words(max_length=16)
        for pair in zip((EDGE, *word), (*word, EDGE), strict=True)
    }
    assert follows(spoken) == seen


def test_a_result_says_itself_on_one_line_and_as_plain_values() -> None:
    found = only(discover(foreign("ab", "ab")))
    assert repr(found) == "<ProcessMap: 2 cases, 2 activities, 3 transitions>"
    said = found.to_dict()
    assert said["covering"] == [{"variant": ["a", "b"], "cases": 2, "share": 1.0, "together": 1.0}]
    assert {row["expected"] for row in said["transitions"]} == {None}
    assert found.frame is found.transitions


def written(tree: ProcessTree) -> str:
    if tree.operator is None:
        return tree.label or "-"
    return f"{tree.operator.name.lower()}({', '.join(map(written, tree.children))})"


def test_the_counts_are_those_of_pm4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PM4PY_SHOW_PROGRESS_BAR", "False")
    pm4py = pytest.importorskip("pm4py")
    chance = Random(7)
    log = foreign(*("".join(chance.choices("abcde", k=chance.randint(1, 9))) for _ in range(99)))
    follow, begin, end = pm4py.discover_dfg(log.to_pm4py())
    theirs = {**follow, **{(EDGE, a): n for a, n in begin.items()}}
    theirs |= {(a, EDGE): n for a, n in end.items()}
    ours = {pair: count for pair, (count, _) in passed(only(discover(log))).items()}
    assert ours == theirs


@pytest.mark.parametrize(
    ("ways", "tree"),
    [
        (["abc"], "sequence(a, b, c)"),
        (["ab", "ac"], "sequence(a, choice(b, c))"),
        (["abc", "acb"], "sequence(a, parallel(b, c))"),
        (["ac", "abc"], "sequence(a, choice(b, -), c)"),
        (["ab", "abcab", "abcabcab"], "loop(sequence(a, b), c)"),
        (["abc"] * 30 + ["ac"], "sequence(a, b, c)"),
    ],
)
def test_the_inductive_miner_finds_the_block_that_made_the_log(ways: list[str], tree: str) -> None:
    assert written(inductive_tree(only(discover(foreign(*ways))).variants)) == tree


DRAWN = """
import sys
import bdv_process as bdv
from bdv_process.mining.pm4 import inductive_tree
from bdv_process.picture.tree_map import draw_tree

log = bdv.EventLog.read(sys.argv[1])
templates = {template.key: template for template in bdv.templates()}
for found in bdv.discover(log, templates.values()):
    print(bdv.draw_map(found, templates[found.template]))
    tree = inductive_tree(found.variants)
    print(tree, draw_tree(found, tree, templates[found.template]))
"""


def test_maps_and_models_are_the_same_run_after_run(root: Path) -> None:
    log = root / "eventlogs" / "synthetic-eight-workflows.xes.gz"
    runs = {
        subprocess.run(
            [sys.executable, "-c", DRAWN, str(log)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    }
    (same,) = runs
    assert same.count(b"<svg") == 16


def test_a_log_in_which_nothing_was_completed_is_no_empty_map_but_refused() -> None:
    log = foreign("ab")
    with pytest.raises(InputRefused, match="BDV-404"):
        discover(EventLog(frame=log.frame.assign(**{LIFECYCLE: "start"})))
