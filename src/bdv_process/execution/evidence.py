"""What a step leaves behind that rules beyond the path can look at.

Three fields of a form have a meaning, whatever else a form asks: `linked` and `proposal` hold ids
separated by spaces, or `none` when somebody looked and there was nothing; `motivation` holds the
reason of a decision. The ids stand in logs, so what is no id but somebody's address or citizen
service number is refused; of a reason stands there only that it was given. Which components
were updated is evidence of one step only: see `registration.py`. What a message does to the term of
decision follows from the template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.event import NONE, Term
from bdv_process.eventlog.files import MAX_TEXT
from bdv_process.template.model import Kind, Node, Template, Trigger

_LONGEST: Final = 64  # characters of an id
_NINE: Final = re.compile(r"(?<!\d)\d{9}(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was filled in, as far as logs show it; see the fields of `Event`."""

    linked: str | None = None
    component: str | None = None
    proposal: str | None = None
    motivated: bool = False


def evidence_in(data: Mapping[str, object]) -> Evidence:
    """Return the evidence in a form that was filled in.

    Raises:
        InputRefused: a field with a meaning is no text, or holds ids that no log could show, or
            that no log should: of people.
        LimitExceeded: it holds more than fits in a log.
    """
    return Evidence(
        linked=_impersonal(data, "linked"),
        proposal=_impersonal(data, "proposal"),
        motivated=bool(text_in(data, "motivation").strip()),
    )


def term_after(node: Node, template: Template) -> Term | None:
    """Return what a message does to the term: a question stops the clock until the answer."""
    if node.trigger is not Trigger.MESSAGE:
        return None
    if node.kind is Kind.CATCH:
        return Term.RESUMED
    after = (template.by_id[flow.target].kind for flow in template.outgoing(node.id))
    waits = node.kind is Kind.THROW and any(k in (Kind.EVENT_BASED, Kind.CATCH) for k in after)
    return Term.SUSPENDED if waits else None


def ids_in(data: Mapping[str, object], field: str) -> tuple[str, ...]:
    """Return the ids in a field, none of them when it says that there was nothing.

    Raises:
        InputRefused: it is no text, or holds ids that no log could show.
        LimitExceeded: it holds more than fits in a log.
    """
    kept = _kept(data, field) or NONE
    return () if kept == NONE else tuple(kept.split())


def text_in(data: Mapping[str, object], field: str) -> str:
    """Return the text in a field, empty when there is none.

    Raises:
        InputRefused: it is something else.
    """
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise InputRefused("BDV-340", where=field, type=type(value).__name__)
    return value or ""


def linked_with(data: Mapping[str, object], more: str) -> str:
    """Return what a call is linked to, and one id more."""
    return " ".join(dict.fromkeys((*ids_in(data, "linked"), more)))


def _impersonal(data: Mapping[str, object], field: str) -> str | None:
    """Return ids as `_kept` does, none of which tells of a person, as far as can be seen."""
    kept = _kept(data, field)
    for id_ in (kept or "").split():
        seen = normalize("NFKC", id_)  # digits in another script are digits all the same
        if len(id_) > _LONGEST or "@" in seen or any(map(_is_bsn, _NINE.findall(seen))):
            raise InputRefused("BDV-533", where=field, limit=_LONGEST)
    return kept


def _is_bsn(digits: str) -> bool:
    """Return whether nine digits pass the test of citizen service numbers (*elfproef*)."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0


def _kept(data: Mapping[str, object], field: str) -> str | None:
    """Return ids with one space between them; None when the field is empty."""
    ids = text_in(data, field).split()
    for id_ in ids:
        if not id_.isprintable():  # control characters, and marks that hide or reorder text
            shown = next(f"U+{ord(char):04X}" for char in id_ if not char.isprintable())
            raise InputRefused("BDV-337", where=field, point=shown)
    if NONE in ids and len(ids) > 1:
        raise InputRefused("BDV-338", where=field, none=NONE)
    text = " ".join(ids)
    if len(text) > MAX_TEXT:
        raise LimitExceeded("BDV-341", where=field, limit=MAX_TEXT)
    return text or None
