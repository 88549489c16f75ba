"""Rules beyond the path: who did it, was it in time, was the requester told, is it written down.

One small function per rule looks at the cases of one template and answers in one form: it says
nothing and why, or it looked at these cases and saw these breaches. Modules go by subject.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.mining.rules.checked import PLACES, Checked, Looked, State, Why
from bdv_process.mining.rules.citizen import feedback
from bdv_process.mining.rules.evaluation import proposal
from bdv_process.mining.rules.evidence import Cases, Evidence
from bdv_process.mining.rules.intake import classified, linked
from bdv_process.mining.rules.kin import child, orphan
from bdv_process.mining.rules.recording import recorded
from bdv_process.mining.rules.register import elsewhere, registered
from bdv_process.mining.rules.term import extension, suspension, term
from bdv_process.mining.rules.who import requester, responsible, separations
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure

#: Rules that a log and its templates suffice for.
ALWAYS: Final[dict[str, Callable[[Cases], Looked | Why]]] = {
    "linked": linked,
    "feedback": feedback,
    "classified": classified,
    "registered": registered,
    "elsewhere": elsewhere,
    "proposal": proposal,
    "child": child,
    "orphan": orphan,
    "suspension": suspension,
}
#: Rules that hold the log against a procedure; its separations come next to these.
BY_PROCEDURE: Final[dict[str, Callable[[Cases, Procedure], Looked | Why]]] = {
    "responsible": responsible,
    "requester": requester,
    "term": term,
    "extension": extension,
    "recorded": recorded,
}


def check(
    log: pd.DataFrame,
    procedure: Procedure | None,
    templates: Collection[Template],
    hidden: Collection[str] = (),
    open_cases: Collection[str] = (),
) -> list[Checked]:
    """Hold a log of cases of `templates` against every rule: one answer per template and rule.

    Args:
        log: the frame of a log.
        procedure: who should do what and when; without one, rules that ask for it are unchecked.
        templates: what the cases run.
        hidden: activities that the log's system cannot record.
        open_cases: ids of cases that have not ended.
    """
    evidence = Evidence(log, templates, hidden, open_cases)
    rules = dict(_rules(evidence, procedure))
    return [
        _answer(rule, cases, look(cases))
        for cases in (Cases(evidence, template) for template in templates)
        for rule, look in rules.items()
    ]


def _rules(
    evidence: Evidence, procedure: Procedure | None
) -> Iterator[tuple[str, Callable[[Cases], Looked | Why]]]:
    """Yield every rule by id, those of a procedure bound to it."""
    if procedure is None:
        yield from ((rule, lambda _: Why.PROCEDURE) for rule in BY_PROCEDURE)
    else:
        yield from ((rule, _bound(look, procedure)) for rule, look in BY_PROCEDURE.items())
        yield from separations(evidence, procedure)
    yield from ALWAYS.items()


def _bound(
    look: Callable[[Cases, Procedure], Looked | Why], procedure: Procedure
) -> Callable[[Cases], Looked | Why]:
    return lambda cases: look(cases, procedure)


def _answer(rule: str, cases: Cases, seen: Looked | Why) -> Checked:
    key = cases.template.key
    if isinstance(seen, Looked) and not seen.at.any():
        seen = Why.ABSENT
    if seen is Why.NOT_APPLICABLE:
        return Checked(rule=rule, template=key, state=State.NOT_APPLICABLE)
    if isinstance(seen, Why):
        return Checked(rule=rule, template=key, state=State.UNCHECKED, reason=seen.value)
    ids = np.asarray(cases.evidence.ids.take(seen.cases), dtype=object)
    return Checked(
        rule=rule,
        template=key,
        state=State.BROKEN if len(ids) else State.CLEAN,
        looked=seen.at[cases.mine],
        breaches=pd.DataFrame({"case": ids, "activity": seen.activities}, columns=PLACES),
    )


__all__ = ["ALWAYS", "BY_PROCEDURE", "Checked", "State", "check"]
