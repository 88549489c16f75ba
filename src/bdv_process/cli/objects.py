"""`bdv mine discover --objects`: what follows what in the life of each object."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from bdv_process.cli import naming
from bdv_process.cli.drawing import write_svg
from bdv_process.cli.reading import read_log, read_object_log
from bdv_process.cli.screen import print_json, print_table, say
from bdv_process.language import preferred


def draw_objects(target: Path, types: Collection[str], *, as_json: bool, **reading: Any) -> None:
    """Write the map of the objects in a log, object-centric or not, and print it as a table."""
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.mining.object_map import object_map

    if ObjectLog.reads(reading["path"]):
        log = read_object_log(**reading)
    else:
        log = ObjectLog.of(read_log(**reading))
    found = object_map(log, types=types)
    lang = preferred()
    steps = [node for template in naming.templates().values() for node in template.nodes]
    picture = found.chart(names={node.id: node.label(lang) for node in steps}, lang=lang)
    write_svg(picture.svg, target)
    if as_json:
        print_json(found.to_dict() | {"path": str(target)})
        return
    rows = picture.table.to_records(index=False).tolist()
    print_table(("kind", "source", "target", "count", "objects"), rows)
    click.echo()
    say("cli.drawn", path=target)
