"""How a case left its template, in words: the moves of an alignment by the name of a deviation."""

from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from itertools import takewhile

import pandas as pd

from bdv_process.mining.alignment import Alignment
from bdv_process.mining.explanation import Move, Moves
from bdv_process.mining.model import Model, Models


class DeviationKind(StrEnum):
    """How a case left its template."""

    SKIPPED = "skipped"  #: should have happened, did not
    ADDED = "added"  #: happened, should not have
    REPEATED = "repeated"  #: happened where it belongs, and again where it does not
    MOVED = "moved"  #: happened at another moment than it should (a skip and an addition in one)
    UNKNOWN = "unknown"  #: the template has no such activity
    UNFINISHED = "unfinished"  #: the case stops here, before the template does
    SIBLING = "sibling"  #: the case fits another template better, and `rule` says which
    RULE = "rule"  #: a rule beyond the path was broken, and `rule` says which


def named(
    moves: Moves, model: Model, outcomes: Sequence[str | None], *, may_stop: bool
) -> Counter[tuple[DeviationKind, str]]:
    """Name the moves of one alignment.

    A skip and an addition of one activity are one: moved. Where a case may just stop, because its
    log shows no ends, the skips at the end are one: unfinished, at what was due when it stopped.
    """
    did = {label for move, label in moves if move is Move.SYNC}
    added = Counter(label for move, label in moves if move is Move.LOG)
    skipped = Counter(label for move, label in moves if move is Move.MODEL)
    moved = added & skipped
    added, skipped = added - moved, skipped - moved
    found: Counter[tuple[DeviationKind, str]] = Counter()
    for label, times in added.items():
        kind = DeviationKind.REPEATED if label in did else DeviationKind.ADDED
        found[kind if label in model.template.by_id else DeviationKind.UNKNOWN, label] = times
    if may_stop:
        last = [*takewhile(lambda step: step[0] is Move.MODEL, reversed(moves))]
        lacking = skipped & Counter(label for _, label in last)
        if lacking:
            due = _due(moves[: len(moves) - len(last)], model, outcomes)
            found[DeviationKind.UNFINISHED, due or last[-1][1]] = 1
            skipped -= lacking
    found.update({(DeviationKind.SKIPPED, label): n for label, n in skipped.items()})
    found.update({(DeviationKind.MOVED, label): n for label, n in moved.items()})
    return found


def _due(moves: Moves, model: Model, outcomes: Sequence[str | None]) -> str | None:
    """Return what should have come next."""
    path = path_of(moves, outcomes)
    return model.due(tuple(label for label, _ in path), path[-1][1] if path else None)


def path_of(moves: Moves, outcomes: Sequence[str | None]) -> list[tuple[str, str | None]]:
    """Return the path through the model with the outcomes of what the case did there itself."""
    results = iter(outcomes)
    steps = [
        (label, next(results) if move is not Move.MODEL else None, move) for move, label in moves
    ]
    return [(label, outcome) for label, outcome, move in steps if move is not Move.LOG]


def path_deviations(
    explained: Sequence[Alignment],
    variants: pd.DataFrame,
    model: Models,
    *,
    shown: Collection[str],
) -> pd.DataFrame:
    """Return how each variant left its template: variant, template, kind, activity, rule, times.

    `shown` are the templates of which the log shows how cases end.
    """
    rows = [
        (variant, key, kind.value, activity, "", times)
        for variant, (alignment, key, end, outcomes) in enumerate(
            zip(explained, *(variants[of] for of in ("template", "end", "outcomes")), strict=True)
        )
        if alignment.cost
        for (kind, activity), times in named(
            alignment.moves, model(key, end), outcomes, may_stop=key not in shown
        ).items()
    ]
    columns = ["variant", "template", "kind", "activity", "rule", "times"]
    return pd.DataFrame(rows, columns=columns).astype({"variant": int, "times": int})
