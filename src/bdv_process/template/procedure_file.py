"""Read a procedure from its file: whatever is wrong with it is refused with its place."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from bdv_process.errors import InputRefused
from bdv_process.language import Said
from bdv_process.tables import parsed_toml
from bdv_process.template.duration import read_duration
from bdv_process.template.form import Choice, Field, FieldType
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Raci, Role, Separation
from bdv_process.template.xml import read_bytes

_Named = TypeVar("_Named", Role, Separation)
_EMPTY = Procedure(
    roles=(),
    raci={},
    separations=(),
    requester_separated=True,
    norms={},
    terms={},
    recorded_within=timedelta(),
    path=Path(),
)
_ID = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def read_procedure(path: Path, activities: Collection[str]) -> Procedure:
    """Return the procedure in a file; see `Procedure.read`."""
    return _Reader(path, activities).procedure()


def derived_procedure(path: Path, template: Template, base: Procedure) -> Procedure:
    """Return the procedure of a service, of which the rest is in `base`; see `Procedure.derive`."""
    activities = {step.id for step in template.activities} | {*template.refined.values()}
    return _Reader(path, activities, base).derived(template)


def derived_from(path: Path) -> str:
    """Return the key of the template that the procedure in a file says it derives from.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is no TOML, or says nothing of the kind.
        LimitExceeded: it is larger than the limits.
    """
    reader = _Reader(path, ())
    derives = reader.data.get("derives")
    if not isinstance(derives, str):
        raise reader.refusal("derives", 'derives = ".."')
    return derives


class _Reader:
    """One procedure file while it is read: knows the place of everything it refuses."""

    def __init__(
        self, path: Path, activities: Collection[str], base: Procedure | None = None
    ) -> None:
        self.path = path
        self.activities = activities
        self.base = base
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
            "separation", "instruction", "form", *(["derives"] if self.base else []),
        )  # fmt: skip
        base = self.base or _EMPTY
        own = tuple(self.role(id_, values) for id_, values in self.table("roles").items())
        roles = _by_id(base.roles, own)
        self.roles = [role.id for role in roles]
        raci = {id_: self.raci(id_, values) for id_, values in self.table("raci").items()}
        if not self.base:
            self.complete(self.activities, raci)
        separations = self.data.get("separation", [])
        if not isinstance(separations, list):
            raise self.refusal("separation", "[[separation]]")
        separated = self.data.get("requester_separated", self.base and base.requester_separated)
        if not isinstance(separated, bool):
            raise self.refusal("requester_separated", "requester_separated = true")
        terms, recording = self.table("terms"), self.table("recording")
        processes = {activity.partition("_")[0] for activity in base.raci | raci}
        self.only(terms, *sorted(processes), part="terms")
        self.only(recording, "within", part="recording")
        within = base.recorded_within
        if recording or not self.base:
            within = self.duration("within", recording["within"])
        norms = {id_: self.norm(id_, text) for id_, text in self.table("norm").items()}
        told = self.table("instruction", optional=True).items()
        asked = self.table("form", optional=True).items()
        return Procedure(
            roles=roles,
            raci=base.raci | raci,
            separations=_by_id(base.separations, tuple(map(self.separation, separations))),
            requester_separated=separated,
            norms=base.norms | norms,
            terms=base.terms | {id_: self.duration(id_, text) for id_, text in terms.items()},
            recorded_within=within,
            path=self.path,
            instructions=base.instructions | {id_: self.instruction(id_, v) for id_, v in told},
            forms=base.forms | {id_: self.form(id_, values) for id_, values in asked},
        )

    def derived(self, template: Template) -> Procedure:
        derives = self.data.get("derives")
        if derives != template.key:
            raise InputRefused(
                "BDV-147", where=self.path, derives=derives or "-", template=template.key
            )
        found = self.procedure()
        refined = template.refined
        inherited = {step: found.raci[of] for step, of in refined.items() if of in found.raci}
        raci = inherited | found.raci
        self.complete([step.id for step in template.activities], raci)
        return replace(
            found,
            raci=raci,
            separations=tuple(
                replace(
                    each,
                    one=_with_refined(each.one, refined),
                    other=_with_refined(each.other, refined),
                )
                for each in found.separations
            ),
        )

    def complete(self, activities: Collection[str], raci: Mapping[str, Raci]) -> None:
        for activity in sorted(set(activities) - raci.keys()):
            raise InputRefused("BDV-146", where=self.path, activity=activity)

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
                    if not (self.base and activity in self.base.raci):
                        self.known(id_, activity)
                return Separation(
                    id=id_,
                    name=name,
                    name_en=name_en,
                    one=frozenset(one),
                    other=frozenset(other),
                )
        raise self.refusal("separation", "[[separation]] id, name, name_en, one, other")

    def instruction(self, activity: str, values: Any) -> Said:
        part = f"instruction.{activity}"
        self.known(part, activity)
        match values:
            case {"nl": str(dutch), "en": str(english)} if len(values) == 2:
                return Said(text=dutch.strip(), text_en=english.strip())
        raise self.refusal(part, f'[{part}] nl = "..", en = ".."')

    def form(self, activity: str, values: Any) -> tuple[Field, ...]:
        part = f"form.{activity}"
        self.known(part, activity)
        if not isinstance(values, list):
            raise self.refusal(part, f"[[{part}]]")
        fields = tuple(self.field(part, each) for each in values)
        if len({each.id for each in fields}) < len(fields):
            raise self.refusal(part, f"[[{part}]] id")
        return fields

    def field(self, part: str, values: Any) -> Field:
        match values:
            case {
                "id": str(id_),
                "type": str(kind),
                "name": str(name),
                "name_en": str(name_en),
            } if (
                kind in list(FieldType)
                and values.keys() <= {"id", "type", "name", "name_en", "required", "choices"}
                and isinstance(values.get("required", False), bool)
                and (kind == FieldType.CHOICE) == bool(values.get("choices"))
                and _ID.fullmatch(id_)
            ):
                return Field(
                    id=id_,
                    type=FieldType(kind),
                    name=name,
                    name_en=name_en,
                    required=values.get("required", False),
                    choices=self.choices(part, values.get("choices", {})),
                )
        raise self.refusal(
            part,
            f"[[{part}]] id, type ({', '.join(FieldType)}), name, name_en, required, choices",
        )

    def choices(self, part: str, values: Any) -> tuple[Choice, ...]:
        expected = 'choices = {id = {name = "..", name_en = ".."}}'
        if not isinstance(values, dict):
            raise self.refusal(part, expected)
        found = []
        for id_, names in values.items():
            match names:
                case {"name": str(name), "name_en": str(name_en)} if len(names) == 2:
                    found.append(Choice(id=id_, name=name, name_en=name_en))
                case _:
                    raise self.refusal(part, expected)
        return tuple(found)

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

    def table(self, part: str, *, optional: bool = False) -> dict[str, Any]:
        found = self.data.get(part)
        if found is None and (optional or self.base):
            return {}
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


def _by_id(base: tuple[_Named, ...], own: tuple[_Named, ...]) -> tuple[_Named, ...]:
    """Return those of the base with those of one's own in their place, and the new ones."""
    return tuple(({each.id: each for each in base} | {each.id: each for each in own}).values())


def _with_refined(activities: frozenset[str], refined: Mapping[str, str]) -> frozenset[str]:
    """Return activities and the steps that they are refined into."""
    return activities.union(step for step, of in refined.items() if of in activities)
