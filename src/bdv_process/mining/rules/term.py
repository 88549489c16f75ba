"""Rules on the term of decision: kept, extended while it ran, suspended only with a question.

A case that another case started has no term towards the requester: its parent has. When a term is
over is counted in whole days, see `template/term.py`.
"""

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.eventlog.event import DUE, TERM, TIMESTAMP, Term
from bdv_process.mining.rules.checked import Looked, Mask, Rows, Why
from bdv_process.mining.rules.evidence import NEVER, Cases
from bdv_process.template.model import Kind, Trigger
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import HERE, last_day, next_working_day

Days = NDArray[np.int64]  #: days since 1970 in the Netherlands

_EPOCH: Final = date(1970, 1, 1).toordinal()
_UNSAID: Final = NEVER  #: nobody said how long deciding may take


def term(cases: Cases, procedure: Procedure) -> Looked | Why:
    """Check that a case was decided in time; an open case must not be past its last day.

    Decided is the first of: close, an end that carries the outcome of the case, a withdrawal. The
    last day is the one last announced (`bdv:due`) before that, else the term of the procedure from
    the first event, each with the days suspended since, moved to a working day. Looks at cases
    without a parent that were decided, or were not when the log ended, after their last day; of
    cases that are not known to be open the latter only where no decision can stay out of the log.
    Not applicable to a process without a term or a close.
    """
    close = cases.step("close")
    silent = _silent(cases, procedure)
    if silent is not None:
        return silent
    if not cases.has(close):
        return Why.NOT_APPLICABLE
    if cases.hides(close):
        return Why.NOT_OBSERVABLE
    evidence = cases.evidence
    endings = _endings(cases)
    shown = [id_ for id_ in endings if not cases.hides(id_)]
    decided = cases.first(cases.did(close, *shown))
    ended = decided < NEVER
    told = not cases.hides(*(id_ for id_ in endings if cases.template.by_id[id_].visible))
    at = _top(cases) & (ended | evidence.open | told)
    case = np.flatnonzero(at)
    end = np.append(evidence.begin[1:], len(evidence.case))  # after the last event of each case
    until = np.where(ended, decided, end)[case]
    day = np.full(len(case), _days(pd.Series([evidence.can.latest]))[0])
    day[ended[case]] = _days(evidence.at(decided[case][ended[case]], TIMESTAMP))
    last = _Clock(cases, procedure).last_days(case, until, day)
    activities = np.full(len(at), close, dtype=object)
    activities[ended] = evidence.named(decided[ended])
    late = day > last
    at[case] = (late | ended[case]) & (last < _UNSAID)
    return Looked(at=at, cases=case[late], activities=activities[case[late]])


def extension(cases: Cases, procedure: Procedure) -> Looked | Why:
    """Check that a term was extended while it still ran: on its last day or before.

    The last day is that of `term`, as it was before the extension. Looks at cases without a parent
    of which the term was extended. Unchecked when nothing in the log carries `bdv:term`.
    """
    silent = _silent(cases, procedure)
    if silent is not None:
        return silent
    evidence = cases.evidence
    if not evidence.can.of_any(TERM):
        return Why.TERM
    extended = _said(cases, Term.EXTENDED)
    extended = extended[_top(cases)[evidence.case[extended]]]
    day = _days(evidence.at(extended, TIMESTAMP))
    last = _Clock(cases, procedure).last_days(evidence.case[extended], extended, day)
    return cases.looked_through(cases.among(extended), extended[day > last])


def suspension(cases: Cases) -> Looked | Why:
    """Check that the clock stopped only when the requester had been asked something.

    Asked is: a message of the template was sent on the way, or the suspending event is itself
    contact with the requester. Looks at cases of which the term was suspended. Unchecked when
    nothing in the log carries `bdv:term`, or when the question is not observable.
    """
    evidence = cases.evidence
    questions = [node.id for node in cases.template.nodes if node.kind is Kind.THROW and node.sends]
    if cases.hides(*questions):
        return Why.NOT_OBSERVABLE
    if not evidence.can.of_any(TERM):
        return Why.TERM
    suspended = _said(cases, Term.SUSPENDED)
    told = np.intersect1d(suspended, evidence.touching(), assume_unique=True)
    asked = cases.first(np.union1d(cases.did(*questions), told))
    silent = suspended[asked[evidence.case[suspended]] > suspended]
    return cases.looked_through(cases.among(suspended), silent)


