"""Write XES (IEEE 1849-2016) that its schema accepts, whatever the names of the columns."""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import BinaryIO, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

from bdv_process.eventlog import unobservable
from bdv_process.eventlog.event import CASE

EXTENSION: Final = "urn:bdv-process:xes:1"

_HEAD: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="BdvProcess" prefix="bdv" uri="{EXTENSION}"/>
<global scope="trace">
<string key="concept:name" value="?"/>
</global>
<global scope="event">
<string key="concept:name" value="?"/>
<string key="bdv:activity" value="?"/>
<string key="lifecycle:transition" value="complete"/>
</global>
<classifier name="Activity" scope="event" keys="bdv:activity"/>
<classifier name="Transition" scope="event" keys="bdv:activity lifecycle:transition"/>
<classifier name="Resource" scope="event" keys="org:resource"/>
"""


def write(frame: pd.DataFrame, stream: BinaryIO, hidden: Collection[str] = ()) -> None:
    """Write a log's frame, and what its system cannot record.

    Columns `case:` become attributes of the trace, missing values nothing.
    """
    stream.write(_HEAD.encode())
    if hidden:
        ids = quoteattr(unobservable.written(hidden))
        stream.write(f'<string key="{unobservable.NOT_OBSERVABLE}" value={ids}/>\n'.encode())
    on_case = [name for name in frame.columns if name.startswith("case:")]
    starts = np.flatnonzero((frame[CASE] != frame[CASE].shift()).to_numpy())
    traces = _elements_of(frame.iloc[starts], on_case)
    events = _elements_of(frame, [name for name in frame.columns if name not in on_case])
    bounds = pairwise([*starts, len(frame)])
    for trace, (start, end) in zip(traces, bounds, strict=True):
        inside = "".join(f"<event>\n{event}</event>\n" for event in events[start:end])
        stream.write(f"<trace>\n{trace}{inside}</trace>\n".encode())
    stream.write(b"</log>\n")


def _elements_of(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """Return, per row, its attributes as XML; each distinct value is written out once."""
    parts = []
    for name in columns:
        tag, texts = as_texts(frame[name])
        codes, values = pd.factorize(texts)
        key = quoteattr(_encoded_name(name.removeprefix("case:")))
        escapes = {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
        elements = [f"<{tag} key={key} value={quoteattr(v, escapes)}/>\n" for v in values]
        parts.append(np.array([*elements, ""], dtype=object)[codes])
    return ["".join(row) for row in zip(*parts, strict=True)] if parts else [""] * len(frame)


def as_texts(values: pd.Series) -> tuple[str, pd.Series]:
    """Return the kind of a column, as XES calls it, and its values as texts."""
    kind = str(values.dtype)
    if kind.startswith("datetime64"):
        return "date", values.dt.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").astype("str")
    if kind in ("bool", "boolean"):
        return "boolean", values.astype("boolean").map({True: "true", False: "false"}).astype("str")
    if kind == "Int64":
        return "int", values.astype("str")
    if kind == "float64":
        shown = values.map(repr, na_action="ignore").astype("str")
        return "float", shown.replace({"inf": "INF", "-inf": "-INF"})
    return "string", values


_NAME_START: Final = re.compile(r"[A-Za-z_:À-ÖØ-öø-˿]")
_NAME_PART: Final = re.compile(r"[-.0-9A-Za-z_:·À-ÖØ-öø-˿]")


def _encoded_name(name: str) -> str:
    """Return a key the schema accepts (an XML name): `my key` is written as `my_x0020_key`."""
    escaped = re.sub(r"_(?=x[0-9A-Fa-f]{4,6}_)", "_x005F_", name)
    return "".join(
        char if (_NAME_PART if place else _NAME_START).match(char) else f"_x{ord(char):04X}_"
        for place, char in enumerate(escaped)
    )
