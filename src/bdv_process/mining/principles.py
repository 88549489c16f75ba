"""The three starting points (uitgangspunten) of the concept, as measures.

Services exist for citizens; the citizen is a full partner in the conversation; services meet the
values of the rule of law (NORA, Basisconcept van Dienstverlening). Each is seen through three
measures; docs/measures.md defines them and says what they cannot see.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import nan
from typing import Any, Final

import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LIFECYCLE,
    MOTIVATED,
    OUTCOME,
    ROOT,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.interval import of_mean, of_median, wilson
from bdv_process.mining.rules.checked import Why
from bdv_process.template.model import Activity, Template
from bdv_process.template.procedure import Procedure

NO_DEAL: Final = "no_deal"  #: the outcome of a negotiation that failed
REFUSALS: Final = ("rejected", NO_DEAL)  #: outcomes by which requesters do not get what they ask
SENT_BACK: Final = "not_as_agreed"  #: the outcome of a verification that asks for rework
LOG: Final = ""  #: in the column template: all templates together

_DAY: Final = 86_400  # seconds
_NOTHING: Final = pd.DataFrame(
    {"template": [LOG], "value": [nan], "low": [nan], "high": [nan], "n": [0]}
)


class Principle(StrEnum):
    """A starting point of the concept."""

    CITIZENS = "citizens"  #: services exist for citizens
    PARTNER = "partner"  #: the citizen is a full partner, not a data set
    LAW = "law"  #: services meet the values of the rule of law


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Principles:
    """What a log says about the three principles.

    `frame`: one row per measure for the log (template "") and for each template it is about:
        principle, measure, template, value, low and high (95 % interval), n (cases, contacts or
        decisions), unit (share, days, rounds), better (high or low), reason (text key when this log
        cannot carry the measure, else ""; value, low and high are then NaN and n is 0).
    """

    frame: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as plain values, for JSON."""
        rows = self.frame.astype(object).where(self.frame.notna(), None)
        return {"format": 1, "measures": rows.to_dict("records")}

    def __repr__(self) -> str:
        """Say how many measures this log can carry, on one line."""
        whole = self.frame[self.frame["template"] == LOG]
        return f"<Principles: {(whole['reason'] == '').sum()} of {len(whole)} measures>"


