"""Small charts that stand in a table row, drawn in percentages so that they fit any column."""

from math import ceil, floor, log10

from bdv_process.picture.svg import tag

_HEIGHT = 22  # px


def bar(share: float) -> str:
    """Return a share (0..1) as a bar on its whole; the row holds the number."""
    return _chart(
        tag("rect", class_="rest", y=7, width="100%", height=8, rx=4),
        tag("rect", class_="main", y=7, width=f"{share:.2%}", height=8, rx=4),
    )


def reach(median: float, p90: float, *, end: float) -> str:
    """Return how far half and nine tenths of the cases reach on an axis of 0..`end`."""
    half, most = (f"{value / end:.2%}" for value in (median, p90))
    return _chart(
        tag("rect", class_="rest", y=7, width=most, height=8),
        tag("rect", class_="main", y=7, width=half, height=8),
        tag("line", class_="tick", x1=half, x2=half, y1=3, y2=19),
        tag("line", class_="tick", x1=most, x2=most, y1=3, y2=19),
    )


def axis(end: float) -> str:
    """Return the numbers above an axis of 0..`end`, where `end` comes from `round_up`."""
    step = _step(end)
    ticks = [n * step for n in range(floor(end / step) + 1)]
    return _chart(
        *(
            tag(
                "text",
                f"{tick:g}",
                x=f"{tick / end:.2%}",
                y=15,
                text_anchor="start" if tick == 0 else "end" if tick == end else "middle",
            )
            for tick in ticks
        )
    )


def round_up(highest: float) -> float:
    """Return the end of an axis that holds `highest`: a whole number of steps."""
    step = _step(highest)
    return max(ceil(highest / step), 1) * step


def _step(highest: float) -> float:
    """Return 1, 2 or 5 times a power of ten, so that an axis has at most six numbers."""
    rough = max(highest, 0.1) / 5
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999)


def _chart(*parts: str) -> str:
    return tag("svg", *parts, class_="chart", width="100%", height=_HEIGHT, aria_hidden="true")
