"""One log as the page shows it: everything already in words, pictures drawn."""

from bdv_process.language import Language, text
from bdv_process.mining.overview import ALL
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.report import charts
from bdv_process.report.checks import outcome, unchecked
from bdv_process.report.comparing import comparing
from bdv_process.report.findings import RULE, Findings
from bdv_process.report.guide import guide, period, quality, running
from bdv_process.report.journeys import journeys
from bdv_process.report.page import Chapter
from bdv_process.report.part import Part, part
from bdv_process.report.section import Section
from bdv_process.report.sentences import points
from bdv_process.report.starting_points import starting_points
from bdv_process.report.streams import streams
from bdv_process.report.workflow import workflow

MOST = 5  #: points on page one
_MOST_RUN = 0.5  #: where a larger share of cases still runs, the headline says so


def chapter(section: Section, anchor: str, lang: Language, *, most: int = MOST) -> Chapter:
    """Return one log as the page shows it, with at most `most` points on page one."""
    findings = Findings(section, lang)
    figures = section.overview.merge(
        section.report.templates[["template", "fitness", "variants"]], on="template", how="left"
    )
    for more in (
        section.throughput.rename(columns={"cases": "closed"}),
        section.precision[["template", "planned"]],
    ):
        figures = figures.merge(more, on="template", how="left")
    rows = {row["template"]: row for row in records(figures)}
    timed = section.throughput.loc[section.throughput["cases"] >= FEW, "p90"]
    end = charts.round_up(max(timed, default=1.0))  # of what is shown: an axis tells as well
    counted = [finding for finding in findings.all if finding.part.cases is not None]
    told = points(counted[:most], lang)
    following = part(rows[ALL], cases="fitting", of="cases", rest=True)
    return Chapter(
        anchor=anchor,
        name=section.name,
        synthetic=section.synthetic,
        period=period(section, lang),
        following=following,
        headline=_headline(section, following, lang),
        order=_order(findings, following, len(told)),
        points=told,
        findings=findings.all,
        checked=outcome(section, lang),
        unchecked=unchecked(section, lang),
        workflows=tuple(
            workflow(template, rows[template.key], findings, anchor=f"{anchor}-{n}", end=end)
            for n, template in enumerate(section.templates, 1)
            if template.key in rows
        ),
        axis=charts.axis(end),
        comparison=comparing(findings),
        principles=starting_points(section, lang),
        streams=streams(section, lang),
        journeys=journeys(section, lang),
        quality=quality(section, lang),
        guide=guide(section, lang),
    )


def _headline(section: Section, following: Part, lang: Language) -> str:
    """Return how many cases followed the path, in one sentence."""
    if following.of:
        went = {0: "none", following.of: "all"}.get(following.cases or 0, "some")
        key = following.hidden or went
    else:  # small workflows are in no total
        key = "nothing" if section.report.cases.empty else "group"
    still = running(section, lang)
    said = text(
        f"report.headline.{key}",
        lang,
        cases=words.count(following.cases, lang),
        of=words.count(following.of, lang),
        few=FEW,
        so_far=text("report.headline.so_far", lang) if still else "",
    )
    most = still and section.report.cases["open"].mean() > _MOST_RUN
    return f"{said} {still}" if most else said


def _order(findings: Findings, following: Part, told: int) -> str:
    """Return how the points are ranked and what they leave out, or why there are none."""
    lang, more = findings.lang, len(findings.all) - told
    if not told and not more and following.of is None:
        return ""  # the headline said that it is too little
    if not told:
        return text(f"report.order.{'small' if more else 'none'}", lang, few=FEW)
    keys = ["ranked"]
    if any(findings.section.report.deviations["kind"] == RULE):
        keys.append("law")
    keys.append("chance")
    if more:
        keys.append("more" if more > 1 else "one_more")
    return " ".join(text(f"report.order.{key}", lang, more=more) for key in keys)
