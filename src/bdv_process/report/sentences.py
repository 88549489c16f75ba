"""Findings as a director hears them: what and where, how often, since when, and what to do."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil, floor

from bdv_process.language import Language, catalogue, text
from bdv_process.picture import words
from bdv_process.privacy import FEW
from bdv_process.report.page import Finding, Point
from bdv_process.report.part import Part

_SMALL = 0.01  #: shares that may be below this are told of a thousand, not of a hundred


@dataclass(kw_only=True)
class Teller:
    """Tells one finding after another, so that no two in a row sound the same."""

    lang: Language
    told: Counter[str] = field(default_factory=Counter)

    def tell(self, keys: Iterable[str], **facts: object) -> str:
        """Return the sentence of the first key that has one, each time in its next wording."""
        key, said = next((key, said) for key in keys if (said := _wordings(key)))
        self.told[key] += 1
        return text(said[(self.told[key] - 1) % len(said)], self.lang, **facts)

    def often(self, part: Part) -> str:
        """Return how often, with the interval in plain words."""
        if part.hidden == "group" or part.of is None:
            return self.tell(["often.hidden"])
        of = words.count(part.of, self.lang)
        if part.cases is None:
            return self.tell(["often.few"], few=FEW, of=of)
        if part.cases == part.of:
            return self.tell(["often.all"], of=of)
        spread = between(part.low or 0.0, part.high or 1.0, self.lang)
        n = words.count(part.cases, self.lang)
        return self.tell(["often"], n=n, of=of, range=spread)

    def when(self, since: str | None, until: str | None, first: str, last: str | None) -> str:
        """Return since when; what could show it began from `first` to `last`, None: who knows."""
        if since is None or until is None:
            return ""
        if last is None:
            key = "begun"
        elif since == until and first != last:
            key = "once"
        elif until >= last:
            key = "always" if since <= first else "still"
        else:
            key = "over"
        named = {"since": words.month(since, self.lang), "until": words.month(until, self.lang)}
        return self.tell([f"since.{key}"], **named)


def advice(kind: str, rule: str, lang: Language) -> str:
    """Return what to do about a kind of deviation or a broken rule."""
    keys = (f"advice.{rule}", f"advice.{kind}", "advice.separation")
    return text(next(key for key in keys if key in catalogue()), lang)


def points(findings: Iterable[Finding], lang: Language) -> tuple[Point, ...]:
    """Return findings as points of page one; advice that an earlier point gave is referred to."""
    made: list[Point] = []
    given: dict[str, int] = {}
    teller = Teller(lang=lang)
    for number, finding in enumerate(findings, 1):
        before = given.setdefault(finding.advice, number)
        new = before == number
        said = finding.advice if new else teller.tell(["advice.same"], point=before)
        made.append(Point(finding=finding.finding, advice=said))
    return tuple(made)


def between(low: float, high: float, lang: Language) -> str:
    """Return an interval as a director says it: between 3 and 7 in 100. Bounds round outwards."""
    base = 100 if low >= _SMALL else 1_000
    least, most = floor(low * base), ceil(high * base)
    key = "most" if least == 0 else "least" if most == base else "between"
    return text(
        f"range.{key}",
        lang,
        low=words.count(least, lang),
        high=words.count(most, lang),
        base=words.count(base, lang),
    )


def _wordings(key: str) -> list[str]:
    """Return the keys under which one thing is said in several ways."""
    if key in catalogue():
        return [key]
    return [each for each in catalogue() if each.rpartition(".")[0] == key and each[-1].isdigit()]
