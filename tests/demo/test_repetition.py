"""A run many times over: nothing of one copy is of another, and no more happens than in the run."""

import pandas as pd
import pytest

from bdv_process.demo.repetition import repeat
from bdv_process.eventlog.event import CASE, ITEM, LINKED, PARENT, REQUESTER, ROOT, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure


@pytest.fixture(scope="module")
def run() -> EventLog:
    return EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")


@pytest.fixture(scope="module")
def often(run: EventLog, tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    target = tmp_path_factory.mktemp("often") / "often.parquet"
    shares: list[float] = []
    repeat(run, 60, target, shares.append)
    assert shares[-1] == 1
    return EventLog.read(target)


def test_each_copy_has_cases_and_requesters_of_its_own(run: EventLog, often: EventLog) -> None:
    assert len(often) == 60 * len(run)
    for column in (CASE, PARENT, ROOT, REQUESTER, ITEM):
        assert often.frame[column].nunique() == 60 * run.frame[column].nunique()
    linked = often.frame.loc[often.frame[LINKED].str.startswith("Z").fillna(False), [CASE, LINKED]]
    assert len(linked)
    copies = linked.map(lambda ids: ids.rpartition("-")[2])
    assert (copies[CASE] == copies[LINKED]).all()


def test_copies_begin_on_the_same_day_of_another_week(run: EventLog, often: EventLog) -> None:
    begun = often.frame.groupby(CASE)[TIMESTAMP].min()
    first = run.frame.groupby(CASE)[TIMESTAMP].min()
    copies = begun[begun.index.str.startswith("Z1-")]
    earlier = (first["Z1"] - copies) // pd.Timedelta(seconds=1)
    assert sorted(earlier) == sorted(c % 52 * 604_800 + c // 52 for c in range(60))


def test_nothing_happens_that_did_not_happen_in_the_run(run: EventLog, often: EventLog) -> None:
    found, once = (conformance(log, shipped(), shipped_procedure()) for log in (often, run))
    assert (found.rules["cases"] == 60 * once.rules["cases"]).all()
    assert (found.templates["variants"] == once.templates["variants"]).all()
