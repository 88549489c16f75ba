"""Which picture of value streams is drawn, and of which streams."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from bdv_process.errors import InputRefused
from bdv_process.language import Language, preferred
from bdv_process.mining.calendar import DAYS
from bdv_process.mining.charting import check_kind, check_known, named_by
from bdv_process.mining.stream_levels import LOG
from bdv_process.mining.waiting import Spent
from bdv_process.picture.picture import Picture
from bdv_process.privacy import FEW
from bdv_process.template.model import Template

if TYPE_CHECKING:
    from bdv_process.mining.value_stream import ValueStreams

KINDS: Final = ("map", "tree", "distribution", "trend")


def chart(
    found: "ValueStreams",
    kind: str,
    *,
    pattern: str | None,
    stream: str | None,
    templates: Iterable[Template] | None,
    lang: Language | None,
) -> Picture:
    """Return a picture of streams: see `ValueStreams.chart`."""
    check_kind(kind, KINDS)
    lang = lang or preferred()
    if pattern is not None:
        check_known(pattern, set(found.patterns["pattern"]) - {LOG}, "BDV-471")
    if stream is not None:
        check_known(stream, set(found.streams["stream"]), "BDV-472")
        pattern = str(found.streams.set_index("stream").at[stream, "pattern"])
    if kind == "map":
        from bdv_process.picture.stream_map import stream_map

        row = _enough(found, pattern or _dearest(found))
        return stream_map(
            row,
            found.steps[found.steps["pattern"] == row["pattern"]],
            [each.value for each in Spent],
            templates=named_by(templates),
            day=DAYS[found.calendar],
            reason=found.unseen.get("processing", ""),
            lang=lang,
        )
    raise NotImplementedError


def _enough(found: "ValueStreams", pattern: str) -> dict[str, object]:
    """Return the row of a pattern.

    Raises:
        InputRefused: fewer streams are closed than may be shown.
    """
    row = found.patterns[found.patterns["pattern"] == pattern].iloc[0]
    if row["closed"] < FEW:
        raise InputRefused("BDV-473", where=pattern, few=FEW)
    return {str(name): value for name, value in row.items()}


def _dearest(found: "ValueStreams") -> str:
    """Return the pattern that took most time together, of those that may be shown.

    Raises:
        InputRefused: there is none.
    """
    each = found.patterns[(found.patterns["pattern"] != LOG) & (found.patterns["closed"] >= FEW)]
    if each.empty:
        raise InputRefused("BDV-473", few=FEW)
    return str(each.loc[each["throughput"].idxmax(), "pattern"])
