"""What followed what in the life of each object: the object-centric directly-follows graph."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import LABEL, LIFECYCLE, Lifecycle
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.eventlog.ocel import EVENT, ID, OBJECT, TIME, TYPE
from bdv_process.faces import Shown, plain
from bdv_process.language import Language
from bdv_process.mining.labels import named
from bdv_process.mining.pm4 import object_flows
from bdv_process.privacy import FEW

if TYPE_CHECKING:
    from bdv_process.picture.picture import Picture

#: Who did it, in our own logs: what happens to a role is everything, one after the other.
_DOERS: Final = ("resource", "role", "organisation")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ObjectMap(Shown):
    """What followed what, by type of object.

    `frame`: one row per type and pair of activities: type, source ("": an object begins), target
    ("": it ends), count (times), objects (how many different ones). The most frequent first.
    `labels`: what activities are called in the log. `kinds`: number of objects by type.
    """

    frame: pd.DataFrame
    labels: Mapping[str, str]
    kinds: Mapping[str, int]
    events: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: what stands for five objects or more."""
        return {
            "format": 1,
            "events": self.events,
            "kinds": {kind: of for kind, of in self.kinds.items() if of >= FEW},
            "flows": plain(self.frame[self.frame["objects"] >= FEW]),
        }

    def chart(self, *, names: Mapping[str, str] | None = None, lang: Language = "nl") -> "Picture":
        """Draw the map, each type in a colour and dashes of its own.

        Args:
            names: what to call activities; else as the log does.
            lang: language of the words.
        """
        from bdv_process.picture.object_map import object_picture

        return object_picture(self.frame, {**self.labels, **(names or {})}, lang=lang)

    def __repr__(self) -> str:
        """Say how many events, and objects of which types, on one line."""
        of = ", ".join(f"{count} {kind}" for kind, count in self.kinds.items())
        return f"<ObjectMap: {self.events} events, {of}, {len(self.frame)} flows>"


def object_map(log: ObjectLog, *, types: Collection[str] = ()) -> ObjectMap:
    """Find what followed what in the life of each object, as pm4py does.

    Only what was completed counts, where the log tells that. Of what happened in one moment the
    order is that of the log. pm4py keeps every pair in memory: about a gigabyte for a million.

    Args:
        log: the events and their objects.
        types: of which objects; by default of all but those who do the work.

    Raises:
        InputRefused: the log has no objects of such a type.
    """
    known = sorted(log.objects[TYPE].unique())
    chosen = types or [kind for kind in known if kind not in _DOERS]
    for kind in chosen:
        if kind not in known:
            near = get_close_matches(kind, known, 1, 0) or ["-"]
            raise InputRefused("BDV-281", where=log.said.source, type=kind, nearest=near[0])
    events = log.events
    if LIFECYCLE in events:
        events = events[events[LIFECYCLE] == Lifecycle.COMPLETE]
    events = events.sort_values(TIME, kind="stable", ignore_index=True)
    objects = log.objects[log.objects[TYPE].isin(chosen)]
    related = log.event_object[[EVENT, OBJECT]].drop_duplicates()
    related = related[related[EVENT].isin(events[ID]) & related[OBJECT].isin(objects[ID])]
    # pm4py puts what happened in one moment in the order of the ids.
    width = len(str(len(events)))
    number = pd.Series([f"{row:0{width}}" for row in range(len(events))], dtype="str")
    place = dict(zip(events[ID], number, strict=True))
    found = object_flows(
        events[[ID, TYPE, TIME]].assign(**{ID: number}),
        objects[[ID, TYPE]],
        related.assign(**{EVENT: related[EVENT].map(place)}),
    )
    order = ["count", "type", "source", "target"]
    frame = found.sort_values(order, ascending=[False, True, True, True], ignore_index=True)
    met = objects[objects[ID].isin(related[OBJECT])][TYPE].value_counts(sort=False)
    return ObjectMap(
        frame=frame,
        labels=named(events, TYPE) if LABEL in events else {},
        kinds={str(kind): int(of) for kind, of in met.sort_index().items()},
        events=int(related[EVENT].nunique()),
    )
