"""Costs are exact, whatever the model and the trace: pm4py's A* is the oracle."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bdv_process.errors import LimitExceeded
from bdv_process.mining.alignment import Alignment, align
from bdv_process.mining.explanation import Move
from bdv_process.mining.pm4 import pm4py_costs, state_machine
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Template
from bdv_process.template.net import Net, Transition, compile_net

LABELS = "abcde"
Block = tuple[str, "Block | None", "Block | None"]


class Weaver:
    """Writes the places and steps of a block-structured net, which is sound by construction."""

    def __init__(self) -> None:
        self.places = 2
        self.transitions: list[Transition] = []

    def place(self) -> int:
        self.places += 1
        return self.places - 1

    def step(self, label: str | None, consume: tuple[int, ...], produce: tuple[int, ...]) -> None:
        self.transitions.append(
            Transition(element=label or "", label=label, consume=consume, produce=produce)
        )

    def weave(self, block: Block, before: int, after: int) -> None:
        kind, left, right = block
        if left is None or right is None:
            self.step(None if kind == "silent" else kind, (before,), (after,))
        elif kind == "sequence":
            between = self.place()
            self.weave(left, before, between)
            self.weave(right, between, after)
        elif kind == "choice":
            self.weave(left, before, after)
            self.weave(right, before, after)
        elif kind == "parallel":
            a, b, c, d = (self.place() for _ in range(4))
            self.step(None, (before,), (a, b))
            self.weave(left, a, c)
            self.weave(right, b, d)
            self.step(None, (c, d), (after,))
        else:
            enter, leave = self.place(), self.place()
            self.step(None, (before,), (enter,))
            self.weave(left, enter, leave)
            self.weave(right, leave, enter)
            self.step(None, (leave,), (after,))


def net_of(block: Block) -> Net:
    weaver = Weaver()
    weaver.weave(block, 0, 1)
    return Net(
        places=tuple(map(str, range(weaver.places))),
        transitions=tuple(weaver.transitions),
        initial=(0,),
        final=(1,),
    )


leaves = st.tuples(st.sampled_from([*LABELS, "silent"]), st.none(), st.none())
kinds = st.sampled_from(["sequence", "sequence", "choice", "parallel", "loop"])
blocks = st.recursive(leaves, lambda inner: st.tuples(kinds, inner, inner), max_leaves=9)
traces = st.lists(st.text(LABELS + "z", max_size=8).map(tuple), min_size=4, max_size=4)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks, noise=traces)
def test_costs_equal_those_of_pm4py(block: Block, noise: list[tuple[str, ...]]) -> None:
    net = net_of(block)
    spoken = Automaton.of(net)
    word = next(spoken.words(12), ())
    variants = [*noise, word, word[1:], word[::-1]]
    found = align(spoken, variants)
    assert [a.cost for a in found] == pm4py_costs(net, variants)
    for variant, alignment in zip(variants, found, strict=True):
        explains(spoken, variant, alignment)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks, noise=traces)
def test_a_running_case_costs_what_pm4py_says_when_it_may_stop_anywhere(
    block: Block, noise: list[tuple[str, ...]]
) -> None:
    spoken = Automaton.of(net_of(block))
    anywhere = replace(spoken, accepting=frozenset(range(len(spoken.steps))))
    found = align(spoken, noise, prefix=True)
    assert [a.cost for a in found] == pm4py_costs(state_machine(anywhere), noise)
    for variant, alignment in zip(noise, found, strict=True):
        explains(anywhere, variant, alignment)


def test_a_template_is_handed_to_pm4py_as_its_automaton(templates: dict[str, Template]) -> None:
    template = templates["W2"]
    happy = tuple(step.id for step in template.activities)
    variants = [happy, happy[2:], happy[:4] + happy[2:], happy[::-1], (*happy, "lunch"), ()]
    costs = [a.cost for a in align(automaton(template), variants)]
    assert costs == pm4py_costs(compile_net(template), variants)
    assert costs[0] == 0 < min(costs[1:])


def explains(spoken: Automaton, variant: tuple[str, ...], alignment: Alignment) -> None:
    """The moves read the trace, walk the model from start to end, and cost what is said."""
    moves = alignment.moves
    assert tuple(label for move, label in moves if move is not Move.MODEL) == variant
    assert spoken.accepts([label for move, label in moves if move is not Move.LOG])
    assert sum(move is not Move.SYNC for move, _ in moves) == alignment.cost
    assert 0 <= alignment.fitness <= 1


@given(block=blocks)
def test_the_automaton_as_a_net_speaks_the_same_language(block: Block) -> None:
    spoken = Automaton.of(net_of(block))
    again = Automaton.of(state_machine(spoken))
    assert set(again.words(6)) == set(spoken.words(6))
    assert len(again.steps) == len(spoken.steps)


@given(block=blocks, trace=st.text(LABELS, max_size=4).map(tuple))
def test_exactly_the_words_of_the_language_are_free(block: Block, trace: tuple[str, ...]) -> None:
    spoken = Automaton.of(net_of(block))
    assert (align(spoken, [trace])[0].cost == 0) == spoken.accepts(trace)


def line(*steps: tuple[int, str, int], ends: set[int]) -> Automaton:
    """The automaton with these edges."""
    labels = tuple(dict.fromkeys(label for _, label, _ in steps))
    size = 1 + max(max(a, b) for a, _, b in steps)
    table = [[-1] * len(labels) for _ in range(size)]
    for source, label, target in steps:
        table[source][labels.index(label)] = target
    return Automaton(labels=labels, steps=tuple(map(tuple, table)), accepting=frozenset(ends))


ABCD = line((0, "a", 1), (1, "b", 2), (2, "c", 3), (3, "d", 4), ends={4})
REWORK = line((0, "a", 1), (1, "b", 2), (2, "c", 3), (3, "b", 2), (3, "d", 4), ends={4})


def moves(spoken: Automaton, trace: str, **how: object) -> str:
    """The moves as text: x for sync, +x for a log move, -x for a model move."""
    sign = {Move.SYNC: "", Move.LOG: "+", Move.MODEL: "-"}
    found = align(spoken, [tuple(trace)], **how)[0]  # type: ignore[arg-type]
    return " ".join(sign[move] + label for move, label in found.moves)


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ("abcd", "a b c d"),
        ("acd", "a -b c d"),
        ("bcd", "-a b c d"),
        ("abc", "a b c -d"),
        ("abbcd", "a b +b c d"),
        ("abzcd", "a b +z c d"),
        ("", "-a -b -c -d"),
    ],
)
def test_a_skip_and_an_addition_are_shown_where_they_are(trace: str, expected: str) -> None:
    assert moves(ABCD, trace) == expected


def test_steps_that_changed_places_are_a_skip_and_an_addition_of_one() -> None:
    assert moves(ABCD, "acbd") in ("a +c b c d".replace(" c d", " -c d"), "a -b c +b d")
    assert moves(REWORK, "acbd").count("-") == moves(REWORK, "acbd").count("+") == 1


def test_an_outcome_decides_between_equally_cheap_explanations() -> None:
    def contradicts(label: str, outcome: str | None, following: str) -> bool:
        return label == "c" and following != ("b" if outcome == "failed" else "d")

    how = {"contradicts": contradicts}
    again = moves(REWORK, "abccd", outcomes=[("", "", "failed", "passed", "")], **how)
    once = moves(REWORK, "abccd", outcomes=[("", "", "passed", "passed", "")], **how)
    assert again == "a b c -b c d"
    assert once == "a b c +c d"


def test_what_may_still_come_costs_a_running_case_nothing() -> None:
    assert moves(ABCD, "ab", prefix=True) == "a b"
    assert moves(ABCD, "ac", prefix=True) == "a -b c"
    assert moves(ABCD, "azb", prefix=True) == "a +z b"
    assert align(ABCD, [("a", "z")], prefix=True)[0].fitness == 0.5


def test_fitness_is_one_minus_cost_by_length_and_shortest_path() -> None:
    assert align(ABCD, [tuple("abd")])[0].fitness == 1 - 1 / 7
    assert align(ABCD, [()])[0].fitness == 0
    assert align(ABCD, []) == []


def test_a_long_trace_full_of_strangers_is_explained_too() -> None:
    trace = tuple("z" * 2000 + "abcd" + "z" * 1000)
    found = align(ABCD, [trace])[0]
    assert found.cost == 3000
    explains(ABCD, trace, found)


def test_an_automaton_too_large_for_its_pairs_of_states_is_refused() -> None:
    endless = line(*((n, "a", n + 1) for n in range(5000)), ends={5000})
    with pytest.raises(LimitExceeded) as refusal:
        align(endless, [("a",)])
    assert refusal.value.code == "BDV-402"


def test_variants_of_any_length_are_answered_in_the_order_they_came() -> None:
    variants = [tuple("a"), tuple("abcd"), (), tuple("abcdd"), tuple("a")]
    assert [a.cost for a in align(ABCD, variants)] == [3, 0, 4, 1, 3]
