"""Read a foreign log as ours: which column is what, and which state means which activity.

A mapping is a TOML file::

    missing = "?"                        # a text (or a list) that means: not filled in
    not_observable = ["recover_verify"]  # absence in the log proves nothing
    collapse = true                      # rows repeat a state: only its beginning is an event

    [columns]                            # ours = theirs; case, time and activity are required
    case = "number"
    time = "updated"
    activity = "state"
    start = "begun"                      # when the work of the row began, next to its end in time
    recorded = "written"                 # and linked, component, proposal, motivated, term, due
    order = "version"                    # whole number that orders rows of one moment
    keep = ["priority"]                  # other columns that stay in the log

    [time]                               # also fold (earlier, later) and unit (s, ms, excel)
    format = "%d/%m/%Y %H:%M"
    timezone = "Europe/Amsterdam"

    [[reject]]                           # rows that are broken
    when = { state = "-100" }

    [[template]]                         # per case, the first that holds in any of its rows
    key = "W3"
    when = { rfc = { missing = false } }

    [[template]]                         # without `when`: all others
    key = "W4"

    [[activity]]                         # per row, the first that holds
    id = "recover_accept"
    when = { state = "New" }             # or a list, { not = ... }, { missing = true }
    occurrence = "first"                 # or "later": which time in its case
    leaving = { state = "Resolved" }     # what the row before was: an event of its own
    outcome = "accepted"                 # constant attributes: outcome, label, touchpoint

Without any `[[activity]]` the foreign names stay as they are.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from bdv_process.errors import InputRefused
from bdv_process.eventlog.asked import refuse_one_text
from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    COMPONENT,
    DUE,
    ITEM,
    LABEL,
    LIFECYCLE,
    LINKED,
    MOTIVATED,
    OUTCOME,
    PARENT,
    PROPOSAL,
    RECORDED,
    REQUESTER,
    RESOURCE,
    ROLE,
    ROOT,
    SEQ,
    TERM,
    TIMESTAMP,
)
from bdv_process.eventlog.moments import FOLDS, UNITS, date_form, zone
from bdv_process.tables import read_toml

START: Final = "start_timestamp"  #: of a row that is work with a beginning and an end

_COLUMNS: Final = {
    "case": CASE, "time": TIMESTAMP, "activity": LABEL, "lifecycle": LIFECYCLE, "item": ITEM,
    "resource": RESOURCE, "role": ROLE, "outcome": OUTCOME, "requester": REQUESTER,
    "parent": PARENT, "root": ROOT, "start": START, "linked": LINKED, "component": COMPONENT,
    "proposal": PROPOSAL, "motivated": MOTIVATED, "term": TERM, "due": DUE, "recorded": RECORDED,
}  # fmt: skip
_STANDARD: Final = {*COLUMNS, START}
_PREFIXES: Final = ("bdv:", "case:bdv:")
_TEXTS: Final = (str, list)
_SECTIONS: Final[dict[str, dict[str, Any]]] = {
    "": {
        "missing": _TEXTS, "not_observable": list, "collapse": bool, "columns": dict,
        "time": dict, "reject": list, "template": list, "activity": list,
    },
    "columns": {**dict.fromkeys(_COLUMNS, str), "order": str, "keep": list},
    "time": {"format": str, "timezone": str, "fold": str, "unit": str},
    "reject": {"when": dict},
    "template": {"key": str, "when": dict},
    "activity": {
        "id": str, "when": dict, "occurrence": str, "leaving": dict, "outcome": str,
        "label": str, "touchpoint": bool,
    },
}  # fmt: skip

_CHOICES: Final = {"fold": FOLDS, "unit": UNITS, "occurrence": ("first", "later")}

Condition = dict[str, Any]  #: column -> text, list of texts, {not: ...} or {missing: bool}


@dataclass(frozen=True, kw_only=True)
class ActivityRule:
    """When a row is an activity of ours, and what that activity then carries."""

    id: str
    when: Condition = field(default_factory=dict)
    occurrence: str = ""  #: "first", "later" or any
    leaving: Condition | None = None
    outcome: str | None = None
    label: str | None = None
    touchpoint: bool = False


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """How a foreign log becomes ours; see the module for its file."""

    columns: dict[str, str]  #: our column -> theirs
    order: str | None = None
    keep: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    collapse: bool = False
    date_format: str | None = None
    timezone: ZoneInfo | None = None
    fold: str | None = None
    unit: str | None = None
    reject: tuple[Condition, ...] = ()
    templates: tuple[tuple[str, Condition], ...] = ()
    activities: tuple[ActivityRule, ...] = ()
    not_observable: tuple[str, ...] = ()
    standard: bool = False  #: what has a name of ours, and is not named otherwise, keeps it

    @classmethod
    def read(
        cls, path: str | Path, *, known: Collection[str], templates: Collection[str] = ()
    ) -> Self:
        """Read a mapping; `known` are the ids of all activities and events of our templates.

        With `templates`, the keys of our templates, it may name no other.

        Raises:
            NotFound: there is no such file.
            InputRefused: not TOML, an unknown key or value, or an activity or template we have not.
        """
        file = Path(path)
        data = read_toml(file, missing="BDV-201", unreadable="BDV-260")
        _check(data, file)
        rules = tuple(ActivityRule(**rule) for rule in data.get("activity", ()))
        unseen = tuple(data.get("not_observable", ()))
        cases = tuple((t["key"], t.get("when", {})) for t in data.get("template", ()))
        _check_known("BDV-262", [*(rule.id for rule in rules), *unseen], known, file)
        if templates:
            _check_known("BDV-265", [key for key, _ in cases], templates, file)
        columns, time = dict(data["columns"]), data.get("time", {})
        order, keep = columns.pop("order", None), tuple(columns.pop("keep", ()))
        return cls(
            columns={_COLUMNS[name]: theirs for name, theirs in columns.items()},
            order=order,
            keep=keep,
            missing=tuple(texts_in(data.get("missing", ()))),
            collapse=data.get("collapse", False),
            date_format=date_form(time["format"], where=file) if "format" in time else None,
            timezone=zone(time["timezone"], where=file) if "timezone" in time else None,
            fold=time.get("fold"),
            unit=time.get("unit"),
            reject=tuple(rule["when"] for rule in data.get("reject", ())),
            templates=cases,
            activities=rules,
            not_observable=unseen,
        )

    @classmethod
    def of(
        cls,
        *,
        case: str | None = None,
        activity: str | None = None,
        start: str | None = None,
        end: str | None = None,
        resource: str | None = None,
        keep: Iterable[str] = (),
    ) -> Self:
        """Return a mapping that only names columns; what has XES's name, or ours, keeps it.

        Other columns that stay are named in `keep`.

        Raises:
            InputRefused: `keep` is one text.
        """
        refuse_one_text(keep=keep)
        named = {
            CASE: case or CASE,
            LABEL: activity or LABEL,
            START: start,
            TIMESTAMP: end or TIMESTAMP,
            RESOURCE: resource,
        }
        return cls(
            columns={ours: theirs for ours, theirs in named.items() if theirs},
            keep=tuple(keep),
            standard=True,
        )

    def wanted(self, present: Collection[str]) -> dict[str, str]:
        """Return which column of a file becomes which of ours; what else stays, under its own name.

        Of other cases than the file's own, nothing that it says of those can be kept; nor of other
        activities what these are called with us; nor can a number of a row be that of two events.
        """
        wanted = self.columns | {name: name for name in self.keep}
        if not self.standard:
            return wanted
        taken = {*wanted, *wanted.values()}
        if self.columns[CASE] != CASE:
            taken |= {SEQ, *(name for name in present if name.startswith("case:"))}
        if self.columns[LABEL] != LABEL:
            taken.add(ACTIVITY)
        if START in {*self.columns, *present}:
            taken.add(SEQ)
        ours = (name for name in present if name in _STANDARD or name.startswith(_PREFIXES))
        return {name: name for name in ours if name not in taken} | wanted

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping in what JSON has."""
        return asdict(self) | {"timezone": self.timezone and self.timezone.key}

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Self:
        """Return the mapping of which `to_dict` gave this."""
        texts = {
            name: tuple(said[name]) for name in ("keep", "missing", "reject", "not_observable")
        }
        return cls(
            **said
            | texts
            | {
                "timezone": said["timezone"] and ZoneInfo(said["timezone"]),
                "templates": tuple((key, when) for key, when in said["templates"]),
                "activities": tuple(ActivityRule(**rule) for rule in said["activities"]),
            }
        )


