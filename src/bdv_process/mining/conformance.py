"""Conformance: every case held against its template, deviations counted and named."""

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd


class DeviationKind(StrEnum):
    """How a case left its template."""

    SKIPPED = "skipped"  #: should have happened, did not
    ADDED = "added"  #: happened, should not have
    MOVED = "moved"  #: happened at another moment than it should (a skip and an addition in one)
    UNKNOWN = "unknown"  #: the template has no such activity
    ROLE = "role"  #: done in a role that is not R for it
    SEPARATION = "separation"  #: one person did what two should do


@dataclass(frozen=True, kw_only=True)
class ConformanceReport:
    """What was found when a log was held against its templates.

    `cases`: one row per case: case, template, events, cost, fitness (0..1), fits (bool), open (bool).
    `deviations`: one row per template, kind and activity: template, kind, activity, label, rule
        (separation id or ""), count, cases, share (of the template's cases), examples (up to 5 case ids).
    `templates`: one row per template: template, cases, fitting, fitness (mean), variants, events.
    `unobservable`: per template the activity ids that this log's system cannot record.
    `unchecked`: checks that this log cannot carry, with the reason (text key).
    """

    cases: pd.DataFrame
    deviations: pd.DataFrame
    templates: pd.DataFrame
    unobservable: dict[str, tuple[str, ...]]
    unchecked: dict[str, str]
