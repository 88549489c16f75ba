"""Conformance: every case held against its template, deviations counted and named."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, TEMPLATE
from bdv_process.eventlog.log import EventLog
from bdv_process.mining import rules
from bdv_process.mining.alignment import Alignment, align
from bdv_process.mining.explanation import Move, Moves
from bdv_process.mining.variants import compared, distinct, still_open
from bdv_process.template.automaton import automaton
from bdv_process.template.branches import contradictions
from bdv_process.template.model import Template, by_key
from bdv_process.template.procedure import Procedure

EXAMPLES = 5
FOUND = ("kind", "activity", "rule", "times")

Note = tuple[str, Mapping[str, object]]


class DeviationKind(StrEnum):
    """How a case left its template."""

    SKIPPED = "skipped"  #: should have happened, did not
    ADDED = "added"  #: happened, should not have
    MOVED = "moved"  #: happened at another moment than it should (a skip and an addition in one)
    UNKNOWN = "unknown"  #: the template has no such activity
    ROLE = "role"  #: done in a role that is not R for it
    SEPARATION = "separation"  #: one person did what two should do


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConformanceReport:
    """What was found when a log was held against its templates.

    `cases`: one row per case: case, template, events, cost, fitness (0..1), fits (bool), open
        (bool). Events are those compared with the template; cost and fitness are of the path.
    `deviations`: one row per template, kind, activity and rule: template, kind, activity, label,
        rule (separation id, "requester" or ""), count, cases, share (of the template's cases),
        examples (up to 5 case ids). The most frequent come first.
    `templates`: one row per template: template, cases, fitting, fitness (mean), variants, events.
    `unobservable`: per template the activity ids that this log's system cannot record.
    `unchecked`: checks that this log cannot carry, with the reason (text key).
    `notes`: text keys with facts, for a reader of the report.
    """

    cases: pd.DataFrame
    deviations: pd.DataFrame
    templates: pd.DataFrame
    unobservable: dict[str, tuple[str, ...]]
    unchecked: dict[str, str]
    notes: tuple[Note, ...] = ()

    @property
    def fitness(self) -> float:
        """Return the mean fitness of all cases, 0..1."""
        return float(self.cases["fitness"].mean())

    @property
    def frame(self) -> pd.DataFrame:
        """Return the deviations."""
        return self.deviations

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "format": 1,
            "fitness": self.fitness,
            "templates": self.templates.to_dict("records"),
            "deviations": self.deviations.to_dict("records"),
            "cases": self.cases.to_dict("records"),
            "unobservable": {key: list(ids) for key, ids in self.unobservable.items()},
            "unchecked": self.unchecked,
            "notes": [{"text": key, "facts": dict(facts)} for key, facts in self.notes],
        }

    def __repr__(self) -> str:
        """Say how many cases fit and how much deviates, on one line."""
        fitting = int(self.cases["fits"].sum())
        return (
            f"<ConformanceReport: {len(self.cases)} cases, {fitting} fit, "
            f"fitness {self.fitness:.3f}, {int(self.deviations['count'].sum())} deviations>"
        )


def conformance(
    log: EventLog,
    templates: Iterable[Template],
    procedure: Procedure | None = None,
    *,
    not_observable: Collection[str] = (),
    running: Collection[str] = (),
) -> ConformanceReport:
    """Hold every case against its template, and its work against a procedure.

    A case is open, and held to what it has done so far, when it is in `running`, or when the log
    shows how cases start or end and does not show this one's end.

    Args:
        log: the events; cases of other templates are counted in a note.
        templates: what should happen.
        procedure: who should do it; without one nothing is said about roles and separations.
        not_observable: activities the log's system cannot record, next to those the log names
            itself: their absence is no deviation, their presence is not looked at.
        running: ids of cases that have not ended.

    Raises:
        InputRefused: no case in the log runs one of the templates.
        LimitExceeded: a template can be in over 30 000 states.
    """
    first = log.frame.drop_duplicates(CASE)
    given = by_key(templates)
    known = {key: given[key] for key in given if (first[TEMPLATE] == key).any()}
    hidden = {*log.provenance.not_observable, *not_observable}
    cases = pd.DataFrame({"case": first[CASE], "template": first[TEMPLATE]}, dtype="str")
    cases = cases[cases["template"].isin(known)].reset_index(drop=True)
    if cases.empty:
        raise InputRefused("BDV-401", where=log.provenance.source, templates=", ".join(given))
    cases["open"] = still_open(log.frame, cases, known, running)
    events = compared(log.frame, cases, known, hidden)
    cases["events"] = np.bincount(events["at"], minlength=len(cases))
    variants, variant = distinct(events, cases)
    explained = _explained(variants, known, hidden)
    cases["cost"] = np.array([a.cost for a in explained])[variant]
    cases["fitness"] = np.array([a.fitness for a in explained])[variant]
    cases["fits"] = cases["cost"] == 0
    checked = rules.check(log.frame, procedure, known.values(), hidden) if procedure else []
    path = _path(explained, variants, known)
    found = [cases.assign(variant=variant).merge(path, on="variant")]
    found += [_breaches(rule).merge(cases, on="case") for rule in checked]
    return ConformanceReport(
        cases=cases[["case", "template", "events", "cost", "fitness", "fits", "open"]],
        deviations=_counted(pd.concat(found), cases, log.frame, known),
        templates=_summed(cases, variants),
        unobservable={
            key: tuple(id_ for id_ in template.visible if id_ in hidden)
            for key, template in known.items()
        },
        unchecked={rule.rule: rule.unchecked for rule in checked if rule.unchecked},
        notes=_left_out(first[TEMPLATE], known),
    )


def _explained(
    variants: pd.DataFrame, known: Mapping[str, Template], hidden: Collection[str]
) -> list[Alignment]:
    """Return an optimal alignment of each variant with its template."""
    found: dict[int, Alignment] = {}
    for key, unfinished in product(known, (False, True)):
        group = variants[(variants["template"] == key) & (variants["open"] == unfinished)]
        alignments = align(
            automaton(known[key], hidden),
            group["activities"].tolist(),
            outcomes=group["outcomes"].tolist(),
            contradicts=contradictions(known[key], hidden),
            prefix=unfinished,
        )
        found |= zip(group.index, alignments, strict=True)
    return [found[variant] for variant in range(len(variants))]


def _path(
    explained: list[Alignment], variants: pd.DataFrame, known: Mapping[str, Template]
) -> pd.DataFrame:
    """Return the deviations from the path: variant, kind, activity, rule, times."""
    rows = [
        (variant, kind.value, activity, "", times)
        for variant, (alignment, key) in enumerate(
            zip(explained, variants["template"], strict=True)
        )
        if alignment.cost
        for (kind, activity), times in _named(alignment.moves, known[key]).items()
    ]
    return pd.DataFrame(rows, columns=["variant", *FOUND]).astype({"variant": int, "times": int})


def _named(moves: Moves, template: Template) -> Counter[tuple[DeviationKind, str]]:
    """Name the moves of one alignment; a skip and an addition of one activity are one: moved."""
    added = Counter(label for move, label in moves if move is Move.LOG)
    skipped = Counter(label for move, label in moves if move is Move.MODEL)
    moved = added & skipped
    named: Counter[tuple[DeviationKind, str]] = Counter()
    for label, times in (added - moved).items():
        kind = DeviationKind.ADDED if label in template.by_id else DeviationKind.UNKNOWN
        named[kind, label] = times
    named.update({(DeviationKind.SKIPPED, label): n for label, n in (skipped - moved).items()})
    named.update({(DeviationKind.MOVED, label): n for label, n in moved.items()})
    return named


def _breaches(checked: rules.Checked) -> pd.DataFrame:
    """Return the deviations from one rule: case, kind, activity, rule, times."""
    role = checked.rule == rules.RESPONSIBLE
    return checked.breaches.assign(
        kind=(DeviationKind.ROLE if role else DeviationKind.SEPARATION).value,
        rule="" if role else checked.rule,
        times=1,
    )


def _counted(
    found: pd.DataFrame, cases: pd.DataFrame, log: pd.DataFrame, known: Mapping[str, Template]
) -> pd.DataFrame:
    """Count deviations per template, kind, activity and rule, the most frequent first."""
    grouped = found.groupby(["template", "kind", "activity", "rule"])
    counted = grouped.agg(
        count=("times", "sum"),
        cases=("case", "nunique"),
        examples=("case", lambda ids: tuple(ids.unique()[:EXAMPLES])),
    ).reset_index()
    foreign = log.drop_duplicates(ACTIVITY).set_index(ACTIVITY)[LABEL]
    labels = foreign.to_dict() | {
        node.id: node.name for template in known.values() for node in template.nodes if node.name
    }
    counted["label"] = counted["activity"].map(lambda id_: labels.get(id_, id_))
    sizes = cases["template"].value_counts()
    counted["share"] = counted["cases"] / sizes.reindex(counted["template"]).to_numpy()
    order = ["count", "template", "kind", "activity", "rule"]
    counted = counted.sort_values(order, ascending=[False, *[True] * 4], ignore_index=True)
    return counted[[
        "template", "kind", "activity", "label", "rule", "count", "cases", "share", "examples",
    ]]  # fmt: skip


def _summed(cases: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """Return the figures per template."""
    summed = cases.groupby("template").agg(
        cases=("case", "size"),
        fitting=("fits", "sum"),
        fitness=("fitness", "mean"),
        events=("events", "sum"),
    )
    summed["variants"] = variants.groupby("template")["activities"].nunique()
    columns = ["template", "cases", "fitting", "fitness", "variants", "events"]
    return summed.reset_index()[columns]


def _left_out(keys: pd.Series, known: Mapping[str, Template]) -> tuple[Note, ...]:
    """Return a note on the cases that run another template, or none."""
    others = keys[~keys.isin(known)]
    if others.empty:
        return ()
    names = ", ".join(sorted(others.dropna().unique())) or "-"
    return (("conformance.left_out", {"cases": len(others), "templates": names}),)
