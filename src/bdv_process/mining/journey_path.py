"""Along the path of a group of journeys: how many come so far, and what lies between contacts."""

from collections.abc import Sequence

import pandas as pd

from bdv_process.privacy import FEW


def along(touchpoints: pd.DataFrame, path: Sequence[str]) -> pd.DataFrame:
    """Return by contact of a path how it goes in the journeys of a group.

    Columns: activity, label, direction, template, role, channel (the commonest, None for none),
    times (that it came directly after the contact before it on the path; the first: at all),
    silence (median before it), citizen and government (the parts of that, by their sums; NaT when
    nothing tells whose turn it was), few (that it came fewer than `FEW` times after it: then it has
    no silence that may be shown).

    Args:
        touchpoints: of these journeys, in order, see `Journeys.touchpoints`.
        path: ids of activities.
    """
    about = ["label", "direction", "template"]
    named = touchpoints.sort_values(about).drop_duplicates("activity").set_index("activity")
    same = touchpoints["journey"] == touchpoints["journey"].shift()
    before = touchpoints["activity"].shift().where(same)
    rows = []
    for n, activity in enumerate(path):
        here = touchpoints["activity"] == activity
        if n:
            here &= before == path[n - 1]
        at = touchpoints[here]
        citizen, government = (
            at[who].dt.total_seconds().sum() for who in ("citizen", "government")
        )
        whole = citizen + government
        few = n > 0 and len(at) < FEW
        lasted = at["silence"].median()
        silence = None if few or n == 0 or pd.isna(lasted) else lasted
        share = citizen / whole if whole > 0 else None
        parts = (None, None)
        if silence is not None and share is not None:
            parts = (silence * share, silence * (1 - share))
        rows.append(
            {
                "activity": activity,
                **{name: named.at[activity, name] for name in about},
                **{name: _commonest(at[name]) for name in ("role", "channel")},
                "times": len(at),
                "silence": silence,
                **dict(zip(("citizen", "government"), parts, strict=True)),
                "few": few,
            }
        )
    spans = ("silence", "citizen", "government")
    return pd.DataFrame(rows).astype(dict.fromkeys(spans, "timedelta64[us]"))


def reaching(paths: pd.Series, path: Sequence[str]) -> list[int]:
    """Return how many journeys have the first contact of a path, then the second after it, etc.

    Args:
        paths: of the journeys, tuples of ids of activities.
        path: ids of activities.
    """
    reached = [0] * len(path)
    for way, often in paths.value_counts().items():
        step = 0
        for activity in way:  # type: ignore[attr-defined]
            step += step < len(path) and activity == path[step]
        for n in range(step):
            reached[n] += int(often)
    return reached


def _commonest(values: pd.Series) -> str | None:
    found = values.dropna().astype("str").value_counts()
    return None if found.empty else str(found.sort_index(kind="stable").idxmax())
