"""The reading guide: what a log holds, what it cannot show, and how the numbers are defined."""

from collections.abc import Iterator

from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.table import Note
from bdv_process.language import Language, text
from bdv_process.report import words
from bdv_process.report.findings import FEW, rule_name
from bdv_process.report.section import Section

Entry = tuple[str, tuple[str, ...]]  #: a term and its sentences


def period(section: Section, lang: Language) -> str:
    """Return the first and the last day of a log."""
    moments = section.log.frame[TIMESTAMP].dropna()
    if moments.empty:
        return text("report.no_period", lang)
    first, last = (words.day(moment, lang) for moment in (moments.min(), moments.max()))
    return text("report.period", lang, first=first, last=last)


def guide(section: Section, lang: Language) -> tuple[Entry, ...]:
    """Return the terms of the reading guide that apply to this log, each with its sentences."""
    entries = ((term, tuple(filter(None, said))) for term, said in _entries(section, lang))
    return tuple((text(f"report.guide.{term}", lang), said) for term, said in entries if said)


def _entries(section: Section, lang: Language) -> Iterator[Entry]:
    report, rows = section.report, section.log.provenance

    def say(key: str, **facts: object) -> str:
        return text(f"report.guide.{key}_say", lang, **facts)

    def number(amount: int) -> str:
        return words.count(amount, lang)

    read, used, rejected = number(rows.rows_in), number(rows.used), number(len(rows.rejected))
    unclosed = int(report.cases["open"].sum())
    yield "source", (section.source, say("synthetic") if section.synthetic else "")
    yield "period", (period(section, lang),)
    yield (
        "rows",
        (
            say("rows", read=read, used=used, rejected=rejected) if rows.rows_in else "",
            say("collapsed", collapsed=number(rows.collapsed)) if rows.collapsed else "",
        ),
    )
    if unclosed >= FEW:
        yield "open", (say("open", cases=number(unclosed), of=number(len(report.cases))),)
    unseen: dict[str, list[str]] = {}
    for template in section.templates:
        steps = report.unobservable.get(template.key, ())
        unseen.setdefault(", ".join(template.by_id[step].label(lang) for step in steps), []).append(
            template.key
        )
    yield (
        "unobservable",
        tuple(
            say("unobservable", templates=", ".join(keys), steps=steps)
            for steps, keys in unseen.items()
            if steps
        ),
    )
    yield (
        "unchecked",
        tuple(
            say("unchecked", check=rule_name(section, rule, lang), reason=text(reason, lang))
            for rule, reason in dict.fromkeys(
                zip(report.rules["rule"], report.rules["reason"], strict=True)
            )
            if reason
        ),
    )
    yield "fitness", (say("fitness"),)
    yield "privacy", (say("privacy", few=FEW),)
    yield "notes", tuple(_note(note, lang) for note in (*rows.notes, *report.notes))


def _note(note: Note, lang: Language) -> str:
    key, facts = note
    written = {
        name: words.count(fact, lang) if isinstance(fact, int) else fact
        for name, fact in facts.items()
    }
    return text(key, lang, **written)
