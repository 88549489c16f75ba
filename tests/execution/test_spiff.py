"""SpiffWorkflow and our net speak one language: each can do exactly what the other allows."""

import random
from collections.abc import Iterator

import pytest

from bdv_process.errors import IntegrityBroken
from bdv_process.execution.spiff import Tokens
from bdv_process.template.automaton import automaton
from bdv_process.template.library import shipped, shipped_routines
from bdv_process.template.model import Activity, Template

Move = tuple[str, str | None]  # element id, outcome

EIGHT = pytest.mark.parametrize("template", shipped(), ids=lambda template: template.key)
#: Too long for all their short words; they are walked at random.
ROUTINES = tuple(routine.template for routine in shipped_routines())
ALL = pytest.mark.parametrize(
    "template", [*shipped(), *ROUTINES], ids=lambda template: template.key
)


def moves(template: Template, tokens: Tokens) -> Iterator[Move]:
    """Everything that people, messages and timers could do now."""
    for activity in tokens.ready:
        node = template.by_id[activity]
        assert isinstance(node, Activity)
        for outcome in node.outcomes:
            yield activity, outcome.id
        if not node.outcomes:
            yield activity, None
    for element in sorted(tokens.awaited):
        yield element, None


def move(template: Template, tokens: Tokens, element: str, outcome: str | None) -> list[str]:
    """Make one move; return what conformance sees of it."""
    if isinstance(template.by_id[element], Activity):
        tokens.complete(element, outcome)
        seen = [element]
    else:
        tokens.fire(element)
        seen = [element] if template.by_id[element].visible else []
    return seen + [passed for passed in tokens.passed if template.by_id[passed].sends]


def replay(template: Template, path: tuple[Move, ...]) -> Tokens:
    tokens = Tokens(template)
    for step in path:
        move(template, tokens, *step)
    return tokens


@EIGHT
def test_every_short_word_of_the_net_can_be_executed(template: Template) -> None:
    words = set(automaton(template).words(10, loops=1))
    assert words
    prefixes = {word[:n] for word in words for n in range(len(word) + 1)}
    executed = set()
    agenda: list[tuple[tuple[Move, ...], tuple[str, ...]]] = [((), ())]
    while agenda:
        path, word = agenda.pop()
        for step in moves(template, replay(template, path)):
            if template.by_id[step[0]].scope and not template.by_id[step[0]].visible:
                continue  # the deadline's own timers, which no word shows
            tokens = replay(template, path)
            longer = (*word, *move(template, tokens, *step))
            if tokens.ended and longer in words:
                executed.add(longer)
            elif longer in prefixes:
                agenda.append(((*path, step), longer))
    assert executed == words


@ALL
def test_every_trace_that_spiffworkflow_produces_is_in_the_language_of_the_net(
    template: Template,
) -> None:
    language, chance = automaton(template), random.Random(template.key)
    for _ in range(300):
        tokens, word = Tokens(template), []
        while not tokens.ended:
            word += move(template, tokens, *chance.choice(list(moves(template, tokens))))
        assert language.accepts(word), word


@EIGHT
def test_what_waits_cannot_be_done_twice_nor_before_its_turn(template: Template) -> None:
    tokens = Tokens(template)
    first, later = template.activities[:2]
    with pytest.raises(IntegrityBroken, match="BDV-327"):
        tokens.complete(later.id, None)
    tokens.complete(first.id, "accepted")
    with pytest.raises(IntegrityBroken, match="BDV-327"):
        tokens.complete(first.id, "accepted")
    with pytest.raises(IntegrityBroken, match="BDV-327"):
        tokens.fire(f"{first.process}_answer")


@ALL
def test_a_withdrawal_ends_the_case_wherever_it_is(template: Template) -> None:
    chance = random.Random(template.key)
    for _ in range(40):
        tokens = Tokens(template)
        for _ in range(chance.randrange(8)):
            choice = chance.choice(list(moves(template, tokens)))
            move(template, tokens, *choice)
            if tokens.ended:
                break
        else:
            withdrawal = f"{template.process}_withdrawal"
            assert withdrawal in tokens.awaited
            tokens.fire(withdrawal)
            assert template.by_id[str(tokens.ended)].case_outcome == "withdrawn"
            assert (tokens.ready, tokens.awaited) == ((), frozenset())
