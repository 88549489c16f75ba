"""Value streams as the page shows them: what one need takes, and what it waits for."""

from typing import Any, Final

from bdv_process.errors import BdvError
from bdv_process.language import Language, text
from bdv_process.mining.calendar import DAYS
from bdv_process.mining.stream_chart import drawable
from bdv_process.mining.stream_levels import LOG
from bdv_process.mining.value_stream import ValueStreams
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.report.page import Entry, Figure, Pattern, Streams
from bdv_process.report.part import Part, part
from bdv_process.report.section import Section

_WAITS: Final = ("before_start", "between", "requester", "child", "partner")
_PICTURES: Final = 2  #: patterns of which the page shows a map

_Row = dict[str, Any]


def streams(section: Section, lang: Language) -> Streams | None:
    """Return what the streams of a log come to, or why there is nothing to say."""
    found = section.streams
    if found is None:
        return None
    if isinstance(found, BdvError):
        return Streams(says=(text("streams.none", lang, reason=found.what(lang)),))
    rows = shown(found)
    if not rows:
        return Streams(says=(text("streams.small", lang, few=FEW),))
    whole, *patterns = rows
    drawn = [row for row in patterns if drawable(found, row["pattern"])]
    return Streams(
        says=tuple(_says(found, whole, lang)),
        advice=_advice(found, section, lang),
        patterns=tuple(_pattern(found, row, lang) for row in [whole, *patterns]),
        figures=tuple(
            Figure.of(found.chart(pattern=row["pattern"], templates=section.templates, lang=lang))
            for row in sorted(drawn, key=_apart)[:_PICTURES]
        ),
        unseen=tuple(
            Entry(term=text(f"stream.{measure}", lang), says=(text(reason, lang),))
            for measure, reason in found.unseen.items()
        ),
    )


def shown(found: ValueStreams) -> list[_Row]:
    """Return the rows of `ValueStreams.patterns` that may be shown: all, then the commonest first.

    None of them stands for a few, and what is left cannot be told by subtraction.
    """
    rows = [row for row in records(found.patterns) if row["closed"] >= FEW]
    if rows and 0 < rows[0]["closed"] - sum(row["closed"] for row in rows[1:]) < FEW:
        rows.pop()
    return rows


def _says(found: ValueStreams, whole: _Row, lang: Language) -> list[str]:
    """Return in sentences what the streams took and what they waited for."""
    facts: dict[str, dict[str, str]] = {
        "count": {"streams": words.count(whole["streams"], lang)},
        "took": {
            name: words.decimal(_days(found, whole[name]), lang) for name in ("median", "p90")
        },
    }
    if _known(whole["efficiency"]):
        facts["worked"] = {"share": words.percent(whole["efficiency"], lang)}
    if 0 < found.began < 1:
        facts["began"] = {"share": words.percent(found.began, lang)}
    if found.inferred:
        facts["inferred"] = {"links": words.count(found.inferred, lang)}
    waits = {wait: share for wait, share in _waited(whole).items() if share}
    if waits:
        longest = max(waits, key=lambda wait: waits[wait] or 0)
        facts["waited"] = {
            "what": text(f"stream.{longest}", lang),
            "share": words.percent(waits[longest] or 0, lang),
        }
    if (right := _right(whole)).share is not None:
        facts["right"] = {"share": words.percent(right.share, lang)}
    if _known(whole["handovers"]):
        facts["handed"] = {"times": words.decimal(whole["handovers"], lang)}
    return [text(f"streams.{key}", lang, **told) for key, told in facts.items()]


def _advice(found: ValueStreams, section: Section, lang: Language) -> str:
    """Return at which step was waited most and what to do; nothing where that is unknown."""
    steps = found.activities
    steps = steps[(steps["cases"] >= FEW) & steps["waiting"].notna()]
    if steps.empty:
        return ""
    most = records(steps.head(1))[0]
    return text(
        "streams.advice",
        lang,
        step=section.names(lang).get(most["activity"], most["activity"]),
        days=words.decimal(_days(found, most["median_waiting"]), lang),
        times=words.count(most["times"], lang),
    )


def _pattern(found: ValueStreams, row: _Row, lang: Language) -> Pattern:
    name = words.pattern(row["pattern"], lang)
    return Pattern(
        pattern=row["pattern"],
        name=text("streams.all", lang) if row["pattern"] == LOG else name,
        streams=int(row["closed"]),
        median=_days(found, row["median"]),
        p90=_days(found, row["p90"]),
        efficiency=row["efficiency"] if _known(row["efficiency"]) else None,
        waits=tuple(_waited(row).values()),
        handovers=row["handovers"] if _known(row["handovers"]) else None,
        right=_right(row),
    )


def _apart(row: _Row) -> bool:
    """Return whether the streams of a pattern are one case each: a chain has more to show."""
    return ">" not in row["pattern"]


def _waited(row: _Row) -> dict[str, float | None]:
    """Return what part of the throughput each kind of waiting is, None when it is unknown."""
    took = row["throughput"]
    parts = {wait: row[wait] / took if took else 0.0 for wait in _WAITS}
    return {wait: share if _known(share) else None for wait, share in parts.items()}


def _right(row: _Row) -> Part:
    """Return the streams that went right the first time, of the closed ones."""
    share = row["right"]
    if not _known(share):
        return Part(cases=None, of=None, hidden="group")
    right = {"cases": round(share * row["closed"]), "share": share}
    return part(
        row | right | {"low": row["right_low"], "high": row["right_high"]}, of="closed", rest=True
    )


def _days(found: ValueStreams, lasted: Any) -> float:
    return float(lasted / DAYS[found.calendar])


def _known(value: float) -> bool:
    return bool(value == value)
