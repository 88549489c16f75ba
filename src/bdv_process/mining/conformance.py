"""Conformance: every case held against its template and the rules, deviations named."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining import rules, tally
from bdv_process.mining.alignment import Alignment, align
from bdv_process.mining.decision import decision
from bdv_process.mining.deviation import path_deviations
from bdv_process.mining.explanation import Move
from bdv_process.mining.model import Models, models
from bdv_process.mining.occurrence import occurrences
from bdv_process.mining.sibling import better
from bdv_process.mining.tier import Tier
from bdv_process.mining.variants import cases_of, compared, distinct, held, shows_ends, with_ends
from bdv_process.picture.picture import Picture
from bdv_process.template.model import Template, by_key
from bdv_process.template.procedure import Procedure

Note = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConformanceReport(Shown):
    """What was found when a log was held against its templates.

    `cases`: one row per case: case, template, started (moment of the first event; NaT in a log
        without times), events, cost, fitness (0..1), fits (bool), open (bool). Events are those
        compared with the template; cost and fitness are of the path.
    `occurrences`: one row per case and deviation: case, template, kind, activity, rule, times.
        `rule` is "" for the path, else the broken rule, or the template that fits better. Texts
        are dictionary-coded.
    `deviations`: the occurrences counted per template, kind, activity and rule: finding (a
        readable id), template, kind, activity, label, rule, count, cases, of (cases of the
        template; of a rule, those it looked at), share (of these) with low and high (95 %), since
        and until (start of the first and the last case that shows it), examples (up to 5 case
        ids). What is found in most cases comes first.
    `rules`: one row per template and rule: template, rule, state, reason (text key, "" unless
        unchecked), checked (cases looked at), cases (broken), share (of the checked), low, high.
    `looked`: by row of `cases` and rule (columns), whether the rule looked at the case.
    `runs`: one row per template and path through the model: template, open, path, cases.
    `templates`: one row per template: template, cases, fitting, fitness (mean), variants, events.
    `unobservable`: per template the activity ids that this log's system cannot record.
    `tiers`: per template the kind of alignment that was used (text key).
    `notes`: text keys with facts, for a reader of the report.
    """

    cases: pd.DataFrame
    occurrences: pd.DataFrame
    deviations: pd.DataFrame
    rules: pd.DataFrame
    looked: pd.DataFrame
    runs: pd.DataFrame
    templates: pd.DataFrame
    unobservable: dict[str, tuple[str, ...]]
    tiers: dict[str, str]
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
            "templates": plain(self.templates),
            "deviations": plain(self.deviations),
            "rules": plain(self.rules),
            "cases": plain(self.cases),
            "occurrences": plain(self.occurrences),
            "runs": plain(self.runs),
            "unobservable": {key: list(ids) for key, ids in self.unobservable.items()},
            "tiers": self.tiers,
            "notes": [{"text": key, "facts": dict(facts)} for key, facts in self.notes],
        }

    def chart(
        self,
        template: Template | str | None = None,
        *,
        templates: Iterable[Template] | None = None,
        lang: Language | None = None,
    ) -> Picture:
        """Return a picture of what deviates.

        Args:
            template: the diagram of this workflow, marked where cases left it; by default bars of
                what deviates in the largest share of cases, with its interval.
            templates: what names the steps; by default the shipped ones.
            lang: whose words; by default the reader's.

        Raises:
            InputRefused: nothing deviates in as many cases as may be shown.
            NotFound: the log has no cases of this workflow.
        """
        from bdv_process.mining.conformance_chart import chart

        return chart(self, template, templates=templates, lang=lang)

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
    does not show its end, but does show that of other cases of its template, or what it waits for.

    Args:
        log: the events; cases of other templates are counted in a note.
        templates: what should happen.
        procedure: who should do it; rules that ask for one are unchecked without.
        not_observable: activities the log's system cannot record, next to those the log names
            itself: their absence is no deviation, their presence is not looked at.
        running: ids of cases that have not ended.

    Raises:
        InputRefused: no case in the log runs one of the templates, or none of these has an activity
            that is said to be not observable.
        LimitExceeded: a template can be in over 30 000 states.
    """
    every = cases_of(log.coded)
    given = by_key(templates)
    _check_known(not_observable, given.values())
    known, cases = held(every, given, log.provenance.source)
    hidden = {*log.provenance.not_observable, *not_observable}
    cases = with_ends(log.coded, cases, known, running)
    events = compared(log.coded, cases, known, hidden)
    cases["events"] = np.bincount(events["at"], minlength=len(cases))
    variants, variant = distinct(events, cases)

    model = models(given, hidden)
    explained = _explained(variants, model)
    cases["cost"] = np.array([a.cost for a in explained])[variant]
    cases["fitness"] = np.array([a.fitness for a in explained])[variant]
    cases["fits"] = cases["cost"] == 0
    running_ids = cases.loc[cases["open"], "case"]
    checked = rules.check(log.coded, procedure, known.values(), hidden, running_ids)
    checked += decision(explained, variants, variant, cases, model)
    found = occurrences(
        cases,
        path_deviations(explained, variants, model, shown=shows_ends(cases)),
        variant,
        better(every, cases, variants, variant, given, model),
        tuple(given.values()),
        checked,
    )
    return ConformanceReport(
        cases=cases[[
            "case", "template", "started", "events", "cost", "fitness", "fits", "open",
        ]],
        occurrences=found.drop(columns="started"),
        deviations=tally.deviations(found, cases, log.coded, known.values(), checked),
        rules=tally.rules(checked),
        looked=tally.looked(checked, cases["template"]),
        runs=tally.runs(variants, [_taken(each) for each in explained]),
        templates=tally.templates(cases, variants),
        unobservable={
            key: tuple(id_ for id_ in template.visible if id_ in hidden)
            for key, template in known.items()
        },
        tiers={key: Tier.of(model(key, "").automaton) for key in known},
        notes=(*_left_out(every["template"], known), *_unlinked(every["parent"], procedure)),
    )  # fmt: skip


