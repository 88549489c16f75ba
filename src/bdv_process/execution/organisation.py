"""Who works here: people and the roles they fulfil, read from TOML."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

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
class Absence:
    """Days on which somebody is away, and who does the work in the meantime."""

    person: str
    stand_in: str
    first: date
    last: date  #: still away

    def covers(self, day: date) -> bool:
        """Return whether the person is away on `day`."""
        return self.first <= day <= self.last


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """The people of one link in the chain."""

    people: dict[str, Person]
    absences: tuple[Absence, ...] = ()

    @staticmethod
    def read(path: Path | str = SAMPLE) -> "Organisation":
        """Read an organisation; without a path the sample that ships with the product.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not TOML, a person has no list of roles, or an absence does not
                say who is away from when until when and who stands in.
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
        away = tables.get("absence", [])
        absences = tuple(
            _absence(facts, people, f"{path}: absence {number}")
            for number, facts in enumerate(away if isinstance(away, list) else [away], start=1)
        )
        return Organisation(people=people, absences=absences)

    def person(self, person_id: str) -> Person:
        """Return one person.

        Raises:
            NotFound: nobody here has that name.
        """
        if person_id not in self.people:
            raise NotFound("BDV-313", where=person_id, known=", ".join(sorted(self.people)[:12]))
        return self.people[person_id]

    def works_here(self, person: str, working: Collection[str]) -> bool:
        """Return whether somebody has a role of those that are `working`, or is not known here."""
        known = self.people.get(person)
        return known is None or bool(set(working) & set(known.roles))

    def with_role(self, role: str) -> tuple[Person, ...]:
        """Return everybody who fulfils `role`."""
        return tuple(person for person in self.people.values() if role in person.roles)

    def stood_in_for(self, person: str, day: date) -> tuple[Person, ...]:
        """Return the colleagues who are away on `day` and leave their work to `person`.

        Who stands in for somebody does not for those whom that somebody would stand in for.
        """
        return tuple(
            self.people[absence.person]
            for absence in self.absences
            if absence.stand_in == person and absence.covers(day)
        )

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


def _absence(facts: Any, people: Iterable[str], where: str) -> Absence:
    match facts:
        case {"person": str(person), "stand_in": str(stand_in), "from": date() as first,
              "until": date() as last} if len(facts) == 4:  # fmt: skip
            moments = isinstance(first, datetime) or isinstance(last, datetime)
            if moments or first > last or person == stand_in:
                raise InputRefused("BDV-344", where=where)
            for named in (person, stand_in):
                if named not in people:
                    raise InputRefused("BDV-345", where=where, person=named)
            return Absence(person=person, stand_in=stand_in, first=first, last=last)
    raise InputRefused("BDV-344", where=where)
