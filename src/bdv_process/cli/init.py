"""`bdv init`: the files that an organisation makes its own."""

from pathlib import Path

import click

from bdv_process.cli.screen import LocalPath, output_options, print_json, print_table
from bdv_process.errors import InputRefused, NotFound
from bdv_process.language import text


@click.command()
@click.argument("folder", type=LocalPath())
@output_options
def init(folder: Path, as_json: bool) -> None:
    """Write the sample organisation, procedure and register to FOLDER, to make your own of them.

    Who works here in which roles; who may do what, and by when; services and components. Each
    counts from when its variable names it. Nothing that is there is replaced.
    """
    from bdv_process.execution import infrastructure, organisation
    from bdv_process.resources import folder as shipped

    samples = {
        "BDV_ORGANISATION": (organisation.SAMPLE, "organisation.toml"),
        "BDV_PROCEDURE": (shipped("bpmn") / "procedure.toml", "procedure.toml"),
        "BDV_REGISTER": (infrastructure.SAMPLE, "register.toml"),
    }
    made = {name: folder / file for name, (_, file) in samples.items()}
    if there := [path for path in made.values() if path.exists()]:
        raise InputRefused("BDV-608", where=there[0])
    if not folder.parent.is_dir():
        raise NotFound("BDV-201", where=folder.parent)
    folder.mkdir(exist_ok=True)
    for name, (sample, _) in samples.items():
        with made[name].open("xb") as file:
            file.write(sample.read_bytes())
    if as_json:
        print_json({name: str(path) for name, path in made.items()})
        return
    print_table(
        ("variable", "file", "about"),
        [(name, path, text(f"cli.init.{name}")) for name, path in made.items()],
    )
