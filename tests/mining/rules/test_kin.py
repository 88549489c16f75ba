"""Forks have children and children have forks, as far as the log can show it."""

from typing import Any

import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, CASE, LIFECYCLE, PARENT, TEMPLATE
from bdv_process.mining.rules import State


def test_a_fork_that_was_done_twice_needs_two_children(
    sound: pd.DataFrame, told: Any, broken: Any
) -> None:
    fork = (sound[CASE] == "change") & (sound[ACTIVITY] == "change_deploy")
    twice = pd.concat([sound, sound[fork]])
    assert ("child", "change", "change_deploy") in broken(twice)
    second = told("change-again", "W5", parent="change")
    assert not {"child", "orphan"} & {rule for rule, *_ in broken(pd.concat([twice, second]))}


def test_a_child_of_another_template_is_not_the_child_of_the_fork(
    sound: pd.DataFrame, broken: Any
) -> None:
    other = sound.assign(**{PARENT: sound[PARENT].mask(sound[CASE] == "wish-change", "change")})
    assert {place for place in broken(other) if place[0] in {"child", "orphan"}} == {
        ("child", "wish", "agree_realise"),
        ("orphan", "wish-change", "change_accept"),
    }


def test_kin_that_runs_another_than_the_given_templates_is_there(
    sound: pd.DataFrame, judged: Any
) -> None:
    for keys in (["W5"], ["W2"], ["W1"]):
        found = judged(sound, keys)
        assert State.BROKEN not in {f.state for (_, _), f in found.items()}
    foreign = sound.assign(**{TEMPLATE: sound[TEMPLATE].where(sound[TEMPLATE] == "W5")})
    assert judged(foreign, ["W5"])["orphan", "W5"].state is State.CLEAN


def test_a_fork_that_has_begun_has_its_child(sound: pd.DataFrame, broken: Any) -> None:
    fork = (sound[CASE] == "change") & (sound[ACTIVITY] == "change_deploy")
    begun = sound.assign(**{LIFECYCLE: sound[LIFECYCLE].mask(fork, "schedule")})
    assert broken(begun) == []


def test_an_open_child_waits_for_a_fork_that_is_written_down_at_its_end(
    sound: pd.DataFrame, judged: Any
) -> None:
    fork = (sound[CASE] == "change") & (sound[ACTIVITY] == "change_deploy")
    assert judged(sound[~fork])["orphan", "W5"].breaches["case"].tolist() == ["change-work"]
    waiting = judged(sound[~fork], open_cases=["change", "change-work"])["orphan", "W5"]
    assert (waiting.state, waiting.checked) == (State.CLEAN, 1)


def test_a_fork_that_is_not_observable_calls_nobody_an_orphan(
    sound: pd.DataFrame, judged: Any
) -> None:
    found = judged(sound, hidden=["change_deploy"])
    assert found["orphan", "W5"].reason == "unchecked.not_observable"
    assert found["child", "W2"].reason == "unchecked.not_observable"
    assert found["child", "W1"].state is State.CLEAN
