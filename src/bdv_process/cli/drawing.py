"""Write a picture where it was asked for."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.cli import naming
from bdv_process.cli.reading import spare
from bdv_process.cli.screen import LocalPath, print_json, say
from bdv_process.errors import InputRefused
from bdv_process.language import preferred, text

if TYPE_CHECKING:
    from bdv_process.mining.discovery import ProcessMap
    from bdv_process.picture.picture import Picture

_HELP = "The picture to write (.svg)."
picture_option = click.option("-o", "--output", "target", type=LocalPath(), help=_HELP)
required_picture = click.option(
    "-o", "--output", "target", required=True, type=LocalPath(), help=_HELP
)
model_option = click.option(
    "--model", is_flag=True,
    help="Draw the model that pm4py's inductive miner finds in it, not the counted map.",
)  # fmt: skip


def check_map(target: Path | None, *sources: Path | None, asked: bool, model: bool) -> None:
    """Refuse a map without a file to write it in, or a file without a map.

    Raises:
        UsageError: one without the other.
        InputRefused: see `check_picture`.
    """
    if asked != bool(target) or (model and not target):
        raise click.UsageError(text("cli.map_and_output"))
    check_picture(target, *sources)


def check_picture(target: Path | None, *sources: Path | None) -> None:
    """Refuse, before anything is looked for, where a picture is asked that cannot be written.

    Raises:
        InputRefused: it is no .svg, or one of the sources.
    """
    if not target:
        return
    if target.suffix != ".svg":
        raise InputRefused("BDV-208", where=target, suffix=target.suffix or "-", known=".svg")
    spare([target], *sources)


def write_svg(svg: str, target: Path) -> None:
    """Write a drawing, whole or not at all."""
    from bdv_process.eventlog.files import replaced

    with replaced(target) as stream:
        stream.write(svg.encode())


def map_svg(counted: "ProcessMap", name: str, *, model: bool) -> str:
    """Return the drawing of what happened, or of the model of it, in the reader's words."""
    from bdv_process.mining.pm4 import inductive_tree
    from bdv_process.picture.process_map import draw_map
    from bdv_process.picture.tree_map import draw_tree

    steps, lang = counted.steps, preferred()
    labels = list(map(naming.steps(), steps["activity"], steps["label"]))
    counted = replace(counted, steps=steps.assign(label=labels))
    if model:
        return draw_tree(counted, inductive_tree(counted.variants), name=name, lang=lang)
    return draw_map(counted, name=name, lang=lang)


def tell_picture(picture: "Picture", target: Path, *, as_json: bool) -> None:
    """Write a picture, and say what is to be seen in it."""
    from bdv_process.faces import plain

    write_svg(picture.svg, target)
    if as_json:
        told: dict[str, Any] = {"title": picture.title, "says": picture.says}
        print_json({"format": 1, "path": str(target), **told, "table": plain(picture.table)})
        return
    click.echo(f"{picture.title}. {picture.says}")
    say("cli.drawn", path=target)
