"""How something went month by month, with the interval of each."""

from datetime import timedelta

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.axes import trend
from bdv_process.picture.picture import Picture
from bdv_process.picture.sheet import sheet
from bdv_process.privacy import FEW


def by_month(
    months: pd.DataFrame,
    *,
    title: str,
    says: str,
    value: str,
    of: str,
    day: timedelta | None = None,
    since: str | None = None,
    lang: Language = "nl",
) -> Picture:
    """Return a value per month.

    Args:
        months: month ("2026-03"), of (how many), value, low, high (95 %): shares, or durations when
            `day` says how long a day counts. Months with fewer than `FEW` are left out.
        title: of the picture.
        says: what it shows.
        value: what the values are.
        of: what is counted, in the plural.
        day: see above.
        since: the month in which it changed.
        lang: whose words.
    """
    months = months[months["of"] >= FEW]
    amounts = months[["value", "low", "high"]]
    if day is not None:
        amounts = amounts.apply(lambda each: each.dt.total_seconds() / day.total_seconds())
    named = [words.month(month, lang) for month in months["month"]]
    lay = trend(
        amounts.astype(float).assign(month=named).reset_index(drop=True),
        y=value,
        percent=day is None,
        since=words.month(since, lang) if since and since in set(months["month"]) else None,
        said=text("months.change", lang),
        lang=lang,
    )

    def told(amount: timedelta | float) -> str:
        if pd.isna(amount):
            return words.hidden(lang)
        if isinstance(amount, timedelta):
            return words.span(amount, lang, day=day or timedelta(days=1))
        return words.percent(float(amount), lang)

    says += " " + text("months.says", lang, few=FEW, of=of)
    table = pd.DataFrame(
        {
            text("months.month", lang): named,
            of: [words.count(int(count), lang) for count in months["of"]],
            value: [told(amount) for amount in months["value"]],
            text("months.interval", lang): [
                words.hidden(lang) if pd.isna(low) else f"{told(low)} – {told(high)}"
                for low, high in zip(months["low"], months["high"], strict=True)
            ],
        }
    )
    return Picture(
        svg=sheet(lay, title=title, says=says, lang=lang), title=title, says=says, table=table
    )
