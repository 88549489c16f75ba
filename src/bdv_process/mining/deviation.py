"""How a case left its template, in words: the moves of an alignment by the name of a deviation."""

from collections import Counter
from enum import StrEnum

from bdv_process.mining.explanation import Move, Moves
from bdv_process.template.model import Template


class DeviationKind(StrEnum):
    """How a case left its template."""

    SKIPPED = "skipped"  #: should have happened, did not
    ADDED = "added"  #: happened, should not have
    REPEATED = "repeated"  #: happened where it belongs, and again where it does not
    MOVED = "moved"  #: happened at another moment than it should (a skip and an addition in one)
    UNKNOWN = "unknown"  #: the template has no such activity
    UNFINISHED = "unfinished"  #: the case ends here, before the template does
    SIBLING = "sibling"  #: the case fits another template better, and `rule` says which
    RULE = "rule"  #: a rule beyond the path was broken, and `rule` says which


def named(moves: Moves, template: Template) -> Counter[tuple[DeviationKind, str]]:
    """Name the moves of one alignment; a skip and an addition of one activity are one: moved."""
    did = {label for move, label in moves if move is Move.SYNC}
    added = Counter(label for move, label in moves if move is Move.LOG)
    skipped = Counter(label for move, label in moves if move is Move.MODEL)
    moved = added & skipped
    found: Counter[tuple[DeviationKind, str]] = Counter()
    for label, times in (added - moved).items():
        kind = DeviationKind.REPEATED if label in did else DeviationKind.ADDED
        found[kind if label in template.by_id else DeviationKind.UNKNOWN, label] = times
    found.update({(DeviationKind.SKIPPED, label): n for label, n in (skipped - moved).items()})
    found.update({(DeviationKind.MOVED, label): n for label, n in moved.items()})
    return found
