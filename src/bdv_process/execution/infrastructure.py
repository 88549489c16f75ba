"""What an organisation delivers and manages: its services, and the components they rest on.

A service is a supported facility; a component is a part under control. Only what modifies a
component is a change, so this register decides what a call asks (NORA BDV: register van beheerde
infrastructuur). What became of a component since is told by events: see `registration.py`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from bdv_process.errors import InputRefused, NotFound
from bdv_process.eventlog.event import NONE
from bdv_process.language import Named, Said

SAMPLE = Path(__file__).with_name("infrastructure.toml")
#: An id stands in logs between spaces, and beside the ids of cases.
_ID: Final = re.compile(r"(?!Z\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class Status(StrEnum):
    """Whether a component is there."""

    IN_USE = "in_use"
    RETIRED = "retired"


_Thing = TypeVar("_Thing", bound=Named)


@dataclass(frozen=True, kw_only=True)
class Component(Named):
    """A part of the infrastructure under control (BIC)."""

    kind: str
    owner: str | None  #: role that answers for it
    status: Status = Status.IN_USE


@dataclass(frozen=True, kw_only=True)
class Service(Named):
    """A supported facility: what is provided (voorziening), and the support with it."""

    facility: Said
    support: Said
    agreements: tuple[Said, ...]  #: what requesters may expect of it
    owner: str  #: role that answers for it
    delivered_by: str  #: key of a workflow, or name of a routine
    components: tuple[str, ...]  #: ids of what it rests on


@dataclass(frozen=True, kw_only=True)
class Infrastructure:
    """The services and components of one link in the chain, by id; no id is both."""

    services: Mapping[str, Service] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    kinds: Mapping[str, Named] = field(default_factory=dict)  #: of components

    @staticmethod
    def read(path: Path | str = SAMPLE) -> "Infrastructure":
        """Read services and components from TOML; without a path the sample of the product.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not TOML, says too little, too much or the wrong thing, or names a
                kind or component that it does not have.
        """
        # The reader makes these values, so it can only be called from here.
        from bdv_process.execution.infrastructure_file import read_infrastructure

        return read_infrastructure(Path(path))

    def check(self, roles: Collection[str], ways: Collection[str], where: object = "") -> None:
        """Refuse owners that are no role, and services that no workflow or routine delivers.

        Raises:
            InputRefused: of one of them that is so.
        """
        named: list[tuple[str, str | None, Collection[str]]] = [
            (f"components.{each.id}.owner", each.owner, roles) for each in self.components.values()
        ]
        for service in self.services.values():
            place = f"services.{service.id}"
            named.append((f"{place}.owner", service.owner, roles))
            named.append((f"{place}.delivered_by", service.delivered_by, ways))
        for place, name, known in named:
            if name and name not in known:
                raise InputRefused(
                    "BDV-373", where=f"{where}: {place}", name=name, nearest=nearest(name, known)
                )

    def component(self, component: str) -> Component:
        """Return one component, in use or retired.

        Raises:
            NotFound: there is none.
        """
        return self._found(self.components, component)

    def service(self, service: str) -> Service:
        """Return one service.

        Raises:
            NotFound: there is none.
        """
        return self._found(self.services, service)

    def in_use(self, component: str, *, where: str) -> Component:
        """Return a component that somebody named in a form.

        Raises:
            InputRefused: it is not registered, or retired; `where` is the field.
        """
        found = self.components.get(component)
        if found is None:
            known = [each.id for each in self.components.values() if each.status is Status.IN_USE]
            raise InputRefused(
                "BDV-375", where=where, component=component, nearest=nearest(component, known)
            )
        if found.status is Status.RETIRED:
            raise InputRefused("BDV-377", where=where, component=component)
        return found

    def kind(self, component: Component) -> Named:
        """Return what kind of thing a component is; what has no name is called by its id."""
        id_ = component.kind
        return self.kinds.get(id_) or Named(id=id_, name=id_, name_en=id_)

    def serving(self, component: str) -> tuple[Service, ...]:
        """Return the services that rest on a component."""
        return tuple(each for each in self.services.values() if component in each.components)

    def _found(self, known: Mapping[str, _Thing], name: str) -> _Thing:
        if name not in known:
            near = nearest(name, [*self.components, *self.services])
            raise NotFound("BDV-511", where=name, nearest=near)
        return known[name]


def is_id(text: str) -> bool:
    """Return whether a service or component can have this id."""
    return bool(_ID.fullmatch(text)) and text != NONE


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the names most like one that is not known, else the first few, in a row."""
    names = sorted(known)
    return ", ".join(get_close_matches(name, names, cutoff=0.5) or names[:5]) or "-"
