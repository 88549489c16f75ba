"""Read and write XES (IEEE 1849-2016): streaming, hardened, and strict where meaning is at stake.

Read with tolerance for order and for what a log declares, because most real logs bend the schema;
refused is what would lose or change data: a wrong type, a key twice, an element in a wrong place.
Written files follow the schema.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd
from lxml import etree

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, LIFECYCLE, TIMESTAMP
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT, opened
from bdv_process.eventlog.table import Note, Table, typed

EXTENSION: Final = "urn:bdv-process:xes:1"

_KINDS: Final = {
    "string": "", "id": "", "date": "date", "int": "int", "float": "float", "boolean": "boolean",
    "list": "", "container": "",
}  # fmt: skip
_ALLOWED: Final = {
    "extension": {"name", "prefix", "uri"},
    "classifier": {"name", "keys", "scope"},
    "global": {"scope"},
}
_TRANSITIONS: Final = {
    "schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "withdraw",
    "manualskip", "autoskip", "pi_abort", "ate_abort", "unknown",
}  # fmt: skip


class _Reader:
    """Gathers one file column by column; texts that repeat are kept once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = 0
        self.columns: dict[str, list[str | None]] = {}
        self.case_columns: dict[str, list[str | None]] = {}
        self.kinds: dict[str, set[str]] = {}
        self.case_of: list[int] = []  # of each event, -1 outside a trace
        self.within: list[int] = []  # number of each event within its trace
        self.traces = 0
        self.in_trace = 0
        self.empty = 0
        self.unkept = 0
        self.classifiers: list[str] = []
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def event(self, element: etree._Element) -> None:
        """Take in one event, of the open trace or of none."""
        parent = element.getparent()
        outside = parent is not None and _tag(parent) == "log"
        if self.events == MAX_EVENTS:
            raise LimitExceeded("BDV-228", where=self.path, limit=MAX_EVENTS)
        self._attributes(element, self.columns, "", self.events)
        self.case_of.append(-1 if outside else self.traces)
        self.in_trace += not outside
        self.within.append(0 if outside else self.in_trace)
        self.events += 1

    def trace(self, element: etree._Element) -> None:
        """Take in the attributes of a trace, and close it."""
        self._attributes(element, self.case_columns, "case:", self.traces)
        self.empty += self.in_trace == 0
        self.traces += 1
        self.in_trace = 0

    def log(self, root: etree._Element) -> None:
        """Check what the log says about itself."""
        for child in root:
            tag = _tag(child)
            if tag in ("extension", "classifier", "global"):
                self._declaration(child, tag)
            else:
                key = self._key(child)
                self._check(child, key)
        self.unkept += sum(_tag(child) in _KINDS for child in root)

    def _declaration(self, element: etree._Element, tag: str) -> None:
        required = _ALLOWED[tag] - {"scope"}
        self._only(element, _ALLOWED[tag])
        if any(not (element.get(name) or "").strip() for name in required):
            raise self._refused("BDV-214", element)
        if (element.get("scope") or "event") not in ("event", "trace"):
            raise self._refused("BDV-214", element)
        if tag == "classifier":
            self.classifiers.append(f"{element.get('name')}: {element.get('keys')}")
        keys = [self._key(child) for child in element]
        if len(keys) != len(set(keys)):
            raise self._refused("BDV-215", element)

    def _attributes(
        self,
        element: etree._Element,
        columns: dict[str, list[str | None]],
        prefix: str,
        row: int,
    ) -> None:
        if element.keys():
            raise self._refused("BDV-214", element)
        for child in element:
            kind = _KINDS.get(_tag(child))
            key, value = child.get("key"), child.get("value")
            if kind is None or key is None or value is None or len(child.attrib) > 2:
                self._key(child)  # says what is wrong, or it is a list: no single value to keep
                self.unkept += 1
                continue
            if len(child):
                self.unkept += sum(1 for _ in child.iterdescendants())
            if len(value) > MAX_TEXT:
                raise LimitExceeded("BDV-227", where=self._where(child), limit=MAX_TEXT)
            name = self._names.get(prefix + key) or self._named(prefix, key)
            column = columns.setdefault(name, [])
            if len(column) > row:
                raise self._refused("BDV-215", child)
            if len(column) < row:
                column.extend([None] * (row - len(column)))
            column.append(self._texts.setdefault(value, value))
            self.kinds[name].add(kind)

    def _named(self, prefix: str, key: str) -> str:
        """Return the column for a key met for the first time."""
        if len(self._names) == MAX_COLUMNS:
            raise LimitExceeded(
                "BDV-226", where=self.path, found=MAX_COLUMNS + 1, limit=MAX_COLUMNS
            )
        name = self._names[prefix + key] = prefix + _decoded_name(key)
        self.kinds.setdefault(name, set())
        return name

    def _key(self, element: etree._Element) -> str:
        tag = _tag(element)
        if tag not in _KINDS:
            raise self._refused("BDV-213", element)
        valued = tag not in ("list", "container")
        if element.get("key") is None or (valued and element.get("value") is None):
            raise self._refused("BDV-214", element)
        self._only(element, {"key", "value"})
        return _decoded_name(element.get("key") or "")

    def _check(self, element: etree._Element, key: str) -> None:
        kind = _KINDS[_tag(element)]
        if kind and kind != "date" and typed(_one(element.get("value")), kind)[1].notna().any():
            raise InputRefused(
                "BDV-241",
                where=self._where(element),
                count=1,
                column=key,
                value=(element.get("value") or "")[:60],
            )

    def _only(self, element: etree._Element, names: set[str]) -> None:
        if len(element.attrib) > MAX_COLUMNS:
            raise LimitExceeded("BDV-212", where=self._where(element))
        if not names.issuperset(map(str, element.keys())):
            raise self._refused("BDV-214", element)

    def _refused(self, code: str, element: etree._Element) -> BdvError:
        return InputRefused(
            code, where=self._where(element), element=_tag(element), key=element.get("key", "-")
        )

    def _where(self, element: etree._Element) -> str:
        return f"{self.path}:{element.sourceline}"

    def place(self, row: int) -> str:
        """Say where the event in `row` stands."""
        case = self.case_of[row]
        return f"trace {case + 1}, event {self.within[row]}" if case >= 0 else f"event {row + 1}"


