"""How long value streams and hand-overs of a million events take, beside pm4py and plain pandas.

pm4py gives its nearest functions: durations of cases, service times per activity, handover of work;
the first two must come out equal before a time is printed. Pandas does what an analyst writes, a
function per case, for the waiting alone. Nobody but we links cases into streams, splits the waiting
or counts in office hours: that is in our time. Processor time, ours the best of three.
"""

import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    ITEM,
    LABEL,
    LIFECYCLE,
    PARENT,
    RESOURCE,
    ROOT,
    TIMESTAMP,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.calendar import Calendar
from bdv_process.mining.handover import handovers
from bdv_process.mining.value_stream import value_streams

CASES = 100_000
STEPS = 5
SHARE = 50  #: pandas per case is measured on one case in so many


def made(cases: int) -> EventLog:
    """Streams of three cases, each of five steps by one of sixty people, start and end recorded."""
    chance = np.random.default_rng(2026)
    wait, took = (chance.exponential(h * 3600, (cases, STEPS)).astype(int) for h in (8, 1))
    first = chance.integers(1_700_000_000, 1_730_000_000, cases)
    end = first[:, None] + np.cumsum(wait + took + 2, axis=1)
    case, rows = np.repeat(np.arange(cases), STEPS * 2), np.repeat(np.arange(cases * STEPS), 2)
    ids = np.array([f"Z{n}" for n in range(cases)], dtype=object)
    parent = np.where(np.arange(cases) % 3, np.roll(ids, 1), None)
    moments = np.stack([end - took - 1, end], axis=2).ravel()
    who = np.array([f"p{n}" for n in range(60)], dtype=object)
    return EventLog(
        frame=pd.DataFrame(
            {
                CASE: ids[case],
                PARENT: parent[case],
                ROOT: ids[case // 3 * 3],
                LABEL: np.array([f"step {n}" for n in range(STEPS)], dtype=object)[rows % STEPS],
                ITEM: rows.astype(str),
                LIFECYCLE: np.tile(["start", "complete"], cases * STEPS),
                TIMESTAMP: pd.to_datetime(moments, unit="s", utc=True),
                RESOURCE: who[chance.integers(0, 60, cases * STEPS)[rows]],
            }
        )
    )


def with_pandas(log: pd.DataFrame) -> pd.Series:
    """Return by activity what was waited in its case, one case after the other."""
    pairs = log.pivot_table(
        index=[CASE, ITEM, ACTIVITY], columns=LIFECYCLE, values=TIMESTAMP, observed=True
    ).reset_index()

    def waited(case: pd.DataFrame) -> pd.Series:
        case = case.sort_values("complete")
        after = case["start"] - case["complete"].shift()
        return after.dt.total_seconds().groupby(case[ACTIVITY]).sum()

    return pairs.groupby(CASE)[[ACTIVITY, "start", "complete"]].apply(waited)


def with_pm4py(log: pd.DataFrame) -> tuple[list[float], dict[str, float]]:
    """Return the durations of cases and the service time per activity."""
    import pm4py
    from pm4py.objects.log.util.interval_lifecycle import to_interval
    from pm4py.statistics.service_time.pandas.get import Parameters, apply

    durations = pm4py.get_all_case_durations(log)
    given = {
        Parameters.AGGREGATION_MEASURE: "sum",
        Parameters.START_TIMESTAMP_KEY: "start_timestamp",
    }
    whole = pm4py.convert_to_dataframe(to_interval(pm4py.convert_to_event_log(log)))
    service = apply(whole, parameters=given)
    pm4py.discover_handover_of_work_network(log[log[LIFECYCLE] == "complete"])
    return durations, service


def timed(what: Callable[[], Any], times: int = 1) -> tuple[Any, float]:
    """Return what was found and the least processor time it took: the machine may be busy."""
    spent = []
    for _ in range(times):
        begun = process_time()
        found = what()
        spent.append(process_time() - begun)
    return found, min(spent)


def main(cases: int) -> None:
    log = made(cases)
    texts = dict.fromkeys((CASE, LABEL, ACTIVITY, ITEM, LIFECYCLE, RESOURCE), "str")
    plain = log.frame[[*texts, TIMESTAMP]].astype(texts)
    streams, ours = timed(lambda: value_streams(log), 3)
    _, office = timed(lambda: value_streams(log, calendar=Calendar.OFFICE), 3)
    _, handed = timed(lambda: handovers(log), 3)
    (durations, service), theirs = timed(lambda: with_pm4py(plain))
    mine = streams.cases["throughput"].dt.total_seconds()
    assert sorted(durations) == sorted(mine)
    took = streams.activities.set_index("activity")["processing"].dt.total_seconds()
    assert {name: round(spent) for name, spent in service.items()} == took.round().to_dict()
    some = plain[plain[CASE].isin(plain[CASE].unique()[::SHARE])]
    _, by_case = timed(lambda: with_pandas(some))
    out = sys.stdout.write
    out(f"{len(log)} events, {cases} cases, {len(streams.streams)} streams\n")
    for name, seconds in (
        ("bdv_process, value streams", ours),
        ("bdv_process, value streams in office hours", office),
        ("bdv_process, hand-overs", handed),
        ("pm4py, durations, service times, handover of work", theirs),
        ("pandas, waiting case by case", by_case * SHARE),
    ):
        out(f"| {name} | {seconds:.2f} | {seconds / ours:.1f} |\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
