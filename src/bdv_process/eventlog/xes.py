"""Read XES (IEEE 1849-2016): streaming, hardened, and strict where meaning is at stake.

Read with tolerance for order and for what a log declares, because most real logs bend the schema;
refused is what would lose or change data: a wrong type, a key twice, an element in a wrong place.
"""

import codecs
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from xml.parsers import expat
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog import unobservable
from bdv_process.eventlog.coded import Rows, Values, coded, filled, missing
from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, TIMESTAMP
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT, opened
from bdv_process.eventlog.table import Note, Table, typed
from bdv_process.limits import limit

MAX_DEPTH: Final = limit("BDV_MAX_XML_DEPTH")
MAX_TOKEN: Final = 10_000_000  #: bytes in which no event, trace or other structure begins

_BLOCK: Final = 1 << 18  # bytes
_ENCODING_ERRORS: Final = {
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
}
_INVALID: Final = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]

_KINDS: Final = {
    "string": "", "id": "", "date": "date", "int": "int", "float": "float", "boolean": "boolean",
    "list": "", "container": "",
}  # fmt: skip
_ALLOWED: Final = {
    "extension": {"name", "prefix", "uri"},
    "classifier": {"name", "keys", "scope"},
    "global": {"scope"},
}
_NOWHERE: Final = -1


