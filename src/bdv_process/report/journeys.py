"""Customer journeys as the page shows them: how long citizens wait, and where they get lost."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

import pandas as pd

from bdv_process.errors import BdvError
from bdv_process.language import Language, text
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journey_groups import EVERY
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW, enough
from bdv_process.report import page
from bdv_process.report.page import Entry, Figure, Group, Trouble
from bdv_process.report.part import part
from bdv_process.report.section import Section

_TROUBLES: Final = ("without_outcome", "sent_on", "repeated", "withdrawn")  # worst first
_DAY: Final = timedelta(days=1)

_Row = dict[str, Any]


def journeys(section: Section, lang: Language) -> page.Journeys | None:
    """Return what the journeys in a log come to, or why there is nothing to say."""
    found = section.journeys
    if found is None:
        return None
    if isinstance(found, BdvError):
        return page.Journeys(says=(text("journeys.none", lang, reason=found.what(lang)),))
    shown = records(found.shown)
    whole = next((row for row in shown if row["group"] == EVERY), None)
    groups = [row for row in shown if row["group"] != EVERY]
    troubles = _troubles(whole, lang) if whole else ()
    return page.Journeys(
        says=_says(found, whole, lang) if whole else (text("journeys.small", lang, few=FEW),),
        troubles=troubles,
        advice=_advice(troubles, lang),
        groups=tuple(_group(row, section, lang) for row in groups),
        figures=tuple(
            Figure.of(
                found.chart(templates=section.templates, procedure=section.procedure, lang=lang)
            )
            for _ in groups[:1]
        ),
        preceding=tuple(_preceding(found, section, lang)),
        notes=tuple(
            text(key, lang, streams=words.count(enough(int(facts["streams"])), lang))
            for key, facts in found.notes
        ),
        unseen=tuple(
            Entry(term=text(f"journey.{measure}", lang), says=(text(reason, lang),))
            for measure, reason in found.unseen.items()
        ),
    )


def _says(found: Journeys, whole: _Row, lang: Language) -> tuple[str, ...]:
    """Return in sentences how long journeys take, how silent they are and who is waited for."""
    facts: dict[str, dict[str, str]] = {
        "count": {
            "journeys": words.count(whole["journeys"], lang),
            "subjects": words.count(found.journeys["subject"].nunique(), lang),
        },
        "took": {
            "median": words.decimal(whole["median"] / _DAY, lang),
            "touchpoints": words.decimal(whole["touchpoints"], lang, 0),
        },
    }
    if _known(whole["longest_silence"]):
        facts["silence"] = {"days": words.decimal(whole["longest_silence"] / _DAY, lang)}
    waited = whole["citizen"] + whole["government"]
    if waited:  # NaT is true, and unequal to itself
        share = whole["government"] / waited
        if _known(share):
            facts["turn"] = {"share": words.percent(share, lang)}
    return tuple(text(f"journeys.{key}", lang, **told) for key, told in facts.items())


def _troubles(row: _Row, lang: Language) -> tuple[Trouble, ...]:
    return tuple(_trouble(row, name, lang) for name in _TROUBLES if _known(row[name]))


def _trouble(row: _Row, name: str, lang: Language) -> Trouble:
    """Return in how many journeys something went wrong."""
    bounds = {bound: row[f"{name}_{bound}"] for bound in ("low", "high")}
    share = row[name] / row["journeys"]
    among = part(row | bounds | {"share": share}, cases=name, of="journeys", rest=True)
    return Trouble(trouble=name, name=text(f"journey.{name}", lang), part=among)


def _advice(troubles: tuple[Trouble, ...], lang: Language) -> str:
    """Return what to do about what goes wrong most, of what is worth saying."""
    told = [each for each in troubles if each.part.cases]
    if not told:
        return ""
    worst = max(told, key=lambda each: each.part.cases or 0)
    return text(f"journeys.advice.{worst.trouble}", lang)


def _group(row: _Row, section: Section, lang: Language) -> Group:
    return Group(
        group=row["group"],
        path=tuple(_steps(row["path"], section, lang)),
        journeys=row["journeys"],
        median=row["median"] / _DAY,
        touchpoints=row["touchpoints"],
        silence=row["longest_silence"] / _DAY if _known(row["longest_silence"]) else None,
        troubles=_troubles(row, lang),
    )


def _preceding(found: Journeys, section: Section, lang: Language) -> list[str]:
    """Return the moments after which more people left or complained than elsewhere."""
    moments = found.preceding[found.preceding["more"] & (found.preceding["left"] >= FEW)]
    return [
        text(
            f"journeys.preceding.{row['kind']}",
            lang,
            moment=(
                text(f"silence.{row['moment']}", lang)
                if row["kind"] == "silence"
                else _step(row["moment"], section, lang)
            ),
            share=words.percent(row["share"], lang),
            elsewhere=words.percent(row["elsewhere"], lang),
        )
        for row in records(moments)
    ]


def _steps(path: tuple[str, ...], section: Section, lang: Language) -> Iterator[str]:
    """Yield the steps of a path; what follows itself once, with how many times."""
    for step, again in groupby(_step(activity, section, lang) for activity in path):
        times = len(list(again))
        yield step + (f" ({times}×)" if times > 1 else "")


def _step(activity: str, section: Section, lang: Language) -> str:
    return section.names(lang).get(activity, activity)


def _known(value: Any) -> bool:
    return bool(pd.notna(value))
