"""One workflow as the page shows it: its figures, its diagram, its rules."""

from collections.abc import Mapping
from typing import Any

from bdv_process.picture.diagram import draw
from bdv_process.picture.process_map import draw_map, passages
from bdv_process.picture.shapes import spoken
from bdv_process.privacy import FEW
from bdv_process.report import charts
from bdv_process.report.checks import checks
from bdv_process.report.findings import Findings
from bdv_process.report.page import Step, Workflow
from bdv_process.report.part import part
from bdv_process.report.trend import changes, months, really
from bdv_process.template.model import Template

_TIMES = ("median", "mean", "p90")


def workflow(
    template: Template, row: Mapping[str, Any], findings: Findings, *, anchor: str, end: float
) -> Workflow:
    """Return one workflow; `row` holds its figures, `end` is where the axis of days ends."""
    lang = findings.lang
    following = part(row, cases="fitting", of="cases", rest=True)
    enough = following.of is not None
    planned = float(row["planned"]) if enough and row["planned"] == row["planned"] else None
    timed = row["closed"] >= FEW
    told = following.share is not None  # else fitness would give away a few that did not
    way = findings.section.maps[template.key]
    marks = findings.marks(template)
    return Workflow(
        anchor=anchor,
        template=template.key,
        name=template.label(lang),
        about=template.about(lang),
        following=following,
        fitness=float(row["fitness"]) if told else None,
        variants=int(row["variants"]) if enough else None,
        **{name: float(row[name]) if timed else None for name in _TIMES},
        bar="" if following.share is None else charts.bar(following.share),
        reach=charts.reach(row["median"], row["p90"], end=end) if timed else "",
        diagram=draw(template, marks=marks, lang=lang),
        steps=tuple(
            Step(
                activity=step,
                name=template.by_id[step].label(lang),
                what=spoken(template.by_id[step], lang),
                badge=mark.badge,
                found=mark.title,
            )
            for step, mark in marks.items()
        ),
        checks=checks(findings.section, template.key, lang),
        months=months(findings, template.key, row["cases"] - row["open"]) if enough else (),
        changes=changes(findings, template.key) if enough else (),
        map=draw_map(way, template, lang=lang) if enough else "",
        passages=passages(way, template, lang=lang) if enough else (),
        precision=planned,
        really=really(findings, template.key, planned) if enough else (),
    )
