"""Contacts between citizens and government in a log: when, about what, which way, and who."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from bdv_process.eventlog.coded import codes_of
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    LABEL,
    LIFECYCLE,
    OUTCOME,
    REQUESTER,
    ROLE,
    TERM,
    TIMESTAMP,
    TOUCHPOINT,
    Lifecycle,
    Term,
)
from bdv_process.eventlog.lineage import subjects
from bdv_process.mining.tree import tree
from bdv_process.mining.turn import union
from bdv_process.mining.variants import with_ends
from bdv_process.template.model import Activity, Kind, Node, Template, Trigger, by_key

IN: Final = "in"  #: the citizen to government
OUT: Final = "out"
BOTH: Final = "both"  #: a conversation
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True)
class Vocabulary:
    """What the steps of templates mean to a citizen, by element id."""

    templates: tuple[Template, ...]
    nodes: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        nodes = {n.id: n for t in self.templates if not t.proactive for n in t.nodes}
        object.__setattr__(self, "nodes", nodes)

    @property
    def calls(self) -> list[str]:
        """Return where cases begin: in a first case, the citizen's own call."""
        return [template.start.id for template in self.templates]

    @property
    def intakes(self) -> list[str]:
        """Return the first step of each template."""
        return [template.activities[0].id for template in self.templates]

    @property
    def questions(self) -> list[str]:
        """Return the messages on the way: each asks for something."""
        return [n.id for n in self.nodes.values() if n.kind is Kind.THROW and n.sends]

    @property
    def answers(self) -> list[str]:
        """Return the messages that a question waits for."""
        return [
            n.id
            for n in self.nodes.values()
            if n.kind is Kind.CATCH and n.trigger is Trigger.MESSAGE
        ]

    @property
    def withdrawals(self) -> list[str]:
        """Return the messages by which requesters end a case themselves."""
        return [n.id for n in self.nodes.values() if n.kind is Kind.START and n.visible and n.scope]

    @property
    def tells(self) -> list[str]:
        """Return the contacts in which requesters can hear how it ended."""
        others = {*self.intakes, *self.questions}
        return [
            n.id
            for n in self.nodes.values()
            if n.touchpoint and self.direction(n.id) != IN and n.id not in others
        ]

    @property
    def begins(self) -> list[str]:
        """Return the contacts by which requesters themselves are heard."""
        return [*self.calls, *self.answers, *self.withdrawals]

    @property
    def replies(self) -> list[str]:
        """Return the contacts in which government is heard."""
        return [n.id for n in self.nodes.values() if n.touchpoint and self.direction(n.id) != IN]

    def direction(self, activity: str) -> str | None:
        """Return which way a contact goes, None when no template knows the step."""
        node = self.nodes.get(activity)
        if node is None:
            return None
        if isinstance(node, Activity):
            return BOTH
        return OUT if node.sends else IN


