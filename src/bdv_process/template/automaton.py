"""The language of a template: the smallest deterministic automaton that accepts what it allows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.template.model import Template
from bdv_process.template.net import Net, compile_net
from bdv_process.template.reachability import MAX_STATES, Reachability, closure, reachability

NOWHERE = -1  #: the target of a step that is not allowed


@dataclass(frozen=True, kw_only=True)
class Automaton:
    """States 0 (the start), 1, 2 ... numbered breadth first; from each an end can be reached."""

    labels: tuple[str, ...]  #: in the order of the net's steps
    steps: tuple[tuple[int, ...], ...]  #: by state and label: the next state, or NOWHERE
    accepting: frozenset[int]

    @staticmethod
    def of(net: Net) -> "Automaton":
        """Return the automaton of a net: dead ends cut, silent steps removed, minimised.

        Raises:
            InputRefused: no case can reach the end.
            LimitExceeded: the net, or its automaton before minimising, has over 30 000 states.
        """
        labels = tuple(dict.fromkeys(t.label for t in net.transitions if t.label is not None))
        steps, accepting = _minimal(*_deterministic(reachability(net), labels))
        return Automaton(labels=labels, steps=steps, accepting=accepting)

    @cached_property
    def to_end(self) -> tuple[int, ...]:
        """Return by state how many visible steps an end is away."""
        distance = dict.fromkeys(self.accepting, 0)
        sources: dict[int, set[int]] = {}
        for state, row in enumerate(self.steps):
            for target in row:
                sources.setdefault(target, set()).add(state)
        for state in (todo := sorted(self.accepting)):
            for source in sorted(sources.get(state, set()) - distance.keys()):
                distance[source] = distance[state] + 1
                todo.append(source)
        return tuple(distance[state] for state in range(len(self.steps)))

    @property
    def shortest(self) -> int:
        """Return the length of the shortest accepted word."""
        return self.to_end[0]

    def accepts(self, word: Sequence[str]) -> bool:
        """Return whether a case may go exactly like this, from start to end."""
        state = 0
        for label in word:
            if label not in self.labels:
                return False
            state = self.steps[state][self.labels.index(label)]
            if state == NOWHERE:
                return False
        return state in self.accepting

    def words(self, max_length: int, loops: int = 1) -> Iterator[tuple[str, ...]]:
        """Yield the accepted words up to `max_length`, back in a state `loops` times at most."""
        todo: list[tuple[tuple[str, ...], tuple[int, ...]]] = [((), (0,))]
        while todo:
            word, path = todo.pop()
            if path[-1] in self.accepting:
                yield word
            todo += [
                ((*word, label), (*path, target))
                for label, target in zip(self.labels, self.steps[path[-1]], strict=True)
                if target != NOWHERE
                and len(word) + 1 + self.to_end[target] <= max_length
                and path.count(target) <= loops
            ]


def automaton(
    template: Template, hidden: Collection[str] = frozenset(), end: str | None = None
) -> Automaton:
    """Return the language of a template over its visible ids; those in `hidden` are silent.

    With `end`, the id of an end event, only the words of cases that end there.

    Raises:
        InputRefused: it holds something without a meaning here, or no case can end.
        LimitExceeded: it has more than 30 000 states.
    """
    return Automaton.of(compile_net(template, hidden, end))


def _deterministic(
    graph: Reachability, labels: tuple[str, ...]
) -> tuple[list[list[int]], frozenset[int]]:
    """Return the steps and accepting states after the subset construction, breadth first."""
    ending = graph.ending(graph.edges)
    if 0 not in ending:
        raise InputRefused("BDV-152", where=graph.net.places[graph.net.initial[0]])
    silent: dict[int, list[int]] = {}
    visible: dict[int, list[tuple[int, int]]] = {}
    number = {label: position for position, label in enumerate(labels)}
    for source, step, target in graph.edges:
        if source in ending and target in ending:
            label = graph.net.transitions[step].label
            if label is None:
                silent.setdefault(source, []).append(target)
            else:
                visible.setdefault(source, []).append((number[label], target))

    start = closure([0], silent)
    found = {start: 0}
    closed: dict[frozenset[int], frozenset[int]] = {}  # many steps lead to the same markings
    steps = []
    for subset in (todo := [start]):
        targets: dict[int, set[int]] = {}
        for marking in subset:
            for position, target in visible.get(marking, ()):
                targets.setdefault(position, set()).add(target)
        row = [NOWHERE] * len(labels)
        for position in sorted(targets):
            given = frozenset(targets[position])
            if given not in closed:
                closed[given] = closure(given, silent)
            reached = closed[given]
            if reached not in found:
                if len(found) == MAX_STATES:
                    raise LimitExceeded("BDV-151", limit=MAX_STATES)
                found[reached] = len(found)
                todo.append(reached)
            row[position] = found[reached]
        steps.append(row)
    final = frozenset(m for m, at in enumerate(graph.markings) if at == graph.net.final)
    return steps, frozenset(number for subset, number in found.items() if subset & final)


def _minimal(
    steps: list[list[int]], accepting: frozenset[int]
) -> tuple[tuple[tuple[int, ...], ...], frozenset[int]]:
    """Merge the states that no word can tell apart, by refining a partition until it is stable."""
    block = [int(state in accepting) for state in range(len(steps))]
    blocks = len(set(block))
    while True:
        numbers: dict[tuple[int, ...], int] = {}
        block = [
            numbers.setdefault(
                (block[state], *(t if t == NOWHERE else block[t] for t in row)), len(numbers)
            )
            for state, row in enumerate(steps)
        ]
        if len(numbers) == blocks:
            break
        blocks = len(numbers)
    first = {number: state for state, number in reversed(list(enumerate(block)))}
    merged = tuple(
        tuple(t if t == NOWHERE else block[t] for t in steps[first[number]])
        for number in range(blocks)
    )
    return merged, frozenset(block[state] for state in accepting)
