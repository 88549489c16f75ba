"""Hold the cases that have something beside all others: which of the two takes longer, how surely.

It shows what goes together, never what causes what: cases that are handed over may be handed over
because they are hard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.faces import Shown, plain
from bdv_process.language import Language, text
from bdv_process.mining.charting import said_in
from bdv_process.mining.interval import of_chance, of_median
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.privacy import FEW

_SHOWN: Final = 12  #: groups in a picture
_COLUMNS: Final = [
    "property", "value", "cases", "median", "low", "high", "others", "chance", "least", "most",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Contrast(Shown):
    """How an amount goes together with properties of cases.

    `frame`: one row per property and value that at least five cases have and five have not:
        property, value (text), cases, median of the amount with low and high (95 %), others (the
        median of all other cases), chance (that a case with it has the larger amount, of two drawn
        at random; one half: no difference) with least and most (95 %). What differs most first.
    """

    measure: str
    frame: pd.DataFrame

    def chart(self, *, lang: Language | None = None) -> Picture:
        """Return the chances as a picture, the furthest from one half on top.

        Raises:
            InputRefused: nothing was compared.
        """
        from bdv_process.picture.axes import Bar
        from bdv_process.picture.ranking import ranking

        if self.frame.empty:
            raise InputRefused("BDV-479", measure=self.measure)
        lang = said_in(lang)
        top = self.frame.head(_SHOWN)
        groups = top["property"].where(
            top["value"] == str(True), top["property"] + ": " + top["value"]
        )
        given = [
            Bar(name=name, value=chance, said=words.percent(chance, lang), low=least, high=most)
            for name, chance, least, most in zip(
                groups, top["chance"], top["least"], top["most"], strict=True
            )
        ]
        return ranking(
            given,
            title=text("contrast.title", lang, measure=self.measure),
            says=text("contrast.says", lang),
            columns=(text("contrast.group", lang), text("contrast.chance", lang)),
            percent=True,
            lang=lang,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; durations in seconds."""
        return {"format": 1, "measure": self.measure, "contrasts": plain(self.frame)}

    def __repr__(self) -> str:
        """Say what differs most, on one line."""
        sure = (self.frame["least"] > 0.5) | (self.frame["most"] < 0.5)
        said = "nothing compared"
        if len(self.frame):
            top = self.frame.iloc[0]
            said = f"{top['property']} {top['value']}: more in {top['chance']:.0%} of pairs"
        return (
            f"<Contrast of {self.measure}: {len(self.frame)} groups, "
            f"{int(sure.sum())} differ more than by chance; {said}>"
        )


def contrast(frame: pd.DataFrame, measure: str, by: str | Sequence[str]) -> Contrast:
    """Compare an amount between the rows that have a value of a property, and all other rows.

    Args:
        frame: a row per case or stream, as in `ValueStreams.streams`; rows without the amount are
            left out.
        measure: column of the amount, a number or a duration.
        by: columns of properties; what is missing is no value. Of yes and no, only yes is compared:
            no is its reverse.

    Raises:
        InputRefused: it is no frame, has no such column, or the measure is no amount.
    """
    columns = [by] if isinstance(by, str) else list(by)
    if not isinstance(frame, pd.DataFrame):
        raise InputRefused("BDV-466", found=type(frame).__name__)
    for column in (measure, *columns):
        if column not in frame:
            raise InputRefused("BDV-442", column=column)
    if not (_lasts(frame[measure]) or pd.api.types.is_numeric_dtype(frame[measure])):
        raise InputRefused("BDV-467", measure=measure, kind=frame[measure].dtype)
    known = frame[frame[measure].notna()]
    lasting = _lasts(known[measure])
    amounts = known[measure].dt.total_seconds() if lasting else known[measure]
    values = amounts.to_numpy(dtype=float)
    rows = [(name, *row) for name in columns for row in _rows(known[name], values)]
    found = pd.DataFrame(rows, columns=_COLUMNS)
    if lasting:
        for name in ("median", "low", "high", "others"):
            found[name] = pd.to_timedelta(found[name], unit="s").astype("timedelta64[us]")
    far = (found["chance"] - 0.5).abs().sort_values(ascending=False, kind="stable").index
    return Contrast(measure=measure, frame=found.loc[far].reset_index(drop=True))


def _lasts(amounts: pd.Series) -> bool:
    lasts: bool = pd.api.types.is_timedelta64_dtype(amounts)
    return lasts


def _rows(given: pd.Series, amounts: NDArray[np.float64]) -> Iterator[tuple[object, ...]]:
    ranks = pd.Series(amounts).rank().to_numpy()
    # The one is the reverse of the other, also where a column of objects has gaps.
    yes_or_no = pd.api.types.infer_dtype(given, skipna=True) == "boolean"
    often = given.value_counts()  # most values of a column like the requester are had by few
    for value in [True] if yes_or_no else sorted(often.index[often >= FEW], key=str):
        mine = (given == value).to_numpy(dtype=bool, na_value=False)
        own = int(mine.sum())
        if min(own, len(mine) - own) < FEW:
            continue
        larger = (ranks[mine].sum() - own * (own + 1) / 2) / (own * (len(mine) - own))
        yield (
            str(value), own, *of_median(amounts[mine]), float(np.median(amounts[~mine])),
            float(larger), *of_chance(float(larger), own, len(mine) - own),
        )  # fmt: skip