def _check_known(activities: Collection[str], templates: Collection[Template]) -> None:
    ids = {id_: None for template in templates for id_ in template.visible}
    for name in activities:
        if name not in ids:
            nearest = ", ".join(get_close_matches(name, ids, 1, cutoff=0.0))
            raise InputRefused("BDV-262", name=name, nearest=nearest)


def _explained(variants: pd.DataFrame, model: Models) -> list[Alignment]:
    """Return an optimal alignment of each variant with its template."""
    found: dict[int, Alignment] = {}
    kinds = variants.groupby(["template", "open", "end"], observed=True)
    for (key, unfinished, end), group in kinds:
        own = model(str(key), str(end))
        alignments = align(
            own.automaton,
            group["activities"].tolist(),
            outcomes=group["outcomes"].tolist(),
            contradicts=own.contradicts,
            prefix=bool(unfinished),
        )
        found |= zip(group.index, alignments, strict=True)
    return [found[variant] for variant in range(len(variants))]


def _taken(alignment: Alignment) -> tuple[str, ...]:
    """Return the path through the model that explains a variant."""
    return tuple(label for move, label in alignment.moves if move is not Move.LOG)


def _left_out(keys: pd.Series, known: Mapping[str, Template]) -> tuple[Note, ...]:
    """Return a note on the cases that run another template, or none."""
    others = keys[~keys.isin(known)]
    if others.empty:
        return ()
    names = ", ".join(sorted(others.dropna().unique())) or "-"
    return (("conformance.left_out", {"cases": len(others), "templates": names}),)


def _unlinked(parents: pd.Series, procedure: Procedure | None) -> tuple[Note, ...]:
    """Return a note when separations could be looked at within each case only."""
    if procedure and procedure.separations and parents.isna().all():
        return (("conformance.unlinked", {}),)
    return ()
