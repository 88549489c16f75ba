"""Hand-overs as a picture: between which steps work waits when it goes to somebody else."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bdv_process.errors import InputRefused
from bdv_process.language import Language, text
from bdv_process.mining.charting import named_by, said_in
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

if TYPE_CHECKING:
    from bdv_process.mining.handover import Handovers

_MOST: Final = 12  #: pairs of steps in one picture
_DAY: Final = 86_400  # seconds


def chart(
    found: "Handovers", *, templates: Iterable[Template] | None, lang: Language | None
) -> Picture:
    """Return a picture of hand-overs: see `Handovers.chart`."""
    from bdv_process.picture.axes import Bar
    from bdv_process.picture.ranking import ranking

    lang, known = said_in(lang), named_by(templates)
    named = {node.id: node.label(lang) for each in known.values() for node in each.nodes}
    process = {node.id: each.process for each in known.values() for node in each.nodes}
    apart = found.between_people.groupby(["source_activity", "target_activity"])
    summed = apart["frequency"].sum().to_frame()
    # Some waits unknown: what the others waited is not what all of them did.
    summed["waiting_seconds"] = (
        apart["waiting_seconds"].agg("sum").where(apart["waiting_seconds"].count() == apart.size())
    )
    summed = summed.reset_index()
    large = summed[summed["frequency"] >= FEW]
    if large.empty:
        raise InputRefused("BDV-473", few=FEW)
    timed = bool(large["waiting_seconds"].notna().all())
    by = "waiting_seconds" if timed else "frequency"
    order = [by, "source_activity", "target_activity"]
    shown = large.sort_values(order, ascending=[False, True, True]).head(_MOST)
    drawn = []
    for row in records(shown):
        steps = row["source_activity"], row["target_activity"]
        where = dict.fromkeys(process[step] for step in steps if step in process)
        times = words.count(int(row["frequency"]), lang)
        said = text("handover_chart.times", lang, times=times)
        if timed:
            each = timedelta(seconds=row["waiting_seconds"] / row["frequency"])
            said = text(
                "handover_chart.waited", lang, times=times, each=words.span(each, lang),
                all=words.span(timedelta(seconds=row["waiting_seconds"]), lang),
            )  # fmt: skip
        name = " → ".join(named.get(step, step) for step in steps)
        if where:
            name += f" ({words.pattern('>'.join(where), lang)})"
        drawn.append(Bar(name=name, value=row[by] / (_DAY if timed else 1), said=said))
    key = "waiting" if timed else "frequency"
    says = text(f"handover_chart.{key}", lang, shown=len(drawn), of=len(summed), few=FEW)
    if found.reason:
        reason = text(found.reason, lang).removesuffix(".")
        says += " " + text("handover_chart.reason", lang, reason=reason)
    return ranking(
        drawn,
        title=text(f"handover_chart.title.{key}", lang),
        says=says,
        columns=(
            text("handover_chart.column.pair", lang),
            text(f"handover_chart.column.{key}", lang),
        ),
        percent=False,
        lang=lang,
    )
