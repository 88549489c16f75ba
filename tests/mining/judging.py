"""What rules say of a log that is whole, with the ids of cases for their numbers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import CASE, ROOT
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.rules import Answer, Carried, Looked, State, check
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True)
class Judged:
    """What a rule said of the cases of one template, with its breaches by the ids of cases."""

    rule: str
    template: str
    state: State
    reason: str
    checked: int
    breaches: pd.DataFrame


def judge(
    log: pd.DataFrame,
    procedure: Procedure | None,
    templates: Iterable[Template],
    hidden: Collection[str] = (),
    open_cases: Collection[str] = (),
) -> list[Judged]:
    """What every rule says of a log that is whole."""
    log = EventLog(frame=log).coded
    ids = log[CASE].astype("str").drop_duplicates().reset_index(drop=True)
    found = check(
        log,
        procedure,
        [*templates],
        Carried.of(log, procedure, hidden),
        hidden=hidden,
        still_open=ids.isin(open_cases).to_numpy(),
    )

    def places(seen: Looked | None) -> pd.DataFrame:
        if seen is None:
            return pd.DataFrame({"case": [], "activity": []})
        return pd.DataFrame({"case": ids[seen.cases].array, "activity": seen.activities})

    return [
        Judged(told.rule, told.template, told.state, told.reason, told.checked, places(seen))
        for told, seen in found
    ]


def judge_apart(
    log: pd.DataFrame,
    procedure: Procedure,
    templates: Iterable[Template],
    hidden: Collection[str] = (),
) -> list[Answer]:
    """What every rule says of a log of which each stream is a part of its own."""
    whole = EventLog(frame=log).coded
    parts = [part for _, part in whole.groupby(ROOT, sort=False, observed=True)]
    can = Carried.all([Carried.of(part, procedure, hidden) for part in parts])
    given = [*templates]
    told = []
    for part in parts:
        none = np.zeros(part[CASE].nunique(), dtype=bool)
        found = check(part, procedure, given, can, hidden=hidden, still_open=none)
        told.append([answer for answer, _ in found])
    return [reduce(add, answers) for answers in zip(*told, strict=True)]
