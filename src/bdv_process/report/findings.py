"""Deviations and broken rules as a reader meets them: told in sentences, marked on a diagram."""

from collections import defaultdict
from functools import cached_property
from typing import Any

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.finding_name import rule_name
from bdv_process.mining.tally import able
from bdv_process.picture import words
from bdv_process.picture.diagram import Mark, level
from bdv_process.picture.records import records
from bdv_process.report.page import Finding
from bdv_process.report.part import part
from bdv_process.report.section import Section
from bdv_process.report.sentences import Teller, advice
from bdv_process.template.model import Template, by_key
from bdv_process.template.term import HERE

RULE = DeviationKind.RULE
_LATE = "term"  # the rule that a case breaks by what it did not do yet


class Findings:
    """The findings of one section, most cases first."""

    def __init__(self, section: Section, lang: Language) -> None:
        self.section, self.lang = section, lang
        self._known = by_key(section.templates)
        self._teller = Teller(lang=lang)

    @cached_property
    def all(self) -> tuple[Finding, ...]:
        """Return all findings, the one in most cases first."""
        return tuple(self._finding(row) for row in records(self.section.report.deviations))

    def marks(self, template: Template) -> dict[str, Mark]:
        """Return what the diagram shows: every step that conformance looks at has a mark."""
        unseen = self.section.report.unobservable.get(template.key, ())
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.all:
            if finding.template == template.key:
                found[finding.activity].append(finding)
        return {step: self._mark(found[step], unseen=step in unseen) for step in template.visible}

    def named(self, kind: str, rule: str) -> str:
        """Return what goes wrong in a few words: a broken rule by what it asks."""
        said = text(f"deviation.{kind}", self.lang)
        return (
            f"{said}: {rule_name(rule, self.section.procedure, self.lang)}"
            if kind == RULE
            else said
        )

    def _mark(self, findings: list[Finding], *, unseen: bool) -> Mark:
        if not findings:
            key = "unseen" if unseen else "clean_step"
            return Mark(level=None if unseen else 0, title=text(f"report.{key}", self.lang))
        times = sum(finding.times or 0 for finding in findings)
        return Mark(
            level=max(finding.level for finding in findings),
            badge=f"{words.count(times or None, self.lang)}×",
            title=", ".join(
                f"{finding.kind} {words.count(finding.times, self.lang)}×" for finding in findings
            ),
        )

    def _finding(self, row: dict[str, Any]) -> Finding:
        template = self._known[row["template"]]
        kind, rule = row["kind"], row["rule"]
        sibling = kind == DeviationKind.SIBLING
        node = template.by_id.get(row["activity"])
        step = (node.label(self.lang) if node else "") or row["label"] or row["activity"]
        asked = rule_name(rule, self.section.procedure, self.lang) if rule and not sibling else ""
        found = part(row)
        shown = found.cases is not None
        since, until = (month(row[at]) if shown else None for at in ("since", "until"))
        told = rule if kind == RULE else kind
        return Finding(
            finding=row["finding"],
            template=template.key,
            activity=row["activity"],
            step=step,
            kind=self.named(kind, rule),
            times=int(row["count"]) if shown else None,
            part=found,
            since=since,
            until=until,
            examples=tuple(map(str, row["examples"])) if shown else (),
            says=self._teller.tell(
                [f"says.{told}", "says.separation"],
                workflow=template.label(self.lang),
                step=step,
                rule=asked,
                other=self._known[rule].label(self.lang) if sibling else "",
            ),
            often=self._teller.often(found),
            when=self._teller.when(since, until, *self._months(row)),
            advice=advice(kind, rule, self.lang),
            level=level(found.share or 0.0),
        )

    def _months(self, row: dict[str, Any]) -> tuple[str, str | None]:
        """Return between which months a finding can begin and be over: of cases that are closed.

        Of a rule, of those that it looked at. A case that still runs can be too late yet, so that
        nobody knows until when that lasts.
        """
        report = self.section.report
        own = report.cases[report.cases["template"] == row["template"]]
        own = able(own, report.looked, row["kind"], row["rule"])
        closed = own[~own["open"]]
        started = (own if closed.empty else closed)["started"]
        if row["rule"] == _LATE and self._runs_after(row):
            return month(started.min()) or "", None
        return month(started.min()) or "", month(started.max()) or ""

    def _runs_after(self, row: dict[str, Any]) -> bool:
        """Return whether a case still runs that began after the last one with this finding."""
        cases = self.section.report.cases
        later = cases["open"] & (cases["started"] > row["until"])
        return bool((later & (cases["template"] == row["template"])).any())


def month(moment: Any) -> str | None:
    """Return the local month of a moment, as 2026-03; None without one."""
    return None if pd.isna(moment) else moment.astimezone(HERE).strftime("%Y-%m")
