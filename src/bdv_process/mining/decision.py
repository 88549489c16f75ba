"""A rule that needs the path: what follows a step is what its outcome asked for.

Costs look at which steps were taken. A case that is rejected and then worked on, or fails its test
and is deployed, takes steps that its template knows: only its own outcomes say that it should not.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from bdv_process.mining.alignment import Alignment
from bdv_process.mining.deviation import path_of
from bdv_process.mining.model import Model, Models
from bdv_process.mining.occurrence import Ints
from bdv_process.mining.rules.checked import Answer, Looked, Why
from bdv_process.template.branches import END
from bdv_process.template.model import Activity, Fork

DECISION = "decision"


def decision(
    explained: Sequence[Alignment],
    variants: pd.DataFrame,
    variant: Ints,
    cases: pd.DataFrame,
    model: Models,
    templates: Iterable[str],
) -> list[tuple[Answer, Looked]]:
    """Check per template that no step was followed by what its outcome rules out.

    Looks at cases with a step that did what the template says and of which the log tells an outcome
    that the template knows. What may interrupt a case at any moment never contradicts. Unchecked
    where no such outcome is told. Cases are numbered by their row.

    Args:
        explained: of each variant an optimal alignment.
        variants: template, end, open and outcomes of the variants.
        variant: by case the row of its variant.
        cases: case and template of the cases.
        model: what templates allow.
        templates: keys of those that cases of the log run.
    """
    kinds = zip(*(variants[of] for of in ("template", "end", "open", "outcomes")), strict=True)
    weighed = [
        _weighed(alignment, outcomes, model(key, end), closed=not unfinished)
        for alignment, (key, end, unfinished, outcomes) in zip(explained, kinds, strict=True)
    ]
    looked = np.array([bool(steps) for steps in weighed])[variant]
    wrong = [[step for step in steps if steps[step]] for steps in weighed]
    many = np.array([len(steps) for steps in wrong])
    found = []
    for key in templates:
        own = (cases["template"] == key).to_numpy()
        rows = np.flatnonzero(own & (many[variant] > 0))
        seen = Looked(
            at=own & looked,
            cases=np.repeat(rows, many[variant[rows]]),
            activities=np.array(
                [*chain.from_iterable(wrong[row] for row in variant[rows])], dtype=object
            ),
            absent=Why.OUTCOME,
        )
        found.append((Answer.of(DECISION, key, seen), seen))
    return found


def _weighed(
    alignment: Alignment, outcomes: Sequence[str | None], model: Model, *, closed: bool
) -> dict[str, bool]:
    """Return the steps with an outcome, and whether what followed one of them contradicts it."""
    path = path_of(alignment.moves, outcomes)
    following = [label for label, _ in path[1:]] + [END] * closed
    found: dict[str, bool] = {}
    for (label, outcome), after in zip(path, following, strict=False):
        step = model.template.by_id[label]
        if outcome is None or not isinstance(step, Activity):
            continue
        if isinstance(step, Fork) or outcome in {each.id for each in step.outcomes}:
            wrong = after not in model.template.interrupting
            wrong = wrong and model.contradicts(label, outcome, after)
            found[label] = found.get(label, False) or wrong
    return found
