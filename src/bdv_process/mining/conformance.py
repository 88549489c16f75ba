"""Conformance: every case held against its template and the rules, deviations named."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.asked import refuse_one_text
from bdv_process.eventlog.event import ACTIVITY, LABEL, PARENT
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining import rules, tally
from bdv_process.mining.alignment import Alignment, align
from bdv_process.mining.conformance_part import Part, Survey, in_order, ways_of
from bdv_process.mining.decision import decision
from bdv_process.mining.deviation import path_deviations
from bdv_process.mining.engine import LOCAL, Progress, run
from bdv_process.mining.model import Models, models
from bdv_process.mining.occurrence import Ints, occurrences
from bdv_process.mining.rules import Answer, Looked
from bdv_process.mining.rules.checked import Mask
from bdv_process.mining.sibling import better
from bdv_process.mining.tier import Tier
from bdv_process.mining.variants import cases_of, compared, distinct, rerouted, with_ends
from bdv_process.picture.picture import Picture
from bdv_process.template.library import or_shipped, shipped_procedure
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
    log: EventLog | LogStore,
    templates: Iterable[Template] | None = None,
    procedure: Procedure | Literal["shipped"] | None = "shipped",
    *,
    not_observable: Collection[str] = (),
    running: Collection[str] = (),
    engine: str = LOCAL,
    progress: Progress = lambda done: None,
) -> ConformanceReport:
    """Hold every case against its template, and its work against a procedure.

    A case is open, and held to what it has done so far, when it is in `running`, or when the log
    does not show its end, but does show that of other cases of its template, or what it waits for.

    Args:
        log: the events, or a store of them; cases of other templates are counted in a note.
        templates: what should happen; the eight workflows unless told.
        procedure: who should do it; rules that ask for one are unchecked without (None). The one
            that comes with the workflows unless told.
        not_observable: activities the log's system cannot record, next to those the log names
            itself: their absence is no deviation, their presence is not looked at.
        running: ids of cases that have not ended.
        engine: where it is computed, see `engine.run`.
        progress: told which share of the work is done.

    Raises:
        InputRefused: no case in the log runs one of the templates, or none of these has an activity
            that is said to be not observable; there is no case that is said to be running; or what
            refuses the engine.
        LimitExceeded: a template can be in over 30 000 states.
    """
    refuse_one_text(not_observable=not_observable, running=running)
    given = tuple(by_key(or_shipped(templates)).values())
    _check_known(not_observable, given)
    analysis = Conformance(
        templates=given,
        procedure=shipped_procedure() if procedure == "shipped" else procedure,
        not_observable=frozenset(not_observable),
        running=frozenset(running),
    )
    return run(analysis, log, engine=engine, progress=progress)


def reported(
    given: ConformanceReport | EventLog | LogStore, *how: Any, **more: Any
) -> ConformanceReport:
    """Return a report as it is, and of a log the report that `conformance` makes of it."""
    return given if isinstance(given, ConformanceReport) else conformance(given, *how, **more)


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """Conformance in parts, see `conformance`; each template has a key of its own."""

    templates: tuple[Template, ...]
    procedure: Procedure | None
    not_observable: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()

    def survey(self, log: EventLog) -> Survey:
        """Return what a part can tell."""
        given = by_key(self.templates)
        return Survey.of(log, given, self.procedure, self.not_observable, self.running)

    def surveyed(self, parts: Sequence[Survey]) -> Survey:
        """Return what the whole log can tell.

        Raises:
            InputRefused: it has no case that is said to be running.
        """
        can = Survey.all(parts)
        for case in sorted(self.running - can.running):
            raise InputRefused("BDV-405", where=can.source, case=case)
        return can

    def partial(self, log: EventLog, can: Survey) -> Part:
        """Return what a part shows."""
        every = cases_of(log.coded).assign(rerouted=rerouted(log.coded))
        known = self._known(can)
        number = np.flatnonzero(every["template"].isin(known))
        cases = every.iloc[number].reset_index(drop=True)
        if cases.empty:
            return Part.none()
        cases = with_ends(log.coded, cases, known, self.running, can.shown)
        variants, variant = distinct(compared(log.coded, cases, known, can.hidden), cases)
        given = by_key(self.templates)
        model = models(given, can.hidden)
        explained = _explained(variants, model)
        cases["cost"] = np.array([a.cost for a in explained])[variant]
        still_open = np.zeros(len(every), dtype=bool)
        still_open[number] = cases["open"]
        seen = self._checked(log.coded, can, number, still_open)
        seen += decision(explained, variants, variant, cases, model, known)
        found = occurrences(
            cases["template"],
            path_deviations(explained, variants, model, shown=can.shown),
            variant,
            better(every, cases, variants, variant, given, model),
            self.templates,
            [(answer, saw) for answer, saw in seen if saw],
        )
        ways, way = ways_of(variants, explained)
        return Part(
            cases=cases[["case", "started"]].assign(way=way[variant]),
            ways=ways,
            looked=tally.looked(seen, len(cases)),
            occurrences=found,
            answers=tuple(answer for answer, _ in seen),
            names=_names(log.coded, {what[2] for what in found.whats}, known),
        )

    def merge(self, parts: Sequence[Part]) -> Part:
        """Return what these parts show together."""
        return Part.all(parts)

    def finish(self, whole: Part, can: Survey) -> ConformanceReport:
        """Return the report.

        Raises:
            InputRefused: no case in the log runs one of the templates.
        """
        known = self._known(can)
        if not known:
            keys = ", ".join(template.key for template in self.templates)
            raise InputRefused("BDV-401", where=can.source, templates=keys)
        order = in_order(whole.cases)
        cases = whole.told(order)
        found = whole.occurrences.spelled(cases, np.argsort(order), whole.answers)
        ways = whole.counted()
        model = models(known, can.hidden)
        return ConformanceReport(
            cases=cases,
            occurrences=found.drop(columns="started"),
            deviations=tally.deviations(found, cases, whole.names, known.values(), whole.answers),
            rules=tally.rules(whole.answers),
            looked=whole.looked_at(cases["template"], order),
            runs=tally.runs(ways),
            templates=tally.templates(cases, ways),
            unobservable={
                key: tuple(id_ for id_ in template.visible if id_ in can.hidden)
                for key, template in known.items()
            },
            tiers={key: Tier.of(model(key, "").automaton) for key in known},
            notes=(*_left_out(can, known), *_unlinked(can, self.procedure)),
        )

    def _known(self, can: Survey) -> dict[str, Template]:
        """Return the templates that cases of the log run."""
        return {key: each for key, each in by_key(self.templates).items() if can.cases[key]}

    def _checked(
        self, log: pd.DataFrame, can: Survey, number: Ints, still_open: Mask
    ) -> list[tuple[Answer, Looked | None]]:
        """Return what rules say, and what they saw: of the cases with these numbers, by row."""
        known = self._known(can).values()
        found = rules.check(
            log, self.procedure, known, can.carried, hidden=can.hidden, still_open=still_open
        )
        row = np.full(len(still_open), -1)
        row[number] = np.arange(len(number))
        return [
            (answer, saw and replace(saw, at=saw.at[number], cases=row[saw.cases]))
            for answer, saw in found
        ]


def _check_known(activities: Collection[str], templates: Iterable[Template]) -> None:
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


def _names(
    log: pd.DataFrame, activities: set[str], known: Mapping[str, Template]
) -> frozenset[tuple[str, str]]:
    """Return what a log calls those activities that no template names."""
    named = {node.id for each in known.values() for node in each.nodes if node.name}
    strange = log[[ACTIVITY, LABEL]][log[ACTIVITY].isin(activities - named)]
    return frozenset(strange.drop_duplicates().itertuples(index=False, name=None))


def _left_out(can: Survey, known: Mapping[str, Template]) -> tuple[Note, ...]:
    """Return a note on the cases that run another template, or none."""
    others = {key: many for key, many in can.cases.items() if many and key not in known}
    if not others:
        return ()
    names = ", ".join(sorted(filter(None, others))) or "-"
    return (("conformance.left_out", {"cases": sum(others.values()), "templates": names}),)


def _unlinked(can: Survey, procedure: Procedure | None) -> tuple[Note, ...]:
    """Return a note when separations could be looked at within each case only."""
    if procedure and procedure.separations and not can.carried.of_any(PARENT):
        return (("conformance.unlinked", {}),)
    return ()
