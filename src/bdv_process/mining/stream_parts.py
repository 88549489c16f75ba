"""What the parts of a log show of its streams, small enough to hold all of them, and together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bdv_process.eventlog.coded import coded, codes_of, decoded, stacked
from bdv_process.eventlog.event import ACTIVITY, LIFECYCLE, RESOURCE, ROLE, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.calendar import Calendar, lasted
from bdv_process.mining.spans import questions, spans
from bdv_process.mining.stream_levels import of_steps_by
from bdv_process.mining.stream_measures import measured_cases, steps_of, streams_of
from bdv_process.mining.stream_steps import added, of_steps_in_place
from bdv_process.mining.waiting import Spent, partition
from bdv_process.mining.work import compact, of_steps, pieces, timed
from bdv_process.template.model import Template

CLASSES: Final = tuple(each.value for each in Spent)
#: Measures of time, in the order of the frames.
TIMES: Final = ("throughput", "processing", *CLASSES)
#: What does steps, and what many of them are called.
PLURAL: Final = {"activity": "activities", "role": "roles", "organisation": "organisations"}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the streams of a log, or of a part of it, took; durations are whole microseconds.

    `streams`, `cases`: a row each, see `_compact`. Of a case, `stream` and `parent` are numbers of
        rows, -1 for no parent.
    `places`: what steps took by their place in a stream: see `of_steps_in_place`.
    `levels`: by level (activity, role, organisation) what its steps took: see `of_steps_by`.
    `waits`: of every step the waiting, and of whom: its activity, role and organisation.
    `began`: of how many of these it is known when they began.
    `tells`: the text keys of reasons why something cannot be measured, that do not hold.
    """

    streams: pd.DataFrame
    cases: pd.DataFrame
    places: pd.DataFrame
    levels: dict[str, pd.DataFrame]
    waits: pd.DataFrame
    began: int
    tells: frozenset[str]

    @classmethod
    def of(
        cls,
        log: EventLog,
        templates: tuple[Template, ...],
        *,
        calendar: Calendar,
        organisation: str | None,
        ends: frozenset[str],
        concurrent: frozenset[tuple[str, str]],
    ) -> Self:
        """Return what a part shows; `ends` and `concurrent` are what the whole log can tell."""
        frame, rows = log.coded, compact(log)
        cases = measured_cases(frame, rows, templates, ends, organisation)
        about_work = of_steps(rows, templates)
        worked = pieces(about_work)
        worked["processing"] = lasted(worked["start"], worked["end"], calendar)
        steps = steps_of(about_work, worked, cases, concurrent, calendar)
        every, stream = spans(rows, cases, worked, templates, calendar), cases["code"].to_numpy()
        del about_work  # as soon as it can be: a large log takes room
        took = np.bincount(worked["at"], worked["processing"], len(cases)).astype(np.int64)
        cases = cases.assign(
            throughput=lasted(cases["started"], cases["ended"], calendar), processing=took
        )
        del worked
        streams = streams_of(cases, steps, templates, calendar)
        alone = np.zeros(len(every), dtype=np.int8)
        in_case = partition(every.assign(owner=every["at"], depth=alone), len(cases))
        owner, depth = stream[every["at"]], cases["depth"].to_numpy()[every["at"]]
        in_stream = partition(every.assign(owner=owner, depth=depth), len(streams))
        del every
        process = {template.key: template.process for template in templates}
        run = [t for t in templates if cases["template"].isin([t.key]).any()]
        forks = [fork.id for template in run for fork in template.forks]
        forked = rows[ACTIVITY].isin(forks) & (rows[LIFECYCLE] == Lifecycle.START)
        tells = {
            "unchecked.start": timed(rows),
            "unchecked.question": set(questions(run)) - set(log.provenance.not_observable),
            "unchecked.parent": (cases["parent"] >= 0).any() or forked.any(),
            "unchecked.organisation": organisation,
            "unchecked.resource": rows[RESOURCE].notna().any(),
            "unchecked.role": rows[ROLE].notna().any(),
        }
        return cls(
            cases=_compact(cases.assign(stream=stream).join(in_case)[list(_OF_CASE)]),
            streams=_compact(streams.join(in_stream)[list(_OF_STREAM)]),
            places=of_steps_in_place(steps, cases, streams, process),
            levels={level: of_steps_by(steps, level) for level in PLURAL},
            waits=steps[[*PLURAL, "waiting"]],
            began=int(steps["start"].notna().sum()),
            tells=frozenset(reason for reason, told in tells.items() if told),
        )

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what several parts show."""
        first, *others = parts
        if not others:
            return first
        before = np.cumsum([0, *(len(part.cases) for part in parts)]).tolist()
        streams = np.cumsum([0, *(len(part.streams) for part in parts)]).tolist()
        cases = [
            part.cases.assign(
                stream=part.cases["stream"] + stream,
                parent=(part.cases["parent"] + case).where(part.cases["parent"] >= 0, -1),
            )
            for part, case, stream in zip(parts, before[:-1], streams[:-1], strict=True)
        ]
        return cls(
            streams=stacked([part.streams for part in parts]),
            cases=stacked(cases),
            places=added([part.places for part in parts]),
            levels={
                level: stacked([part.levels[level] for part in parts])
                .groupby(level, observed=True)
                .sum()
                .reset_index()
                for level in first.levels
            },
            waits=stacked([part.waits for part in parts]),
            began=sum(part.began for part in parts),
            tells=frozenset().union(*(part.tells for part in parts)),
        )

    def in_order(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the streams and the cases by when they began, then by id, with ids for numbers."""
        named = self.cases.assign(
            stream=self.streams["stream"].array.take(self.cases["stream"]),
            parent=self.cases["case"].array.take(self.cases["parent"], allow_fill=True),
        )
        streams = _sorted(self.streams, ["started", "stream"])
        spent = streams["busy"] / streams["throughput"].where(streams["throughput"] > 0)
        streams.insert(list(streams).index("steps"), "efficiency", spent)
        cases = _sorted(named, ["started", "case"])
        return _plain(streams), _plain(cases)

    def of_level(self, level: str) -> pd.DataFrame:
        """Return what the steps of each activity, role or organisation took: see `ValueStreams`."""
        found = self.levels[level].astype({level: "str"})
        found["median_waiting"] = self._medians(level).reindex(found[level]).array
        return found.sort_values(["waiting", level], ascending=[False, True], ignore_index=True)

    def _medians(self, level: str) -> pd.Series:
        """Return the median waiting by activity, role or organisation.

        Each is found in place in one copy of the waits: pandas makes four.
        """
        codes, texts = codes_of(self.waits[level]), self.waits[level].cat.categories
        counts = np.bincount(codes + 1, minlength=len(texts) + 1)  # -1: of nobody
        waits = self.waits["waiting"].to_numpy()[np.argsort(codes, kind="stable")]
        each = np.split(waits, np.cumsum(counts)[:-1])[1:]
        medians = [np.median(own, overwrite_input=True) if len(own) else np.nan for own in each]
        return pd.Series(medians, index=texts, dtype="float64")


def _sorted(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return rows in order. Arrow sorts texts as they are; pandas makes each a Python object."""
    keys = pa.Table.from_pandas(rows[by], preserve_index=False)
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in by])
    return rows.take(order.to_numpy()).reset_index(drop=True)


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in fewer bytes: counts and numbers in half, texts that recur kept once."""
    counts = [name for name in rows.select_dtypes("int64") if name not in TIMES]
    texts = {name: coded(rows[name]) for name in ("template", "link") if name in rows}
    return rows.astype(dict.fromkeys(counts, np.int32)).assign(**texts)


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a reader expects them."""
    return decoded(rows.astype(dict.fromkeys(rows.select_dtypes("int32"), np.int64)))


_OF_STREAM: Final = (
    "stream", "pattern", "cases", "open", "started", "ended", *TIMES,
    "steps", "repeated", "handovers", "role_handovers", "organisation_handovers", "ping_pong",
    "right",
)  # fmt: skip
_OF_CASE: Final = (
    "case", "stream", "template", "parent", "link", "depth", "organisation", "open", "started",
    "ended", *TIMES, "steps", "repeated",
)  # fmt: skip
