"""Of all optimal alignments of a trace, the one that a person would call the plainest."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from bdv_process.template.automaton import NOWHERE, Automaton
from bdv_process.template.branches import END, Contradicts

WIDTH = 16  # stories kept at each place of the search
LONGEST = 50  # of a dearer explanation the moves are not weighed: it is plain to nobody


class Move(StrEnum):
    """Who made a step; of equally plain alignments the one that has the first first."""

    SYNC = "sync"  #: the case, as the template says
    LOG = "log"  #: the case alone
    MODEL = "model"  #: the template alone


Moves = tuple[tuple[Move, str], ...]
ORDER = {move: order for order, move in enumerate(Move)}


class Story(NamedTuple):
    """What an explanation says of the rest of a trace; a tuple, as the search makes so many."""

    following: str | None  #: the next label of the template; None when nobody knows
    added: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    contradicted: int = 0  #: outcomes that the way the template goes on rules out
    strays: int = 0  #: additions whose outcome does so: hardly there by accident

    @property
    def deviations(self) -> int:
        """Count what went wrong, a skip and an addition of one label once."""
        both = sum(min(self.added.count(a), self.skipped.count(a)) for a in set(self.added))
        return len(self.added) + len(self.skipped) - both


class Step(NamedTuple):
    """A move, and the place and story it goes on with."""

    move: Move
    label: str
    read: int
    state: int
    story: Story


class Explainer:
    """Searches the optimal alignments of traces from their end to their start."""

    def __init__(self, automaton: Automaton, contradicts: Contradicts, *, prefix: bool) -> None:
        self.contradicts = contradicts
        self.prefix = prefix
        self.place = {label: place for place, label in enumerate(automaton.labels)}
        self.into: list[list[tuple[int, str]]] = [[] for _ in automaton.steps]
        for state, row in enumerate(automaton.steps):
            for label, target in zip(automaton.labels, row, strict=True):
                if target != NOWHERE:
                    self.into[target].append((state, label))

    def plainest(
        self,
        variant: Sequence[str],
        outcomes: Sequence[str | None],
        rows: Sequence[Sequence[int]],
        ends: Sequence[int],
    ) -> Moves:
        """Return the moves of the plainest optimal alignment.

        Args:
            variant: the trace.
            outcomes: of each of its events.
            rows: by labels read and by state, the cheapest cost.
            ends: the states in which an optimal alignment ends.
        """
        told: list[dict[int, dict[Story, Step | None]]] = [{} for _ in rows]
        last = Story(following=None if self.prefix else END)
        told[-1] = {state: {last: None} for state in ends}
        weighed = rows[-1][ends[0]] <= LONGEST
        for read in reversed(range(len(rows))):
            waiting = set(told[read])
            if not any(rows[read][state] for state in waiting):
                break  # what went before was as the template says, and leads to one state
            while waiting:
                # A model move makes dearer and reads nothing, so the dearest state comes first.
                state = max(sorted(waiting), key=rows[read].__getitem__)
                waiting.remove(state)
                stories = self.best(told[read][state])
                for move, label, source in self.moves_into(variant, rows, read, state):
                    before = read - (move is not Move.MODEL)
                    if before == read:
                        waiting.add(source)
                    known = told[before].setdefault(source, {})
                    for story in stories:
                        outcome = None if move is Move.MODEL else outcomes[before]
                        longer = self.longer(move, label, outcome, story, weighed=weighed)
                        other = known.get(longer)
                        if other is None or ORDER[move] < ORDER[other.move]:
                            known[longer] = Step(move, label, read, state, story)
        moves = [(Move.SYNC, label) for label in variant[:read]]
        state = waiting.pop() if waiting else 0

        def whole(story: Story) -> tuple[object, ...]:
            if read:
                before, outcome = variant[read - 1], outcomes[read - 1]
                story = self.longer(Move.SYNC, before, outcome, story, weighed=weighed)
            return self.rank(story)

        step = told[read][state][min(told[read][state], key=whole)]
        while step:
            moves.append((step.move, step.label))
            step = told[step.read][step.state][step.story]
        return tuple(moves)

    def best(self, stories: Collection[Story]) -> Collection[Story]:
        """Return the plainest stories, no more than fit."""
        if len(stories) <= WIDTH:
            return stories
        return sorted(stories, key=self.rank)[:WIDTH]

    def moves_into(
        self, variant: Sequence[str], rows: Sequence[Sequence[int]], read: int, state: int
    ) -> Iterator[tuple[Move, str, int]]:
        """Yield the moves that end here in an optimal alignment, with the state they come from."""
        cost = rows[read][state]
        label = variant[read - 1] if read else None
        for source, edge in self.into[state]:
            if edge == label and rows[read - 1][source] == cost:
                yield Move.SYNC, edge, source
            if rows[read][source] == cost - 1:
                yield Move.MODEL, edge, source
        if label is not None and rows[read - 1][state] == cost - 1:
            yield Move.LOG, label, state

    def longer(
        self, move: Move, label: str, outcome: str | None, story: Story, *, weighed: bool
    ) -> Story:
        """Return the story with one move before it."""
        astray = story.following is not None and self.contradicts(label, outcome, story.following)
        following, added, skipped, contradicted, strays = story
        if move is Move.LOG:
            added = tuple(sorted((label, *added))) if weighed else ()
            return Story(following, added, skipped, contradicted, strays + astray)
        if move is Move.MODEL and weighed:
            skipped = tuple(sorted((label, *skipped)))
        return Story(label, added, skipped, contradicted + astray, strays)

    def rank(self, story: Story) -> tuple[object, ...]:
        """Order stories, the plainest first."""
        added, skipped = (
            sorted((self.place.get(label, len(self.place)), label) for label in labels)
            for labels in (story.added, story.skipped)
        )
        return (
            story.deviations,
            story.contradicted,
            story.strays,
            len(added),
            skipped,
            added,
            story.following or END,
        )
