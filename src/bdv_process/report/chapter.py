"""One log as the page shows it: everything already in words, numbers written, pictures drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bdv_process.language import Language, text
from bdv_process.report import charts, words
from bdv_process.report.diagram import draw
from bdv_process.report.findings import FEW, Findings, Line, records
from bdv_process.report.guide import guide, period
from bdv_process.report.section import Section
from bdv_process.report.shapes import spoken
from bdv_process.template.model import Template

_TOP = 5  # deviations told in sentences


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of the table that says what the diagram shows."""

    name: str
    what: str  #: what it is, as a screen reader says it
    found: str
    badge: str


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One template in one log; all numbers but `cases` are "" for a small group."""

    anchor: str
    key: str
    name: str
    about: str
    cases: str
    fitting: str
    fitness: str
    variants: str
    bar: str  #: SVG: the share of cases on the path
    median: str  #: days
    mean: str
    p90: str
    reach: str  #: SVG: how far median and p90 reach
    diagram: str  #: SVG
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One log."""

    anchor: str
    name: str
    synthetic: bool
    period: str
    share: str  #: of cases that followed their workflow, "" without cases
    headline: str
    top: tuple[Line, ...]
    workflows: tuple[Workflow, ...]
    axis: str  #: SVG: days above the reaches
    guide: tuple[tuple[str, tuple[str, ...]], ...]  #: term and its sentences


def chapter(section: Section, anchor: str, lang: Language) -> Chapter:
    """Return one log as the page shows it."""
    findings = Findings(section=section, lang=lang)
    found = {row["template"]: row for row in records(section.report.templates)}
    times = {row["template"]: row for row in records(section.throughput)}
    end = charts.round_up(max((row["p90"] for row in times.values()), default=1.0))
    fits = section.report.cases["fits"]
    key = "nothing" if fits.empty else "all" if fits.all() else "some"
    share = "" if fits.empty else words.percent(float(fits.mean()), lang)
    return Chapter(
        anchor=anchor,
        name=section.name,
        synthetic=section.synthetic,
        period=period(section, lang),
        share=share,
        headline=text(
            f"report.headline.{key}",
            lang,
            cases=words.count(int(fits.sum()), lang),
            of=words.count(len(fits), lang),
        ),
        top=findings.lines[:_TOP],
        workflows=tuple(
            _workflow(
                template,
                times.get(template.key, {}) | found[template.key],
                findings,
                anchor=f"{anchor}-{n}",
                end=end,
            )
            for n, template in enumerate(section.templates, 1)
            if template.key in found
        ),
        axis=charts.axis(end),
        guide=guide(section, lang),
    )


def _workflow(
    template: Template, row: Mapping[str, Any], findings: Findings, *, anchor: str, end: float
) -> Workflow:
    lang = findings.lang
    enough = row["cases"] >= FEW
    timed = enough and "median" in row
    share = row["fitting"] / row["cases"] if row["cases"] else 0.0
    marks = findings.marks(template)
    return Workflow(
        anchor=anchor,
        key=template.key,
        name=template.label(lang),
        about=template.documentation_en if lang == "en" else template.documentation,
        cases=words.count(row["cases"], lang) if enough else findings.few,
        fitting=words.percent(share, lang) if enough else "",
        fitness=words.fitness(row["fitness"], lang) if enough else "",
        variants=words.count(row["variants"], lang) if enough else "",
        bar=charts.bar(share) if enough else "",
        median=words.decimal(row["median"], lang) if timed else "",
        mean=words.decimal(row["mean"], lang) if timed else "",
        p90=words.decimal(row["p90"], lang) if timed else "",
        reach=charts.reach(row["median"], row["p90"], end=end) if timed else "",
        diagram=draw(template, marks=marks, lang=lang),
        lines=findings.of(template.key),
        steps=tuple(
            Step(
                name=template.by_id[step].label(lang),
                what=spoken(template.by_id[step], lang),
                found=mark.title,
                badge=mark.badge,
            )
            for step, mark in marks.items()
        ),
    )
