"""Drift: in which month cases began to go differently.

Months are those in which cases started, in Dutch time. Of all moments between two months, the
change is where the shares before and after lie furthest apart, measured in standard deviations.
Somewhere that distance is large by chance, so its significance is that of the largest of all: the
maximally selected chi-square statistic (Miller and Siegmund 1982), with its exact distribution
given the number of cases of each month (Koziol 1991). Over all measures of a log it is corrected
once more (Holm 1979).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import lgamma, log
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining.conformance import ConformanceReport, reported
from bdv_process.mining.interval import newcombe, wilson
from bdv_process.mining.occurrence import WHAT
from bdv_process.mining.tally import able
from bdv_process.picture.picture import Picture
from bdv_process.privacy import FEW
from bdv_process.template.model import Template
from bdv_process.template.term import HERE

FITS = "fits"  #: the measure that is no finding: the share of cases that follow the path
ALPHA = 0.05  #: a change is one when chance alone gives it less often than this

_SURE = 1e-12  # what is left of 1 after subtracting is noise below this
_TAILS = 12.0  # standard deviations: beyond, a binomial is nothing

_Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Drift(Shown):
    """How shares of cases went from month to month.

    `months`: one row per template, measure and month: template, measure (`fits`, or a finding's
        id), month ("2026-03", of the start of the cases), of (closed cases; of a rule, those it
        looked at), open (all others), cases (of the closed: that fit, or show the finding), share,
        low, high (95 %). Months under five of them are left out.
    `changes`: one row per template and measure where a change can be looked for: template, measure,
        since (first month after it), before, after (shares), difference, low, high (95 %, of these
        two shares), significance (0..1, corrected for the months and the measures), changed
        (significance below 0.05). The surest first.

    A case that still runs can still deviate, so that the last months would look better than they
    will be: only closed cases count. Those that close late may differ from those that close soon.
    """

    months: pd.DataFrame
    changes: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """Return the months."""
        return self.months

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "format": 1,
            "months": plain(self.months),
            "changes": plain(self.changes),
        }

    def chart(
        self,
        template: str | None = None,
        measure: str | None = None,
        *,
        templates: Iterable[Template] | None = None,
        lang: Language | None = None,
    ) -> Picture:
        """Return a picture of one share, month by month.

        Args:
            template: of which workflow.
            measure: `fits`, or the id of a finding; by default what changed most surely, else what
                most cases say something about.
            templates: what names the steps; by default the shipped ones.
            lang: whose words; by default the reader's.

        Raises:
            InputRefused: of no more than one month anything may be shown.
            NotFound: no such workflow or measure.
        """
        from bdv_process.mining.drift_chart import chart

        return chart(self, template, measure, templates=templates, lang=lang)

    def __repr__(self) -> str:
        """Say what changed and when, on one line."""
        changed = self.changes[self.changes["changed"]]
        said = [f"{row.template} {row.measure} since {row.since}" for row in changed.itertuples()]
        more = f" and {len(said) - 3} more" if len(said) > 3 else ""
        return (
            f"<Drift: {self.months['month'].nunique()} months, {len(self.changes)} measures, "
            f"{len(said)} changed{': ' * bool(said)}{', '.join(said[:3])}{more}>"
        )


def drift(report: ConformanceReport | EventLog | LogStore) -> Drift:
    """Return how the share of fitting cases and of each finding went, month by month.

    Cases without times are left out; a log without any gives empty frames. Of a log the report is
    made first, by the shipped templates and procedure.

    Raises:
        InputRefused: what refuses `conformance`.
    """
    report = reported(report)
    cases = report.cases.dropna(subset=["started"])
    local = cases["started"].dt.tz_convert(HERE)
    cases = cases.assign(month=local.dt.year * 12 + local.dt.month - 1)
    months, changes = [], []
    for key, own in cases.groupby("template"):
        closed = own[~own["open"]]
        if closed.empty:
            continue
        running = own.groupby("month")["open"].sum()
        for measure, seen, month in _measures(report, closed, str(key)):
            if seen.empty:  # a rule that looked at open cases only
                continue
            of = seen.groupby("month").agg(of=("case", "size")).assign(open=running)
            found = month.value_counts().reindex(of.index, fill_value=0)
            months.append(of.assign(template=key, measure=measure, cases=found).reset_index())
            change = _change(of.index, np.asarray(of["of"], np.int64), np.asarray(found, np.int64))
            if change:
                changes.append({"template": key, "measure": measure} | change)
    return Drift(months=_months(months), changes=_changes(changes))


def _measures(
    report: ConformanceReport, cases: pd.DataFrame, template: str
) -> Iterator[tuple[str, pd.DataFrame, pd.Series]]:
    """Yield each measure of a template, the cases that can show it, and the months of who do."""
    yield FITS, cases, cases.loc[cases["fits"], "month"]
    own = report.deviations[report.deviations["template"] == template]
    shown = report.occurrences.merge(own[["finding", *WHAT]], on=WHAT)
    shown = shown.drop_duplicates(["case", "finding"]).merge(cases[["case", "month"]], on="case")
    for finding, kind, rule in own[["finding", "kind", "rule"]].itertuples(index=False):
        seen = able(cases, report.looked, kind, rule)
        yield finding, seen, shown.loc[shown["finding"] == finding, "month"]


def _change(months: pd.Index, of: _Counts, found: _Counts) -> dict[str, object] | None:
    """Return the moment at which a share changed most; None when there is none to look for."""
    before, shown = np.cumsum(of)[:-1], np.cumsum(found)[:-1]
    after, all_, total = of.sum() - before, int(of.sum()), int(found.sum())
    possible = (before >= FEW) & (after >= FEW)
    if not possible.any() or total in (0, all_):
        return None
    apart = np.abs(shown - before * (total / all_)) / np.sqrt(before * after)
    at = int(np.where(possible, apart, -1).argmax())
    low, high = newcombe(total - shown[at], after[at], shown[at], before[at])
    once, now = shown[at] / before[at], (total - shown[at]) / after[at]
    limits = np.where(possible, apart[at] * np.sqrt(before * after), np.inf)
    return {
        "since": _written(months[at + 1]),
        "before": once,
        "after": now,
        "difference": now - once,
        "low": float(low),
        "high": float(high),
        "significance": _by_chance(of, total, limits),
    }


def _by_chance(of: _Counts, total: int, limits: NDArray[np.float64]) -> float:
    """Return how often shares lie at least as far apart somewhere when nothing changes.

    `total` cases are dealt over the months at random. Month by month we keep how likely each number
    dealt so far is, as long as it stayed within the limits all the time; as binomials that are
    conditioned on their sum, which does not depend on their common share.
    """
    share = total / of.sum()
    within, lowest, before = np.ones(1), 0, 0
    for n, limit in zip(of.tolist(), [*limits.tolist(), np.inf], strict=True):
        first, chances = _binomial(n, share)
        within, lowest, before = np.convolve(within, chances), lowest + first, before + n
        away = np.abs(lowest + np.arange(len(within)) - before * share)
        within[away >= limit - 1e-9] = 0
    first, chances = _binomial(before, share)
    return float(np.clip(1 - within[total - lowest] / chances[total - first], _SURE, 1))


def _binomial(n: int, share: float) -> tuple[int, NDArray[np.float64]]:
    """Return the first number that is not as good as impossible, and the chances from there on."""
    reach = _TAILS * (n * share * (1 - share)) ** 0.5 + _TAILS
    first, last = max(int(n * share - reach), 0), min(int(n * share + reach) + 1, n)
    k = np.arange(first, last + 1)
    ways = lgamma(n + 1) - _log_factorial(k) - _log_factorial(n - k)
    return first, np.exp(ways + k * log(share) + (n - k) * log(1 - share))


def _log_factorial(numbers: _Counts) -> NDArray[np.float64]:
    return np.array([lgamma(number + 1) for number in numbers.tolist()])


def _written(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02}"


def _months(found: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["template", "measure", "month", "of", "open", "cases"]
    frame = pd.concat(found) if found else pd.DataFrame(columns=columns)
    frame = frame.loc[frame["of"] >= FEW, columns].reset_index(drop=True)
    low, high = wilson(frame["cases"], frame["of"])
    return frame.assign(
        month=frame["month"].map(_written), share=frame["cases"] / frame["of"], low=low, high=high
    )


def _changes(found: list[dict[str, object]]) -> pd.DataFrame:
    columns = [
        "template", "measure", "since", "before", "after", "difference", "low", "high",
        "significance",
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=columns)
    frame = frame.sort_values(["significance", "template", "measure"], ignore_index=True)
    holm = frame["significance"] * np.arange(len(frame), 0, -1)
    frame["significance"] = holm.cummax().clip(upper=1.0)
    return frame.assign(changed=frame["significance"] < ALPHA)
