"""Read XES (IEEE 1849-2016): streaming, hardened, and strict where meaning is at stake.

Read with tolerance for order and for what a log declares, because most real logs bend the schema;
refused is what would lose or change data: a wrong type, a key twice, an element in a wrong place.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from lxml import etree

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, TIMESTAMP
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT, opened
from bdv_process.eventlog.table import Note, Table, typed

MAX_DEPTH: Final = 100
_ENCODING_ERRORS: Final = {
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
}

_KINDS: Final = {
    "string": "", "id": "", "date": "date", "int": "int", "float": "float", "boolean": "boolean",
    "list": "", "container": "",
}  # fmt: skip
_ALLOWED: Final = {
    "extension": {"name", "prefix", "uri"},
    "classifier": {"name", "keys", "scope"},
    "global": {"scope"},
}


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
                self.unkept += 1 + self._nested(child)

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
                self.unkept += self._nested(child)
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

    def _nested(self, element: etree._Element) -> int:
        """Count what is nested in an attribute; refuse a nest that is too deep."""
        count, depth, level = 0, 0, list(element)
        while level:
            count, depth = count + len(level), depth + 1
            if depth > MAX_DEPTH:
                raise LimitExceeded("BDV-212", where=self._where(element))
            level = [inner for outer in level for inner in outer]
        return count

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
        self._only(element, {"key", "value"})
        valued = tag not in ("list", "container")
        if element.get("key") is None or (valued and element.get("value") is None):
            raise self._refused("BDV-214", element)
        return _decoded_name(element.get("key") or "")

    def _check(self, element: etree._Element, key: str) -> None:
        """Refuse a wrong value that is not kept anyway: it says the file is not to be trusted."""
        kind, value = _KINDS[_tag(element)], element.get("value")
        if kind:
            zone = {"timezone": ZoneInfo("UTC")} if kind == "date" else {}
            (reason,) = typed(pd.Series([value], dtype="str"), kind, **zone)[1]
            if isinstance(reason, str):
                where, shown = self._where(element), (value or "")[:60]
                raise InputRefused(reason, where=where, count=1, column=key, value=shown)

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
        if _has_doctype(parsed):
            raise InputRefused("BDV-210", where=path) from error
        # The log is lxml's own, of the whole process: only its last entry is about this file. And
        # only there stands the line of an undeclared entity.
        *_, last = cast(Iterable[Any], error.error_log)
        line = f"{path}:{last.line}"
        if last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise LimitExceeded("BDV-212", where=line) from error
        if last.type in _ENCODING_ERRORS:
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
        texts = pd.Series([*values, *[None] * (count - len(values))], dtype="str")
        if key in columns:  # an event may repeat what its trace says, not contradict it
            texts = texts.fillna(columns[key])
            differs = columns[key].notna() & (columns[key] != texts)
            if differs.any():
                where = f"{reader.path.name}: {reader.place(int(differs.to_numpy().argmax()))}"
                raise InputRefused("BDV-215", where=where, element="event", key=key)
        columns[key] = texts
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
    if reader.classifiers and ACTIVITY not in reader.kinds:  # ours name it outright
        yield "eventlog.classifiers", {"classifiers": "; ".join(reader.classifiers)}
    mixed = sorted(key for key, kinds in reader.kinds.items() if len(kinds) > 1)
    if mixed:
        yield "eventlog.mixed_types", {"columns": ", ".join(mixed)}


def _tag(element: etree._Element) -> str:
    tag: str = element.tag
    return tag.rpartition("}")[2]


def _decoded_name(name: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4,6})_", lambda found: chr(int(found[1], 16)), name)
