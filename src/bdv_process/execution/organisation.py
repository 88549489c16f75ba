"""Who works here: people and the roles they fulfil, read from TOML."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bdv_process.errors import InputRefused, NotFound
from bdv_process.tables import read_toml

SAMPLE = Path(__file__).with_name("organisation.toml")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who asks for a service or works on one."""

    id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """The people of one link in the chain."""

    people: dict[str, Person]

    @staticmethod
    def read(path: Path | str = SAMPLE) -> "Organisation":
        """Read an organisation; without a path the sample that ships with the product.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not TOML, or a person has no list of roles.
        """
        tables = read_toml(Path(path), missing="BDV-323", unreadable="BDV-317")
        people = {}
        for person, facts in tables.get("people", {}).items():
            roles = facts.get("roles") if isinstance(facts, dict) else None
            if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
                raise InputRefused("BDV-324", where=f"{path}: people.{person}", person=person)
            people[person] = Person(
                id=person, name=str(facts.get("name", person)), roles=tuple(roles)
            )
        if not people:
            raise InputRefused("BDV-325", where=path)
        return Organisation(people=people)

    def person(self, person_id: str) -> Person:
        """Return one person.

        Raises:
            NotFound: nobody here has that name.
        """
        if person_id not in self.people:
            raise NotFound("BDV-313", where=person_id, known=", ".join(sorted(self.people)[:12]))
        return self.people[person_id]

    def with_role(self, role: str) -> tuple[Person, ...]:
        """Return everybody who fulfils `role`."""
        return tuple(person for person in self.people.values() if role in person.roles)

    def check_roles(self, known: Iterable[str], where: object = "") -> None:
        """Refuse roles that the procedure does not know.

        Raises:
            InputRefused: somebody has such a role.
        """
        known = set(known)
        for person in self.people.values():
            for role in person.roles:
                if role not in known:
                    raise InputRefused(
                        "BDV-326", where=where, person=person.id, role=role,
                        known=", ".join(sorted(known)),
                    )  # fmt: skip
