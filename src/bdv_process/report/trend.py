"""How a workflow went month by month, and what really happened beside its template."""

from typing import Any

from bdv_process.language import text
from bdv_process.mining.drift import FITS
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.report import charts
from bdv_process.report.findings import Findings
from bdv_process.report.page import Month
from bdv_process.report.part import part


def months(findings: Findings, template: str, closed: int) -> tuple[Month, ...]:
    """Return the months of a workflow with enough cases, how many followed it in each.

    When a few of its `closed` cases would be left for the months that are hidden, the smallest
    month that is not hides too: they cannot be told by subtraction.
    """
    found = findings.section.drift.months
    rows = records(found[(found["template"] == template) & (found["measure"] == FITS)])
    rows = [row for row in rows if row["of"] >= FEW]
    if rows and 0 < closed - sum(row["of"] for row in rows) < FEW:
        rows.remove(min(rows, key=lambda row: int(row["of"])))
    return tuple(map(_month, rows))


def _month(row: dict[str, Any]) -> Month:
    following = part(row, rest=True)
    bar = "" if following.share is None else charts.bar(following.share)
    return Month(month=row["month"], following=following, bar=bar)


def changes(findings: Findings, template: str) -> tuple[str, ...]:
    """Return what began to go differently and when; of small groups nothing."""
    lang, found = findings.lang, findings.section.drift.changes
    if found.empty:
        return ()
    shown = {each.finding: each for each in findings.all if each.part.cases is not None}
    said = []
    for row in records(found[(found["template"] == template) & found["changed"]]):
        way = "more" if row["difference"] > 0 else "less"
        since = words.month(row["since"], lang)
        if row["measure"] == FITS:
            said.append(text(f"trend.following.{way}", lang, since=since))
        elif finding := shown.get(row["measure"]):
            said.append(text(f"trend.finding.{way}", lang, since=since, says=finding.says))
    return (text("trend.told", lang), *said) if said else ()


def really(findings: Findings, template: str, precision: float | None) -> tuple[str, ...]:
    """Return what the map of a workflow comes to."""
    lang, found = findings.lang, findings.section.maps[template]
    ways, needed = len(found.variants), len(found.covering())
    key = "same" if ways == 1 else "one" if needed == 1 else "several"
    said = text(f"really.{key}", lang, needed=needed, ways=words.count(ways, lang))
    if precision is None:
        return (said,)
    return said, text("really.precision", lang, share=words.percent(precision, lang))
