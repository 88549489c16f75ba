"""What all commands share: options, tables, JSON, and a progress bar."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bdv_process.errors import InputRefused
from bdv_process.language import text
from bdv_process.template.term import HERE

if TYPE_CHECKING:
    from pandas import DataFrame


class LocalPath(click.Path):
    """A path on this machine; an address on the web is refused, never fetched."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            InputRefused: it is an address.
        """
        if "://" in str(value):
            raise InputRefused("BDV-202", where=value)
        return super().convert(value, param, ctx)


def _set_language(_ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value:
        os.environ["BDV_LANG"] = value


def _remember_json(ctx: click.Context, _option: click.Parameter, value: bool) -> bool:
    ctx.meta["json"] = value
    return value


language_option = click.option(
    "--lang",
    type=click.Choice(["nl", "en"]),
    callback=_set_language,
    expose_value=False,
    is_eager=True,
    help="Language of what is shown.",
)
_json_option = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_remember_json, help="Print JSON."
)
by_option = click.option("--by", required=True, metavar="PERSON", help="Who does this.")
key_option = click.option(
    "--key", metavar="KEY", help="Do this once, however often it is asked with this key."
)


def run_options(cases: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command --cases, with this default, and --seed."""

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        number = click.option(
            "--cases", type=click.IntRange(1, 2000), default=cases, show_default=True,
            help="Cases of each workflow; child cases come on top.",
        )  # fmt: skip
        seed = click.option(
            "--seed", type=int, default=2026, show_default=True, help="Repeats a run exactly."
        )
        return number(seed(command))

    return give


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --lang, and --json as `as_json`."""
    return language_option(_json_option(command))


def read_pairs(
    _ctx: click.Context, _option: click.Parameter, pairs: Sequence[str]
) -> dict[str, str]:
    """Read `--data name=value` options."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise click.BadParameter(text("cli.pair", pair=pair))
        found[name] = value
    return found


data_option = click.option(
    "--data", multiple=True, metavar="NAME=VALUE", callback=read_pairs, help="What was filled in."
)


def say(key: str, **facts: object) -> None:
    """Print one sentence."""
    click.echo(text(key, **facts))


def print_json(value: object) -> None:
    """Print a value as JSON; a number that is missing is null, as JSON has no NaN."""
    told = json.dumps(_known(value), ensure_ascii=False, indent=2, default=_plain, allow_nan=False)
    click.echo(told)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under the headings `cli.column.<name>`."""
    shown = [[text(f"cli.column.{column}") for column in columns]]
    shown += [[show(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in shown) for i in range(len(columns))]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def records(frame: "DataFrame") -> Iterator[Any]:
    """Yield the rows of a frame as named tuples."""
    return iter(frame.itertuples(index=False, name="Row"))


def show(value: object) -> str:
    """Return a value as people read it: the time in the Netherlands, a dash for nothing."""
    if value is None or value == "" or value != value:  # what is missing in a frame equals nothing
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(HERE).strftime("%Y-%m-%d %H:%M")
    return str(value)


def day(moment: datetime) -> str:
    """Return the day of a moment in the Netherlands, a dash for none."""
    return show(moment)[: len("2026-03-02")]


def print_fitness(templates: "DataFrame") -> None:
    """Print how well the cases of each workflow follow it (`ConformanceReport.templates`)."""
    print_table(
        ("template", "cases", "fitting", "fitness"),
        [(r.template, r.cases, r.fitting, f"{r.fitness:.3f}") for r in records(templates)],
    )


@contextmanager
def stage(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show long work as a bar on stderr, quiet when that is no terminal; give what moves it."""
    quiet = not sys.stderr.isatty()
    shown = click.progressbar(length=length, label=label.ljust(30), file=sys.stderr, hidden=quiet)
    with shown as progress:
        yield lambda done: progress.update(done - progress.pos)


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
