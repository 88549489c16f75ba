"""What streams cost: the work in them at the rates of who did it, and what activities cost besides.

Every execution of a step is rounded to whole cents once, halves to the even one. All else is a sum
of those: what the cases, activities, roles and organisations cost comes to what the streams cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused
from bdv_process.eventlog.coded import codes_of
from bdv_process.eventlog.event import ACTIVITY, CASE, LIFECYCLE, ROLE, TIMESTAMP, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.faces import plain
from bdv_process.mining.calendar import Calendar, lasted
from bdv_process.mining.linking import without_inferred
from bdv_process.mining.rates import DEFAULT, Rates
from bdv_process.mining.stream_levels import LOG
from bdv_process.mining.stream_parts import PLURAL
from bdv_process.mining.tree import patterns, tree
from bdv_process.mining.variants import ends_shown, with_ends
from bdv_process.mining.work import AT, compact, of_steps, pieces, timed
from bdv_process.template.model import Template, by_key

_HOUR: Final = 3_600_000_000  # microseconds


@dataclass(frozen=True, kw_only=True, eq=False)
class Costs:
    """What streams cost, in whole cents; NA when that is not measurable, see `reason`.

    `patterns`: per pattern, and "" for all: closed streams, cents, mean (cents per stream). The
        dearest first.
    `streams`, `cases`: each with its cents until now, also of what is still open.
    `activities`, `roles`, `organisations`: times (executions), cents; the dearest first. What the
        log does not say is one of them, without a name.
    `reason`: text key, "" when measured.
    """

    patterns: pd.DataFrame
    streams: pd.DataFrame
    cases: pd.DataFrame
    activities: pd.DataFrame
    roles: pd.DataFrame
    organisations: pd.DataFrame
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the costs as plain values, for JSON; in cents."""
        names = ("patterns", "streams", "cases", *PLURAL.values())
        return {"reason": self.reason, **{name: plain(getattr(self, name)) for name in names}}


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What the cases and the levels of a part of a log cost, in cents."""

    cases: pd.DataFrame  #: case, stream, pattern, open (the stream), cents
    levels: pd.DataFrame  #: level, name, times, cents
    unrated: frozenset[str]  #: roles without a rate; "" for work of which the role is not known
    steps: int  #: completed executions
    began: int  #: of how many of these it is known when they began


@dataclass(frozen=True, kw_only=True)
class Costing:
    """The analysis that makes `Costs`; see `value_streams`."""

    rates: Rates
    templates: tuple[Template, ...]
    calendar: Calendar
    organisation: str | None
    inferred: bool

    def survey(self, log: EventLog) -> tuple[bool, frozenset[str]]:
        """Return whether a part says when work began, and of which templates how cases end."""
        return timed(compact(log)), ends_shown(log.coded, by_key(self.templates), ())

    def surveyed(self, parts: Sequence[tuple[bool, frozenset[str]]]) -> tuple[bool, frozenset[str]]:
        """Return the same of the whole log."""
        return any(seen for seen, _ in parts), frozenset().union(*(ends for _, ends in parts))

    def partial(self, log: EventLog, can: tuple[bool, frozenset[str]]) -> Priced:
        """Return what a part cost."""
        log = log if self.inferred else without_inferred(log)
        frame, rows = log.coded, compact(log)
        cases = with_ends(frame, tree(frame), by_key(self.templates), (), can[1])
        kind = patterns(cases, {template.key: template.process for template in self.templates})
        done = self._executions(of_steps(rows, self.templates))
        whose = None
        if self.organisation is not None:
            whose = frame.groupby(codes_of(frame[CASE]))[self.organisation].first().array[done[AT]]
        done["organisation"] = pd.Series(whose, index=done.index, dtype="str")
        done["cents"], unrated = self._cents(done)
        cents = np.bincount(done[AT], done["cents"], len(cases)).astype(np.int64)
        levels = [
            done.groupby(level, dropna=False)["cents"].agg(times="size", cents="sum")
            .rename_axis("name").reset_index().assign(level=level)
            for level in PLURAL
        ]  # fmt: skip
        return Priced(
            cases=pd.DataFrame(
                {
                    "case": cases["case"],
                    "stream": cases["stream"],
                    "pattern": kind.reindex(cases["stream"]).array,
                    "open": cases.groupby("stream")["open"].transform("any"),
                    "cents": cents,
                }
            ),
            levels=pd.concat(levels, ignore_index=True),
            unrated=unrated,
            steps=int(done["completed"].sum()),
            began=int((done["completed"] & done["begun"]).sum()),
        )

    def merge(self, parts: Sequence[Priced]) -> Priced:
        """Return what parts cost together."""
        levels = pd.concat([part.levels for part in parts], ignore_index=True)
        return Priced(
            cases=pd.concat([part.cases for part in parts], ignore_index=True),
            levels=levels.groupby(["level", "name"], as_index=False, dropna=False)[
                ["times", "cents"]
            ].sum(),
            unrated=frozenset().union(*(part.unrated for part in parts)),
            steps=sum(part.steps for part in parts),
            began=sum(part.began for part in parts),
        )

    def finish(self, whole: Priced, can: tuple[bool, frozenset[str]]) -> Costs:
        """Add up.

        Raises:
            InputRefused: a role that worked has no rate.
        """
        reason = ""
        if self.rates.hour and not can[0]:
            reason = "unchecked.start"
        elif self.rates.hour and whole.began < whole.steps / 2:
            reason = "unchecked.most_starts"
        elif whole.unrated:
            roles = ", ".join(sorted(role or "-" for role in whole.unrated))
            raise InputRefused("BDV-448", where="[hour]", roles=roles)
        cases = whole.cases.sort_values("case", ignore_index=True)
        streams = cases.groupby("stream", as_index=False).agg(
            pattern=("pattern", "first"), open=("open", "first"), cents=("cents", "sum")
        )
        closed = streams[~streams["open"]]
        every = pd.concat([closed.assign(pattern=LOG), closed])
        kinds = every.groupby("pattern")["cents"].agg(streams="size", cents="sum").reset_index()
        kinds["mean"] = kinds["cents"] / kinds["streams"]
        levels = {
            plural: _dearest(whole.levels.loc[whole.levels["level"] == level, _OF_LEVEL], "name")
            .rename(columns={"name": level})
            for level, plural in PLURAL.items()
        }  # fmt: skip
        frames = {
            "patterns": _dearest(kinds, "pattern"),
            "streams": streams,
            "cases": cases.drop(columns=["pattern", "open"]),
            **levels,
        }
        if reason:
            frames = {name: _unknown(frame) for name, frame in frames.items()}
        return Costs(**frames, reason=reason)

    def _executions(self, about: pd.DataFrame) -> pd.DataFrame:
        """Return executions of steps: at, activity, role, completed, begun, took (microseconds)."""
        worked = pieces(about)
        took = lasted(worked["start"], worked["end"], self.calendar)
        complete = about[LIFECYCLE] == Lifecycle.COMPLETE
        start = (about[LIFECYCLE] == Lifecycle.START) & about[TIMESTAMP].notna()
        each = about.assign(completed=complete, begun=start).groupby("work")
        last = (
            each[[AT, ACTIVITY, ROLE]].last().rename(columns={ACTIVITY: "activity", ROLE: "role"})
        )
        found = last.astype({"activity": "str", "role": "str"})
        spent = pd.Series(took).groupby(worked["work"].to_numpy()).sum()
        return found.assign(
            completed=each["completed"].any(),
            begun=each["begun"].any(),
            took=spent.reindex(found.index, fill_value=0).astype(np.int64),
        )

    def _cents(self, done: pd.DataFrame) -> tuple[NDArray[np.int64], frozenset[str]]:
        """Return the cents of each execution, and the roles that worked without a rate."""
        role = done["role"].fillna("")
        rate = (
            role.map({**self.rates.hour})
            .astype("float64")
            .fillna(self.rates.hour.get(DEFAULT, np.nan))
        )
        took = done["took"].to_numpy()
        lacks = rate.isna() & (took > 0) & bool(self.rates.hour)
        hourly = rate.fillna(0).to_numpy().astype(np.int64)
        once = done["activity"].map({**self.rates.activity}).fillna(0).astype(np.int64)
        cents = _rounded(took, hourly) + np.where(done["completed"], once, 0)
        return cents, frozenset(role[lacks])


def _rounded(took: NDArray[np.int64], hourly: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cents of work at cents per hour, exact until they are rounded, halves to even."""
    hours, rest = np.divmod(took, _HOUR)  # apart: together they may not fit in 64 bits
    whole, left = np.divmod(rest * hourly, _HOUR)
    up = (2 * left > _HOUR) | ((2 * left == _HOUR) & ((whole + hours * hourly) % 2 == 1))
    cents: NDArray[np.int64] = hours * hourly + whole + up
    return cents


def _dearest(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame.sort_values(["cents", name], ascending=[False, True], ignore_index=True)


def _unknown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which nothing is known of costs."""
    none = {
        c: pd.array([pd.NA] * len(frame), dtype="Int64") for c in ("cents", "mean") if c in frame
    }
    return frame.assign(**none)


_OF_LEVEL: Final = ["name", "times", "cents"]
