"""What really happens: which step follows which, beside what the template allows."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.doubts import unfinished
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining import labels
from bdv_process.mining.charting import named_by, said_in
from bdv_process.mining.variants import cases_of, compared, distinct, with_ends
from bdv_process.picture.picture import Picture
from bdv_process.picture.process_map import EDGE, map_picture
from bdv_process.template.automaton import NOWHERE, Automaton, automaton
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ProcessMap(Shown):
    """What happened in the cases of one workflow, drawn by `picture.process_map`.

    `steps`: one row per activity: activity, label, count, cases, expected; the most frequent first.
        What the template has and never happened has count 0.
    `transitions`: one row per step that directly followed another: source, target ("" where a case
        begins or ends; an open case does not end), count, cases, expected; the most frequent first.
    `variants`: how many cases went each way.
    `unobservable`: the activity ids of the template that this log's system cannot record.

    `expected` is whether the template allows it, somewhere in some case; missing (NA) where there
    is no template. Two steps that may follow each other can still be wrong together: whether a case
    as a whole is right, only conformance says.
    """

    template: str  #: key, "" for cases of no template
    cases: int
    steps: pd.DataFrame
    transitions: pd.DataFrame
    variants: Mapping[tuple[str, ...], int]
    unobservable: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """Return the transitions."""
        return self.transitions

    def covering(self, share: float = 0.8) -> pd.DataFrame:
        """Return the fewest variants that cover a share of the cases, the commonest first.

        Columns: variant (activity ids), cases, share (of all cases), together (with those above).
        """
        frame = pd.DataFrame(
            {"variant": list(self.variants), "cases": list(self.variants.values())}
        )
        frame["share"] = frame["cases"] / max(self.cases, 1)
        frame["together"] = frame["cases"].cumsum() / max(self.cases, 1)
        enough = frame["together"].shift(fill_value=0.0) < share
        return frame[enough]

    def to_dict(self) -> dict[str, Any]:
        """Return the map as plain values, for JSON."""
        return {
            "format": 1,
            "template": self.template,
            "cases": self.cases,
            "steps": plain(self.steps),
            "transitions": plain(self.transitions),
            "unobservable": list(self.unobservable),
            "variants": len(self.variants),
            "covering": plain(self.covering()),
        }

    def chart(
        self, *, templates: Iterable[Template] | None = None, lang: Language | None = None
    ) -> Picture:
        """Return the map as a picture: the steps, what follows what, and how often.

        Args:
            templates: what names the steps; by default the shipped ones.
            lang: whose words; by default the reader's.
        """
        return map_picture(self, named_by(templates).get(self.template), lang=said_in(lang))

    def __repr__(self) -> str:
        """Say how much happened, and how much of it the template does not allow, on one line."""
        happened = self.steps["count"] > 0
        strange = int((~self.transitions["expected"].fillna(value=True)).sum())
        against = f", {strange} not in {self.template}" if self.template else ""
        return (
            f"<ProcessMap: {self.cases} cases, {int(happened.sum())} activities, "
            f"{len(self.transitions)} transitions{against}>"
        )


def discover(log: EventLog, templates: Iterable[Template] | None = None) -> tuple[ProcessMap, ...]:
    """Return a map per template of which the log has cases, and one of cases of no known template.

    Only what conformance looks at is on it: completed events of activities that the log's system
    can record. The counts are those of a directly-follows graph (van der Aalst 2016, ch. 6).
    Without `templates` they are the shipped ones.

    Raises:
        InputRefused: it is no log, or no event of it is complete.
        LimitExceeded: a template can be in over 30 000 states.
    """
    refuse_no_log(log)
    if unfinished(log.coded):
        raise InputRefused("BDV-404", where=log.provenance.source)
    cases, named = cases_of(log.coded), by_key(or_shipped(templates))
    given = {key: named[key] for key in named if (cases["template"] == key).any()}
    hidden = log.provenance.not_observable
    cases.loc[~cases["template"].isin(given), "template"] = ""
    cases = with_ends(log.coded, cases, given, ())
    variants, _ = distinct(compared(log.coded, cases, given, hidden), cases)
    foreign = labels.named(log.coded)
    found = [
        counted(str(key), own, given.get(str(key)), hidden, foreign)
        for key, own in variants.groupby("template", sort=False)
    ]
    order = [*given, ""]
    return tuple(sorted(found, key=lambda one: order.index(one.template)))


def follows(spoken: Automaton) -> frozenset[tuple[str, str]]:
    """Return which label may directly follow which in an automaton; EDGE at both ends."""
    into: list[set[str]] = [set() for _ in spoken.steps]
    into[0].add(EDGE)
    for row in spoken.steps:
        for label, target in zip(spoken.labels, row, strict=True):
            if target != NOWHERE:
                into[target].add(label)
    return frozenset(
        (before, after)
        for state, row in enumerate(spoken.steps)
        for before in into[state]
        for after, target in [*zip(spoken.labels, row, strict=True), (EDGE, state)]
        if (state in spoken.accepting if after == EDGE else target != NOWHERE)
    )


def counted(
    key: str,
    variants: pd.DataFrame,
    template: Template | None,
    hidden: Collection[str],
    foreign: Mapping[str, str],
) -> ProcessMap:
    """Return the map of variants: activities, open and how many cases.

    Args:
        key: of the template, "" for none.
        variants: see above.
        template: what was to happen.
        hidden: activities that the system cannot record.
        foreign: what activities are called that no template names.
    """
    spoken = automaton(template, hidden) if template else None
    steps: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    in_cases: Counter[str | tuple[str, str]] = Counter()
    ways: Counter[tuple[str, ...]] = Counter()
    rows = zip(variants["activities"], variants["open"], variants["cases"].tolist(), strict=True)
    for way, still_going, cases in rows:
        ways[way] += cases
        passed = [*pairwise((EDGE, *way) if still_going else (EDGE, *way, EDGE))] if way else []
        for step, times in Counter(way).items():
            steps[step] += times * cases
        for pair, times in Counter(passed).items():
            pairs[pair] += times * cases
        in_cases.update(dict.fromkeys({*way, *passed}, cases))
    if spoken:
        steps.update(dict.fromkeys(spoken.labels, 0))
    names = {node.id: node.name for node in template.nodes} if template else {}
    allowed = follows(spoken) if spoken else None
    step_rows = [
        (
            step,
            names.get(step) or foreign.get(step, step),
            count,
            in_cases[step],
            step in spoken.labels if spoken else None,
        )
        for step, count in steps.items()
    ]
    pair_rows = [
        (*pair, count, in_cases[pair], pair in allowed if allowed else None)
        for pair, count in pairs.items()
    ]
    return ProcessMap(
        template=key,
        cases=int(variants["cases"].sum()),
        steps=_table(step_rows, ["activity", "label"]),
        transitions=_table(pair_rows, ["source", "target"]),
        variants=dict(sorted(ways.items(), key=lambda each: (-each[1], each[0]))),
        unobservable=tuple(id_ for id_ in template.visible if id_ in hidden) if template else (),
    )


def _table(rows: Collection[tuple[object, ...]], ids: list[str]) -> pd.DataFrame:
    """Return rows as a frame, the most frequent first."""
    frame = pd.DataFrame(rows, columns=[*ids, "count", "cases", "expected"])
    frame = frame.astype({"count": int, "cases": int, "expected": "boolean"})
    return frame.sort_values(["count", *ids], ascending=[False, True, True], ignore_index=True)
