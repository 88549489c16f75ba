"""What really happens in streams of one pattern, step by step over the borders of their cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import ACTIVITY, LIFECYCLE, TIMESTAMP, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.store import LogStore
from bdv_process.mining.discovery import ProcessMap, counted
from bdv_process.mining.engine import LOCAL, run
from bdv_process.mining.labels import first_names, named
from bdv_process.mining.linking import without_inferred
from bdv_process.mining.stream_levels import LOG
from bdv_process.mining.tree import patterns, tree
from bdv_process.mining.variants import distinct, ends_shown, with_ends
from bdv_process.mining.work import AT, compact, of_steps
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key

_WAY: Final = ["open", "activities"]


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How streams went, in a part of a log or in all of it."""

    ways: pd.DataFrame  #: open, activities (tuple), cases (number of streams)
    labels: dict[str, str]  #: by activity
    known: frozenset[str]  #: patterns that there are


@dataclass(frozen=True, kw_only=True)
class StreamMapping:
    """The analysis behind `stream_map`."""

    pattern: str
    templates: tuple[Template, ...]
    inferred: bool

    def survey(self, log: EventLog) -> frozenset[str]:
        """Return the templates of which a part shows how cases end.

        Raises:
            InputRefused: the log has no times.
        """
        if log.coded[TIMESTAMP].isna().all():
            raise InputRefused("BDV-441", where=log.provenance.source)
        return ends_shown(log.coded, by_key(self.templates), ())

    def surveyed(self, parts: Sequence[frozenset[str]]) -> frozenset[str]:
        """Return the templates of which the log shows how cases end."""
        return frozenset().union(*parts)

    def partial(self, log: EventLog, can: frozenset[str]) -> Ways:
        """Return how the streams of a part went."""
        log = log if self.inferred else without_inferred(log)
        frame = log.coded
        cases = with_ends(frame, tree(frame), by_key(self.templates), (), can)
        kind = patterns(cases, {template.key: template.process for template in self.templates})
        stream, names = pd.factorize(cases["stream"])
        streams = pd.DataFrame(
            {
                "template": "",
                "end": "",
                "open": cases["open"].groupby(stream).any(),
                "pattern": kind.reindex(names).array,
            }
        )
        wanted = (streams["pattern"] == self.pattern).to_numpy() | (self.pattern == LOG)
        events = self._events(log, cases["depth"].to_numpy(), stream)
        at = np.cumsum(wanted) - 1
        events = events[wanted[events["stream"]]]
        events = events.assign(at=at[events["stream"]], outcome=None)
        ways = pd.DataFrame({"open": [], "activities": [], "cases": []})
        if wanted.any():
            ways, _ = distinct(events, streams[wanted].reset_index(drop=True))
        return Ways(
            ways=ways[[*_WAY, "cases"]],
            labels=named(frame),
            known=frozenset(streams["pattern"]),
        )

    def merge(self, parts: Sequence[Ways]) -> Ways:
        """Return how the streams of parts went together."""
        every = pd.concat([part.ways for part in parts], ignore_index=True)
        every = every.astype({"open": bool, "cases": np.int64})
        return Ways(
            ways=every.groupby(_WAY, as_index=False)[["cases"]].sum(),
            labels=first_names(pair for part in parts for pair in part.labels.items()),
            known=frozenset().union(*(part.known for part in parts)),
        )

    def finish(self, whole: Ways, can: frozenset[str]) -> ProcessMap:
        """Count what followed what.

        Raises:
            NotFound: there is no stream of this pattern.
        """
        if whole.ways.empty:
            known = ", ".join(sorted(whole.known))
            raise NotFound("BDV-444", where=self.pattern, known=known)
        names = {node.id: node.name for template in self.templates for node in template.nodes}
        return counted("", whole.ways, None, (), {**whole.labels, **names})

    def _events(
        self, log: EventLog, depth: NDArray[np.int64], stream: NDArray[np.int64]
    ) -> pd.DataFrame:
        """Return what is on the map, in order: stream and activity.

        That is what was completed and a template shows or does not know; a fork is where it called,
        before what it called for.
        """
        rows = compact(log)
        every = {node.id for template in self.templates for node in template.nodes}
        shown = {id_ for template in self.templates for id_ in template.visible}
        forks = [fork.id for template in self.templates for fork in template.forks]
        fork = rows[ACTIVITY].isin(forks)
        silent = (every - shown) | {*log.provenance.not_observable}
        done = (rows[LIFECYCLE] == Lifecycle.COMPLETE) & ~fork & ~rows[ACTIVITY].isin(list(silent))
        calls = of_steps(rows[fork], ()).drop_duplicates("work")
        found = pd.concat([rows[done], calls[rows.columns]])
        at = found[AT].to_numpy()
        keys = [found.index, depth[at], found[TIMESTAMP].astype("int64"), stream[at]]
        found = found.iloc[np.lexsort(keys)]
        return pd.DataFrame(
            {"stream": stream[found[AT]], "activity": found[ACTIVITY].astype("str").array}
        )


def stream_map(
    log: EventLog | LogStore,
    pattern: str = LOG,
    templates: Iterable[Template] | None = None,
    *,
    inferred: bool = True,
    engine: str = LOCAL,
) -> ProcessMap:
    """Return what really happened in the streams of a pattern, over the borders of their cases.

    A case of the map is a stream. Its steps are those that were completed, in the order of time; a
    fork stands where it called, what it called for comes after it. Draw it with `draw_map`.

    Args:
        log: the events, or a store of them.
        pattern: as in `ValueStreams.patterns`; "" for all streams.
        templates: as for `value_streams`.
        inferred: whether links that were inferred count.
        engine: what carries it out: see `engine.run`.

    Raises:
        NotFound: there is no stream of this pattern.
        InputRefused: the log has no times, or cases are each other's ancestors.
    """
    asked = StreamMapping(
        pattern=pattern, templates=tuple(or_shipped(templates)), inferred=inferred
    )
    return run(asked, log, engine=engine)
