"""The reading guide: how good the data are, and how the numbers on the page are made."""

from collections.abc import Iterable, Iterator
from typing import Final

from bdv_process.eventlog.event import TIMESTAMP
from bdv_process.eventlog.table import Note
from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW, enough
from bdv_process.report.page import Entry
from bdv_process.report.part import part
from bdv_process.report.section import Section

_UNLINKED: Final = "conformance.unlinked"  #: a note on how far separations could be checked

_Said = tuple[str, Iterable[str]]  # the key of a term, and its sentences


def period(section: Section, lang: Language) -> str:
    """Return the first and the last day of a log."""
    moments = section.log.frame[TIMESTAMP].dropna()
    if moments.empty:
        return text("report.no_period", lang)
    first, last = (words.day(moment, lang) for moment in (moments.min(), moments.max()))
    return text("report.period", lang, first=first, last=last)


def running(section: Section, lang: Language) -> str:
    """Return how many cases are not closed, in a sentence; nothing when all are."""
    unclosed = part(records(section.overview)[-1], cases="open", of="cases", rest=True)
    if unclosed.of is None or unclosed.cases == 0:
        return ""
    key = unclosed.hidden or ("all" if unclosed.cases == unclosed.of else "some")
    counts = {"cases": unclosed.cases, "of": unclosed.of}
    said = {name: words.count(many, lang) for name, many in counts.items()}
    return text(f"guide.open.{key}", lang, few=FEW, **said)


def quality(section: Section, lang: Language) -> tuple[Entry, ...]:
    """Return what the log holds and what it leaves out."""
    return _entries(_quality(section, lang), lang)


def guide(section: Section, lang: Language) -> tuple[Entry, ...]:
    """Return how the numbers are made, and how to read them."""
    return _entries(_guide(section, lang), lang)


def _entries(said: Iterable[_Said], lang: Language) -> tuple[Entry, ...]:
    kept = ((term, tuple(filter(None, says))) for term, says in said)
    return tuple(Entry(term=text(f"guide.{term}", lang), says=says) for term, says in kept if says)


def _quality(section: Section, lang: Language) -> Iterator[_Said]:
    rows = section.log.provenance

    def say(key: str, **facts: object) -> str:
        return text(f"guide.{key}", lang, **{k: _written(v, lang) for k, v in facts.items()})

    if section.synthetic or section.source:
        yield "source", (section.source, say("source.synthetic") if section.synthetic else "")
    yield "period", (period(section, lang), say(f"clock.{section.clock}") if section.clock else "")
    yield "rows", (
        say("rows.say", read=rows.rows_in, used=rows.used, rejected=len(rows.rejected))
        if rows.rows_in
        else "",
        say("rows.collapsed", collapsed=rows.collapsed) if rows.collapsed else "",
    )  # fmt: skip
    still = running(section, lang)
    yield "open", (still, say("open.prefix") if still else "")
    yield "evidence", (
        _evidence(row["evidence"], row, lang) for row in records(section.evidence)
    )  # fmt: skip
    yield "unobservable", _unseen(section, lang)
    yield "notes", (_note(note, lang) for note in (*rows.notes, *_notes(section)))


def _guide(section: Section, lang: Language) -> Iterator[_Said]:
    for term in ("points", "chance", "since", "following", "rules", "proposal"):
        yield term, (text(f"guide.{term}.say", lang),)
    if section.comparison is not None:
        yield "comparison", (text("guide.comparison.say", lang),)
    yield "fitness", (text("guide.fitness.say", lang),)
    tiers: dict[str, list[str]] = {}
    for template, tier in section.report.tiers.items():
        tiers.setdefault(tier, []).append(template)
    yield "tier", (
        text("guide.tier.say", lang, templates=", ".join(keys), tier=text(tier, lang))
        for tier, keys in tiers.items()
    )  # fmt: skip
    yield "privacy", (text("guide.privacy.say", lang, few=FEW),)


def _evidence(evidence: str, row: dict[str, object], lang: Language) -> str:
    """Return in how many cases a kind of evidence is missing altogether; nothing when in none."""
    missing = part({"cases": row["missing"], "of": row["of"], "share": row["share"]}, rest=True)
    name = text(f"evidence.{evidence}", lang)
    if missing.cases == 0 or not row["of"]:
        return ""
    key: str = missing.hidden or ("all" if missing.cases == missing.of else "some")
    said = {"cases": words.count(missing.cases, lang), "of": words.count(missing.of, lang)}
    return text(f"guide.evidence.{key}", lang, evidence=name, few=FEW, **said)


def _unseen(section: Section, lang: Language) -> Iterator[str]:
    unseen: dict[str, list[str]] = {}
    for template in section.templates:
        steps = section.report.unobservable.get(template.key, ())
        named = ", ".join(template.by_id[step].label(lang) for step in steps)
        unseen.setdefault(named, []).append(template.key)
    for named, keys in unseen.items():
        if named:
            yield text("guide.unobservable.say", lang, templates=", ".join(keys), steps=named)


def _notes(section: Section) -> Iterator[Note]:
    """Yield the notes on what was checked; of how separations were, only when any was."""
    rules = section.report.rules
    checked = rules.loc[rules["checked"] > 0, "rule"].isin(section.separations).any()
    for note in section.report.notes:
        if checked or note[0] != _UNLINKED:
            yield note


def _note(note: Note, lang: Language) -> str:
    key, facts = note
    written = {name: _written(fact, lang) for name, fact in facts.items()}
    if "cases" in facts:
        some = facts["cases"]
        written["cases"] = words.count(enough(some) if isinstance(some, int) else None, lang)
    return text(key, lang, **written)


def _written(fact: object, lang: Language) -> object:
    return words.count(fact, lang) if isinstance(fact, int) else fact
