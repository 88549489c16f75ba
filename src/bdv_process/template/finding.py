"""What a rule finds in a template: a value with a place, that says itself in both languages."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lxml import etree

from bdv_process.errors import BdvError, InputRefused, LimitExceeded, NotAllowed
from bdv_process.language import Language, catalogue, preferred
from bdv_process.template.model import Flow, Node, Template
from bdv_process.template.xml import line_of

Severity = Literal["error", "warning"]
WARNINGS = frozenset({"diagram-complete"})

# How a file is refused, by rule or by sentence, where it is more than an input we cannot trust.
_REFUSALS: dict[str, type[BdvError]] = {
    "no-code": NotAllowed,
    "within-limits": LimitExceeded,
    "BDV-114": LimitExceeded,
    "BDV-122": LimitExceeded,
    "BDV-151": LimitExceeded,
}


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where in a file a rule is broken, and the facts its sentence needs."""

    element: str
    line: int
    key: str | None = None  #: of the sentence, when it is not the rule's own
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule broken in one place."""

    rule: str
    file: Path
    line: int
    element: str
    key: str  #: of its sentence in `texts/template.toml`
    facts: dict[str, object]

    @property
    def severity(self) -> Severity:
        """Return whether the template can be used in spite of it."""
        return "warning" if self.rule in WARNINGS else "error"

    @property
    def where(self) -> str:
        """Return file and line."""
        return f"{self.file}:{self.line}" if self.line else str(self.file)

    def sentence(self, lang: Language | None = None) -> str:
        """Return what is wrong."""
        return format(self, lang or preferred())

    def hint(self, lang: Language | None = None) -> str:
        """Return what to do next."""
        return format(self, (lang or preferred()) + "_do")

    def __format__(self, spec: str) -> str:
        return catalogue()[self.key][spec].format(element=self.element, **self.facts)

    def refusal(self) -> BdvError:
        """Return the finding as the error that refuses its file."""
        error = _REFUSALS.get(self.rule) or _REFUSALS.get(self.key, InputRefused)
        return error("BDV-110", where=self.where, finding=self, rule=self.rule)

    def to_dict(self, lang: Language | None = None) -> dict[str, object]:
        """Return the finding for JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "file": str(self.file),
            "line": self.line,
            "element": self.element,
            "what": self.sentence(lang),
            "hint": self.hint(lang),
        }


def at(
    place: etree._Element | Node | Flow | Template, key: str | None = None, /, **facts: object
) -> Spot:
    """Return the spot of an element as read, or as value."""
    if isinstance(place, etree._Element):
        tag = etree.QName(place).localname
        name = place.get("id") or tag
        return Spot(element=name, line=line_of(place), key=key, facts=facts)
    if isinstance(place, Template):
        return Spot(element=place.key, line=0, key=key, facts=facts)
    return Spot(element=place.id, line=place.line, key=key, facts=facts)
