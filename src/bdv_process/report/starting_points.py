"""The three starting points of the concept as rows of a table."""

from math import isnan
from typing import Any, Final

from bdv_process.language import Language, text
from bdv_process.mining.principles import LOG
from bdv_process.picture import words
from bdv_process.picture.records import records
from bdv_process.privacy import FEW, enough, shown
from bdv_process.report.page import Measure
from bdv_process.report.part import part
from bdv_process.report.section import Section

#: Measures whose cases the tables of rules count per workflow, by the rules they are about.
_COUNTED: Final = {"linked": ("linked",), "told": ("feedback",), "in_time": ("term",)}


def starting_points(section: Section, lang: Language) -> tuple[Measure, ...]:
    """Return each measure over the whole log, or why this log cannot carry it."""
    if section.principles is None:
        return ()
    frame = section.principles.frame
    return tuple(
        _measure(row, lang, told=_told_by_subtraction(row["measure"], section))
        for row in records(frame[frame["template"] == LOG])
    )


def _told_by_subtraction(measure: str, section: Section) -> bool:
    """Return whether the whole less what the tables of rules count tells what these hide."""
    rules = section.report.rules
    about = _COUNTED | {"separated": ("requester", *section.separations)}
    broken = rules.loc[rules["rule"].isin(about.get(measure, ())), "cases"].tolist()
    return shown(broken) != [enough(cases) for cases in broken]


def _measure(row: dict[str, Any], lang: Language, *, told: bool) -> Measure:
    n, value, unit = int(row["n"]), float(row["value"]), row["unit"]
    measured = not isnan(value)
    hidden = _hidden(n, value if unit == "share" else None) if measured else ""
    hidden = hidden or ("told" if measured and told else "")
    open_ = measured and not hidden
    if not measured:
        reason = text(row["reason"], lang)
        says = text("principle.unmeasured", lang, reason=reason)
    elif hidden:
        says = text(f"principle.{hidden}", lang, few=FEW)
    elif unit == "share":
        says = words.percent(value, lang)
    else:
        says = text(f"principle.{unit}", lang, value=words.decimal(value, lang))
    return Measure(
        principle=text(f"principle.{row['principle']}", lang),
        measure=row["measure"],
        name=text(f"measure.{row['measure']}", lang),
        value=value if open_ else None,
        low=float(row["low"]) if open_ else None,
        high=float(row["high"]) if open_ else None,
        n=n if open_ else None,
        unit=unit,
        better=row["better"],
        says=says,
    )


def _hidden(n: int, share: float | None) -> str:
    """Return why a measure is not shown: so few are measured, or on a side of a share."""
    some = n if share is None else round(share * n)
    return part({"cases": some, "of": n}, rest=True).hidden
