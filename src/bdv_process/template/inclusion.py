"""Whether a routine keeps within the template it derives from, and the shortest way out if not.

The routine is looked at through the eyes of its template: what the template does not know is not
seen, and a sub-process that has the id of one of its steps is that step, done when it ends. What is
left is a language over the ids of the template; it has to lie within that of the template. Both are
deterministic automata, so walking through them side by side decides it, and walking breadth first
finds the shortest way out. Every state of an automaton has a way to an end, so whatever leaves the
template is the beginning of a case that could happen.
"""

from dataclasses import dataclass

from bdv_process.template.automaton import NOWHERE, Automaton, automaton
from bdv_process.template.model import Kind, Template
from bdv_process.template.net import compile_net


@dataclass(frozen=True, kw_only=True)
class Departure:
    """The shortest way in which a routine leaves its template."""

    steps: tuple[str, ...]  #: ids of the template, in order, as far as both go
    left: str | None  #: the step that the template does not allow there; None: the case ends
    allowed: tuple[str, ...]  #: the steps that the template allows there
    may_end: bool  #: whether the template lets a case end there


def whole(routine: Template, template: Template) -> frozenset[str]:
    """Return the steps of a template that a routine does by an embedded sub-process."""
    return frozenset(
        node.id
        for node in routine.nodes
        if node.kind is Kind.SUBPROCESS
        and not node.triggered_by_event
        and node.id in template.by_id
        and template.by_id[node.id].kind in (Kind.TASK, Kind.FORK)
    )


def projected(routine: Template, template: Template) -> Automaton:
    """Return the language of a routine over the visible ids of a template.

    Raises:
        InputRefused: it holds something without a meaning here, or no case can end.
        LimitExceeded: it has more than 30 000 states.
    """
    unknown = set(routine.visible) - set(template.visible)
    return Automaton.of(compile_net(routine, unknown, whole=whole(routine, template)))


def departure(routine: Template, template: Template) -> Departure | None:
    """Return the shortest way in which a routine leaves a template; None when it never does.

    Of two equally short ways it is the one whose steps the routine draws first; the end of a case
    goes before one step more.

    Raises:
        InputRefused: one of them holds something without a meaning here, or no case can end.
        LimitExceeded: one of them has more than 30 000 states.
    """
    return leaves(projected(routine, template), automaton(template))


def leaves(inner: Automaton, outer: Automaton) -> Departure | None:
    """Return the shortest way in which a word of `inner` leaves `outer`; None: each is a word."""
    place = {label: position for position, label in enumerate(outer.labels)}
    came: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {(0, 0): None}

    def found(pair: tuple[int, int], left: str | None) -> Departure:
        steps: list[str] = []
        at = pair
        while step := came[at]:
            at, label = step
            steps.append(label)
        row = zip(outer.labels, outer.steps[pair[1]], strict=True)
        return Departure(
            steps=tuple(reversed(steps)),
            left=left,
            allowed=tuple(label for label, target in row if target != NOWHERE),
            may_end=pair[1] in outer.accepting,
        )

    for pair in (todo := [(0, 0)]):
        ours, theirs = pair
        if ours in inner.accepting and theirs not in outer.accepting:
            return found(pair, None)
        for label, target in zip(inner.labels, inner.steps[ours], strict=True):
            if target == NOWHERE:
                continue
            follows = outer.steps[theirs][place[label]] if label in place else NOWHERE
            if follows == NOWHERE:
                return found(pair, label)
            if (target, follows) not in came:
                came[target, follows] = (pair, label)
                todo.append((target, follows))
    return None