def read(path: Path, *, encoding: str = "utf-8") -> Table:
    """Read an XES log; the file itself says its encoding.

    Raises:
        InputRefused: not XML, not XES, a DOCTYPE, or something that cannot be kept as it is.
        LimitExceeded: deeper, longer or wider than we promise to handle.
    """
    reader = _Reader(path)
    with opened(path) as stream:
        for element in _elements(stream, path):
            tag, parent = _tag(element), element.getparent()
            above = None if parent is None else _tag(parent)
            if (tag, above) in (("event", "trace"), ("event", "log")):
                reader.event(element)
            elif (tag, above) == ("trace", "log"):
                reader.trace(element)
            elif (tag, above) == ("log", None):
                reader.log(element)
            else:
                raise InputRefused("BDV-213", where=f"{path}:{element.sourceline}", element=tag)
            element.clear()
            if parent is not None:
                parent.remove(element)
    return _table(reader)


def _elements(stream: BinaryIO, path: Path) -> Iterator[etree._Element]:
    """Yield each event, trace and at last the log; nothing outside the file is ever fetched."""
    parsed = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=("{*}event", "{*}trace", "{*}log"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    known = False
    try:
        for action, element in parsed:
            if not known:
                info = element.getroottree().docinfo
                if info.doctype or info.internalDTD is not None:
                    raise InputRefused("BDV-210", where=path)
                if _tag(element) != "log" or element.getparent() is not None:
                    raise InputRefused("BDV-216", where=path, element=_tag(element))
                known = True
            if action == "end":
                yield element
    except etree.XMLSyntaxError as error:
        if "DOCTYPE" in str(error) or _has_doctype(parsed):
            raise InputRefused("BDV-210", where=path) from error
        line = f"{path}:{error.lineno}"
        if re.search(r"huge|depth|too long|too big|limit", str(error), re.IGNORECASE):
            raise LimitExceeded("BDV-212", where=line) from error
        if re.search(r"encod|not proper UTF-8", str(error), re.IGNORECASE):
            raise InputRefused("BDV-219", where=line) from error
        raise InputRefused("BDV-211", where=line) from error
    if not known:
        raise InputRefused("BDV-216", where=path, element="?")


def _has_doctype(parsed: "etree.iterparse[tuple[str, etree._Element]]") -> bool:
    root = parsed.root
    return root is not None and bool(root.getroottree().docinfo.doctype)


def _table(reader: _Reader) -> Table:
    count = reader.events
    case = np.array(reader.case_of, dtype="int64")
    columns: dict[str, pd.Series] = {}
    for key, values in reader.case_columns.items():
        padded = pd.Series([*values, *[None] * (reader.traces - len(values))], dtype="str")
        columns[key] = padded.reindex(case).reset_index(drop=True)
    for key, values in reader.columns.items():
        columns[key] = pd.Series([*values, *[None] * (count - len(values))], dtype="str")
    notes = list(_notes(reader))
    if CASE not in columns and reader.traces:
        # As with times: absent everywhere is a property of the log, absent somewhere a defect.
        columns[CASE] = pd.Series(case + 1).astype("str").where(case >= 0)
        notes.append(("eventlog.numbered", {"count": reader.traces}))
    names = [name for name in reader.case_columns.get(CASE, []) if name is not None]
    if len(names) != len(set(names)):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputRefused("BDV-217", where=reader.path, case=twice)
    for key in (CASE, LABEL, TIMESTAMP):
        if key not in columns and not (key == LABEL and ACTIVITY in columns):
            columns[key] = pd.Series(None, index=range(count), dtype="str")
    if LIFECYCLE in columns:
        lower = columns[LIFECYCLE].str.lower()
        columns[LIFECYCLE] = columns[LIFECYCLE].mask(lower.isin(_TRANSITIONS), lower)
    outside = pd.Series(case < 0)
    return Table(
        source=reader.path.name,
        frame=pd.DataFrame(columns, index=range(count)),
        rows=pd.Series(range(1, count + 1), dtype="int64"),
        place=reader.place,
        kinds={key: kind for key, (kind, *more) in reader.kinds.items() if kind and not more},
        reasons=pd.Series("BDV-244", index=range(count), dtype="str").where(outside),
        notes=tuple(notes),
    )


def _notes(reader: _Reader) -> Iterator[Note]:
    if reader.unkept:
        yield "eventlog.unkept", {"count": reader.unkept}
    if reader.empty:
        yield "eventlog.empty_cases", {"count": reader.empty}
    if reader.classifiers:
        yield "eventlog.classifiers", {"classifiers": "; ".join(reader.classifiers)}
    mixed = sorted(key for key, kinds in reader.kinds.items() if len(kinds) > 1)
    if mixed:
        yield "eventlog.mixed_types", {"columns": ", ".join(mixed)}


def _tag(element: etree._Element) -> str:
    tag: str = element.tag
    return tag.rpartition("}")[2]


def _one(value: str | None) -> pd.Series:
    return pd.Series([value], dtype="str")


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


def write(frame: pd.DataFrame, stream: BinaryIO) -> None:
    """Write a log's frame; columns `case:` become attributes of the trace, missing ones nothing."""
    stream.write(_HEAD.encode())
    on_case = [name for name in frame.columns if name.startswith("case:")]
    starts = np.flatnonzero((frame[CASE] != frame[CASE].shift()).to_numpy())
    traces = _elements_of(frame.iloc[starts], on_case)
    events = _elements_of(frame, [name for name in frame.columns if name not in on_case])
    for trace, start, end in zip(traces, starts, [*starts[1:], len(frame)], strict=True):
        inside = "".join(f"<event>\n{event}</event>\n" for event in events[start:end])
        stream.write(f"<trace>\n{trace}{inside}</trace>\n".encode())
    stream.write(b"</log>\n")


def _elements_of(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """Return, per row, its attributes as XML; each distinct value is written out once."""
    parts = []
    for name in columns:
        tag, texts = _texts(frame[name])
        codes, values = pd.factorize(texts)
        key = quoteattr(_encoded_name(name.removeprefix("case:")))
        escapes = {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
        elements = [f"<{tag} key={key} value={quoteattr(v, escapes)}/>\n" for v in values]
        parts.append(np.array([*elements, ""], dtype=object)[codes])
    return ["".join(row) for row in zip(*parts, strict=True)] if parts else [""] * len(frame)


def _texts(values: pd.Series) -> tuple[str, pd.Series]:
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


def _decoded_name(name: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4,6})_", lambda found: chr(int(found[1], 16)), name)
