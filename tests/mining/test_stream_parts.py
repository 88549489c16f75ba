"""What the parts of a log show of streams and hand-overs, put together, is what all of it shows."""

import pickle
from random import Random
from typing import TypeVar

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.errors import InputRefused
from bdv_process.eventlog.coded import codes_of
from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.analysis import Analysis, analysed
from bdv_process.mining.calendar import Calendar
from bdv_process.mining.handover import HandingOver
from bdv_process.mining.tree import tree
from bdv_process.mining.value_stream import ValueStreaming
from bdv_process.mining.variants import cases_of, ends_shown, shows_ends, with_ends
from bdv_process.resources import folder
from bdv_process.template.model import Template
from mining.streams import Step, Worked, rows_of

S = TypeVar("S")
P = TypeVar("P")
R = TypeVar("R")
PLACES = ("Zwolle", "UWV", "SVB")


def in_parts(analysis: Analysis[S, P, R], log: EventLog, chance: Random) -> R:
    """The result of up to four parts that keep streams whole, merged in any order and grouping.

    Everything goes through pickle, as it would to another process.
    """
    cases = tree(log.coded)
    ids = sorted(set(cases["stream"]))
    part = {stream: chance.randrange(4) for stream in ids}
    of_case = dict(zip(cases["case"], cases["stream"].map(part), strict=True))
    where = log.coded["case:concept:name"].map(of_case).to_numpy()
    parts = [EventLog(frame=log.coded[where == n]) for n in sorted({*part.values()})]
    analysis = _sent(analysis)
    can = _sent(analysis.surveyed([_sent(analysis.survey(part)) for part in parts]))
    found = [_sent(analysis.partial(part, can)) for part in parts]
    while len(found) > 1:
        chance.shuffle(found)
        many = chance.randint(2, len(found))
        found = [analysis.merge(found[:many]), *found[many:]]
    return analysis.finish(analysis.merge(found), can)


def _sent(value: P) -> P:
    sent: P = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    return sent


STEP = st.tuples(
    st.sampled_from(("operate_accept", "operate_execute", "a", "b", "c")),
    st.sampled_from((None, "ann", "ben", "cas")),
    st.sampled_from((None, 0, 1, 2)),  # hours of work, if it is known when it began
    st.integers(0, 6),  # hours after the one before
)
CASE = st.tuples(
    st.lists(STEP, min_size=1, max_size=5),
    st.integers(0, 9),  # when it begins
    st.sampled_from((None, "W5")),
    st.booleans(),  # is it a child of the case before?
    st.booleans(),  # is it shown that it ended?
)


@st.composite
def logs(draw: st.DrawFn) -> EventLog:
    """A dozen cases, some linked, many at once, some of a template that shows how it ends."""
    cases: list[Worked] = []
    for number, (drawn, begins, template, child, ended) in enumerate(
        draw(st.lists(CASE, min_size=1, max_size=12))
    ):
        now, steps = float(begins), list[Step]()
        for activity, who, work, gap in drawn:
            now += gap
            steps.append((activity, who, None if work is None else now - work, now))
        above = cases[-1] if child and cases else None
        cases.append(
            Worked(
                case=f"z{number}",
                template=template,
                parent=above.case if above else None,
                root=above.root if above else f"z{number}",
                steps=steps,
                moments=[("operate_completed", now)] if ended and template else [],
                extra={"where": PLACES[number % 3]},
            )
        )
    chance = draw(st.randoms(use_true_random=False))
    rows = rows_of(*draw(st.permutations(cases)))
    return EventLog(frame=rows.drop(columns="org:role") if chance.random() < 0.2 else rows)


def _same(found: object, whole: object) -> None:
    known, own = (each if isinstance(each, dict) else vars(each) for each in (whole, found))
    assert own.keys() == known.keys()
    for name, frame in known.items():
        other = own[name]
        if isinstance(frame, pd.DataFrame):
            pd.testing.assert_frame_equal(other, frame, check_exact=True, obj=name)
        else:
            assert other == frame, name


@settings(deadline=None, max_examples=8)
@given(
    logs(), st.sampled_from(list(Calendar)), st.sampled_from(("where", None)), st.booleans(),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_value_streams_of_parts_are_those_of_the_whole_log(
    templates: dict[str, Template],
    log: EventLog,
    calendar: Calendar,
    organisation: str | None,
    known: bool,
    chance: Random,
) -> None:
    how = ValueStreaming(
        templates=tuple(templates.values()) if known else (),
        calendar=calendar,
        organisation=organisation,
        inferred=True,
    )
    _same(in_parts(how, log, chance), analysed(how, log))


def test_what_is_kept_of_a_case_of_thirty_events_fits_in_280_bytes(
    templates: dict[str, Template],
) -> None:
    """Its row, its share of a stream and its waits: that of fifty million events has to fit."""
    log = EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")
    how = ValueStreaming(
        templates=tuple(templates.values()),
        calendar=Calendar.NONE,
        organisation=None,
        inferred=True,
    )
    kept = how.partial(log, how.surveyed([how.survey(log)]))
    cases = len(kept.cases)
    assert len(log) / cases == pytest.approx(30, abs=1)
    took = sum(map(_bytes, (kept.cases, kept.streams, kept.waits)))
    assert took / cases < 280


def _bytes(frame: pd.DataFrame) -> int:
    """What rows take, less the texts that are kept once however many rows there are."""
    columns = [frame[name] for name in frame]
    return sum(codes_of(c).nbytes if c.dtype == "category" else c.array.nbytes for c in columns)


@settings(deadline=None, max_examples=8)
@given(
    logs(), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_handovers_of_parts_are_those_of_the_whole_log(
    templates: dict[str, Template],
    log: EventLog,
    timed: bool,
    known: bool,
    estimate: bool,
    causes: bool,
    chance: Random,
) -> None:
    """Also what a person did in other streams: for causes of waiting and estimated starts."""
    if not timed:
        log = EventLog(frame=log.coded[log.coded["lifecycle:transition"] == "complete"])
    given = tuple(templates.values()) if known else ()
    how = HandingOver(templates=given, estimate=estimate, causes=causes)
    _same(in_parts(how, log, chance), analysed(how, log))


@settings(deadline=None, max_examples=10)
@given(logs())
def test_ends_are_shown_by_events_as_by_their_cases(
    templates: dict[str, Template], log: EventLog
) -> None:
    cases = with_ends(log.coded, cases_of(log.coded), templates, ())
    assert ends_shown(log.coded, templates, ()) == shows_ends(cases)


def test_a_log_of_which_no_part_has_times_is_refused() -> None:
    rows = rows_of(Worked(steps=[("a", "ann", 0, 1)])).drop(columns=TIMESTAMP)
    how = ValueStreaming(templates=(), calendar=Calendar.NONE, organisation=None, inferred=True)
    with pytest.raises(InputRefused, match="BDV-441"):
        in_parts(how, EventLog(frame=rows), Random(1))
