"""What finishing a step asks: its own form, and what the steps after it look at."""

from collections.abc import Iterable
from typing import Final

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
from bdv_process.language import catalogue, text
from bdv_process.template.form import Choice, Field, FieldType

_WHY: Final = "motivation"
#: What a step leaves behind for the next ones, by the end of its id; every step may say why.
_LEAVES: Final = {"accept": "linked", "identify": "linked", "close": "proposal"}
_REGISTERED: Final = (CHANGED, ADDED, ADDED_NAME, ADDED_KIND, ADDED_OWNER, RETIRED)


def fields(activity: str, register: CaseRegister) -> tuple[Field, ...]:
    """Return what finishing a step asks."""
    form = register.procedure.forms.get(activity, ())
    left = _LEAVES.get(activity.rpartition("_")[2])
    names = _REGISTERED if activity == REGISTERS else (left,) if left else ()
    asked = {field.id for field in form}
    more = (name for name in (*names, _WHY) if name not in asked)
    return (*form, *(_field(name, register) for name in more))


def hinted(asked: Iterable[Field]) -> set[str]:
    """Return of which fields a sentence says what belongs there."""
    ours = {*_REGISTERED, *_LEAVES.values()}
    return {each.id for each in asked if each.id in ours and f"web.hint.{each.id}" in catalogue()}


def _field(name: str, register: CaseRegister) -> Field:
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
        name=text(f"web.field.{name}", "nl"),
        name_en=text(f"web.field.{name}", "en"),
        choices=choices,
    )
