"""Read and write object-centric logs as JSON (OCEL 2.0): element by element, and strict."""

import json
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any, BinaryIO, Final

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.files import MAX_EVENTS, opened
from bdv_process.eventlog.ocel import NAMES, Draft, Nested, Ocel, Types, kind

_LISTS: Final = ("eventTypes", "objectTypes", "events", "objects")
_SPACE: Final = " \t\n\r"


class _Number(str):
    """A number as it is written: a value may be one, an id may not."""

    __slots__ = ()


class _Twice(Exception):
    """A key that an object has twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> Any:
    raise ValueError(name)


class _Reader:
    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.path = path
        self.at = 0
        self.draft = Draft()
        self._may_be_halved = r"\ud" in text or r"\uD" in text
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_constant,
        )

    def read(self) -> Draft:
        """Read the four lists of the log, whatever their order."""
        seen: set[str] = set()
        self._expect("{")
        while self._next() != "}":
            if seen:
                self._expect(",")
            name = self._value("$")
            if type(name) is not str:
                raise self._refused("$", name, "text")
            if name in seen:
                raise self._broken("$", detail=f"{name} 2x")
            if name.startswith("ocel:"):
                raise InputRefused("BDV-273", where=f"{self.path}: $.{name}", version="1.0")
            seen.add(name)
            self._expect(":")
            if name in _LISTS:
                for number, element in enumerate(self._elements(name)):
                    self._take(name, element, f"$.{name}[{number}]")
            else:
                self._value(f"$.{name}")
                self.draft.unkept += 1
        self._expect("}")
        if self._next():
            raise self._broken("$")
        for name in _LISTS:
            if name not in seen:
                raise InputRefused("BDV-270", where=f"{self.path}: $", found="-", expected=name)
        return self.draft

    def _elements(self, name: str) -> Iterator[Any]:
        """Yield the elements of a list one by one: a whole log as Python objects is too large."""
        self._expect("[")
        number = 0
        while self._next() != "]":
            if number:
                self._expect(",")
            yield self._value(f"$.{name}[{number}]")
            number += 1
        self._expect("]")

    def _next(self) -> str:
        text, at = self.text, self.at
        while at < len(text) and text[at] in _SPACE:
            at += 1
        self.at = at
        return text[at : at + 1]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self._broken("$")
        self.at += 1

    def _value(self, path: str) -> Any:
        self._next()
        try:
            value, self.at = self._decoder.raw_decode(self.text, self.at)
        except RecursionError as error:
            raise self._too_deep(path) from error
        except _Twice as error:
            raise self._broken(path, detail=f"{error} 2x") from error
        except JSONDecodeError as error:
            self.at = error.pos
            raise self._broken(path) from error
        except ValueError as error:  # NaN and its kin, which JSON does not have
            raise self._broken(path, detail=str(error)) from error
        if self._may_be_halved:
            self._refuse_halved(value, path)
        return value

    def _refuse_halved(self, value: Any, path: str) -> None:
        """Refuse half of a surrogate pair: JSON can write it, and no text can have it."""
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = f"\\u{ord(error.object[error.start]):04x}"
            raise self._broken(path, detail=half) from error

    def _take(self, name: str, element: Any, path: str) -> None:
        draft = self.draft
        given = self._fields(element, path)
        if name in ("eventTypes", "objectTypes"):
            types = draft.event_types if name == "eventTypes" else draft.object_types
            where = f"{self.path}: {path}"
            has = draft.declare(types, self._text(given, "name", path), where)
            for inner, there in self._list(given, "attributes", path):
                attribute = self._text(inner, "name", there)
                if attribute in has:
                    raise InputRefused("BDV-274", where=where, count=1, ids=attribute)
                has[attribute] = kind(self._text(inner, "type", there), f"{self.path}: {there}")
                draft.unkept += len(inner.keys() - {"name", "type"})
            draft.unkept += len(given.keys() - {"name", "attributes"})
            return
        one = self._text(given, "id", path)
        rows, known = (draft.events, {"time"}) if name == "events" else (draft.objects, set[str]())
        when = (self._text(given, "time", path),) if known else ()
        rows.append((one, self._text(given, "type", path), *when))
        draft.unkept += len(given.keys() - {"id", "type", "attributes", "relationships"} - known)
        for inner, there in self._list(given, "attributes", path):
            attribute, value = self._text(inner, "name", there), self._scalar(inner, there)
            if name == "events":
                draft.event_values.append((one, attribute, value))
            else:
                since = self._text(inner, "time", there)
                draft.object_values.append((one, attribute, value, since))
        relations = draft.event_object if name == "events" else draft.object_object
        for inner, there in self._list(given, "relationships", path):
            other = self._text(inner, "objectId", there)
            relations.append((one, other, self._text(inner, "qualifier", there)))

    def _fields(self, element: Any, path: str) -> dict[str, Any]:
        if not isinstance(element, dict):
            raise self._refused(path, element, "{}")
        return element

    def _list(
        self, given: dict[str, Any], name: str, path: str
    ) -> Iterator[tuple[dict[str, Any], str]]:
        found = given.get(name, [])
        if not isinstance(found, list):
            raise self._refused(f"{path}.{name}", found, "[]")
        for number, element in enumerate(found):
            there = f"{path}.{name}[{number}]"
            yield self._fields(element, there), there

    def _text(self, given: dict[str, Any], name: str, path: str) -> str:
        found = given.get(name)
        if type(found) is not str:
            raise self._refused(f"{path}.{name}", found, "text")
        return found

    def _scalar(self, given: dict[str, Any], path: str) -> str:
        """Return a value as text, as the schema wants; many programs write numbers and truths."""
        found = given.get("value")
        if isinstance(found, bool):
            return "true" if found else "false"
        if not isinstance(found, str):
            raise self._refused(f"{path}.value", found, "text")
        return str(found)

    def _refused(self, path: str, found: Any, expected: str) -> InputRefused:
        said = "-" if found is None else json.dumps(found)[:60]
        return InputRefused("BDV-270", where=f"{self.path}: {path}", found=said, expected=expected)

    def _broken(self, path: str, detail: str = "") -> InputRefused:
        line = self.text.count("\n", 0, self.at) + 1
        detail = detail or self.text[self.at : self.at + 20] or "-"
        return InputRefused("BDV-271", where=f"{self.path}:{line}: {path}", detail=detail)

    def _too_deep(self, path: str) -> LimitExceeded:
        return LimitExceeded("BDV-272", where=f"{self.path}: {path}")


def read(path: Path, *, limit: int = MAX_EVENTS) -> Ocel:
    """Read a log in JSON.

    Raises:
        InputRefused: no JSON, no OCEL 2.0, or something that cannot be kept as it is.
        LimitExceeded: deeper or longer than we promise to handle.
    """
    with opened(path) as stream:
        data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused("BDV-289", where=path, offset=error.start) from error
    if text.lstrip()[:1] != "{":
        raise InputRefused("BDV-270", where=f"{path}: $", found=text.lstrip()[:20], expected="{}")
    return _Reader(text, path).read().done(path.name, limit)


def write(ocel: Ocel, stream: BinaryIO) -> None:
    """Write a log that the standard's schema accepts: every value is a text."""
    parts = {
        "objectTypes": _types(ocel.object_types),
        "eventTypes": _types(ocel.event_types),
        "objects": map(_row, ocel.each_object()),
        "events": map(_row, ocel.each_event()),
    }
    for mark, (name, elements) in zip("{,,,", parts.items(), strict=True):
        stream.write(f'{mark}"{name}":['.encode())
        for number, element in enumerate(elements):
            stream.write((",\n" if number else "\n").encode())
            stream.write(json.dumps(element, ensure_ascii=False).encode())
        stream.write(b"]\n")
    stream.write(b"}\n")


def _types(types: Types) -> Iterator[dict[str, Any]]:
    for name, has in types.items():
        attributes = [{"name": each, "type": NAMES[one]} for each, one in has.items()]
        yield {"name": name, "attributes": attributes}


def _row(nested: Nested) -> dict[str, Any]:
    row, values, relations = nested
    return {
        **dict(zip(("id", "type", "time"), row, strict=False)),
        "attributes": [
            dict(zip(("name", "value", "time"), value, strict=False)) for value in values
        ],
        "relationships": [{"objectId": other, "qualifier": how} for other, how in relations],
    }