def texts_in(value: Any) -> list[str]:
    """Return one text, or a list of them, as a list."""
    return [value] if isinstance(value, str) else list(value)


def _check(data: dict[str, Any], file: Path) -> None:
    """Refuse what a mapping does not have, so that a slip of the pen is never just ignored."""
    _check_section(data, "", file)
    for name in ("columns", "time"):
        _check_section(data.get(name, {}), name, file)
    for name in ("reject", "template", "activity"):
        for part in data.get(name, ()):
            _check_section(part, name, file)
    required = [("columns", data.get("columns", {}), key) for key in ("case", "time", "activity")]
    for section, key in (("template", "key"), ("activity", "id"), ("reject", "when")):
        required += [(section, part, key) for part in data.get(section, ())]
    for section, part, key in required:
        if key not in part:
            raise InputRefused("BDV-264", where=file, section=section, key=key)


def _check_known(code: str, names: list[str], known: Collection[str], file: Path) -> None:
    for name in names:
        if name not in known:
            nearest = get_close_matches(name, known, 1, 0.5)
            raise InputRefused(code, where=file, name=name, nearest=(*nearest, "-")[0])


def _check_section(part: Any, section: str, file: Path) -> None:
    if not isinstance(part, dict):
        raise InputRefused("BDV-263", where=file, key=section, value=part)
    for key, value in part.items():
        if key not in _SECTIONS[section]:
            known = get_close_matches(key, _SECTIONS[section], 1) or sorted(_SECTIONS[section])
            where = f"{file} [{section}]" if section else file
            raise InputRefused("BDV-261", where=where, key=key, known=", ".join(known))
        right = isinstance(value, _SECTIONS[section][key])
        if isinstance(value, list) and key not in _SECTIONS:
            right = right and all(isinstance(text, str) for text in value)
        if not right or value not in _CHOICES.get(key, (value,)):
            raise InputRefused("BDV-263", where=file, key=key, value=value)
    for key in ("when", "leaving"):
        _check_condition(part.get(key, {}), file)


def _check_condition(condition: Condition, file: Path) -> None:
    for column, wanted in condition.items():
        match wanted:
            case str() | {"missing": bool()}:
                continue
            case list() | {"not": str() | list()}:
                texts = wanted["not"] if isinstance(wanted, dict) else wanted
                if all(isinstance(text, str) for text in texts):
                    continue
        raise InputRefused("BDV-263", where=file, key=column, value=wanted)
