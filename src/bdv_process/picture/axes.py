"""Charts with axes, by Altair: bars, a distribution, a trend; drawn here as SVG, without a network.

Altair is imported inside functions: it is slow to load.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from typing import Any, Final, Literal

import pandas as pd

from bdv_process.language import Language
from bdv_process.picture.sheet import Laid
from bdv_process.picture.svg import LEADING, fit, length

_FONT: Final = "Arial, Liberation Sans, Helvetica, DejaVu Sans Condensed, sans-serif"
_SIZE: Final = 12  # px
_PADDING: Final = 12  # px around a chart
_BEHIND: Final = 14  # px around the words behind a bar, and between months
_BESIDE: Final = 80.0  # px, the axis beside months
#: Altair wants colours; here each stands for one that follows the reader's screen.
_COLOURS: Final = {
    name: f"#00000{n}" for n, name in enumerate(("ink", "rule", "accent", "wait", "quiet", "edge"))
}
_OUTER: Final = re.compile(r'^<svg [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)</svg>$', re.S)
_LOCALES: Final[dict[Language, Literal["nl-NL", "en-GB"]]] = {"nl": "nl-NL", "en": "en-GB"}

_TO_ALL: Final = "datum.value > 1 ? '' : datum.label"  # no share is more than all

Lay = Callable[[float], Laid]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar, with the interval of its value if it has one."""

    name: str
    value: float
    said: str  #: the value in words
    low: float | None = None
    high: float | None = None


def bars(given: Sequence[Bar], *, axis: str, percent: bool, lang: Language) -> Lay:
    """Return how bars are laid out, each under its name, the first on top."""
    alt = _altair()

    def lay(width: float) -> Laid:
        names = [
            fit(bar.name, width=width - 34, height=400, sizes=(float(_SIZE),))[0] for bar in given
        ]
        lines = max(map(len, names))
        names = [[" "] * (lines - len(name)) + name for name in names]
        words = lines * _SIZE * LEADING
        frame = pd.DataFrame(
            {
                "place": range(len(given)),
                "name": names,
                "value": [bar.value for bar in given],
                "low": [bar.low for bar in given],
                "high": [bar.high for bar in given],
                "said": [bar.said for bar in given],
                "end": [max(bar.value, bar.high or 0) for bar in given],
                "nought": 0,
            }
        )
        # What a bar is worth stands behind it, and must not run off the sheet.
        free = [1 - (length(bar.said, _SIZE) + _BEHIND) / (width - 2 * _PADDING) for bar in given]
        most = max(end / max(part, 0.2) for end, part in zip(frame["end"], free, strict=True))
        x = alt.X(
            "value:Q",
            title=axis,
            axis=alt.Axis(grid=False),
            scale=alt.Scale(domain=[0, most or 1.0], nice=False),
        )
        if percent:
            x = x.axis(format=".0%", tickCount=5, grid=False, labelExpr=_TO_ALL)
        base = alt.Chart(frame).encode(y=alt.Y("place:O", axis=None))
        below = words / 2
        layers = [
            base.mark_bar(size=13, yOffset=below, color=_COLOURS["accent"], opacity=0.6).encode(
                x=x
            ),
            base.mark_text(
                align="left", baseline="top", dy=-(words + 18) / 2 + 2, lineHeight=_SIZE * LEADING
            ).encode(x=alt.X("nought:Q"), text="name:N"),
            base.mark_text(align="left", dx=_BEHIND / 2, dy=below).encode(x="end:Q", text="said:N"),
        ]
        if frame["high"].notna().any():
            rule = {"yOffset": below, "color": _COLOURS["ink"], "strokeWidth": 1.6}
            layers.insert(1, base.mark_rule(**rule).encode(x="low:Q", x2="high:Q"))
            for end in ("low", "high"):
                ticks = base.mark_tick(thickness=1.6, size=9, **rule)
                layers.insert(2, ticks.encode(x=f"{end}:Q"))
        chart = alt.layer(*layers).properties(height={"step": words + 26})
        return _drawn(chart, width, lang)

    return lay