class _Reader:
    """Gathers one file column by column; hears of an element when it begins, and only then."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.limit = limit
        self.events = Rows()
        self.traces = Rows()
        self.kinds: dict[str, set[str]] = {}
        self.case_of = array("q")  # of each event, -1 outside a trace
        self.empty = 0
        self.unkept = 0
        self.classifiers: list[str] = []
        self.not_observable: tuple[str, ...] = ()
        self.steps = 0  # grows with every element but the attributes of an event
        self._above: list[str] = []  # what is open, outermost first; events have no place in it
        self._declared: set[str] = set()  # keys in the declaration that is open
        self._trace: Values = {}
        self._begun = 0  # event with which the open trace began
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._listen()

    def _listen(self) -> None:
        """Follow the elements of the file; nearly all are attributes of an event."""
        known: dict[str, str] = {}  # element by key, of attributes that need no second look
        ended: list[str] = []  # counting ends this way costs no call
        begun, level, event, opener = 0, _NOWHERE, Values(), ""
        longest = MAX_TEXT

        def start(tag: str, given: list[str]) -> None:
            nonlocal begun, level, event, opener
            begun += 1
            depth = begun - len(ended)
            if depth == level and len(given) == 4:
                first, key, second, value = given
                if (
                    known.get(key) == tag
                    and key not in event
                    and len(value) <= longest
                    and first == "key"
                    and second == "value"
                ):
                    event[key] = value
                    return
            elif depth == level - 1 and tag == opener and not given:  # as the event before it
                begun = depth
                ended.clear()
                self.steps += 1
                event = self.event(outside=depth == 2)
                return
            element = tag.rpartition(" ")[2]
            attributes = dict(zip(given[::2], given[1::2], strict=True))
            if depth == level:
                if self._attribute(element, attributes, event) == (key := attributes["key"]):
                    known[key] = tag
                return
            begun = depth
            ended.clear()
            self.steps += 1
            if depth > level > 0:
                self._inner(element, attributes, depth)
            elif opened := self._structure(element, attributes, depth):
                level, event, opener = depth + 1, opened[0], tag
            else:
                level = _NOWHERE

        self.parser.StartElementHandler = start
        self.parser.EndElementHandler = ended.append

    def _structure(self, element: str, given: Values, depth: int) -> list[Values]:
        """Take in an element that is in no event; when it is one, return where its values go."""
        if depth == 2:
            self.end_trace()
        del self._above[depth - 1 :]
        above = self._above[-1] if self._above else ""
        self._above.append(element)
        match above, element:
            case "", "log":
                pass
            case "", _:
                raise InputRefused("BDV-216", where=self.path, element=element)
            case (("log" | "trace"), "event"):
                self._only(element, given, set())
                return [self.event(outside=above == "log")]
            case "log", "trace":
                self._only(element, given, set())
                self._trace, self._begun = self.traces.begin(), self.events.count
            case "log", ("extension" | "classifier" | "global"):
                self._declaration(element, given)
            case "log", _:
                self._check(element, given)
                if given["key"] == unobservable.NOT_OBSERVABLE:
                    self.not_observable = unobservable.read(given.get("value", ""), self._where)
                else:
                    self.unkept += 1
            case "trace", _:
                self._attribute(element, given, self._trace, "case:")
            case (("extension" | "classifier" | "global"), _):
                key = self._key(element, given)
                if key in self._declared:
                    raise self._refused("BDV-215", element, given)
                self._declared.add(key)
            case _:
                self._inner(element, given, depth)
        return []

    def event(self, *, outside: bool) -> Values:
        """Begin an event, of the open trace or of none; return where its values go."""
        if self.events.count == self.limit:
            raise LimitExceeded("BDV-228", where=self.path, limit=self.limit)
        self.case_of.append(-1 if outside else self.traces.count - 1)
        return self.events.begin()

    def end_trace(self) -> None:
        """Count the trace that was open, if any, when it has no events."""
        self.empty += self._above[1:2] == ["trace"] and self.events.count == self._begun

    def _declaration(self, element: str, given: Values) -> None:
        self._only(element, given, _ALLOWED[element])
        if not all(given.get(name, "").strip() for name in _ALLOWED[element] - {"scope"}):
            raise self._refused("BDV-214", element, given)
        if (given.get("scope") or "event") not in ("event", "trace"):
            raise self._refused("BDV-214", element, given)
        if element == "classifier":
            self.classifiers.append(f"{given['name']}: {given['keys']}")
        self._declared.clear()

    def _attribute(self, element: str, given: Values, values: Values, prefix: str = "") -> str:
        """Keep the value of an attribute; return the name of its column."""
        name = prefix + self._key(element, given)
        if "value" not in given:  # a list: no single value to keep
            self.unkept += 1
            return ""
        if len(given["value"]) > MAX_TEXT:
            raise LimitExceeded("BDV-227", where=self._where, limit=MAX_TEXT)
        if name in values:
            raise self._refused("BDV-215", element, given)
        if name not in self.kinds and len(self.kinds) == MAX_COLUMNS:
            raise LimitExceeded(
                "BDV-226", where=self.path, found=MAX_COLUMNS + 1, limit=MAX_COLUMNS
            )
        self.kinds.setdefault(name, set()).add(_KINDS[element])
        values[name] = given["value"]
        return name

    def _inner(self, element: str, given: Values, depth: int) -> None:
        """Count what is nested in an attribute; refuse a nest that is too deep."""
        if element in ("log", "trace", "event"):
            raise self._refused("BDV-213", element, given)
        if depth > MAX_DEPTH:
            raise LimitExceeded("BDV-212", where=self._where)
        self.unkept += 1

    def _key(self, element: str, given: Values) -> str:
        if element not in _KINDS:
            raise self._refused("BDV-213", element, given)
        self._only(element, given, {"key", "value"})
        valued = element not in ("list", "container")
        if "key" not in given or (valued and "value" not in given):
            raise self._refused("BDV-214", element, given)
        return _decoded_name(given["key"])

    def _check(self, element: str, given: Values) -> None:
        """Refuse a wrong value that is not kept anyway: it says the file is not to be trusted."""
        key, kind, value = self._key(element, given), _KINDS[element], given.get("value", "")
        if kind:
            zone = {"timezone": ZoneInfo("UTC")} if kind == "date" else {}
            (reason,) = typed(pd.Series([value], dtype="str"), kind, **zone)[1]
            if isinstance(reason, str):
                raise InputRefused(reason, where=self._where, count=1, column=key, value=value[:60])

    def _only(self, element: str, given: Values, names: set[str]) -> None:
        if len(given) > MAX_COLUMNS:
            raise LimitExceeded("BDV-212", where=self._where)
        if not names.issuperset(given):
            raise self._refused("BDV-214", element, given)

    def _doctype(self, *_: object) -> None:
        raise InputRefused("BDV-210", where=self.path)

    def _refused(self, code: str, element: str, given: Values) -> BdvError:
        return InputRefused(code, where=self._where, element=element, key=given.get("key", "-"))

    @property
    def _where(self) -> str:
        return f"{self.path}:{self.parser.CurrentLineNumber}"

    def place(self, row: int) -> str:
        """Say where the event in `row` stands."""
        case = self.case_of[row]
        if case < 0:
            return f"event {row + 1}"
        return f"trace {case + 1}, event {self.case_of[: row + 1].count(case)}"


def read(path: Path, *, encoding: str = "utf-8", limit: int = MAX_EVENTS) -> Table:
    """Read an XES log; the file itself says its encoding.

    Raises:
        InputRefused: not XML, not XES, a DOCTYPE, or something that cannot be kept as it is.
        LimitExceeded: deeper, longer or wider than we promise to handle.
    """
    reader = _Reader(path, limit)
    try:
        with opened(path) as stream:
            _feed(reader, stream)
    except expat.ExpatError as error:
        odd = error.code == _INVALID and _is_no_text(path, reader.parser.ErrorByteIndex)
        code = "BDV-219" if odd or error.code in _ENCODING_ERRORS else "BDV-211"
        raise InputRefused(code, where=f"{path}:{error.lineno}") from error
    except (LookupError, ValueError) as error:  # an encoding that Python lacks, or of many bytes
        raise InputRefused("BDV-219", where=f"{path}:1") from error
    return _table(reader)


def _feed(reader: _Reader, stream: BinaryIO) -> None:
    quiet = 0
    while data := stream.read(_BLOCK):
        steps = reader.steps
        reader.parser.Parse(data, False)
        quiet = quiet + len(data) if reader.steps == steps else 0
        if quiet > MAX_TOKEN:
            where = f"{reader.path}:{reader.parser.CurrentLineNumber}"
            raise LimitExceeded("BDV-212", where=where)
    reader.parser.Parse(b"", True)
    reader.end_trace()
    reader.events.close()
    reader.traces.close()


def _is_no_text(path: Path, offset: int) -> bool:
    """Return whether the bytes at this place are no UTF-8: expat does not tell that apart."""
    with opened(path) as stream:
        while offset:
            offset -= len(stream.read(min(offset, _BLOCK)))
        try:
            codecs.getincrementaldecoder("utf-8")().decode(stream.read(4))
        except UnicodeDecodeError as error:
            return error.start == 0
    return False


def _table(reader: _Reader) -> Table:
    count = reader.events.count
    case = np.frombuffer(reader.case_of, dtype=np.int64)
    columns: dict[str, pd.Series] = {}
    for key, given in reader.traces.columns.items():
        by_trace = given.column(reader.traces.count)
        if key == CASE:
            _refuse_twice(by_trace.dropna(), reader.path)
        columns[key] = coded(pd.Series(by_trace.array.take(case, allow_fill=True)))
    for key, given in reader.events.columns.items():
        texts = given.column(count)
        if key in columns:  # an event may repeat what its trace says, not contradict it
            texts = filled(texts, columns[key])
            said = columns[key].astype("str")
            differs = said.notna() & (said != texts.astype("str"))
            if differs.any():
                where = f"{reader.path.name}: {reader.place(int(differs.to_numpy().argmax()))}"
                raise InputRefused("BDV-215", where=where, element="event", key=key)
        columns[key] = texts
    notes = list(_notes(reader))
    if CASE not in columns and reader.traces.count:
        # As with times: absent everywhere is a property of the log, absent somewhere a defect.
        columns[CASE] = coded(pd.Series(case + 1).astype("str").where(case >= 0))
        notes.append(("eventlog.numbered", {"count": reader.traces.count}))
    for key in (CASE, LABEL, TIMESTAMP):
        if key not in columns and not (key == LABEL and ACTIVITY in columns):
            columns[key] = missing("", count)
    return Table(
        source=reader.path.name,
        frame=pd.DataFrame(columns, copy=False),
        place=reader.place,
        kinds={key: kind for key, (kind, *more) in reader.kinds.items() if kind and not more},
        reasons=pd.Series("BDV-244", index=np.flatnonzero(case < 0), dtype="str"),
        notes=tuple(notes),
        not_observable=reader.not_observable,
    )


def _refuse_twice(names: pd.Series, path: Path) -> None:
    twice = names[names.duplicated(keep=False)]
    if len(twice):
        raise InputRefused("BDV-217", where=path, case=twice.iloc[0])


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


def _decoded_name(name: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4,6})_", lambda found: chr(int(found[1], 16)), name)
