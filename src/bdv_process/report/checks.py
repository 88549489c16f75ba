"""The rules beyond the path: which could not be checked, which are clean, which are broken."""

from typing import Any

from bdv_process.language import Language, text
from bdv_process.mining.finding_name import rule_name
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.report.page import Check, Entry
from bdv_process.report.part import Part, part
from bdv_process.report.section import Section

_NOBODY = Part(cases=None, of=None)


def checks(section: Section, template: str, lang: Language) -> tuple[Check, ...]:
    """Return every rule for one workflow; those that do not concern it are left out."""
    rules = section.report.rules
    rows = records(rules[(rules["template"] == template) & (rules["state"] != "not_applicable")])
    return tuple(_check(section, row, lang) for row in rows)


def _check(section: Section, row: dict[str, Any], lang: Language) -> Check:
    unchecked = row["state"] == "unchecked"
    found = _NOBODY if unchecked else part(row, of="checked")
    return Check(
        rule=row["rule"],
        asks=_asks(section, row["rule"], lang),
        state=row["state"],
        says=text(
            f"report.check.{row['state']}",
            lang,
            reason=text(row["reason"], lang) if unchecked else "",
            cases=words.count(found.cases, lang),
            of=words.count(found.of, lang),
            few=FEW,
        ),
        part=found,
    )


def outcome(section: Section, lang: Language) -> tuple[Entry, ...]:
    """Return over all workflows which rules are clean, and which could not be checked."""
    rules = section.report.rules
    broken = set(rules.loc[rules["state"] == "broken", "rule"])
    clean = rules[(rules["state"] == "clean") & ~rules["rule"].isin(broken)]
    unchecked = rules[rules["state"] == "unchecked"].drop_duplicates(["rule", "reason"])
    return (
        Entry(
            term=text("report.checked", lang),
            says=tuple(f"{_asks(section, rule, lang)}." for rule in clean["rule"].unique()),
        ),
        Entry(
            term=text("report.unchecked", lang),
            says=tuple(
                f"{_asks(section, rule, lang)}: {text(reason, lang)}."
                for rule, reason in zip(unchecked["rule"], unchecked["reason"], strict=True)
            ),
        ),
    )


def _asks(section: Section, rule: str, lang: Language) -> str:
    """Return what a rule asks, as the begin of a sentence."""
    said = rule_name(rule, section.procedure, lang)
    return said[0].upper() + said[1:]
