"""Which picture of value streams is drawn, and of which streams."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.language import Language, text
from bdv_process.mining.calendar import DAYS
from bdv_process.mining.charting import check_kind, check_known, named_by, said_in
from bdv_process.mining.interval import of_median
from bdv_process.mining.stream_levels import LOG
from bdv_process.mining.waiting import Spent
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Template
from bdv_process.template.term import HERE

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
    lang = said_in(lang)
    if pattern is not None:
        check_known(pattern, set(found.patterns["pattern"]) - {LOG}, "BDV-471")
    if stream is not None:
        check_known(stream, set(found.streams["stream"]), "BDV-472")
        pattern = str(found.streams.loc[found.streams["stream"] == stream, "pattern"].iloc[0])
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
    if kind == "tree":
        return _tree(found, stream or _middle(found, pattern or _dearest(found)), templates, lang)
    closed, day = _closed(found, pattern), DAYS[found.calendar]
    name = words.pattern(pattern, lang) if pattern else text("stream_chart.all", lang)
    of = text("stream_chart.streams", lang)
    if kind == "distribution":
        from bdv_process.picture.histogram import histogram

        return histogram(closed["throughput"], name=name, of=of, day=day, lang=lang)
    from bdv_process.picture.months import by_month

    return by_month(
        _months(closed),
        title=text("stream_chart.trend", lang, name=name),
        says=text("stream_chart.trend.says", lang),
        value=text("stream_chart.median", lang, hours=words.hours(day, lang)),
        of=of,
        day=day,
        lang=lang,
    )


def drawable(found: "ValueStreams", pattern: object) -> bool:
    """Return whether a pattern has a step to draw: calls that were withdrawn at once have none."""
    steps = found.steps
    return bool(((steps["pattern"] == pattern) & (steps["cases"] >= FEW)).any())


def _enough(found: "ValueStreams", pattern: str) -> dict[str, object]:
    """Return the row of a pattern.

    Raises:
        InputRefused: fewer streams are closed than may be shown, or had a step.
    """
    row = found.patterns[found.patterns["pattern"] == pattern].iloc[0]
    if row["closed"] < FEW or not drawable(found, pattern):
        raise InputRefused("BDV-473", where=pattern, few=FEW)
    return {str(name): value for name, value in row.items()}


def _dearest(found: "ValueStreams") -> str:
    """Return the pattern that took most time together, of those that may be shown.

    Raises:
        InputRefused: there is none.
    """
    each = found.patterns[(found.patterns["pattern"] != LOG) & (found.patterns["closed"] >= FEW)]
    known = [name for name in each.sort_values("throughput")["pattern"] if drawable(found, name)]
    if not known:
        raise InputRefused("BDV-473", few=FEW)
    return str(known[-1])


def _closed(found: "ValueStreams", pattern: str | None) -> pd.DataFrame:
    """Return the closed streams of a pattern, or all.

    Raises:
        InputRefused: there are fewer than may be shown.
    """
    closed = found.streams[~found.streams["open"]]
    if pattern is not None:
        closed = closed[closed["pattern"] == pattern]
    if len(closed) < FEW:
        raise InputRefused("BDV-473", where=pattern, few=FEW)
    return closed


def _months(closed: pd.DataFrame) -> pd.DataFrame:
    """Return the median throughput by the month in which streams closed, with its interval."""
    month = closed["ended"].dt.tz_convert(HERE).dt.strftime("%Y-%m")
    rows = []
    for name, took in closed["throughput"].groupby(month):
        median, low, high = of_median(took.astype("int64"))
        rows.append((str(name), len(took), median, low, high))
    months = pd.DataFrame(rows, columns=["month", "of", "value", "low", "high"])
    amounts = ["value", "low", "high"]
    return months.astype(dict.fromkeys(amounts, "int64")).astype(
        dict.fromkeys(amounts, "timedelta64[us]")
    )


def _middle(found: "ValueStreams", pattern: str) -> str:
    """Return the stream in the middle of its pattern, by how long it took.

    Raises:
        InputRefused: fewer streams are closed than may be shown.
    """
    ordered = _closed(found, pattern).sort_values(["throughput", "stream"])
    return str(ordered["stream"].iloc[len(ordered) // 2])


def _tree(
    found: "ValueStreams", stream: str, templates: Iterable[Template] | None, lang: Language
) -> Picture:
    """Return the cases of one stream over time, each after its parent."""
    from bdv_process.picture.case_tree import Branch, case_tree

    known, day = named_by(templates), DAYS[found.calendar]
    cases = found.cases[found.cases["stream"] == stream].sort_values(["started", "case"])
    rows = {str(row["case"]): row for row in records(cases)}
    children: dict[str, list[str]] = {}
    for case, row in rows.items():
        parent = "" if pd.isna(row["parent"]) or row["parent"] not in rows else str(row["parent"])
        children.setdefault(parent, []).append(case)
    order: list[str] = []
    waiting = children.get("", [])[::-1]
    while waiting:
        order.append(waiting.pop())
        waiting += children.get(order[-1], [])[::-1]
    branches = []
    for case in order:
        row = rows[case]
        template = known.get(str(row["template"]))
        name = f"{template.key} {template.label(lang)}" if template else str(row["template"] or "")
        known_share = not pd.isna(row["busy"]) and row["throughput"] > pd.Timedelta(0)
        branches.append(
            Branch(
                name=f"{name} ({case})".strip(),
                parent=order.index(row["parent"]) if row["parent"] in rows else None,
                started=row["started"].to_pydatetime(),
                ended=row["ended"].to_pydatetime(),
                open=bool(row["open"]),
                lasted=row["throughput"].to_pytimedelta(),
                share=row["busy"] / row["throughput"] if known_share else None,
            )
        )
    whole = found.streams[found.streams["stream"] == stream].iloc[0]
    facts = {
        "stream": stream,
        "pattern": words.pattern(str(whole["pattern"]), lang),
        "count": len(order),
        "began": words.day(whole["started"].to_pydatetime(), lang),
        "throughput": words.lasting(whole["throughput"].to_pytimedelta(), lang, day=day),
    }
    return case_tree(
        branches,
        title=text("case_tree.title", lang, **facts),
        says=text(f"case_tree.says{'.one' * (len(order) == 1)}", lang, **facts),
        day=day,
        lang=lang,
    )
