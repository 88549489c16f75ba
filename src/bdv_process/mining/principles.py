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

from bdv_process.eventlog.door import refuse_no_log
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
from bdv_process.faces import Shown, plain
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.deviation import DeviationKind
from bdv_process.mining.interval import of_median, wilson
from bdv_process.mining.rules.checked import Why
from bdv_process.template.library import or_shipped, shipped_procedure
from bdv_process.template.model import Template
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
class Principles(Shown):
    """What a log says about the three principles.

    `frame`: one row per measure for the log (template "") and for each template it is about:
        principle, measure, template, value, low and high (95 % interval), n (cases, contacts or
        decisions), unit (share, days), better (high or low), reason (text key when this log
        cannot carry the measure, else ""; value, low and high are then NaN and n is 0).
    """

    frame: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return the measures as plain values, for JSON."""
        return {"format": 1, "measures": plain(self.frame)}

    def __repr__(self) -> str:
        """Say how many measures this log can carry, on one line."""
        whole = self.frame[self.frame["template"] == LOG]
        return f"<Principles: {(whole['reason'] == '').sum()} of {len(whole)} measures>"


def principles(
    log: EventLog,
    report: ConformanceReport | None = None,
    templates: Iterable[Template] | None = None,
    procedure: Procedure | None = None,
) -> Principles:
    """Measure what a log says about the three starting points.

    Args:
        log: the events.
        report: what `conformance` found in it; by default that is looked for first.
        templates: those of the report; the shipped ones by default.
        procedure: that of the report; the shipped one by default.
    """
    refuse_no_log(log)
    given, procedure = or_shipped(templates), procedure or shipped_procedure()
    report = report or conformance(log, given, procedure)
    closed = report.cases.loc[~report.cases["open"], ["case", "template"]]
    done = log.frame[log.frame[LIFECYCLE] == Lifecycle.COMPLETE]
    held = _Held(
        done=done.merge(closed, left_on=CASE, right_on="case"),
        report=report,
        templates=tuple(t for t in given if (report.cases["template"] == t.key).any()),
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

    def kept(self, *rules: str, open_too: bool = False) -> "pd.DataFrame | str":
        """Return the share of cases, looked at by any of the rules, that broke none of them."""
        looked = self.report.looked.loc[:, self.report.looked.columns.isin(rules)].any(axis=1)
        if not looked.any():
            of = self.report.rules[self.report.rules["rule"].isin(rules)]
            return next(filter(None, of["reason"]), Why.ABSENT)
        cases = self.report.cases[looked & (open_too | ~self.report.cases["open"])]
        found = self.report.occurrences
        broken = found[(found["kind"] == DeviationKind.RULE) & found["rule"].isin(rules)]
        return _part(~cases["case"].isin(broken["case"]), cases["template"])

    def contacts(self) -> pd.DataFrame:
        """Return template and activity of the steps in which this log shows contact."""
        steps = [
            (template.key, step.id)
            for template in self.templates
            for step in template.activities
            if step.touchpoint and step.id not in self.report.unobservable.get(template.key, ())
        ]
        return pd.DataFrame(steps, columns=["template", ACTIVITY], dtype="str")

    def steps(self, outcome: str) -> "pd.DataFrame | str":
        """Return the completed events of steps that may end with this outcome.

        Not of those that the system records only now and then: how often is not to be told.
        """
        ending = {
            (template.key, step.id)
            for template in self.templates
            for step in template.activities
            if any(each.id == outcome for each in step.outcomes)
        }
        hidden = {(key, id_) for key, ids in self.report.unobservable.items() for id_ in ids}
        if ending and ending <= hidden:
            return Why.NOT_OBSERVABLE
        steps = pd.DataFrame(sorted(ending - hidden), columns=["template", ACTIVITY], dtype="str")
        return self.done.merge(steps, on=["template", ACTIVITY])

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


def _part(which: pd.Series, template: pd.Series) -> "pd.DataFrame | str":
    """Return the share in which something is so for the log and each template, if there is any."""
    if which.empty:
        return Why.ABSENT
    by_template = which.groupby(template)
    return _shares(by_template.sum(), by_template.size())


def _figures(
    amounts: pd.Series, template: pd.Series, figure: Callable[[pd.Series], tuple[float, ...]]
) -> pd.DataFrame:
    """Return a figure of amounts, and its interval, for the log and each template."""
    groups = {LOG: amounts} | dict(iter(amounts.groupby(template, observed=True)))
    rows = [(key, *figure(group), len(group)) for key, group in groups.items()]
    return pd.DataFrame(rows, columns=list(_NOTHING))


def _sent_back(held: _Held) -> "pd.DataFrame | str":
    """Return the share of verified cases that a verification sent back at least once."""
    checks = held.steps(SENT_BACK)
    if isinstance(checks, str):
        return checks
    said = checks.dropna(subset=[OUTCOME])
    if said.empty and len(checks):
        return Why.OUTCOME
    cases = said.drop_duplicates("case")
    back = said.loc[said[OUTCOME] == SENT_BACK, "case"]
    return _part(cases["case"].isin(back), cases["template"])


def _contact(held: _Held) -> "pd.DataFrame | str":
    """Return the share of the contacts there should have been that took place."""
    steps = held.contacts()
    if steps.empty:
        return Why.NOT_OBSERVABLE
    if not held.done[TOUCHPOINT].any():
        return Why.TOUCHPOINT if len(held.done) else Why.ABSENT
    events = held.done.merge(steps, on=["template", ACTIVITY])
    whole = events.groupby("template").size()
    part = events.groupby("template")[TOUCHPOINT].sum()
    missed = held.report.occurrences.rename(columns={"activity": ACTIVITY})
    missed = missed[missed["kind"] == DeviationKind.SKIPPED]
    missed = missed[missed["case"].isin(held.done["case"])].merge(steps, on=["template", ACTIVITY])
    whole = whole.add(missed.groupby("template")["times"].sum(), fill_value=0).astype(int)
    if whole.empty:
        return Why.ABSENT
    return _shares(part.reindex(whole.index).fillna(0), whole)


def _silence(held: _Held) -> "pd.DataFrame | str":
    """Return the median of the longest time, in days, without contact in a chain of cases."""
    later = held.contacts()
    later = later[~later[ACTIVITY].isin(held.intakes)]
    contact = held.done[held.done[TOUCHPOINT]].dropna(subset=[TIMESTAMP])
    if later.empty or not contact[ACTIVITY].isin(later[ACTIVITY]).any():
        return Why.TOUCHPOINT if len(held.done) else Why.ABSENT
    roots = held.done[held.done[CASE] == held.done[ROOT]]
    calls = roots[roots["template"].isin(later["template"])].drop_duplicates(CASE)
    moments = pd.concat([calls, contact[contact[ROOT].isin(calls[CASE])]])
    moments = moments.drop_duplicates().sort_values([ROOT, TIMESTAMP])
    longest = moments.groupby(ROOT)[TIMESTAMP].diff().groupby(moments[ROOT]).max().dropna()
    if longest.empty:
        return Why.ABSENT
    template = calls.set_index(CASE)["template"].reindex(longest.index)
    return _figures(longest.dt.total_seconds() / _DAY, template, of_median)


def _rounds(held: _Held) -> "pd.DataFrame | str":
    """Return the share of negotiated cases that took more than one round."""
    talks = held.steps(NO_DEAL)
    if isinstance(talks, str):
        return talks
    cases = talks.drop_duplicates("case")
    again = talks.loc[talks.duplicated("case"), "case"]
    return _part(cases["case"].isin(again), cases["template"])


def _motivated(held: _Held) -> "pd.DataFrame | str":
    """Return the share of refusals to a requester outside that came with a reason."""
    citizens = [template.key for template in held.templates if not template.proactive]
    decided = held.done[held.done[OUTCOME].isin(REFUSALS) & held.done[ITEM].notna()]
    decided = decided[decided["template"].isin(citizens)]
    known = decided.dropna(subset=[MOTIVATED])
    if known.empty:
        return Why.MOTIVATED if len(decided) else Why.ABSENT
    return _part(known[MOTIVATED].astype(bool), known["template"])


def _separated(held: _Held) -> "pd.DataFrame | str":
    """Return the share of cases in which nobody did what two people should do."""
    return held.kept("requester", *(rule.id for rule in held.procedure.separations))


def _in_time(held: _Held) -> "pd.DataFrame | str":
    """Return the share in time of cases that were decided or, closed or not, are overdue."""
    return held.kept("term", open_too=True)


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
    _Measure(id="rounds", principle=Principle.PARTNER, of=_rounds, better="low"),
    _Measure(id="separated", principle=Principle.LAW, of=_separated),
    _Measure(id="in_time", principle=Principle.LAW, of=_in_time),
    _Measure(id="motivated", principle=Principle.LAW, of=_motivated),
)
