"""What a step asks to be filled in: typed fields, their JSON Schema, and reading what was given.

A browser sends every value as text, a program sends JSON: both are read to the same value. JSON
Schema cannot say everything (a date that does not exist, half a character), so reading decides.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.language import Language, Named

MAX_TEXT = 10_000  #: characters in one field
MAX_DIGITS = 15  #: what every reader of JSON keeps exactly

Value = str | int | float | bool  #: a date is its ISO text

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
_TRUTH = {"true": True, "on": True, "ja": True, "yes": True} | {
    "false": False, "off": False, "nee": False, "no": False
}  # fmt: skip


class FieldType(StrEnum):
    """What kind of value a field takes."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class Choice(Named):
    """One of the answers of a field to choose from."""


@dataclass(frozen=True, kw_only=True)
class Field(Named):
    """One question of a form; its name is what is asked."""

    type: FieldType
    required: bool = False
    choices: tuple[Choice, ...] = ()  #: for a choice, never empty

    def schema(self, lang: Language = "nl") -> dict[str, Any]:
        """Return the field as JSON Schema (2020-12), titled in `lang`."""
        said: dict[str, Any] = {"title": self.label(lang)}
        match self.type:
            case FieldType.DATE:
                return said | {"type": "string", "format": "date"}
            case FieldType.CHOICE:
                answers = [{"const": c.id, "title": c.label(lang)} for c in self.choices]
                return said | {"type": "string", "oneOf": answers}
            case FieldType.STRING:
                shortest = {"minLength": 1} if self.required else {}
                return said | {"type": "string", "maxLength": MAX_TEXT} | shortest
            case _:
                return said | {"type": self.type.value}

    def read(self, given: object) -> Value | None:
        """Return what was given as a value of this field; None when nothing was.

        Raises:
            InputRefused: it is required and empty, or of another type.
            LimitExceeded: it is a text or a number longer than anybody means.
        """
        if isinstance(given, str):
            given = given.strip()
            if len(given) > MAX_TEXT:
                raise LimitExceeded("BDV-182", where=self.id, limit=MAX_TEXT)
            if any("\ud800" <= char <= "\udfff" for char in given):
                raise InputRefused("BDV-183", where=self.id)
        if given is None or given == "":
            if self.required:
                raise InputRefused("BDV-180", where=self.id, field=self.id)
            return None
        value = self._value(given)
        if value is None:
            known = ", ".join(choice.id for choice in self.choices)
            raise InputRefused("BDV-181", where=self.id, type=self.type, known=known or "-")
        return value

    def _value(self, given: object) -> Value | None:
        match self.type, given:
            case FieldType.STRING, str(text):
                return text
            case FieldType.BOOLEAN, bool(truth):
                return truth
            case FieldType.BOOLEAN, str(text):
                return _TRUTH.get(text.lower())
            case FieldType.CHOICE, str(text):
                return text if any(choice.id == text for choice in self.choices) else None
            case FieldType.DATE, str(text):
                return _date(text)
            case ((FieldType.NUMBER | FieldType.INTEGER), (str() | int() | float())):
                return self._number(given)
        return None

    def _number(self, given: str | float) -> int | float | None:
        if isinstance(given, bool):
            return None
        if isinstance(given, str):
            if not _NUMBER.fullmatch(given):
                return None
            if sum(map(str.isdigit, given)) > MAX_DIGITS:
                raise LimitExceeded("BDV-184", where=self.id, limit=MAX_DIGITS)
            given = float(given.replace(",", "."))
        if isinstance(given, float) and not math.isfinite(given):
            return None
        if abs(given) >= 10**MAX_DIGITS:
            raise LimitExceeded("BDV-184", where=self.id, limit=MAX_DIGITS)
        if given == int(given):
            return int(given)
        return given if self.type is FieldType.NUMBER else None


def form_schema(fields: Sequence[Field], lang: Language = "nl") -> dict[str, Any]:
    """Return a form as JSON Schema (2020-12) of an object, titled in `lang`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {field.id: field.schema(lang) for field in fields},
        "required": [field.id for field in fields if field.required],
    }


def filled(
    fields: Sequence[Field], given: Mapping[str, object]
) -> tuple[dict[str, Value], tuple[BdvError, ...]]:
    """Return the values of a form that was filled in, and for each wrong one why; never both.

    What the form does not ask is left out. `where` of a refusal is the id of its field.
    """
    values: dict[str, Value] = {}
    wrong: list[BdvError] = []
    for field in fields:
        try:
            value = field.read(given.get(field.id))
        except BdvError as error:
            wrong.append(error)
        else:
            if value is not None:
                values[field.id] = value
    return ({} if wrong else values), tuple(wrong)


def _date(text: str) -> str | None:
    """Return a date as its ISO text; days that do not exist are none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