class _Clock:
    """Counts when the terms of cases are over, as it stood just before an event."""

    def __init__(self, cases: Cases, procedure: Procedure) -> None:
        self.evidence = cases.evidence
        self.term = procedure.terms.get(cases.template.process)
        self.announced = _announced(cases)
        self.due = _days(self.evidence.at(self.announced, DUE))
        self.start, self.end = _pauses(cases)
        self.stopped = _days(self.evidence.at(self.start, TIMESTAMP))
        self.over = self.end[self.end < NEVER]
        answered = _days(self.evidence.at(self.over, TIMESTAMP))
        stood = _suspended(self.stopped[self.end < NEVER], answered)
        self.stood = np.append(0, stood.cumsum())

    def last_days(self, case: Rows, until: Rows, day: Days) -> Days:
        """Return the last day of each case as known before the event `until`, on `day`.

        A pause that runs at that moment counts up to `day`; one that was over before the last day
        was announced does not count. _UNSAID where nobody said how long it may take.
        """
        case_of = self.evidence.case
        base = _days(self.evidence.at(self.evidence.begin[case], TIMESTAMP))
        since = self.evidence.begin[case] - 1
        place, said = _before(until, self.announced, case_of, case)
        base[said], since[said] = self.due[place[said]], self.announced[place[said]]
        paused = self.stood[np.searchsorted(self.over, until)]
        paused -= self.stood[np.searchsorted(self.over, since, side="right")]
        place, runs = _before(until, self.start, case_of, case)
        runs[runs] = self.end[place[runs]] >= until[runs]
        paused[runs] += _suspended(self.stopped[place[runs]], day[runs])
        span = int(paused.max(initial=0)) + 1  # three numbers in one: there are few different ones
        kinds, kind = np.unique((base * span + paused) * 2 + said, return_inverse=True)
        found = [self._last_day(n // 2 // span, n // 2 % span, n % 2) for n in kinds.tolist()]
        return np.array(found, dtype=np.int64)[kind]

    def _last_day(self, base: int, paused: int, said: int) -> int:
        day = date.fromordinal(_EPOCH + base)
        if said:
            return next_working_day(day + timedelta(days=paused)).toordinal() - _EPOCH
        return last_day(day, self.term, paused).toordinal() - _EPOCH if self.term else _UNSAID


def _suspended(asked: Days, ended: Days) -> Days:
    """Return how many days the clock stood still between questions and their answers.

    The day of the question counts and so does the day of the answer: neither is suspended.
    """
    days: Days = np.maximum(ended - asked - 1, 0)
    return days


def _announced(cases: Cases) -> Rows:
    """Return the events that say something new of by when the case must be decided.

    A system may repeat on each row what was announced once.
    """
    rows = cases.filled(DUE)
    case, due = cases.evidence.case[rows], cases.evidence.at(rows, DUE).array
    repeated = np.zeros(len(rows), dtype=bool)
    repeated[1:] = (case[1:] == case[:-1]) & (due[1:] == due[:-1])
    new: Rows = rows[~repeated]
    return new


def _pauses(cases: Cases) -> tuple[Rows, Rows]:
    """Return the events at which the clock of a case stopped, and at which it went on, or NEVER."""
    messages = [n for n in cases.template.nodes if n.trigger is Trigger.MESSAGE and n.scope is None]
    asks = [n.id for n in messages if n.kind is Kind.THROW and not cases.hides(n.id)]
    answers = [n.id for n in messages if n.kind is Kind.CATCH and not cases.hides(n.id)]
    stops = np.union1d(_said(cases, Term.SUSPENDED), cases.did(*asks))
    rows = np.union1d(stops, np.union1d(_said(cases, Term.RESUMED), cases.did(*answers)))
    stop = np.isin(rows, stops)
    case = cases.evidence.case[rows]
    stood = np.roll(stop, 1) & (np.roll(case, 1) == case)
    stood[:1] = False
    rows, case, stop = (each[stop != stood] for each in (rows, case, stop))
    goes_on = np.where(np.roll(case, -1) == case, np.roll(rows, -1), NEVER)
    goes_on[-1:] = NEVER
    return rows[stop], goes_on[stop]


def _before(until: Rows, marks: Rows, case_of: Rows, case: Rows) -> tuple[Rows, Mask]:
    """Return the place in `marks` of the last one before each event, and whether it has one."""
    place = np.searchsorted(marks, until) - 1
    has = place >= 0
    has[has] = case_of[marks[place[has]]] == case[has]
    return place, has


def _said(cases: Cases, what: Term) -> Rows:
    """Return the events that did this to the term."""
    rows = cases.filled(TERM)
    return rows[(cases.evidence.at(rows, TERM) == what).to_numpy(dtype=bool)]


def _top(cases: Cases) -> Mask:
    return cases.mine & ~cases.evidence.child


def _silent(cases: Cases, procedure: Procedure) -> Why | None:
    """Return why nothing can be said about the term of these cases, or None."""
    if cases.template.process not in procedure.terms and not cases.carry(DUE):
        return Why.NOT_APPLICABLE
    return None if cases.evidence.can.of_any(TIMESTAMP) else Why.TIMES


def _endings(cases: Cases) -> list[str]:
    """Return the events that decide a case without its close, or that end it."""
    return [
        node.id
        for node in cases.template.nodes
        if node.case_outcome or (node.kind is Kind.START and node.scope and node.visible)
    ]


def _days(moments: pd.Series) -> Days:
    local = moments.dt.tz_convert(HERE).dt.tz_localize(None)
    days: Days = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days