def principles(
    log: EventLog,
    report: ConformanceReport,
    templates: Iterable[Template],
    procedure: Procedure,
) -> Principles:
    """Measure a log that was held against its templates and procedure (see `conformance`)."""
    closed = report.cases.loc[~report.cases["open"], ["case", "template"]]
    done = log.frame[log.frame[LIFECYCLE] == Lifecycle.COMPLETE]
    held = _Held(
        done=done.merge(closed, left_on=CASE, right_on="case"),
        report=report,
        templates=tuple(t for t in templates if (report.cases["template"] == t.key).any()),
        procedure=procedure,
    )
    rows = []
    for measure in _MEASURES:
        found = measure.of(held)
        reason = str(found) if isinstance(found, str) else ""
        figures = _NOTHING if isinstance(found, str) else found
        rows.append(
            figures.assign(
                principle=measure.principle.value,
                measure=measure.id,
                unit=measure.unit,
                better=measure.better,
                reason=reason,
            )
        )
    order = ["principle", "measure", "template", "value", "low", "high", "n", "unit", "better"]
    return Principles(frame=pd.concat(rows, ignore_index=True)[[*order, "reason"]])


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A log held against its templates: what every measure looks at."""

    done: pd.DataFrame  #: completed events of closed cases, with the column `template`
    report: ConformanceReport
    templates: tuple[Template, ...]
    procedure: Procedure

    def kept(self, *rules: str) -> "pd.DataFrame | str":
        """Return the share of cases in which none of the rules was broken."""
        rows = self.report.rules[self.report.rules["rule"].isin(rules)]
        whole = rows[rows["state"].isin(["clean", "broken"])].groupby("template")["checked"].max()
        if whole.empty:
            unchecked = rows.loc[rows["state"] == "unchecked", "reason"]
            return str(unchecked.iloc[0]) if len(unchecked) else Why.ABSENT
        found = self.report.occurrences
        broken = found[(found["kind"] == DeviationKind.RULE) & found["rule"].isin(rules)]
        cases = broken.groupby("template")["case"].nunique().reindex(whole.index).fillna(0)
        return _shares(whole - cases, whole)

    def contacts(self) -> pd.DataFrame:
        """Return template and activity of the steps in which this log shows contact."""
        steps = [
            (template.key, step.id)
            for template in self.templates
            for step in template.activities
            if step.touchpoint and step.id not in self.report.unobservable.get(template.key, ())
        ]
        return pd.DataFrame(steps, columns=["template", ACTIVITY], dtype="str")

    @property
    def intakes(self) -> Collection[str]:
        """Return the first step of each template."""
        return {template.activities[0].id for template in self.templates}


def _shares(part: pd.Series, whole: pd.Series) -> pd.DataFrame:
    """Return part / whole (both by template) for the log and each template."""
    part, whole = (pd.concat([pd.Series({LOG: s.sum()}), s]) for s in (part, whole))
    low, high = wilson(part, whole)
    return pd.DataFrame(
        {"template": whole.index, "value": part / whole, "low": low, "high": high, "n": whole}
    )


def _figures(
    amounts: pd.Series, template: pd.Series, figure: Callable[[pd.Series], tuple[float, ...]]
) -> pd.DataFrame:
    """Return a figure of amounts, and its interval, for the log and each template."""
    groups = {LOG: amounts} | dict(iter(amounts.groupby(template, observed=True)))
    rows = [(key, *figure(group), len(group)) for key, group in groups.items()]
    return pd.DataFrame(rows, columns=list(_NOTHING))


def _sent_back(held: _Held) -> "pd.DataFrame | str":
    """Return the share of closed cases that a verification sent back at least once."""
    verified = {s.id for t in held.templates for s in t.activities if _may(s, SENT_BACK)}
    checks = held.done[held.done[ACTIVITY].isin(list(verified))]
    if checks[OUTCOME].isna().all():
        return Why.OUTCOME
    back = checks.loc[checks[OUTCOME] == SENT_BACK, "case"]
    cases = held.done.drop_duplicates("case")
    whole = cases.groupby("template").size()
    return _shares(cases["case"].isin(back).groupby(cases["template"]).sum(), whole)


def _contact(held: _Held) -> "pd.DataFrame | str":
    """Return the share of the contacts there should have been that took place."""
    steps = held.contacts()
    if steps.empty:
        return Why.NOT_OBSERVABLE
    events = held.done.merge(steps, on=["template", ACTIVITY])
    whole = events.groupby("template").size()
    part = events.groupby("template")[TOUCHPOINT].sum()
    missed = held.report.occurrences.rename(columns={"activity": ACTIVITY})
    missed = missed[missed["kind"] == DeviationKind.SKIPPED]
    missed = missed[missed["case"].isin(held.done["case"])].merge(steps, on=["template", ACTIVITY])
    whole = whole.add(missed.groupby("template")["times"].sum(), fill_value=0).astype(int)
    return _shares(part.reindex(whole.index).fillna(0), whole)


def _silence(held: _Held) -> "pd.DataFrame | str":
    """Return the median of the longest time, in days, without contact in a chain of cases."""
    later = held.contacts()
    later = later[~later[ACTIVITY].isin(held.intakes)]
    contact = held.done[held.done[TOUCHPOINT]].dropna(subset=[TIMESTAMP])
    if later.empty or not contact[ACTIVITY].isin(later[ACTIVITY]).any():
        return Why.TOUCHPOINT
    roots = held.done[held.done[CASE] == held.done[ROOT]]
    calls = roots[roots["template"].isin(later["template"])].drop_duplicates(CASE)
    moments = pd.concat([calls, contact[contact[ROOT].isin(calls[CASE])]])
    moments = moments.drop_duplicates().sort_values([ROOT, TIMESTAMP])
    longest = moments.groupby(ROOT)[TIMESTAMP].diff().groupby(moments[ROOT]).max().dropna()
    template = calls.set_index(CASE)["template"].reindex(longest.index)
    return _figures(longest.dt.total_seconds() / _DAY, template, of_median)


def _rounds(held: _Held) -> "pd.DataFrame | str":
    """Return how many times, on average, an offer was negotiated in cases where it was."""
    talks = {s.id for t in held.templates for s in t.activities if _may(s, NO_DEAL)}
    held_talks = held.done[held.done[ACTIVITY].isin(list(talks))]
    if held_talks.empty:
        return Why.ABSENT
    rounds = held_talks.groupby(["case", "template"]).size().reset_index(name="rounds")
    return _figures(rounds["rounds"], rounds["template"], of_mean)


def _motivated(held: _Held) -> "pd.DataFrame | str":
    """Return the share of refusals to a requester outside that came with a reason."""
    citizens = [template.key for template in held.templates if not template.proactive]
    decided = held.done[held.done[OUTCOME].isin(REFUSALS) & held.done[ITEM].notna()]
    decided = decided[decided["template"].isin(citizens)]
    known = decided.dropna(subset=[MOTIVATED])
    if known.empty:
        return Why.MOTIVATED if len(decided) else Why.ABSENT
    by_template = known[MOTIVATED].astype(bool).groupby(known["template"])
    return _shares(by_template.sum(), by_template.size())


def _may(step: Activity, outcome: str) -> bool:
    return any(each.id == outcome for each in step.outcomes)


def _separated(held: _Held) -> "pd.DataFrame | str":
    """Return the share of cases in which nobody did what two people should do."""
    return held.kept("requester", *(rule.id for rule in held.procedure.separations))


@dataclass(frozen=True, kw_only=True)
class _Measure:
    id: str
    principle: Principle
    of: Callable[[_Held], "pd.DataFrame | str"]
    unit: str = "share"
    better: str = "high"


_MEASURES: Final = (
    _Measure(id="linked", principle=Principle.CITIZENS, of=lambda held: held.kept("linked")),
    _Measure(id="told", principle=Principle.CITIZENS, of=lambda held: held.kept("feedback")),
    _Measure(id="sent_back", principle=Principle.CITIZENS, of=_sent_back, better="low"),
    _Measure(id="contact", principle=Principle.PARTNER, of=_contact),
    _Measure(id="silence", principle=Principle.PARTNER, of=_silence, unit="days", better="low"),
    _Measure(id="rounds", principle=Principle.PARTNER, of=_rounds, unit="rounds", better="low"),
    _Measure(id="separated", principle=Principle.LAW, of=_separated),
    _Measure(id="in_time", principle=Principle.LAW, of=lambda held: held.kept("term")),
    _Measure(id="motivated", principle=Principle.LAW, of=_motivated),
)
