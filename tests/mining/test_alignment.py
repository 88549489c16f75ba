"""Costs are exact, whatever the model and the trace: pm4py is the oracle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bdv_process.mining import rows, tier
from bdv_process.mining.alignment import Alignment, align, costs, prefix_costs
from bdv_process.mining.explanation import Move
from bdv_process.mining.pm4 import A_STAR, pm4py_costs, state_machine
from bdv_process.mining.tree_costs import tree_costs
from bdv_process.template.automaton import Automaton, automaton
from bdv_process.template.model import Template
from bdv_process.template.net import compile_net
from bdv_process.template.process_tree import Operator, ProcessTree

LABELS = "abcde"

leaves = st.sampled_from([*LABELS, None]).map(lambda label: ProcessTree(label=label))
blocks = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda operator, *children: ProcessTree(operator=operator, children=children),
        st.sampled_from([Operator.SEQUENCE, *Operator]),
        inner,
        inner,
    ),
    max_leaves=9,
)
traces = st.lists(st.text(LABELS + "z", max_size=8).map(tuple), min_size=4, max_size=4)


def priced(spoken: Automaton, variants: list[tuple[str, ...]]) -> tuple[list[int], list[int]]:
    """The costs of ended cases, and those of all their prefixes."""
    codes = [spoken.labels.index(x) if x in spoken.labels else -1 for v in variants for x in v]
    cases = (
        np.array(codes, dtype=np.int64),
        np.array([len(variant) for variant in variants], dtype=np.int64),
    )
    return costs(spoken, *cases).tolist(), prefix_costs(spoken, *cases).tolist()


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    block=blocks,
    noise=traces,
    search=st.sampled_from([A_STAR, *["VERSION_DIJKSTRA_NO_HEURISTICS"] * 19]),
)
def test_costs_equal_those_of_pm4py_however_they_are_found(
    block: ProcessTree, noise: list[tuple[str, ...]], search: str
) -> None:
    spoken = Automaton.of(block.net())
    word = next(spoken.words(12), ())
    variants = [*noise, word[1:], word[::-1]]
    found, so_far = priced(spoken, variants)
    assert found == pm4py_costs(block.net(), variants, search)
    for module, limit in ((rows, "MANY"), (tier, "DENSE_STATES")):
        # Every log is large enough for numba; every automaton too large for the matrix.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, limit, 0)
            assert priced(spoken, variants) == (found, so_far)
    if block.separable:
        tables = [tree_costs(block, variant) for variant in variants]
        assert [cost for cost, _ in tables] == found
        assert [cost for _, prefixes in tables for cost in prefixes] == so_far


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks, noise=traces)
def test_moves_explain_the_trace_at_the_cost_that_is_exact(
    block: ProcessTree, noise: list[tuple[str, ...]]
) -> None:
    spoken = Automaton.of(block.net())
    word = next(spoken.words(12), ())
    variants = [*noise, word, word[1:], word[::-1]]
    found = align(spoken, variants)
    assert [alignment.cost for alignment in found] == priced(spoken, variants)[0]
    for variant, alignment in zip(variants, found, strict=True):
        explains(spoken, variant, alignment)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks, noise=traces)
def test_a_running_case_costs_what_pm4py_says_when_it_may_stop_anywhere(
    block: ProcessTree, noise: list[tuple[str, ...]]
) -> None:
    spoken = Automaton.of(block.net())
    anywhere = replace(spoken, accepting=frozenset(range(len(spoken.steps))))
    found = align(spoken, noise, prefix=True)
    assert [a.cost for a in found] == pm4py_costs(state_machine(anywhere), noise)
    ends = np.cumsum([len(trace) for trace in noise])
    so_far = [0, *priced(spoken, noise)[1]]
    assert [so_far[end] if trace else 0 for end, trace in zip(ends, noise, strict=True)] == [
        a.cost for a in found
    ]
    for variant, alignment in zip(noise, found, strict=True):
        explains(anywhere, variant, alignment)


def test_a_template_is_handed_to_pm4py_as_its_automaton(templates: dict[str, Template]) -> None:
    template = templates["W2"]
    happy = tuple(step.id for step in template.activities)
    variants = [happy, happy[2:], happy[:4] + happy[2:], happy[::-1], (*happy, "lunch"), ()]
    found = [a.cost for a in align(automaton(template), variants)]
    assert found == pm4py_costs(compile_net(template), variants)
    assert found[0] == 0 < min(found[1:])


def explains(spoken: Automaton, variant: tuple[str, ...], alignment: Alignment) -> None:
    """The moves read the trace, walk the model from start to end, and cost what is said."""
    moves = alignment.moves
    assert tuple(label for move, label in moves if move is not Move.MODEL) == variant
    assert spoken.accepts([label for move, label in moves if move is not Move.LOG])
    assert sum(move is not Move.SYNC for move, _ in moves) == alignment.cost
    assert 0 <= alignment.fitness <= 1


@given(block=blocks)
def test_the_automaton_as_a_net_speaks_the_same_language(block: ProcessTree) -> None:
    spoken = Automaton.of(block.net())
    again = Automaton.of(state_machine(spoken))
    assert set(again.words(6)) == set(spoken.words(6))
    assert len(again.steps) == len(spoken.steps)


@given(block=blocks, trace=st.text(LABELS, max_size=4).map(tuple))
def test_exactly_the_words_of_the_language_are_free(
    block: ProcessTree, trace: tuple[str, ...]
) -> None:
    spoken = Automaton.of(block.net())
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


def test_variants_of_any_length_are_answered_in_the_order_they_came() -> None:
    variants = [tuple("a"), tuple("abcd"), (), tuple("abcdd"), tuple("a")]
    assert [a.cost for a in align(ABCD, variants)] == [3, 0, 4, 1, 3]
