"""Who and how: the procedure that gives every activity its roles, separations, norms and terms."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from bdv_process.errors import InputRefused
from bdv_process.tables import parsed_toml
from bdv_process.template.duration import read_duration
from bdv_process.template.xml import read_bytes


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role that people fulfil."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Raci:
    """Who does, answers for, is consulted on and is told of one activity."""

    responsible: tuple[str, ...]  #: roles that may do it; the first is the usual one
    accountable: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Return every role that has to do with it."""
        return (*self.responsible, self.accountable, *self.consulted, *self.informed)


@dataclass(frozen=True, kw_only=True)
class Separation:
    """Two sets of activities one person may not both do, in a case, its parents and children."""

    id: str
    name: str  #: the rule in Dutch, one sentence
    name_en: str
    one: frozenset[str]  #: activity ids
    other: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Who does what, who may not do both, how long it should take and how long it may."""

    roles: tuple[Role, ...]
    raci: dict[str, Raci]  #: by activity id
    separations: tuple[Separation, ...]
    requester_separated: bool  #: whether a requester may never handle the own case
    norms: dict[str, timedelta]  #: processing time that is normal, by activity id
    terms: dict[str, timedelta]  #: term of decision of a case, by the process it opens with
    recorded_within: timedelta  #: how long after it occurred an event is written down, at most
    path: Path

    @staticmethod
    def read(path: Path | str, activities: Collection[str] = ()) -> "Procedure":
        """Read a procedure from TOML; with `activities` it has to cover exactly these.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not complete, names an unknown role or activity, or an activity has
                not exactly one A and at least one R.
            LimitExceeded: it is larger than the limits.
        """
        return _Reader(Path(path), activities).procedure()

    @cached_property
    def role_ids(self) -> frozenset[str]:
        """Return the ids of all roles."""
        return frozenset(role.id for role in self.roles)

    @cached_property
    def working(self) -> frozenset[str]:
        """Return the ids of the roles that do or answer for a step: those inside."""
        return frozenset(
            role for raci in self.raci.values() for role in (*raci.responsible, raci.accountable)
        )


class _Reader:
    """One procedure file while it is read: knows the place of everything it refuses."""

    def __init__(self, path: Path, activities: Collection[str]) -> None:
        self.path = path
        self.activities = activities
        source = read_bytes(path)
        if not source.strip():
            raise InputRefused("BDV-102", where=path)
        try:
            self.text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputRefused("BDV-108", where=path, offset=error.start) from error
        self.data = parsed_toml(self.text, where=path, unreadable="BDV-140")
        self.roles: list[str] = []

    def procedure(self) -> Procedure:
        self.only(
            self.data, "roles", "raci", "norm", "terms", "recording", "requester_separated",
            "separation",
        )  # fmt: skip
        roles = tuple(self.role(id_, values) for id_, values in self.table("roles").items())
        self.roles = [role.id for role in roles]
        raci = {id_: self.raci(id_, values) for id_, values in self.table("raci").items()}
        for activity in sorted(set(self.activities) - raci.keys()):
            raise InputRefused("BDV-146", where=self.path, activity=activity)
        separations = self.data.get("separation", [])
        if not isinstance(separations, list):
            raise self.refusal("separation", "[[separation]]")
        requester_separated = self.data.get("requester_separated")
        if not isinstance(requester_separated, bool):
            raise self.refusal("requester_separated", "requester_separated = true")
        terms, recording = self.table("terms"), self.table("recording")
        self.only(terms, *sorted({activity.partition("_")[0] for activity in raci}), part="terms")
        self.only(recording, "within", part="recording")
        return Procedure(
            roles=roles,
            raci=raci,
            separations=tuple(self.separation(values) for values in separations),
            requester_separated=requester_separated,
            norms={id_: self.norm(id_, text) for id_, text in self.table("norm").items()},
            terms={process: self.duration(process, text) for process, text in terms.items()},
            recorded_within=self.duration("within", recording["within"]),
            path=self.path,
        )

    def role(self, id_: str, values: Any) -> Role:
        part = f"roles.{id_}"
        match values:
            case {"name": str(name), "name_en": str(name_en)} if len(values) == 2:
                return Role(id=id_, name=name, name_en=name_en)
        raise self.refusal(part, f'[{part}] name = "..", name_en = ".."')

    def raci(self, activity: str, values: Any) -> Raci:
        part = f"raci.{activity}"
        self.known(part, activity)
        if not isinstance(values, dict):
            raise self.refusal(part, f'[{part}] R = [".."], A = ".."')
        self.only(values, "R", "A", "C", "I", part=part)
        responsible = self.names(part, values.get("R", []))
        if not responsible:
            raise InputRefused("BDV-143", where=self.where(part), part=part)
        if not isinstance(values.get("A"), str):
            raise InputRefused("BDV-144", where=self.where(part), part=part)
        accountable = self.names(part, [values["A"]])[0]
        consulted, informed = (self.names(part, values.get(key, [])) for key in "CI")
        found = Raci(
            responsible=responsible,
            accountable=accountable,
            consulted=consulted,
            informed=informed,
        )
        for role in found.named:
            if role not in self.roles:
                known = ", ".join(get_close_matches(role, self.roles) or self.roles)
                raise InputRefused(
                    "BDV-141", where=self.where(part), part=part, role=role, known=known
                )
        return found

    def separation(self, values: Any) -> Separation:
        match values:
            case {"id": str(id_), "name": str(name), "name_en": str(name_en)} if len(values) == 5:
                one, other = (self.names(id_, values.get(key)) for key in ("one", "other"))
                for activity in (*one, *other):
                    self.known(id_, activity)
                return Separation(
                    id=id_,
                    name=name,
                    name_en=name_en,
                    one=frozenset(one),
                    other=frozenset(other),
                )
        raise self.refusal("separation", "[[separation]] id, name, name_en, one, other")

    def norm(self, activity: str, text: object) -> timedelta:
        self.known("norm", activity)
        return self.duration(activity, text)

    def duration(self, part: str, text: object) -> timedelta:
        try:
            return read_duration(str(text))
        except InputRefused as error:
            raise InputRefused(error.code, where=self.where(part), **error.facts) from error

    def names(self, part: str, values: Any) -> tuple[str, ...]:
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return tuple(values)
        raise self.refusal(part, '["..", ".."]')

    def known(self, part: str, activity: str) -> None:
        if self.activities and activity not in self.activities:
            near = get_close_matches(activity, self.activities) or sorted(self.activities)
            raise InputRefused(
                "BDV-142",
                where=self.where(part),
                part=part,
                activity=activity,
                known=", ".join(near),
            )

    def table(self, part: str) -> dict[str, Any]:
        found = self.data.get(part)
        if not isinstance(found, dict) or not found:
            raise self.refusal(part, f"[{part}.<id>]")
        return found

    def only(self, values: dict[str, Any], *keys: str, part: str = "") -> None:
        for key in values:
            if key not in keys:
                raise self.refusal(f"{part}.{key}".lstrip("."), ", ".join(keys))

    def refusal(self, part: str, expected: str) -> InputRefused:
        return InputRefused("BDV-145", where=self.where(part), part=part, expected=expected)

    def where(self, part: str) -> str:
        """Return the file, with the line of a part when it is written as a heading or a key."""
        last = re.escape(part.rpartition(".")[2])
        pattern = rf"^\s*(\[+{re.escape(part)}\]|{last}\s*=|id\s*=\s*[\"']{last}[\"'])"
        found = re.search(pattern, self.text, re.MULTILINE)
        return (
            f"{self.path}:{self.text.count(chr(10), 0, found.start(1)) + 1}"
            if found
            else str(self.path)
        )
