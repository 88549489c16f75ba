"""What a change leaves in the register of managed infrastructure: changed, added and retired.

The step that updates the register names every component that the change touched. The event keeps
what was filled in and, in its column, the ids; so the register as it stands is how it began with
these events, in whatever order: an id is never given twice, and what is retired stays so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.event import Event
from bdv_process.eventlog.files import MAX_TEXT
from bdv_process.execution.evidence import ids_in, text_in
from bdv_process.execution.infrastructure import Component, Infrastructure, Status, is_id, nearest

REGISTERS: Final = "change_register"  #: the one activity that updates the register
CHANGED: Final = "component"
ADDED: Final = "added"
ADDED_NAME: Final = "added_name"
ADDED_KIND: Final = "added_kind"
ADDED_OWNER: Final = "added_owner"
RETIRED: Final = "retired"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The components that a change touched; what it added shares a name, a kind and an owner."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    name: str = ""
    kind: str = ""
    owner: str = ""

    @staticmethod
    def of(data: Mapping[str, object]) -> "Registration":
        """Return what was filled in.

        Raises:
            InputRefused: a field is no text, or holds ids that no log could show.
            LimitExceeded: it holds more than fits in a log.
        """
        return Registration(
            changed=ids_in(data, CHANGED),
            added=ids_in(data, ADDED),
            retired=ids_in(data, RETIRED),
            name=text_in(data, ADDED_NAME).strip(),
            kind=text_in(data, ADDED_KIND).strip(),
            owner=text_in(data, ADDED_OWNER).strip(),
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Return every component that is named, once."""
        return tuple(dict.fromkeys((*self.changed, *self.added, *self.retired)))

    def checked(self, now: Infrastructure, roles: Iterable[str]) -> "Registration":
        """Return this, when it can be done to the register as it stands `now`.

        Raises:
            InputRefused: it names no component, one that is not registered or retired, or adds one
                that is registered, or without saying what it is.
            LimitExceeded: it names more than fits in a log.
        """
        if not self.ids:
            raise InputRefused("BDV-376", where=CHANGED)
        if len(" ".join(self.ids)) > MAX_TEXT:
            raise LimitExceeded("BDV-341", where=CHANGED, limit=MAX_TEXT)
        for field, named in ((CHANGED, self.changed), (RETIRED, self.retired)):
            for component in named:
                now.in_use(component, where=field)
        for component in self.added:
            if not is_id(component):
                raise InputRefused("BDV-374", where=ADDED, id=component)
            if component in now.components or component in now.services:
                raise InputRefused("BDV-378", where=ADDED, component=component)
        if self.added:
            if not self.name or not self.name.isprintable():
                raise InputRefused("BDV-379", where=ADDED_NAME)
            if not self.kind:
                raise InputRefused("BDV-372", where=ADDED_KIND, expected=", ".join(now.kinds))
            known = ((ADDED_KIND, self.kind, now.kinds), (ADDED_OWNER, self.owner, set(roles)))
            for field, name, among in known:
                if name and name not in among:
                    near = nearest(name, among)
                    raise InputRefused("BDV-373", where=field, name=name, nearest=near)
        return self

    def done_to(self, register: Infrastructure) -> Infrastructure:
        """Return the register after this; what the register says of itself already, it keeps."""
        new = {
            each: Component(
                id=each, name=self.name, name_en=self.name, kind=self.kind, owner=self.owner or None
            )
            for each in self.added
        }
        found = new | dict(register.components)
        gone = {
            each: replace(found[each], status=Status.RETIRED)
            for each in self.retired
            if each in found
        }
        return replace(register, components=found | gone)


def standing(began: Infrastructure, happened: Iterable[Event]) -> Infrastructure:
    """Return the register as events left it."""
    registrations = [
        Registration.of(event.data) for event in happened if event.activity == REGISTERS
    ]
    # What is added comes first: of a clock that was set back, the events stand the other way round.
    for each in registrations:
        began = replace(each, retired=()).done_to(began)
    for each in registrations:
        began = replace(each, added=()).done_to(began)
    return began