def streams_of(
    log: pd.DataFrame, words: Vocabulary, ends: Collection[str], horizon: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cases of a log, by number, and the streams they belong to: see `tree`.

    Cases: case, template, stream (number), top (whether it started the stream), open, end, ended.
    Streams: stream (id), subject (place of the requester in the alphabet, that of the top
    if it has one; -1 for none), template (of the top), cases (number), open, started, ended;
    moments are microseconds, an open stream ends with the log.

    Args:
        log: the events, or a part of them.
        words: what the steps mean.
        ends: templates of which the whole log shows how cases end.
        horizon: its last moment.

    Raises:
        InputRefused: cases are each other's ancestors.
    """
    grown = with_ends(log, tree(log), by_key(words.templates), (), ends)
    first = grown["first"].to_numpy()
    time = log[TIMESTAMP].astype("int64").to_numpy()
    number, ids = pd.factorize(grown["stream"])
    place = np.append(pd.factorize(log[REQUESTER].cat.categories, sort=True)[0], -1)
    cases = pd.DataFrame(
        {
            "case": grown["case"],
            "template": grown["template"],
            "stream": number,
            "top": (grown["depth"] == 0) & (grown["case"] == grown["stream"]),
            "open": grown["open"],
            "end": grown["end"],
            "started": np.minimum.reduceat(time, first),
            "ended": np.maximum.reduceat(time, first),
            "subject": place[codes_of(log[REQUESTER])[first]],
        }
    )
    cases.loc[cases["open"], "ended"] = horizon
    grouped = cases.groupby("stream")
    tops = cases[cases["top"]].set_index("stream").reindex(range(len(ids)))
    columns = (cases[name].to_numpy() for name in ("stream", "top", "subject"))
    return cases, pd.DataFrame(
        {
            "stream": ids,
            "subject": subjects(*columns),
            "template": tops["template"],
            "cases": grouped.size(),
            "open": grouped["open"].any(),
            "started": grouped["started"].min(),
            "ended": grouped["ended"].max(),
        }
    )


def contacts_of(
    log: pd.DataFrame,
    cases: pd.DataFrame,
    streams: pd.DataFrame,
    words: Vocabulary,
    *,
    complaints: Collection[str],
    chasers: Collection[str],
    columns: dict[str, str],
) -> pd.DataFrame:
    """Return the contacts of streams that have a subject, by subject and in order of time.

    A contact is a completed event that the log calls one, the call that opens a first case, a
    question of a template, a complaint, or a call that asks how it stands (`chasers`). Columns: at
    (number of the case), stream, subject, moment (microseconds), activity, label, direction,
    outcome, role, those of `columns` (name -> column of the log), and the truths top (in the first
    case), asks, tells, withdraws, complains, chases.
    """
    at = codes_of(log[CASE]).astype(np.int64)
    stream = cases["stream"].to_numpy()
    activity = log[ACTIVITY]
    top = cases["top"].to_numpy()
    keep = log[TOUCHPOINT].to_numpy(dtype=bool)
    keep = keep | (activity.isin(words.calls).to_numpy() & top[at])
    keep |= activity.isin([*words.questions, *complaints, *chasers]).to_numpy()
    keep &= (log[LIFECYCLE] == Lifecycle.COMPLETE).to_numpy()
    keep &= streams["subject"].to_numpy()[stream[at]] >= 0
    rows = np.flatnonzero(keep)
    shown = {"activity": ACTIVITY, "label": LABEL, "outcome": OUTCOME, "role": ROLE, **columns}
    part = log[list(dict.fromkeys([TERM, TIMESTAMP, *shown.values()]))].iloc[rows]
    found = pd.DataFrame({name: part[column].array for name, column in shown.items()})
    found = found.assign(
        at=at[rows],
        stream=stream[at[rows]],
        subject=streams["subject"].to_numpy()[stream[at[rows]]],
        moment=part[TIMESTAMP].astype("int64").to_numpy(),
        top=top[at[rows]],
        asks=_asks(log, words).to_numpy()[rows],
        withdraws=_withdraws(found, words),
        complains=found["activity"].isin(list(complaints)),
        chases=found["activity"].isin(list(chasers)),
    )
    ways = {str(name): words.direction(str(name)) for name in found["activity"].unique()}
    way = found["activity"].astype("str").map(ways).astype("str")
    heard = found["activity"].isin(words.tells) | way.isna()
    calls = found["complains"] | found["chases"]
    found["direction"] = way.mask(calls & way.isna(), IN)
    found["tells"] = heard & ~found["asks"] & ~calls & found["top"]
    names = cases["case"].to_numpy(dtype=object)
    # Of contacts in one moment the order must not be that of the file.
    order = pd.DataFrame({"subject": found["subject"], "moment": found["moment"]})
    order["case"] = pd.factorize(names, sort=True)[0][found["at"]]
    return found.loc[
        order.sort_values(["subject", "moment", "case"], kind="stable").index
    ].reset_index(drop=True)


def asked(log: pd.DataFrame, cases: pd.DataFrame, words: Vocabulary) -> pd.DataFrame:
    """Return when a stream waited for an answer of its requester: stream, start, end.

    From a question, or a contact that suspended the term, until the answer, or the term that went
    on; when none came, until the end of the case. What overlaps is one wait.
    """
    complete = log[LIFECYCLE] == Lifecycle.COMPLETE
    asks = _asks(log, words)
    answers = log[ACTIVITY].isin(words.answers) | (log[TERM] == Term.RESUMED)
    rows = np.flatnonzero(complete & (asks | answers))
    at = codes_of(log[CASE])[rows].astype(np.int64)
    time = log[TIMESTAMP].iloc[rows].astype("int64").to_numpy()
    ask, answer = asks.to_numpy(dtype=bool)[rows], answers.to_numpy(dtype=bool)[rows]
    place = np.where(answer, np.arange(len(rows)), len(rows))
    following = np.append(np.minimum.accumulate(place[::-1])[::-1], len(rows))[1:]
    ended = cases["ended"].to_numpy()[at]
    same = np.append(at, -1)[following] == at
    end = np.where(same, np.append(time, 0)[following], ended)
    return union(cases["stream"].to_numpy()[at[ask]], time[ask], end[ask])


def suspended(log: pd.DataFrame) -> pd.Series:
    """Return which events stop the term by a contact: one stopped in silence asks nothing."""
    return (log[TERM] == Term.SUSPENDED) & log[TOUCHPOINT]


def _asks(log: pd.DataFrame, words: Vocabulary) -> pd.Series:
    """Return which events ask the requester something."""
    return log[ACTIVITY].isin(words.questions) | suspended(log)


def _withdraws(found: pd.DataFrame, words: Vocabulary) -> pd.Series:
    """Return which contacts are a withdrawal by the requester: an unanswered question is none."""
    ours = [n.id for n in words.nodes.values() if n.sends]
    ended = (found["outcome"] == WITHDRAWN) & ~found["activity"].isin(ours)
    return found["activity"].isin(words.withdrawals) | ended
