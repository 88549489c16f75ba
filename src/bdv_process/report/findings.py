"""Deviations as a reader meets them: lines of a table, sentences, and marks on a diagram."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.mining.deviation import DeviationKind
from bdv_process.report import words
from bdv_process.report.diagram import Mark
from bdv_process.report.section import Section
from bdv_process.template.model import Template, by_key

FEW = 5  #: smaller groups are hidden: nobody may be recognised
_LEVELS = (0.02, 0.05, 0.10)  #: shares of cases where the next colour starts


@dataclass(frozen=True, kw_only=True)
class Line:
    """One kind of deviation at one step of one template, in words."""

    template: str
    activity: str
    step: str
    kind: str
    count: str
    cases: str
    share: str
    examples: str  #: case ids, "" for a small group
    sentence: str
    rule: str  #: what the broken rule asks, or the workflow that fits better; else ""
    level: int  #: colour, 1..4
    times: int | None  #: None for a small group


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The deviations of one section, most cases first."""

    section: Section
    lang: Language

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Return all deviations, the one in most cases first."""
        frame = self.section.report.deviations
        return tuple(self._line(row) for row in records(frame))

    def of(self, template: str) -> tuple[Line, ...]:
        """Return the deviations of one template."""
        return tuple(line for line in self.lines if line.template == template)

    def marks(self, template: Template) -> dict[str, Mark]:
        """Return what the diagram shows: every step that conformance looks at has a mark."""
        unseen = self.section.report.unobservable.get(template.key, ())
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.of(template.key):
            found[line.activity].append(line)
        return {step: self._mark(found[step], unseen=step in unseen) for step in template.visible}

    def _mark(self, lines: list[Line], *, unseen: bool) -> Mark:
        if not lines:
            key = "unseen" if unseen else "clean_step"
            return Mark(level=None if unseen else 0, title=text(f"report.{key}", self.lang))
        times = sum(line.times or 0 for line in lines)
        return Mark(
            level=max(line.level for line in lines),
            badge=f"{words.count(times, self.lang) if times else self.few}×",
            title=", ".join(f"{line.kind} {line.count}×" for line in lines),
        )

    def _line(self, row: dict[str, Any]) -> Line:
        template = by_key(self.section.templates)[row["template"]]
        node = template.by_id.get(row["activity"])
        step = (node.label(self.lang) if node else "") or row["label"] or row["activity"]
        few = row["cases"] < FEW
        of = words.count(self._sizes[template.key], self.lang)
        cases = words.count(row["cases"], self.lang)
        share = words.percent(row["share"], self.lang)
        key, number = ("few_cases", str(FEW)) if few else ("cases", cases)
        subject = text(f"report.{key}", self.lang, cases=number, few=FEW, of=of, share=share)
        where = f"{template.key} {template.label(self.lang)}"
        return Line(
            template=template.key,
            activity=row["activity"],
            step=step,
            kind=text(f"deviation.{row['kind']}", self.lang),
            count=self.few if few else words.count(row["count"], self.lang),
            cases=self.few if few else cases,
            share="" if few else share,
            examples="" if few else ", ".join(map(str, row["examples"])),
            sentence=text(
                f"report.says.{row['kind']}", self.lang, cases=subject, step=step, template=where
            ),
            rule=self._rule(row["kind"], row["rule"]),
            level=1 + bisect_right(_LEVELS, row["share"]),
            times=None if few else row["count"],
        )

    def _rule(self, kind: str, rule: str) -> str:
        if kind == DeviationKind.SIBLING:
            better = by_key(self.section.templates)[rule]
            return f"{better.key} {better.label(self.lang)}"
        return rule_name(self.section, rule, self.lang) if rule else ""

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {row["template"]: row["cases"] for row in records(self.section.report.templates)}

    @property
    def few(self) -> str:
        """Return how a small group is written."""
        return text("report.few", self.lang, few=FEW)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by column name."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def rule_name(section: Section, rule: str, lang: Language) -> str:
    """Return what a rule beyond the path asks: a separation of the procedure, or one of ours."""
    separations = section.procedure.separations if section.procedure else ()
    named = {each.id: each.name_en if lang == "en" else each.name for each in separations}
    name = (named.get(rule) or text(f"check.{rule}", lang)).removesuffix(".")
    return name[0].upper() + name[1:]
