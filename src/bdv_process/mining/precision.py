"""Precision: how much of what a template allows ever happens.

Every case is aligned first, so that only steps the template allows are walked (alignment-based
ETC: Munoz-Gama and Carmona 2010, Adriansyah et al. 2015). Of each state that cases pass, the steps
they took there are held against those they could have taken; a step that nobody took escapes.
Different from both papers, states are those of the template's smallest automaton, and not the
prefixes of the log: what happens later in the same situation counts, whatever came before it, so
this precision is never below theirs.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import pandas as pd

from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.faces import Shown, plain
from bdv_process.mining.conformance import ConformanceReport, reported
from bdv_process.template.automaton import NOWHERE, Automaton, automaton
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key

_TEMPLATES = ["template", "cases", "steps", "states", "precision", "planned"]
_ESCAPING = ["template", "after", "activity", "label", "reached", "interrupting"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Precision(Shown):
    """How precise templates are for the cases of a log.

    `templates`: one row per template: template, cases, steps (that were walked), states (that were
        passed), precision (0..1; missing when no case took a step), planned (the same without
        interrupting events). An interrupting event, such as a withdrawal, may happen at any moment
        and hardly ever does: by itself it makes every template look imprecise, so `planned` is the
        number to read.
    `escaping`: one row per step that was possible and never taken: template, after (the steps that
        led there, the most frequent first), activity, label, reached (how often a case could have
        taken it), interrupting. An interrupting event has one row for all places, with `after`
        empty. What was possible most often comes first.
    """

    templates: pd.DataFrame
    escaping: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """Return what is allowed and never happened."""
        return self.escaping

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "format": 1,
            "templates": plain(self.templates),
            "escaping": plain(self.escaping),
        }

    def __repr__(self) -> str:
        """Say the precision of each template, on one line."""
        rows = zip(self.templates["template"], self.templates["planned"], strict=True)
        said = (f"{key} {'-' if isnan(planned) else f'{planned:.3f}'}" for key, planned in rows)
        never = int((~self.escaping["interrupting"]).sum())
        return f"<Precision: {', '.join(said)}; {never} planned steps never taken>"


def precision(
    report: ConformanceReport | EventLog | LogStore, templates: Iterable[Template] | None = None
) -> Precision:
    """Return how much of what templates allow ever happens, from the runs of a report.

    Running cases count for the steps they took. What follows from a state that no case reached is
    not counted at all. The templates are those of the report; by default the shipped ones. Of a
    log the report is made first.

    Raises:
        InputRefused: what refuses `conformance`.
        LimitExceeded: a template can be in over 30 000 states.
    """
    given = by_key(or_shipped(templates))
    report = reported(report, given.values(), procedure=None)
    rows, escaping = [], []
    for key, runs in report.runs.groupby("template"):
        template = given[str(key)]
        spoken = automaton(template, report.unobservable[template.key])
        walked = _Walked(spoken, zip(runs["path"], runs["cases"].tolist(), strict=True))
        stops = template.interrupting
        rows.append(
            (
                template.key,
                int(runs["cases"].sum()),
                sum(walked.visits.values()),
                len(walked.visits),
                walked.precision(frozenset()),
                walked.precision(stops),
            )
        )
        escaping += [(template.key, *row) for row in _escaping(walked, template, stops)]
    frame = pd.DataFrame(escaping, columns=_ESCAPING)
    frame = frame.astype({"reached": int, "interrupting": bool})
    return Precision(
        templates=pd.DataFrame(rows, columns=_TEMPLATES),
        escaping=frame.sort_values(
            ["reached", "template", "after", "activity"],
            ascending=[False, True, True, True],
            ignore_index=True,
        ),
    )


class _Walked:
    """What cases did in each state of an automaton."""

    def __init__(self, spoken: Automaton, runs: Iterable[tuple[tuple[str, ...], int]]) -> None:
        self.visits: Counter[int] = Counter()  # by state: steps that were taken from it
        self.taken: dict[int, set[str]] = defaultdict(set)
        self.came: dict[int, Counter[str]] = defaultdict(Counter)  # by state: through which step
        self.allowed = [
            {label for label, to in zip(spoken.labels, row, strict=True) if to != NOWHERE}
            for row in spoken.steps
        ]
        code = {label: number for number, label in enumerate(spoken.labels)}
        for path, cases in runs:
            state = 0
            for label in path:
                self.visits[state] += cases
                self.taken[state].add(label)
                state = spoken.steps[state][code[label]]
                self.came[state][label] += cases

    def precision(self, without: frozenset[str]) -> float:
        """Return the share that was taken of what was allowed, by visit; NaN when nothing was."""
        taken = sum(n * len(self.taken[state] - without) for state, n in self.visits.items())
        allowed = sum(n * len(self.allowed[state] - without) for state, n in self.visits.items())
        return taken / allowed if allowed else nan


def _escaping(
    walked: _Walked, template: Template, stops: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], str, str, int, bool]]:
    """Yield after, activity, label, reached and interrupting of what was never taken."""
    anywhere: Counter[str] = Counter()
    for state, visits in walked.visits.items():
        for step in walked.allowed[state] - walked.taken[state]:
            if step in stops:
                anywhere[step] += visits
            else:
                came = walked.came[state]
                after = tuple(sorted(came, key=lambda label: (-came[label], label)))
                yield after, step, template.by_id[step].name, visits, False
    for step, visits in anywhere.items():
        yield (), step, template.by_id[step].name, visits, True
