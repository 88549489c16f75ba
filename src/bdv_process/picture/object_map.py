"""What followed what in the life of objects: each type a colour and dashes of its own."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.graph import STRANDS, Arrow, Figure, draw_graph
from bdv_process.picture.picture import Picture
from bdv_process.picture.process_map import EDGE, chosen
from bdv_process.picture.records import records
from bdv_process.privacy import FEW
from bdv_process.template.model import Kind

_END: Final = "end "  # the node where objects end; the one where they begin is EDGE

_Row = dict[str, Any]


def object_picture(
    flows: pd.DataFrame, names: Mapping[str, str], *, lang: Language = "nl"
) -> Picture:
    """Return the map of objects, with every flow in its table.

    Args:
        flows: type, source, target ("": outside), count, objects.
        names: what activities are called; by default their ids.
        lang: language of the words.
    """
    types = list(flows.groupby("type")["count"].sum().sort_values(ascending=False).index)
    pairs: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    left = 0
    for kind in types[:STRANDS]:
        rows = {(r["source"], r["target"]): r for r in records(flows[flows["type"] == kind])}
        drawn = chosen(rows)
        left += len(rows) - len(drawn)
        for pair in drawn:
            pairs[pair].append(rows[pair] | {"strand": types.index(kind)})
    left += int((~flows["type"].isin(types[:STRANDS])).sum())
    steps = dict.fromkeys(step for pair in pairs for step in pair if step != EDGE)
    title = text("objects.title", lang)
    says = text("objects.description", lang, types=", ".join(types))
    svg = draw_graph(
        [
            Figure(id=EDGE, kind=Kind.START, title=text("map.begin", lang)),
            *(
                Figure(id=step, name=names.get(step, step), title=names.get(step, step))
                for step in steps
            ),
            Figure(id=_END, kind=Kind.END, title=text("map.end", lang)),
        ],
        [_arrow(pair, rows, names, lang) for pair, rows in pairs.items()],
        title=title,
        description=says,
        legend=types[:STRANDS],
        notes=[text("objects.left", lang, flows=left)] if left else [],
        lang=lang,
    )
    columns = ("type", "source", "target", "times", "objects")
    return Picture(
        svg=svg,
        title=title,
        says=says,
        table=pd.DataFrame(
            [
                (row["type"], *_ends(row, names, lang), _times(row, lang), _objects(row, lang))
                for row in records(flows)
            ],
            columns=[text(f"objects.column.{name}", lang) for name in columns],
        ),
    )


def _arrow(
    pair: tuple[str, str], rows: list[_Row], names: Mapping[str, str], lang: Language
) -> Arrow:
    source, target = _ends(rows[0], names, lang)
    each = "; ".join(f"{row['type']} {_times(row, lang)}" for row in rows)
    return Arrow(
        source=pair[0],
        target=pair[1] or _END,
        weight=sum(row["count"] for row in rows),
        words=" · ".join(_times(row, lang) for row in rows),
        title=f"{source} → {target}: {each}",
        strands=tuple(row["strand"] for row in rows),
    )


def _ends(row: _Row, names: Mapping[str, str], lang: Language) -> tuple[str, str]:
    source, target = (names.get(row[end], row[end]) for end in ("source", "target"))
    return source or text("map.begin", lang), target or text("map.end", lang)


def _times(row: _Row, lang: Language) -> str:
    few = text("words.few", lang, few=FEW)
    return few if row["objects"] < FEW else words.count(row["count"], lang)


def _objects(row: _Row, lang: Language) -> str:
    few = text("words.few", lang, few=FEW)
    return few if row["objects"] < FEW else words.count(row["objects"], lang)
