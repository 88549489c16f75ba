"""The reading guide: what a log holds, what it cannot show, and how the numbers are defined."""

from collections.abc import Iterator

from bdv_process.language import Language, text
from bdv_process.report import words
from bdv_process.report.findings import FEW
from bdv_process.report.section import Provenance, Section

Entry = tuple[str, tuple[str, ...]]  #: a term and its sentences


def period(provenance: Provenance, lang: Language) -> str:
    """Return the first and the last day of a log."""
    if provenance.first is None or provenance.last is None:
        return text("report.no_period", lang)
    first, last = words.day(provenance.first, lang), words.day(provenance.last, lang)
    return text("report.period", lang, first=first, last=last)


def guide(section: Section, lang: Language) -> tuple[Entry, ...]:
    """Return the terms of the reading guide that apply to this log, each with its sentences."""
    return tuple(
        (text(f"report.guide.{term}", lang), said)
        for term, said in _entries(section, lang)
        if any(said)
    )


def _entries(section: Section, lang: Language) -> Iterator[Entry]:
    facts, report = section.provenance, section.report

    def say(key: str, **more: object) -> str:
        return text(f"report.guide.{key}_say", lang, **more)

    rows = {
        name: words.count(getattr(facts, name), lang)
        for name in ("read", "used", "collapsed", "rejected")
    }
    yield "source", (facts.source, say("synthetic") if facts.synthetic else "")
    yield "period", (period(facts, lang),)
    yield "rows", (say("rows", **rows),)
    unclosed = int(report.cases["open"].sum())
    if unclosed >= FEW:
        of = words.count(len(report.cases), lang)
        yield "open", (say("open", cases=words.count(unclosed, lang), of=of),)
    yield (
        "unobservable",
        tuple(
            say(
                "unobservable", template=t.key, steps=", ".join(t.by_id[i].label(lang) for i in ids)
            )
            for t in section.templates
            if (ids := report.unobservable.get(t.key))
        ),
    )
    yield (
        "unchecked",
        tuple(
            say("unchecked", check=text(f"report.kind.{check}", lang), reason=text(reason, lang))
            for check, reason in report.unchecked.items()
        ),
    )
    yield "fitness", (say("fitness"),)
    yield "privacy", (say("privacy", few=FEW),)
    yield "notes", section.notes
