"""Read services and components from their file: whatever is wrong is refused with its place."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from bdv_process.errors import InputRefused
from bdv_process.execution.infrastructure import (
    Component,
    Infrastructure,
    Service,
    Status,
    is_id,
    nearest,
)
from bdv_process.language import Named, Said
from bdv_process.tables import read_toml

_LONGEST: Final = 1_000  #: characters of one text
_NAMES: Final = ("name", "name_en")
_COMPONENT: Final = (*_NAMES, "kind", "owner")
_SERVICE: Final = (
    *_NAMES, "facility", "facility_en", "support", "support_en", "owner", "delivered_by",
)  # fmt: skip


def read_infrastructure(path: Path) -> Infrastructure:
    """Return what is in a file; see `Infrastructure.read`."""
    return _Reader(path).infrastructure()


class _Reader:
    """One file while it is read: knows the place of everything it refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = read_toml(path, missing="BDV-370", unreadable="BDV-371")

    def infrastructure(self) -> Infrastructure:
        tables = ("kinds", "components", "services")
        self.only(self.data, "", tables)
        kinds, components, services = (self.table(name) for name in tables)
        for twice in components.keys() & services.keys():
            raise InputRefused("BDV-374", where=f"{self.path}: services.{twice}", id=twice)
        found_kinds = {id_: self.kind(id_, facts) for id_, facts in kinds.items()}
        found = {id_: self.component(id_, facts, kinds) for id_, facts in components.items()}
        return Infrastructure(
            kinds=found_kinds,
            components=found,
            services={id_: self.service(id_, facts, found) for id_, facts in services.items()},
        )

    def kind(self, id_: str, facts: Mapping[str, Any]) -> Named:
        place = f"kinds.{id_}"
        self.only(facts, place, _NAMES)
        return Named(id=id_, **self.texts(facts, place, _NAMES))

    def component(self, id_: str, facts: Mapping[str, Any], kinds: Collection[str]) -> Component:
        place = f"components.{id_}"
        self.only(facts, place, (*_COMPONENT, "status"))
        status = facts.get("status", Status.IN_USE)
        self.known(status, f"{place}.status", list(Status))
        said = self.texts(facts, place, _COMPONENT)
        self.known(said["kind"], f"{place}.kind", kinds)
        return Component(id=id_, status=Status(status), **said)

    def service(self, id_: str, facts: Mapping[str, Any], components: Collection[str]) -> Service:
        place = f"services.{id_}"
        self.only(facts, place, (*_SERVICE, "agreements", "components"))
        said = self.texts(facts, place, _SERVICE)
        rests_on = self.many(facts, place, "components")
        for component in rests_on:
            self.known(component, f"{place}.components", components)
        return Service(
            id=id_,
            name=said["name"],
            name_en=said["name_en"],
            facility=Said(text=said["facility"], text_en=said["facility_en"]),
            support=Said(text=said["support"], text_en=said["support_en"]),
            owner=said["owner"],
            delivered_by=said["delivered_by"],
            components=tuple(rests_on),
            agreements=tuple(
                self.agreement(each, f"{place}.agreements")
                for each in self.many(facts, place, "agreements")
            ),
        )

    def agreement(self, facts: Any, place: str) -> Said:
        if not isinstance(facts, dict):
            raise self.refusal(place, '{ text = "..", text_en = ".." }')
        self.only(facts, place, ("text", "text_en"))
        return Said(**self.texts(facts, place, ("text", "text_en")))

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Return the tables under a name, by id."""
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            raise self.refusal(name, f"[{name}.id]")
        for id_, facts in found.items():
            if not is_id(id_):
                raise self.refusal(f"{name}.{id_}", f"[{name}.A-Za-z0-9._-]")
            if not isinstance(facts, dict):
                raise self.refusal(f"{name}.{id_}", f"[{name}.{id_}]")
        return found

    def texts(self, facts: Mapping[str, Any], place: str, names: Collection[str]) -> dict[str, str]:
        for name in names:
            value = facts.get(name)
            legible = isinstance(value, str) and value.isprintable() and value.strip()
            if not legible or len(str(value)) > _LONGEST:
                raise self.refusal(f"{place}.{name}", f'{name} = ".."')
        return {name: facts[name].strip() for name in names}

    def many(self, facts: Mapping[str, Any], place: str, name: str) -> list[Any]:
        found = facts.get(name, [])
        if not isinstance(found, list):
            raise self.refusal(f"{place}.{name}", f"{name} = [..]")
        return found

    def only(self, facts: Mapping[str, Any], place: str, known: Collection[str]) -> None:
        for name in facts:
            if name not in known:
                raise self.unknown(name, f"{place}.{name}".lstrip("."), known)

    def known(self, name: object, place: str, known: Collection[str]) -> None:
        if not isinstance(name, str) or name not in known:
            raise self.unknown(str(name), place, known)

    def unknown(self, name: str, place: str, known: Collection[str]) -> InputRefused:
        near = nearest(name, known)
        return InputRefused("BDV-373", where=f"{self.path}: {place}", name=name, nearest=near)

    def refusal(self, place: str, expected: str) -> InputRefused:
        return InputRefused("BDV-372", where=f"{self.path}: {place}", expected=expected)
