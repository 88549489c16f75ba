"""What there is most of, as bars under their names."""

from collections.abc import Sequence

import pandas as pd

from bdv_process.language import Language
from bdv_process.picture.axes import Bar, bars
from bdv_process.picture.picture import Picture
from bdv_process.picture.sheet import sheet


def ranking(
    given: Sequence[Bar],
    *,
    title: str,
    says: str,
    columns: tuple[str, str],
    percent: bool,
    lang: Language = "nl",
) -> Picture:
    """Return bars in the order in which they are given.

    Args:
        given: at least one.
        title: of the picture.
        says: what it shows.
        columns: what a bar is, and what its value is.
        percent: whether the values are shares.
        lang: whose numbers.
    """
    lay = bars(given, axis=columns[1], percent=percent, lang=lang)
    table = pd.DataFrame([(bar.name, bar.said) for bar in given], columns=[*columns])
    return Picture(
        svg=sheet(lay, title=title, says=says, lang=lang), title=title, says=says, table=table
    )
