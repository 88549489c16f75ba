"""Drift as a picture: how one share went month by month, and when it changed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.language import Language, text
from bdv_process.mining.charting import check_known, named_by, said_in
from bdv_process.mining.drift import FITS
from bdv_process.mining.finding_name import named_finding
from bdv_process.picture import words
from bdv_process.picture.months import by_month
from bdv_process.picture.picture import Picture
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

if TYPE_CHECKING:
    from bdv_process.mining.drift import Drift


def chart(
    found: "Drift",
    template: str | None,
    measure: str | None,
    *,
    templates: Iterable[Template] | None,
    lang: Language | None,
) -> Picture:
    """Return a picture of drift: see `Drift.chart`."""
    lang, known = said_in(lang), named_by(templates)
    months = found.months
    if template is not None:
        check_known(template, set(months["template"]), "BDV-475")
        months = months[months["template"] == template]
    if measure is not None:
        check_known(measure, set(months["measure"]), "BDV-476")
        months = months[months["measure"] == measure]
    one = _clearest(found, months)
    key, which = str(one["template"].iloc[0]), str(one["measure"].iloc[0])
    if which == FITS:
        name = f"{key} {known[key].label(lang)}" if key in known else key
        what = text("drift_chart.fits", lang, name=name)
    else:
        what = named_finding(which, known, lang)
    change = found.changes[
        (found.changes["template"] == key) & (found.changes["measure"] == which)
        & found.changes["changed"]
    ]  # fmt: skip
    since = None if change.empty else str(change["since"].iloc[0])
    said = "none" if since is None else "since"
    return by_month(
        one,
        title=text("drift_chart.title", lang, what=what),
        says=text(f"drift_chart.{said}", lang, since=words.month(since, lang) if since else ""),
        value=text("drift_chart.share", lang),
        of=text("drift_chart.cases", lang),
        since=since,
        lang=lang,
    )


def _clearest(found: "Drift", months: pd.DataFrame) -> pd.DataFrame:
    """Return the months of the surest change of which something may be shown, else of most cases.

    Raises:
        InputRefused: of none of them two months may be shown.
    """
    some, rest = months["cases"], months["of"] - months["cases"]
    hidden = ((some > 0) & (some < FEW)) | ((rest > 0) & (rest < FEW))
    legible = months.assign(
        value=months["share"].mask(hidden), **{n: months[n].mask(hidden) for n in ("low", "high")}
    )
    sure = found.changes.loc[found.changes["changed"], ["template", "measure", "significance"]]
    grouped = legible.groupby(["template", "measure"], as_index=False)
    sizes = grouped.agg(shown=("value", "count"), of=("of", "sum"))
    order = sizes[sizes["shown"] > 1].merge(sure, how="left", on=["template", "measure"])
    if order.empty:
        raise InputRefused("BDV-473", few=FEW)
    order["other"] = np.where(order["measure"] == FITS, 0, 1)
    by = ["significance", "other", "of", "template", "measure"]
    best = order.sort_values(by, ascending=[True, True, False, True, True]).iloc[0]
    mine = (legible["template"] == best["template"]) & (legible["measure"] == best["measure"])
    shown: pd.DataFrame = legible[mine].reset_index(drop=True)
    return shown
