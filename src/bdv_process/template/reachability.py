"""Everything a net can do: where it can stand, where it gets stuck, and what never happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bdv_process.errors import LimitExceeded
from bdv_process.template.net import Marking, Net

MAX_STATES = 30_000
MAX_TOKENS = 200


@dataclass(frozen=True, kw_only=True)
class Reachability:
    """Everything a net can do: its markings (the first is initial) and the steps between them."""

    net: Net
    markings: tuple[Marking, ...]
    edges: tuple[tuple[int, int, int], ...]  #: marking, transition, marking: as positions

    @property
    def dead(self) -> tuple[str, ...]:
        """Return the elements that no case can ever pass."""
        alive = {self.net.transitions[step].element for _, step, _ in self.edges}
        return tuple(
            dict.fromkeys(t.element for t in self.net.transitions if t.element not in alive)
        )

    @property
    def stuck(self) -> tuple[tuple[str, ...], ...]:
        """Return where cases get stuck: the elements that hold their tokens.

        The start of an event sub-process is no way out: a case that can only be withdrawn is
        stuck. Where no marking stands still, the markings of the endless loop are returned.
        """
        own = [edge for edge in self.edges if not self.net.transitions[edge[1]].within]
        ending = self.ending(own)
        lost = [m for m in range(len(self.markings)) if m not in ending]
        moving = {source for source, _, _ in own}
        still = [m for m in lost if m not in moving] or lost
        names = self.net.places
        return tuple(
            dict.fromkeys(tuple(dict.fromkeys(names[p] for p in self.markings[m])) for m in still)
        )

    def ending(self, edges: Iterable[tuple[int, int, int]]) -> frozenset[int]:
        """Return the markings from which the final one can be reached over `edges`."""
        sources: dict[int, list[int]] = {}
        for source, _, target in edges:
            sources.setdefault(target, []).append(source)
        return closure([m for m, at in enumerate(self.markings) if at == self.net.final], sources)


def closure(start: Iterable[int], following: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """Return everything that can be reached from `start` by `following`, itself included."""
    found = set(start)
    todo = list(found)
    while todo:
        new = set(following.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return frozenset(found)


def reachability(net: Net) -> Reachability:
    """Walk through everything a net can do.

    Raises:
        LimitExceeded: it has over 30 000 markings, or over 200 tokens in one: it has no end.
    """
    found = {net.initial: 0}
    edges = []
    for marking in (todo := [net.initial]):
        marked = frozenset(marking)
        enabled = [step for step, t in enumerate(net.transitions) if t.enabled(marked)]
        for step in [s for s in enabled if net.transitions[s].instant] or enabled:
            reached = net.transitions[step].fire(marking)
            if reached not in found:
                if len(found) == MAX_STATES or len(reached) > MAX_TOKENS:
                    raise LimitExceeded("BDV-151", limit=MAX_STATES)
                found[reached] = len(found)
                todo.append(reached)
            edges.append((found[marking], step, found[reached]))
    return Reachability(net=net, markings=tuple(found), edges=tuple(edges))