def distribution(
    bins: pd.DataFrame, marks: pd.DataFrame, *, x: str, y: str, least: int, lang: Language
) -> Lay:
    """Return how a histogram is laid out.

    Args:
        bins: start, end, count; a count that is hidden is missing and drawn dashed, `least` high.
        marks: value, said: upright lines with their words, the highest words first.
        x: title of the axis of values.
        y: title of the axis of counts.
        least: what a hidden count stays below.
        lang: whose numbers.
    """
    alt = _altair()

    def lay(width: float) -> Laid:
        shown, hidden = (
            bins[which].assign(count=bins["count"].fillna(least - 1).astype(float))
            for which in (bins["count"].notna(), bins["count"].isna())
        )
        across = alt.X("start:Q", title=x, axis=alt.Axis(grid=False, tickMinStep=1))
        high = float(shown["count"].max()) if len(shown) else least
        room = alt.Scale(domain=[0, high * (1 + 0.16 * len(marks))], nice=False)
        up = alt.Y("count:Q", title=y, axis=alt.Axis(tickMinStep=1), scale=room)
        bar = {"stroke": _COLOURS["accent"], "strokeWidth": 1}
        ends = {"x2": "end:Q", "y2": alt.datum(0)}
        placed = marks.assign(at=[high * (1.1 + 0.15 * n) for n in reversed(range(len(marks)))])
        right = placed["value"] > bins["start"].min() * 0.4 + bins["end"].max() * 0.6
        layers = [
            alt.Chart(shown).mark_bar(color=_COLOURS["accent"], opacity=0.85, **bar)
            .encode(x=across, y=up, **ends),
            alt.Chart(hidden).mark_bar(color=_COLOURS["quiet"], strokeDash=[3, 3], **bar)
            .encode(x=across, y=up, **ends),
            alt.Chart(placed).mark_rule(color=_COLOURS["ink"], strokeWidth=2)
            .encode(x="value:Q", y="at:Q", y2=alt.datum(0)),
        ]  # fmt: skip
        for align, some in (("left", placed[~right]), ("right", placed[right])):
            dx = 6 if align == "left" else -6
            layers.append(
                alt.Chart(some)
                .mark_text(align=align, dx=dx, fontWeight="bold")
                .encode(x="value:Q", y="at:Q", text="said:N")
            )
        return _drawn(alt.layer(*layers).properties(height=230), width, lang)

    return lay


def trend(
    months: pd.DataFrame,
    *,
    y: str,
    percent: bool,
    since: str | None,
    said: str,
    lang: Language,
) -> Lay:
    """Return how a value per month is laid out, with its interval as a band.

    Args:
        months: month (words, in order), value, low, high.
        y: title of the axis.
        percent: whether the values are shares.
        since: the month in which it changed, marked with `said`.
        said: see `since`.
        lang: whose numbers.
    """
    alt = _altair()

    def lay(width: float) -> Laid:
        named = list(months["month"])
        widest = max(length(word, _SIZE) for name in named for word in name.split()) + _BEHIND
        apart = ceil(len(named) * widest / (width - _BESIDE))  # so that no two names touch
        axis = alt.Axis(
            labelExpr="split(datum.label, '\u00a0')", labelAngle=0, labelOverlap=False,
            grid=False, title=None, values=named[::apart],
        )  # fmt: skip
        points = alt.Scale(type="point", padding=0.5)
        x = alt.X("month:N", sort=named, axis=axis, scale=points)
        top = float(months["high"].max()) * 1.15
        room = alt.Scale(domain=[0, min(top, 1.0) if percent else top], nice=False)
        up = alt.Y("value:Q", title=y, scale=room)
        if percent:
            up = up.axis(format=".0%")
        base, main = alt.Chart(months).encode(x=x), {"color": _COLOURS["accent"]}
        reach = base.encode(y=alt.Y("low:Q"), y2="high:Q")
        layers: list[Any] = [
            reach.mark_area(opacity=0.18, **main),
            reach.mark_rule(strokeWidth=1.5, **main),
            base.mark_line(strokeWidth=2.5, **main).encode(y=up),
            base.mark_point(filled=True, size=55, opacity=1, **main).encode(y=up),
        ]
        if since is not None:
            there = alt.Chart(months[months["month"] == since]).encode(x=x)
            layers.append(there.mark_rule(color=_COLOURS["edge"], strokeDash=[6, 4], strokeWidth=2))
            layers.append(
                there.mark_text(align="left", dx=6, fontWeight="bold").encode(
                    y=alt.value(10), text=alt.value(said)
                )
            )
        return _drawn(alt.layer(*layers).properties(height=230), width, lang)

    return lay


def _altair() -> Any:
    """Return the module, late; its methods take too many forms to be checked by type."""
    return import_module("altair")


def _drawn(chart: Any, width: float, lang: Language) -> Laid:
    """Return a chart as SVG without its outside, in the colours of a sheet."""
    from vl_convert import vegalite_to_svg

    alt = _altair()

    ink, rule = _COLOURS["ink"], _COLOURS["rule"]
    words = {"labelFontSize": _SIZE, "titleFontSize": _SIZE, "labelColor": ink, "titleColor": ink}
    lines = {"gridColor": rule, "domainColor": ink, "tickColor": ink, "titleFontWeight": "normal"}
    styled = (
        chart.properties(width=width, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure(aria=False, font=_FONT, background="transparent", padding=_PADDING)
        .configure_axis(**words, **lines)
        .configure_text(fontSize=_SIZE, color=ink)
        .configure_view(stroke=None)
    )
    found = _OUTER.match(vegalite_to_svg(styled.to_json(), format_locale=_LOCALES[lang]))
    if found is None:
        raise ValueError(lang)
    markup = found[3]
    for name, colour in _COLOURS.items():
        markup = markup.replace(f'"{colour}"', f'"var(--bdv-{name})"')
    return Laid(height=float(found[2]), markup=markup)
