"""Read and write object-centric logs as XML (OCEL 2.0): streaming, no entities, no network."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, opened
from bdv_process.eventlog.ocel import NAMES, Draft, Nested, Ocel, Types, kind

_TYPES: Final = {"object-types": "object-type", "event-types": "event-type"}
_ROWS: Final = {"objects": "object", "events": "event"}
_MAX_DEPTH: Final = 6  # of an attribute of a type, the deepest element of the standard
# libxml2 has limits of its own, and words of its own for what no encoding can be.
_LIMITS: Final = re.compile(r"depth|huge|too long|too large|limit", re.IGNORECASE)
_ENCODING: Final = re.compile(r"encoding|not proper UTF-8", re.IGNORECASE)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.draft = Draft()
        self._above: list[etree._Element] = []

    def read(self, stream: BinaryIO) -> Draft:
        """Take in the children of the four lists one by one, and forget each."""
        steps = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for step, element in steps:
            if step == "start":
                self._begin(element)
                continue
            self._above.pop()
            if len(self._above) == 2:
                self._take(self._above[1].tag, element)
                element.clear()
                self._above[1].remove(element)
        return self.draft

    def _begin(self, element: etree._Element) -> None:
        depth = len(self._above)
        if not depth and element.getroottree().docinfo.internalDTD is not None:
            raise InputRefused("BDV-210", where=self._where(element))
        if depth == 1 and element.tag in ("global", "extension", "classifier"):
            raise InputRefused("BDV-273", where=self._where(element), version="1.0")
        lists = (*_TYPES, *_ROWS)
        known = {0: ("log",), 1: lists}.get(depth)
        if depth == 2:
            parent = str(self._above[1].tag)
            known = ((_TYPES | _ROWS)[parent],)
        if known and element.tag not in known:
            raise self._refused(element, str(element.tag), " / ".join(known))
        if depth >= _MAX_DEPTH or len(element.attrib) > MAX_COLUMNS:
            raise LimitExceeded("BDV-212", where=self._where(element))
        self._above.append(element)

    def _take(self, parent: object, element: etree._Element) -> None:
        if parent in _TYPES:
            self._take_type(parent == "event-types", element)
            return
        event = parent == "events"
        one, which = self._given(element, "id"), self._given(element, "type")
        draft = self.draft
        if event:
            draft.events.append((one, which, self._given(element, "time")))
        else:
            draft.objects.append((one, which))
        relations = draft.event_object if event else draft.object_object
        for child in self._inside(element, {"attributes": "attribute", "objects": "relationship"}):
            if child.tag == "relationship":
                other, how = self._given(child, "object-id"), self._given(child, "qualifier")
                relations.append((one, other, how))
            elif event:
                draft.event_values.append((one, self._given(child, "name"), child.text))
            else:
                since = self._given(child, "time")
                draft.object_values.append((one, self._given(child, "name"), child.text, since))

    def _take_type(self, event: bool, element: etree._Element) -> None:
        types = self.draft.event_types if event else self.draft.object_types
        where = self._where(element)
        has = self.draft.declare(types, self._given(element, "name"), where)
        for child in self._inside(element, {"attributes": "attribute"}):
            name = self._given(child, "name")
            if name in has:
                raise InputRefused("BDV-274", where=where, count=1, ids=name)
            has[name] = kind(self._given(child, "type"), where)

    def _inside(self, element: etree._Element, lists: dict[str, str]) -> Iterator[etree._Element]:
        """Yield what stands in the lists of an element, each of which holds one kind of child."""
        for inner in element:
            if inner.tag not in lists:
                raise self._refused(inner, str(inner.tag), " / ".join(lists))
            for child in inner:
                if child.tag != lists[str(inner.tag)] or len(child):
                    raise self._refused(child, str(child.tag), lists[str(inner.tag)])
                yield child

    def _given(self, element: etree._Element, name: str) -> str:
        found = element.get(name)
        if found is None:
            raise self._refused(element, f"{element.tag}", f"{element.tag} {name}=")
        return found

    def _refused(self, element: etree._Element, found: str, expected: str) -> InputRefused:
        where = self._where(element)
        return InputRefused("BDV-270", where=where, found=found[:60], expected=expected)

    def _where(self, element: etree._Element) -> str:
        return f"{self.path}:{cast('int | None', element.sourceline) or 0}"


def read(path: Path, *, limit: int = MAX_EVENTS) -> Ocel:
    """Read a log in XML.

    Raises:
        InputRefused: no XML, no OCEL 2.0, a DOCTYPE, or something that cannot be kept as it is.
        LimitExceeded: deeper, longer or wider than we promise to handle.
    """
    reader = _Reader(path)
    try:
        with opened(path) as stream:
            draft = reader.read(stream)
    except etree.XMLSyntaxError as error:
        where = f"{path}:{error.lineno}"
        if _LIMITS.search(error.msg):
            raise LimitExceeded("BDV-212", where=where) from error
        code = "BDV-219" if _ENCODING.search(error.msg) else "BDV-211"
        raise InputRefused(code, where=where) from error
    return draft.done(path.name, limit)


def write(ocel: Ocel, stream: BinaryIO) -> None:
    """Write a log as the standard's XML."""
    stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<log>\n')
    _write_types("object-types", ocel.object_types, stream)
    _write_types("event-types", ocel.event_types, stream)
    _write_rows("objects", ocel.each_object(), stream)
    _write_rows("events", ocel.each_event(), stream)
    stream.write(b"</log>\n")


def _write_types(parent: str, types: Types, stream: BinaryIO) -> None:
    tag = _TYPES[parent]
    stream.write(f"<{parent}>\n".encode())
    for name, has in types.items():
        inside = "".join(
            f"<attribute name={_quoted(each)} type={_quoted(NAMES[kind])}/>\n"
            for each, kind in has.items()
        )
        line = f"<{tag} name={_quoted(name)}>\n<attributes>\n{inside}</attributes>\n</{tag}>\n"
        stream.write(line.encode())
    stream.write(f"</{parent}>\n".encode())


def _write_rows(parent: str, rows: Iterable[Nested], stream: BinaryIO) -> None:
    tag = _ROWS[parent]
    stream.write(f"<{parent}>\n".encode())
    for (one, which, *when), values, relations in rows:
        time = f" time={_quoted(when[0])}" if when else ""
        told = "".join(
            f"<attribute name={_quoted(name)}"
            f"{f' time={_quoted(since[0])}' if since else ''}>{_escaped(value)}</attribute>\n"
            for name, value, *since in values
        )
        others = "".join(
            f"<relationship object-id={_quoted(other)} qualifier={_quoted(how)}/>\n"
            for other, how in relations
        )
        stream.write(
            f"<{tag} id={_quoted(one)} type={_quoted(which)}{time}>\n"
            f"<attributes>\n{told}</attributes>\n<objects>\n{others}</objects>\n</{tag}>\n".encode()
        )
    stream.write(f"</{parent}>\n".encode())


def _quoted(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})
