"""Rules beyond the path: who did it, was it in time, was the requester told, is it written down.

One small function per rule looks at the cases of one template and answers in one form: it says
nothing and why, or it looked at these cases and saw these breaches. Modules go by subject.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

import pandas as pd

from bdv_process.mining.rules.carried import Carried
from bdv_process.mining.rules.checked import Answer, Looked, Mask, State, Why
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
    can: Carried,
    *,
    hidden: Collection[str] = (),
    still_open: Mask,
) -> Iterator[tuple[Answer, Looked | None]]:
    """Hold a log of cases of `templates`, or a part of it, against every rule.

    Yields one answer per template and rule, with what the rule saw unless it says nothing.

    Args:
        log: the frame of a log.
        procedure: who should do what and when; without one, rules that ask for it are unchecked.
        templates: what the cases run.
        can: what the whole log can carry.
        hidden: activities that the log's system cannot record.
        still_open: by case number, whether the case has not ended.
    """
    evidence = Evidence(log, templates, can, hidden, still_open)
    rules = dict(_rules(evidence, procedure))
    for cases in (Cases(evidence, template) for template in templates):
        for rule, look in rules.items():
            seen = look(cases)
            answer = Answer.of(rule, cases.template.key, seen)
            yield answer, None if isinstance(seen, Why) else seen


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


__all__ = ["ALWAYS", "BY_PROCEDURE", "Answer", "Carried", "Looked", "State", "check"]
