"""How long something took, case by case: a histogram with its median and ninetieth percentile."""

from datetime import timedelta
from math import ceil, floor, log10
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.axes import distribution
from bdv_process.picture.picture import Picture
from bdv_process.picture.sheet import sheet
from bdv_process.privacy import FEW, shown

_BINS: Final = 16
_FAR: Final = 2.0  #: times the ninetieth percentile: what is longer is one bin


def histogram(
    lasted: pd.Series, *, name: str, of: str, day: timedelta, lang: Language = "nl"
) -> Picture:
    """Return how often something took how long.

    Args:
        lasted: durations, at least `FEW`.
        name: of what.
        of: what is counted, in the plural.
        day: how long a day counts.
        lang: whose words.
    """
    amounts = np.sort(lasted.dt.total_seconds().to_numpy() / day.total_seconds())
    median, most = np.quantile(amounts, [0.5, 0.9])
    step = _step(min(float(amounts[-1]), _FAR * most or 1.0) / _BINS)
    far = step * max(ceil(min(float(amounts[-1]), _FAR * most) / step), 1)
    starts = np.arange(0, far - step / 2, step)
    place = np.minimum((amounts / step).astype(int), len(starts))
    counts = np.bincount(place, minlength=len(starts)).tolist()
    edges = [(start, start + step) for start in starts.tolist()]
    if len(counts) > len(starts):
        edges.append((far, far + step))
    bins = pd.DataFrame(edges, columns=["start", "end"]).assign(
        count=pd.Series(shown(counts), dtype="Int64")
    )
    tail = len(counts) > len(starts)
    said = {
        "median": words.span(median * day, lang, day=day),
        "most": words.span(most * day, lang, day=day),
    }
    marks = pd.DataFrame(
        {
            "value": [median, most],
            "said": [
                text("histogram.median", lang, value=said["median"]),
                text("histogram.most", lang, value=said["most"]),
            ],
        }
    )
    unit = text("histogram.unit", lang, hours=words.hours(day, lang))
    lay = distribution(bins, marks, x=unit, y=of, least=FEW, lang=lang)
    title = text("histogram.title", lang, name=name)
    says = text(
        "histogram.says", lang, count=words.count(len(amounts), lang), of=of,
        median=words.lasting(median * day, lang, day=day),
        most=words.lasting(most * day, lang, day=day),
    )  # fmt: skip
    if bins["count"].isna().any():
        says += " " + text("histogram.hidden", lang, few=FEW)
    if tail:
        says += " " + text("histogram.tail", lang, far=words.lasting(far * day, lang, day=day))
    return Picture(
        svg=sheet(lay, title=title, says=says, lang=lang),
        title=title,
        says=says,
        table=_table(bins, of, lang, tail=tail),
    )


def _table(bins: pd.DataFrame, of: str, lang: Language, *, tail: bool) -> pd.DataFrame:
    digits = 0 if (bins["start"] % 1 == 0).all() else 2
    rows = []
    for n, (start, end, count) in enumerate(
        zip(bins["start"], bins["end"], bins["count"], strict=True)
    ):
        low, high = (words.decimal(edge, lang, digits) for edge in (start, end))
        last = tail and n == len(bins) - 1
        said = words.hidden(lang) if pd.isna(count) else words.count(int(count), lang)
        rows.append(
            (text(f"histogram.{'longer' if last else 'bin'}", lang, low=low, high=high), said)
        )
    return pd.DataFrame(rows, columns=[text("histogram.days", lang), of])


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, no less than this."""
    power = 10.0 ** floor(log10(max(rough, 1e-6)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999)
