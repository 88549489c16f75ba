"""A log beside its own past or beside another: the same measures, and words only beyond chance."""

from typing import Any

from bdv_process.language import Language, text
from bdv_process.mining.comparison import Period
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.report.findings import Findings
from bdv_process.report.page import Comparison, Difference
from bdv_process.report.part import part
from bdv_process.template.model import by_key

_TOLD = 5  # differences told in sentences


def comparing(findings: Findings) -> Comparison | None:
    """Return the comparison of a section, None when it is compared with nothing."""
    compared = findings.section.comparison
    if compared is None:
        return None
    lang = findings.lang
    rows = tuple(filter(None, (_difference(row, findings) for row in records(compared.frame))))
    told = [row for row in rows if row.state != "same"][:_TOLD]
    key = "nothing" if not rows else "none_of_one" if len(rows) == 1 else "none"
    key = "told" if told else key
    running = findings.section.report.cases["open"].any()
    there = _side_name(compared.there, lang)
    beside = isinstance(compared.there, str)
    return Comparison(
        here=_side_name(compared.here, lang),
        there=there,
        sentences=(
            text(f"compare.{key}", lang, rows=words.count(len(rows), lang)),
            *(_sentence(row, there if beside else "", findings) for row in told),
            *([text("compare.closed", lang)] if running else []),
        ),
        rows=rows,
    )


def _sentence(row: Difference, other: str, findings: Findings) -> str:
    """Return one difference in words; with `other` it is another log, no earlier time."""
    lang = findings.lang
    key = "beside" if other else "rose" if row.state == "more" else "fell"
    here, there = (words.percent(side.share or 0.0, lang) for side in (row.here, row.there))
    told = {finding.finding: finding.says for finding in findings.all}
    what = told.get(row.finding, f"{row.says}.")  # what only the other log has was not told yet
    return text(f"compare.{key}", lang, what=what, here=here, there=there, other=other)


def _side_name(side: str | Period, lang: Language) -> str:
    """Return what one side of a comparison is called: a log's name, or from when to when."""
    if isinstance(side, str):
        return side
    key = "since" if side.end is None else "before" if side.first is None else "between"
    first, last = (day and words.date(day, lang) for day in (side.first, side.end))
    return text(f"compare.{key}", lang, first=first, last=last)


def _difference(row: dict[str, Any], findings: Findings) -> Difference | None:
    """Return one row, or nothing when a side is too small: the other would give it away."""
    lang = findings.lang
    here = part(_side(row, ""), rest=not row["finding"])
    there = part(_side(row, "_other"), rest=not row["finding"])
    if here.hidden or there.hidden:
        return None
    return Difference(
        finding=row["finding"],
        template=row["template"],
        says=_what(row, findings),
        here=here,
        there=there,
        **{name: float(row[name]) for name in ("difference", "low", "high")},
        state=row["state"],
        word=text(f"compare.{row['state']}", lang),
    )


def _side(row: dict[str, Any], suffix: str) -> dict[str, Any]:
    return {name: row[f"{name}{suffix}"] for name in ("cases", "of", "share")}


def _what(row: dict[str, Any], findings: Findings) -> str:
    """Return what is compared, in a few words: the workflow, the step and what is wrong there."""
    lang = findings.lang
    template = by_key(findings.section.templates)[row["template"]]
    where = f"{template.key} {template.label(lang)}"
    if not row["finding"]:
        return text("compare.path", lang, workflow=where)
    step = template.by_id.get(row["activity"])
    return text(
        "compare.finding",
        lang,
        workflow=where,
        step=step.label(lang) if step else row["activity"],
        kind=findings.named(row["kind"], row["rule"]),
    )
