"""The rules beyond the path: which could not be checked, which are clean, which are broken."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

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
    of = rules["checked"].groupby(rules["rule"]).transform("sum")
    broken = set(rules.loc[rules["state"] == "broken", "rule"])
    clean = (rules["state"] == "clean") & ~rules["rule"].isin(broken) & (of >= FEW)
    entries = {"checked": clean, "unchecked": rules["state"] == "unchecked"}
    return tuple(
        Entry(term=text(f"report.{term}", lang), says=tuple(_says(section, rules[which], lang)))
        for term, which in entries.items()
    )


def unchecked(section: Section, lang: Language) -> str:
    """Return in a sentence how many rules could be checked in no workflow; nothing when none."""
    rules = section.report.rules
    asked = rules[rules["state"] != "not_applicable"]
    checked = asked.loc[asked["state"] != "unchecked", "rule"].nunique()
    of = asked["rule"].nunique()
    if checked == of:
        return ""
    return text("report.unchecked_of", lang, unchecked=of - checked, rules=of)


def _says(section: Section, found: pd.DataFrame, lang: Language) -> Iterator[str]:
    """Yield a sentence per rule and reason, with the workflows unless it is so in all it is about.

    What could not be checked in one workflow can be broken in the next.
    """
    rules = section.report.rules
    about = rules[rules["state"] != "not_applicable"].groupby("rule")["template"].agg(list)
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in records(found):
        grouped.setdefault((row["rule"], row["reason"]), []).append(row["template"])
    for (rule, reason), templates in grouped.items():
        where = "" if templates == about[rule] else f" ({', '.join(templates)})"
        why = f": {text(reason, lang)}" if reason else ""
        yield f"{_asks(section, rule, lang)}{where}{why}."


def _asks(section: Section, rule: str, lang: Language) -> str:
    """Return what a rule asks, as the begin of a sentence."""
    said = rule_name(rule, section.procedure, lang)
    return said[0].upper() + said[1:]
