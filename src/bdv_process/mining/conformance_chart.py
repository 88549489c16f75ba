"""Which picture of conformance is drawn: what deviates most, or one workflow with its marks."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.language import Language, text
from bdv_process.mining.charting import check_known, named_by, said_in
from bdv_process.mining.finding_name import finding_name
from bdv_process.picture import words
from bdv_process.picture.diagram import Mark, draw, level
from bdv_process.picture.picture import Picture
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

if TYPE_CHECKING:
    from bdv_process.mining.conformance import ConformanceReport

_MOST: Final = 12  #: deviations in one picture


def chart(
    found: "ConformanceReport",
    template: Template | str | None,
    *,
    templates: Iterable[Template] | None,
    lang: Language | None,
) -> Picture:
    """Return a picture of conformance: see `ConformanceReport.chart`."""
    lang, known = said_in(lang), named_by(templates)
    if template is None:
        return _most(found.deviations, known, lang)
    if isinstance(template, Template):
        known |= {template.key: template}
        template = template.key
    check_known(template, set(found.templates["template"]) & known.keys(), "BDV-475")
    return _marked(found, known[template], known, lang)


def _most(deviations: pd.DataFrame, known: Mapping[str, Template], lang: Language) -> Picture:
    from bdv_process.picture.axes import Bar
    from bdv_process.picture.ranking import ranking

    large = deviations[deviations["cases"] >= FEW]
    if large.empty:
        raise InputRefused("BDV-474", few=FEW)
    shown = large.sort_values("share", ascending=False, kind="stable").head(_MOST)
    return ranking(
        [
            Bar(
                name=finding_name(row, known, lang),
                value=row["share"],
                low=row["low"],
                high=row["high"],
                said=_said(row, lang),
            )
            for row in records(shown)
        ],
        title=text("conformance_chart.title", lang),
        says=text("conformance_chart.says", lang, shown=len(shown), of=len(deviations), few=FEW),
        columns=(
            text("conformance_chart.column.deviation", lang),
            text("conformance_chart.column.share", lang),
        ),
        percent=True,
        lang=lang,
    )


def _said(row: Mapping[str, Any], lang: Language) -> str:
    cases, of = (words.count(int(row[name]), lang) for name in ("cases", "of"))
    share = words.percent(float(row["share"]), lang)
    return text("conformance_chart.share", lang, share=share, cases=cases, of=of)


def _marked(
    found: "ConformanceReport", template: Template, known: Mapping[str, Template], lang: Language
) -> Picture:
    """Return the diagram of a workflow, marked where cases left it."""
    own = found.deviations[found.deviations["template"] == template.key]
    unseen = found.unobservable.get(template.key, ())
    marks, rows = {}, []
    for step in template.visible:
        here = records(own[own["activity"] == step])
        node = template.by_id[step].label(lang)
        if not here:
            key = "unseen" if step in unseen else "clean"
            said = text(f"conformance_chart.{key}", lang)
            marks[step] = Mark(level=None if step in unseen else 0, title=said)
            rows.append((node, "", said))
            continue
        times = sum(int(row["count"]) for row in here if row["cases"] >= FEW)
        told = [f"{finding_name(row, known, lang)}: {_shown(row, lang)}" for row in here]
        share = max(float(row["share"]) if row["cases"] >= FEW else 0.0 for row in here)
        badge = words.count(times or None, lang) + "×"
        marks[step] = Mark(level=level(share), badge=badge, title=", ".join(told))
        rows.append((node, badge, "; ".join(told)))
    name = f"{template.key} {template.label(lang)}"
    names = ("step", "times", "deviation")
    columns = [text(f"conformance_chart.column.{each}", lang) for each in names]
    return Picture(
        svg=draw(template, marks=marks, lang=lang),
        title=text("conformance_chart.diagram", lang, name=name),
        says=text("conformance_chart.diagram.says", lang),
        table=pd.DataFrame(rows, columns=columns),
    )


def _shown(row: Mapping[str, Any], lang: Language) -> str:
    return words.count(None, lang) if row["cases"] < FEW else _said(row, lang)
