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
FIELDS: Final = (CHANGED, ADDED, ADDED_NAME, ADDED_KIND, ADDED_OWNER, RETIRED)


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

    @property
    def components(self) -> dict[str, Component]:
        """Return what a change added."""
        return {
            each: Component(
                id=each, name=self.name, name_en=self.name, kind=self.kind, owner=self.owner or None
            )
            for each in self.added
        }


def standing(began: Infrastructure, happened: Iterable[Event]) -> Infrastructure:
    """Return the register as events left it; what it began with keeps what it says of itself."""
    said = [Registration.of(event.data) for event in happened]
    components = dict(began.components)
    for each in said:
        for id_, component in each.components.items():
            components.setdefault(id_, component)
    for gone in {id_ for each in said for id_ in each.retired} & components.keys():
        components[gone] = replace(components[gone], status=Status.RETIRED)
    return replace(began, components=components)
