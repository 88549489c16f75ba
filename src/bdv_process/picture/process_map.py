"""What really happened as a picture beside the template: steps, and what follows what."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.graph import Apart, Arrow, Figure, draw_graph
from bdv_process.picture.layout import widest
from bdv_process.picture.picture import Picture
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Kind, Template

#: What is outside a case: the source of its first step, the target of its last.
EDGE: Final = ""

_COVERED = 0.95  # of all transitions: what is left is rare, and makes a picture unreadable
_MOST = 40  # steps in one picture
_EACH = 2  # transitions by step in one picture, but for those it cannot do without
_END = "end "  # the node where cases end; the one where they begin is EDGE

_Row = dict[str, Any]
_Rows = Mapping[tuple[str, str], _Row]


class Counted(Protocol):
    """What is drawn: the steps and transitions of some cases, counted.

    See `mining.discovery.ProcessMap` for the columns of both frames.
    """

    @property
    def template(self) -> str:
        """Key of their workflow, "" for none."""
        ...

    @property
    def cases(self) -> int:
        """How many cases they are."""
        ...

    @property
    def steps(self) -> pd.DataFrame:
        """One row per activity."""
        ...

    @property
    def transitions(self) -> pd.DataFrame:
        """One row per step that directly followed another."""
        ...

    @property
    def unobservable(self) -> tuple[str, ...]:
        """Ids of the activities that their system cannot record."""
        ...


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One transition in words: a row of the table beside the picture."""

    source: str
    target: str
    times: str
    cases: str
    share: str  #: of all transitions, "" for a small group
    remark: str  #: "" when there is nothing to say
    drawn: bool


def draw_map(
    found: Counted, template: Template | None = None, *, name: str = "", lang: Language = "nl"
) -> str:
    """Return the map as a self-contained SVG: the steps, what follows what, and how often.

    Drawn are the most frequent transitions, until they cover 95 % of all or are two for each step,
    and the best ways to every step from the beginning and on to the end; of the 40 most frequent
    steps. The picture says what is left out. With `template`, what that does not allow is marked,
    and what is in it but never happened stands apart. `name` says of what it is a map, by default
    of the template.
    """
    names = step_names(found, template, lang)
    every = _rows(found)
    rows = {pair: every[pair] for pair in chosen(every)}
    steps = {row["activity"]: row for row in records(found.steps)}
    drawn = [step for step in steps if any(step in pair for pair in rows)]
    happened = sum(row["count"] > 0 for row in steps.values())
    name = name or called(template, lang)
    notes = [_filter(rows, every, len(drawn), happened, lang)]
    if any(_strange(row) for row in [*rows.values(), *(steps[step] for step in drawn)]):
        notes.append(text("map.strange", lang, template=found.template))
    notes += unobservable(found, template, lang)
    return draw_graph(
        [
            Figure(id=EDGE, kind=Kind.START, title=text("map.begin", lang)),
            *(step_figure(steps[step], names, lang) for step in drawn),
            Figure(id=_END, kind=Kind.END, title=text("map.end", lang)),
        ],
        [_arrow(row, names, lang) for row in rows.values()],
        title=text("map.title", lang, name=name),
        description=text("map.description", lang, cases=_count(found.cases, lang), name=name),
        notes=notes,
        apart=idle(found, names, lang),
        lang=lang,
    )


def map_picture(
    found: Counted, template: Template | None = None, *, lang: Language = "nl"
) -> Picture:
    """Return the map as a picture, with every transition in its table."""
    name = called(template, lang)
    rows = [
        (each.source, each.target, each.times, each.cases, each.remark)
        for each in passages(found, template, lang=lang)
    ]
    names = ("source", "target", "times", "cases", "remark")
    columns = [text(f"map.column.{each}", lang) for each in names]
    return Picture(
        svg=draw_map(found, template, lang=lang),
        title=text("map.title", lang, name=name),
        says=text("map.description", lang, cases=_count(found.cases, lang), name=name),
        table=pd.DataFrame(rows, columns=columns),
    )


def passages(
    found: Counted, template: Template | None = None, *, lang: Language = "nl"
) -> tuple[Passage, ...]:
    """Return the same facts as rows of a table, those that were not drawn as well."""
    names = step_names(found, template, lang)
    rows = _rows(found)
    total = sum(row["count"] for row in rows.values())
    shown = set(chosen(rows))
    return tuple(
        Passage(
            source=names[pair[0]] or text("map.begin", lang),
            target=names[pair[1]] or text("map.end", lang),
            times=_times(row, lang),
            cases=_count(row["cases"], lang),
            share="" if row["cases"] < FEW else words.percent(row["count"] / total, lang),
            remark=text("map.not_allowed", lang) if _strange(row) else "",
            drawn=pair in shown,
        )
        for pair, row in rows.items()
    )


