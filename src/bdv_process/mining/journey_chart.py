"""Which picture of journeys is drawn, and of which."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from bdv_process.errors import InputRefused, NotFound
from bdv_process.language import Language, text
from bdv_process.mining.charting import check_kind, named_by, said_in
from bdv_process.mining.journey_groups import EVERY
from bdv_process.mining.journey_path import along, reaching
from bdv_process.mining.labels import named
from bdv_process.picture import words
from bdv_process.picture.journey_map import Contact, journey_map
from bdv_process.picture.picture import Picture
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure

if TYPE_CHECKING:
    from bdv_process.mining.journey import Journeys

_NONE: Final = timedelta()
KINDS: Final = ("map", "funnel")


def chart(
    found: "Journeys",
    kind: str,
    *,
    group: int | None,
    subject: str | None,
    templates: Iterable[Template] | None,
    procedure: Procedure | None,
    lang: Language | None,
) -> Picture:
    """Return a picture of journeys: see `Journeys.chart`."""
    check_kind(kind, KINDS)
    lang, known = said_in(lang), named_by(templates)
    unmeasured = "silence" in found.unseen
    roles = {role.id: role.label(lang) for role in procedure.roles} if procedure else {}
    if subject is not None and kind == "map":
        return _of_subject(found.of(subject), known, roles, lang, unmeasured=unmeasured)
    row = _group(found, group)
    mine = found.journeys[found.journeys["group"] == row["group"]]
    facts = {"group": row["group"], "journeys": words.count(len(mine), lang)}
    if kind == "map":
        contacts = found.touchpoints
        contacts = contacts[contacts["journey"].isin(mine["journey"])]
        steps = along(contacts, row["path"])
        return journey_map(
            [
                replace(_in_group(each, len(mine), known, roles, lang), unmeasured=unmeasured)
                for each in records(steps)
            ],
            title=text("journey_chart.group", lang, **facts),
            says=text("journey_chart.group.says", lang, **facts),
            lang=lang,
        )
    return _funnel(mine["path"], row["path"], facts, _names(found, known, lang), lang)


def _group(found: "Journeys", group: int | None) -> dict[str, Any]:
    """Return the row of a group; by default of the one whose path most journeys followed exactly.

    A path of one contact has no silence to show: one that has goes before it.

    Raises:
        NotFound: there is no such group.
        InputRefused: it is too small to show, or none is large enough.
    """
    named = found.groups[found.groups["group"] != EVERY]
    if group is not None and group not in set(named["group"]):
        last = int(found.groups["group"].max())
        raise NotFound("BDV-454", where=group, last=last)
    large = named[named["journeys"] >= FEW]
    if group is not None:
        large = large[large["group"] == group]
    if large.empty:
        raise InputRefused("BDV-473", where=group, few=FEW)
    longer = large["path"].map(len) > 1
    ordered = large.assign(longer=longer).sort_values(
        ["longer", "exact", "group"], ascending=[False, False, True]
    )
    return records(ordered)[0]


def _of_subject(
    contacts: pd.DataFrame,
    known: Mapping[str, Template],
    roles: Mapping[str, str],
    lang: Language,
    *,
    unmeasured: bool,
) -> Picture:
    rows = records(contacts)
    apart = contacts["moment"].diff() - contacts["silence"]
    idle: list[timedelta] = [_NONE if pd.isna(each) else each.to_pytimedelta() for each in apart]
    drawn = [
        Contact(
            name=_name(row["template"], row["activity"], row["label"], known, lang),
            direction=_text(row["direction"]),
            about=_about(words.minute(row["moment"].to_pydatetime(), lang), row, roles),
            **_waited(row),
            unmeasured=unmeasured,
            idle=idle if same else _NONE,
        )
        for row, idle, same in zip(rows, idle, contacts["number"] > 1, strict=True)
    ]
    facts = {
        "subject": rows[0]["subject"],
        "contacts": words.count(len(rows), lang),
        "streams": words.count(int(contacts["stream"].nunique()), lang),
        "days": words.lasting(contacts["moment"].max() - contacts["moment"].min(), lang),
    }
    return journey_map(
        drawn,
        title=text("journey_chart.subject", lang, **facts),
        says=text("journey_chart.subject.says", lang, **facts),
        lang=lang,
    )


def _in_group(
    row: Mapping[str, Any],
    journeys: int,
    known: Mapping[str, Template],
    roles: Mapping[str, str],
    lang: Language,
) -> Contact:
    few, nearly = 0 < row["times"] < FEW, 0 < journeys - row["times"] < FEW
    times = words.count(None if few else row["times"], lang) + "×"
    return Contact(
        name=_name(row["template"], row["activity"], row["label"], known, lang),
        direction=_text(row["direction"]),
        about=_about(text("journey_chart.nearly_all", lang) if nearly else times, row, roles),
        withheld=row["few"],
        **_waited(row),
    )


def _waited(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the silence before a contact and its parts, as far as they are known."""
    known = {
        name: pd.Timedelta(row[name]).to_pytimedelta()
        for name in ("silence", "citizen", "government")
        if not pd.isna(row[name])
    }
    return known if "silence" in known else {}


def _about(first: str, row: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    role = _text(row["role"])
    every = [first, _text(row["template"]), roles.get(role, role), _text(row["channel"])]
    every.append(_text(row.get("organisation")))
    return " · ".join(filter(None, every))


def _name(
    template: Any, activity: str, label: Any, known: Mapping[str, Template], lang: Language
) -> str:
    node = known[template].by_id.get(activity) if template in known else None
    return (node.label(lang) if node else _text(label)) or activity


def _names(found: "Journeys", known: Mapping[str, Template], lang: Language) -> dict[str, str]:
    steps = {node.id: node.label(lang) for each in known.values() for node in each.nodes}
    ids = {str(activity): str(activity) for activity in found.coded["activity"].unique()}
    told = ids | named(found.coded, "activity", "label")
    return {activity: steps.get(activity) or label for activity, label in told.items()}


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _funnel(
    paths: pd.Series,
    path: tuple[str, ...],
    facts: Mapping[str, object],
    names: Mapping[str, str],
    lang: Language,
) -> Picture:
    """Return how many journeys of a group reach each contact of its path.

    What fewer than `FEW` journeys less reach, or fewer than `FEW` in all, is not told exactly.
    """
    from bdv_process.picture.axes import Bar
    from bdv_process.picture.ranking import ranking

    of = told = len(paths)
    drawn = []
    for n, (activity, reached) in enumerate(zip(path, reaching(paths, path), strict=True), 1):
        if 0 < told - reached < FEW:
            said = text("journey_chart.nearly", lang, few=FEW, share=words.percent(told / of, lang))
        elif 0 < reached < FEW:
            told, said = 0, words.count(None, lang)
        else:
            told = reached
            said = f"{words.count(told, lang)} ({words.percent(told / of, lang)})"
        drawn.append(Bar(name=f"{n}. {names[activity]}", value=told / of, said=said))
    return ranking(
        drawn,
        title=text("journey_chart.funnel", lang, **facts),
        says=text("journey_chart.funnel.says", lang, **facts),
        columns=(text("journey_map.column.contact", lang), text("journey_chart.reach", lang)),
        percent=True,
        lang=lang,
    )
