"""Small diagrams, drawn as lines of ids, and what each of them allows."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Diagram, Flow, Kind, Node, Template, Trigger
from bdv_process.template.net import compile_net
from bdv_process.template.reachability import reachability

KINDS = {
    "start": Kind.START,
    "end": Kind.END,
    "xor": Kind.EXCLUSIVE,
    "and": Kind.PARALLEL,
    "wait": Kind.EVENT_BASED,
    "catch": Kind.CATCH,
    "throw": Kind.THROW,
    "edge": Kind.BOUNDARY,
    "sub": Kind.SUBPROCESS,
    "fork": Kind.FORK,
}
TRIGGERS = {
    "msg": Trigger.MESSAGE,
    "timer": Trigger.TIMER,
    "stop": Trigger.TERMINATE,
    "up": Trigger.ESCALATION,
}


def node(spec: str, scopes: dict[str, str], loose: set[str], attached: dict[str, str]) -> Node:
    """`kind:trigger:name`, any part but the last left out; a lone name is a task."""
    kind, trigger, _ = ["", "", *spec.split(":")][-3:] if spec.count(":") < 2 else spec.split(":")
    if spec.count(":") == 1:
        kind, trigger = trigger, ""
    return Node(
        id=spec,
        kind=KINDS.get(kind, Kind.TASK),
        name=spec,
        name_en=spec,
        line=1,
        scope=scopes.get(spec),
        trigger=TRIGGERS.get(trigger, Trigger.NONE),
        duration=timedelta(days=1) if trigger == "timer" else None,
        interrupting=spec not in loose,
        attached_to=attached.get(spec),
        triggered_by_event=spec.startswith("sub:") and spec in scopes.values() and "event" in spec,
    )


def draw(
    *chains: str,
    scopes: dict[str, str] | None = None,
    loose: set[str] | None = None,
    attached: dict[str, str] | None = None,
    conditions: dict[str, str] | None = None,
) -> Template:
    """Return a template of which each chain of ids is a row of nodes joined by flows."""
    scopes = scopes or {}
    rows = [chain.split() for chain in chains]
    ids = dict.fromkeys([name for row in rows for name in row] + list(scopes.values()))
    pairs = [(a, b) for row in rows for a, b in pairwise(row)]
    return Template(
        key="T",
        name="",
        name_en="",
        process="",
        call="",
        call_en="",
        proactive=False,
        documentation="",
        documentation_en="",
        version="",
        path=Path("drawn.bpmn"),
        source=b"",
        nodes=tuple(node(name, scopes, loose or set(), attached or {}) for name in ids),
        flows=tuple(
            Flow(
                id=f"{a}>{b}",
                source=a,
                target=b,
                name="",
                name_en="",
                line=1,
                condition=(conditions or {}).get(f"{a}>{b}"),
            )
            for a, b in pairs
        ),
        diagram=Diagram(shapes={}, edges={}, labels={}),
    )


def language(template: Template, longest: int = 6, loops: int = 1) -> set[str]:
    """Return the short words, each as its ids joined by spaces."""
    return {" ".join(word) for word in automaton(template).words(longest, loops)}


WITHDRAW = "start:msg:withdrawal end:withdrawn"
WITHDRAW_SCOPES = {"start:msg:withdrawal": "sub:event", "end:withdrawn": "sub:event"}


def test_a_sequence_has_one_word() -> None:
    assert language(draw("start:s a b fork:c end:e")) == {"a b fork:c"}


def test_a_choice_takes_one_way_and_a_loop_returns() -> None:
    template = draw("start:s xor:m a xor:x b end:e", "xor:x xor:m", "xor:x c end:f")
    assert language(template, longest=3) == {"a b", "a c", "a a b", "a a c"}


def test_parallel_branches_mix_and_wait_for_each_other() -> None:
    template = draw("start:s and:p a and:q c end:e", "and:p b and:q")
    assert language(template) == {"a b c", "b a c"}


def test_a_case_ends_when_every_branch_has_ended() -> None:
    template = draw("start:s and:p a end:e", "and:p b end:f")
    assert language(template) == {"a b", "b a"}


def test_terminate_ends_the_other_branches() -> None:
    template = draw("start:s and:p a end:stop:e", "and:p b c end:f")
    assert language(template) == {"a", "b a", "b c a"}


def test_messages_are_visible_and_timers_are_not() -> None:
    template = draw(
        "start:s a throw:msg:q wait:w catch:msg:answer end:e", "wait:w catch:timer:late end:msg:f"
    )
    assert language(template) == {
        "a throw:msg:q catch:msg:answer",
        "a throw:msg:q end:msg:f",
    }


def test_a_case_can_be_withdrawn_at_any_open_moment_and_at_no_other() -> None:
    template = draw("start:s a b end:e", WITHDRAW, scopes=WITHDRAW_SCOPES)
    gone = "start:msg:withdrawal"
    assert language(template) == {"a b", gone, f"a {gone}"}


def test_a_withdrawal_ends_all_branches() -> None:
    template = draw(
        "start:s and:p a and:q c end:e", "and:p b and:q", WITHDRAW, scopes=WITHDRAW_SCOPES
    )
    spoken = automaton(template)
    assert spoken.accepts(["a", "start:msg:withdrawal"])
    assert not spoken.accepts(["a", "start:msg:withdrawal", "b"])


def test_a_silent_deadline_changes_nothing() -> None:
    deadline = "start:timer:warning catch:timer:due end:up:escalated"
    scopes = dict.fromkeys(deadline.split(), "sub:event")
    template = draw("start:s a b end:e", deadline, scopes=scopes, loose={"start:timer:warning"})
    assert automaton(template) == automaton(draw("start:s a b end:e"))


def test_a_non_interrupting_timer_starts_its_branch_once() -> None:
    branch = "start:timer:warning remind end:reminded"
    scopes = dict.fromkeys(branch.split(), "sub:event")
    template = draw("start:s a end:e", branch, scopes=scopes, loose={"start:timer:warning"})
    assert language(template) == {"a", "a remind", "remind a"}


def test_an_interrupting_boundary_event_replaces_its_activity() -> None:
    template = draw("start:s a b end:e", "edge:msg:off c end:f", attached={"edge:msg:off": "a"})
    assert language(template) == {"a b", "edge:msg:off c"}


def test_a_non_interrupting_boundary_timer_adds_work_while_its_activity_is_open() -> None:
    template = draw(
        "start:s a b end:e",
        "edge:timer:late c end:f",
        attached={"edge:timer:late": "a"},
        loose={"edge:timer:late"},
    )
    assert language(template) == {"a b", "c a b", "a c b", "a b c"}


def test_a_sub_process_ends_when_nothing_in_it_waits() -> None:
    template = draw(
        "start:s sub:inner c end:e",
        "start:t and:p a end:f",
        "and:p b end:g",
        scopes=dict.fromkeys(["start:t", "and:p", "a", "b", "end:f", "end:g"], "sub:inner"),
    )
    assert language(template) == {"a b c", "b a c"}


def test_a_boundary_event_ends_the_whole_sub_process() -> None:
    template = draw(
        "start:s sub:inner c end:e",
        "start:t a b end:f",
        "edge:msg:off d end:g",
        scopes=dict.fromkeys(["start:t", "a", "b", "end:f"], "sub:inner"),
        attached={"edge:msg:off": "sub:inner"},
    )
    assert language(template) == {"a b c", "edge:msg:off d", "a edge:msg:off d"}


def test_hidden_activities_are_silent() -> None:
    template = draw("start:s a b c end:e")
    assert set(automaton(template, hidden={"b"}).words(6)) == {("a", "c")}


def test_a_choice_joined_as_parallel_is_stuck_and_dead() -> None:
    template = draw("start:s xor:x a and:q c end:e", "xor:x b and:q")
    found = reachability(compile_net(template))
    assert found.stuck == (("and:q", "T"),) or found.stuck == (("T", "and:q"),)
    assert found.dead == ("c", "and:q", "end:e")


def test_a_case_that_can_only_be_withdrawn_is_stuck() -> None:
    template = draw(
        "start:s xor:x a and:q end:e", "xor:x b and:q", WITHDRAW, scopes=WITHDRAW_SCOPES
    )
    assert any("and:q" in place for place in reachability(compile_net(template)).stuck)


def test_an_endless_loop_is_stuck() -> None:
    template = draw("start:s xor:m a xor:m", "b end:e")
    found = reachability(compile_net(template))
    assert any("a" in place for place in found.stuck)
    assert "b" in found.dead


def test_a_sound_diagram_is_neither_stuck_nor_dead() -> None:
    found = reachability(compile_net(draw("start:s a b end:e", WITHDRAW, scopes=WITHDRAW_SCOPES)))
    assert not found.stuck
    assert not found.dead


def test_a_diagram_without_end_of_states_is_refused() -> None:
    template = draw("start:s xor:m a and:p xor:m", "and:p b end:e")
    with pytest.raises(LimitExceeded) as refusal:
        automaton(template)
    assert refusal.value.code == "BDV-151"


def test_a_diagram_no_case_can_finish_has_no_language() -> None:
    with pytest.raises(InputRefused) as refusal:
        automaton(draw("start:s xor:m a xor:m"))
    assert refusal.value.code == "BDV-152"


@pytest.mark.parametrize(
    "template",
    [
        draw("start:s a b end:e", "a c end:f", conditions={"a>b": "a == 'yes'"}),
        draw("start:s a end:e", "edge:up:off end:f", attached={"edge:up:off": "a"}),
    ],
)
def test_what_has_no_single_meaning_is_refused(template: Template) -> None:
    with pytest.raises(InputRefused) as refusal:
        compile_net(template)
    assert refusal.value.code == "BDV-150"
    assert refusal.value.where == "drawn.bpmn:1"


def test_words_are_accepted_and_bounded() -> None:
    spoken = automaton(draw("start:s xor:m a xor:x b end:e", "xor:x xor:m"))
    assert set(spoken.words(9, loops=2)) == {("a", "b"), ("a", "a", "b"), ("a", "a", "a", "b")}
    assert all(spoken.accepts(word) for word in spoken.words(9))
    assert not spoken.accepts(("a",))
    assert not spoken.accepts(("a", "elsewhere"))
    assert spoken.shortest == 2


def test_the_automaton_is_minimal_and_numbered_from_the_start() -> None:
    template = draw("start:s xor:x a xor:m c end:e", "xor:x b xor:m")
    assert automaton(template) == Automaton(
        labels=("a", "c", "b"), steps=((1, -1, 1), (-1, 2, -1), (-1, -1, -1)), accepting={2}
    )


@pytest.mark.parametrize("number", range(1, 9))
def test_our_templates_are_sound_small_and_say_what_they_should(number: int, root: Path) -> None:
    template = Template.read(next((root / "bpmn").glob(f"w{number}-*.bpmn")))
    found = reachability(compile_net(template))
    assert not found.stuck
    assert not found.dead
    spoken = automaton(template)
    assert len(spoken.steps) < 100
    happy = [step.id for step in template.activities]
    assert spoken.accepts(happy)
    assert set(spoken.labels) == set(template.visible)
    for done in range(len(happy)):
        assert spoken.accepts([*happy[:done], f"{template.process}_withdrawal"])
        assert not spoken.accepts([*happy[:done], *happy[done + 1 :]])
    assert not spoken.accepts([*happy, f"{template.process}_withdrawal"])
