"""What finishing a step asks: its own form, and what the steps after it look at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import NONE
from bdv_process.execution.evidence import evidence_in
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.registration import (
    ADDED,
    ADDED_KIND,
    ADDED_NAME,
    ADDED_OWNER,
    CHANGED,
    REGISTERS,
    RETIRED,
)
from bdv_process.language import Language, catalogue, text
from bdv_process.template.form import Choice, Field, FieldType
from bdv_process.template.sibling import siblings

_WHY: Final = "motivation"
_LINKED: Final = "linked"
#: What a step leaves behind for the next ones, by the end of its id; every step may say why.
_LEAVES: Final = {"accept": _LINKED, "identify": _LINKED, "close": "proposal"}
_BETWEEN: Final = re.compile(r"[\s,;]+")  # two ids
_CALL: Final = re.compile(r"Z\d+")
IDS: Final = frozenset((*_LEAVES.values(), CHANGED))  #: fields with ids, or "none"
_REGISTERED: Final = (CHANGED, ADDED, ADDED_NAME, ADDED_KIND, ADDED_OWNER, RETIRED)


@dataclass(frozen=True, kw_only=True)
class StepForm:
    """The fields of a step, and a sentence that says what belongs in some of them."""

    fields: tuple[Field, ...]
    hints: dict[str, str]  #: by field


def step_form(activity: str, register: CaseRegister, lang: Language) -> StepForm:
    """Return what finishing a step asks."""
    form = register.procedure.forms.get(activity, ())
    words = {name: name for name in (_LEAVES.get(activity.rpartition("_")[2]), _WHY) if name}
    if activity == REGISTERS:
        words = {name: name for name in _REGISTERED} | {CHANGED: "changed"} | words
    elif _parts_siblings(activity, register):
        words = {CHANGED: "to_change"} | words
    asked = {field.id for field in form}
    more = (_field(name, key, register) for name, key in words.items() if name not in asked)
    told = catalogue()
    return StepForm(
        fields=(*form, *more),
        hints={
            name: told[f"web.hint.{key}"][lang]
            for name, key in words.items()
            if f"web.hint.{key}" in told
        },
    )


def ids(given: Mapping[str, str], register: CaseRegister) -> dict[str, str]:
    """Return the fields with ids, by their names, with one space between two ids.

    Raises:
        InputRefused: a log could not show them; or something is said to belong with a word, or with
            a call that is not there. Of a number from elsewhere nobody here knows.
        LimitExceeded: it is more than fits in a log.
    """
    found = {name: " ".join(_BETWEEN.split(given[name])).strip() for name in IDS & given.keys()}
    said = (evidence_in(found).linked or NONE).split()
    ours = [id_ for id_ in said if id_ != NONE and not _is_elsewhere(id_)]
    if ours:
        now, cases = register.infrastructure, register.cases(ids=ours)
        known = {case.id for case in cases} | now.components.keys() | now.services.keys()
        for id_ in ours:
            if id_ not in known:
                raise InputRefused("BDV-770", where=_LINKED, id=id_)
    return found


def _is_elsewhere(id_: str) -> bool:
    """Return whether something is a number, and not as ours are."""
    return any(map(str.isdigit, id_)) and not _CALL.fullmatch(id_)


def _parts_siblings(activity: str, register: CaseRegister) -> bool:
    """Return whether a step is the last before a fork at which siblings part."""
    templates = register.templates()
    return any(activity in each.before_forks and siblings(each, templates) for each in templates)


def _field(name: str, key: str, register: CaseRegister) -> Field:
    choices: tuple[Choice, ...] = ()
    if name == ADDED_KIND:
        kinds = register.infrastructure.kinds.values()
        choices = tuple(Choice(id=k.id, name=k.name, name_en=k.name_en) for k in kinds)
    elif name == ADDED_OWNER:
        roles = register.procedure.roles
        choices = tuple(Choice(id=r.id, name=r.name, name_en=r.name_en) for r in roles)
    return Field(
        id=name,
        type=FieldType.CHOICE if choices else FieldType.STRING,
        name=text(f"web.field.{key}", "nl"),
        name_en=text(f"web.field.{key}", "en"),
        choices=choices,
    )
