"""The `bdv` command: parse, call, print; every refusal is one line and an exit code."""

import json
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

import click

from bdv_process.cli import (
    case,
    chart,
    contrast,
    custody,
    db,
    demo,
    init,
    journey,
    log,
    mine,
    quality,
    register,
    report,
    serve,
    stream,
    template,
    timer,
    work,
    worker,
)
from bdv_process.cli.screen import language_option
from bdv_process.errors import BdvError, StorageUnavailable


class _Bdv(click.Group):
    """A group that turns refusals into one line on stderr and the error's own exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        signal.signal(signal.SIGTERM, _stop)
        try:
            return super().invoke(ctx)
        except BdvError as error:
            _refuse(ctx, error)
        except BrokenPipeError:
            # The reader of a pipe went away, as `head` does; Python would complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except OSError as error:
            where, problem = error.filename2 or error.filename or "", error.strerror or error
            _refuse(ctx, StorageUnavailable("BDV-602", where=where, problem=problem))
        except KeyboardInterrupt:
            ctx.exit(128 + signal.SIGINT)


def _stop(number: int, _frame: object) -> NoReturn:
    """End the way Ctrl-C does, so that what is half made is cleared away."""
    sys.exit(128 + number)


def _refuse(ctx: click.Context, error: BdvError) -> NoReturn:
    if ctx.params["debug"]:
        traceback.print_exc()
    in_json = ctx.meta.get("json")
    said = json.dumps(error.to_dict(), ensure_ascii=False) if in_json else error.render()
    click.echo(said, err=True)
    ctx.exit(error.exit_code)


@click.group(cls=_Bdv, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show a traceback with a refusal.")
@click.version_option(package_name="bdv-process", prog_name="bdv")
@language_option
def main(debug: bool) -> None:
    """Run the eight workflows of the Basisconcept van Dienstverlening and mine what happened.

    The register is the database in BDV_DATABASE (default sqlite:///bdv.db); people and their roles
    come from BDV_ORGANISATION, services and components from BDV_REGISTER (default of both: a
    sample). Screens are Dutch; --lang en, or BDV_LANG=en, makes them English.
    """


main.add_command(demo.demo)
main.add_command(init.init)
main.add_command(template.template)
main.add_command(case.case)
main.add_command(work.work)
main.add_command(timer.timer)
main.add_command(register.register)
main.add_command(log.log)
main.add_command(worker.worker)
main.add_command(serve.serve)
main.add_command(db.db)
main.add_command(custody.privacy)
mine.mine.add_command(stream.handovers)
mine.mine.add_command(stream.value_stream)
mine.mine.add_command(journey.journey)
mine.mine.add_command(chart.chart)
mine.mine.add_command(contrast.contrast)
mine.mine.add_command(quality.quality)
mine.mine.add_command(quality.principles)
main.add_command(mine.mine)
main.add_command(report.report)