def called(template: Template | None, lang: Language) -> str:
    """Return what the cases of a map are cases of."""
    return f"{template.key} {template.label(lang)}" if template else text("map.foreign", lang)


def idle(found: Counted, names: Mapping[str, str], lang: Language) -> Apart:
    """Return the steps of the template that never happened."""
    never = found.steps.loc[found.steps["count"] == 0, "activity"]
    said = text("map.never", lang)
    return Apart(
        heading=text("map.idle", lang, template=found.template),
        figures=tuple(
            Figure(id=step, name=names[step], title=f"{names[step]}: {said}", look="unseen")
            for step in never
        ),
    )


def unobservable(found: Counted, template: Template | None, lang: Language) -> list[str]:
    """Return a sentence on what the log's system cannot record, or none."""
    if template is None or not found.unobservable:
        return []
    steps = ", ".join(template.by_id[step].label(lang) for step in found.unobservable)
    return [text("map.unobservable", lang, steps=steps)]


def _rows(found: Counted) -> _Rows:
    return {(row["source"], row["target"]): row for row in records(found.transitions)}


def chosen(rows: _Rows) -> list[tuple[str, str]]:
    """Choose the transitions to draw, in the order of `rows`: the most frequent first."""
    times: dict[str, int] = defaultdict(int)
    for (_, target), row in rows.items():
        times[target] += row["count"]
    often = sorted(times.keys() - {EDGE}, key=lambda step: (-times[step], step))[:_MOST]
    known = {pair: row["count"] for pair, row in rows.items() if {*pair} <= {*often, EDGE}}
    kept = widest(known, EDGE) | widest(known, EDGE, back=True)
    enough = _COVERED * sum(row["count"] for row in rows.values())
    covered = 0
    for pair, row in rows.items():
        if pair in known and covered < enough and len(kept) < _EACH * (len(often) + 1):
            kept.add(pair)
        covered += row["count"]
    return [pair for pair in rows if pair in kept]


def step_names(found: Counted, template: Template | None, lang: Language) -> dict[str, str]:
    """Return what each activity is called; EDGE has no name."""
    names = dict(zip(found.steps["activity"], found.steps["label"], strict=True))
    nodes = template.nodes if template else ()
    return names | {n.id: n.label(lang) for n in nodes if n.id in names} | {EDGE: ""}


def _strange(row: Mapping[str, Any]) -> bool:
    """Return whether the template does not allow it; without a template nothing is strange."""
    return row["expected"] is False


def step_figure(
    row: Mapping[str, Any], names: Mapping[str, str], lang: Language, *, id_: str = ""
) -> Figure:
    """Return a step as it is drawn, from a row of `ProcessMap.steps`."""
    name, times = names[row["activity"]], _times(row, lang)
    said = [text("map.times", lang, times=times)]
    if _strange(row):
        said.append(text("map.unknown", lang))
    return Figure(
        id=id_ or row["activity"],
        name=name,
        badge=f"{times}×",
        title=f"{name}: {', '.join(said)}",
        look="stray" if _strange(row) else "",
    )


def _arrow(row: _Row, names: Mapping[str, str], lang: Language) -> Arrow:
    source = names[row["source"]] or text("map.begin", lang)
    target = names[row["target"]] or text("map.end", lang)
    said = [text("map.times", lang, times=_times(row, lang))]
    if _strange(row):
        said.append(text("map.not_allowed", lang))
    return Arrow(
        source=row["source"],
        target=row["target"] or _END,
        weight=row["count"],
        words=_times(row, lang) + (" !" if _strange(row) else ""),
        title=f"{source} → {target}: {', '.join(said)}",
        look="stray" if _strange(row) else "",
    )


def _filter(rows: _Rows, every: _Rows, steps: int, of: int, lang: Language) -> str:
    """Say what is drawn of what happened."""
    total = sum(row["count"] for row in every.values())
    shown = sum(row["count"] for row in rows.values())
    return text(
        "map.filter",
        lang,
        steps=steps,
        of_steps=of,
        transitions=len(rows),
        of=len(every),
        share=words.percent(shown / total if total else 1.0, lang),
    )


def _times(row: Mapping[str, Any], lang: Language) -> str:
    few = text("words.few", lang, few=FEW)
    return few if row["cases"] < FEW else words.count(row["count"], lang)


def _count(cases: int, lang: Language) -> str:
    return text("words.few", lang, few=FEW) if cases < FEW else words.count(cases, lang)
