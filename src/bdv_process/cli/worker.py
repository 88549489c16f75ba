"""`bdv worker`: do what is due, beside others who do."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from bdv_process.cli.opening import database, open_register
from bdv_process.cli.screen import output_options, say
from bdv_process.errors import BdvError, NotFound
from bdv_process.execution.clock import wall_clock
from bdv_process.language import text
from bdv_process.template.term import HERE

if TYPE_CHECKING:
    from bdv_process.execution.worker import Done, Worker


@click.command()
@click.option("--retry", is_flag=True, help="First let what was given up be tried again.")
@click.option("--once", is_flag=True, help="End when nothing is left to do now.")
@output_options
def worker(retry: bool, once: bool, as_json: bool) -> None:
    """Fire what is due and deliver what has to leave, until it is stopped.

    Any number of workers share the work of a register on PostgreSQL. `bdv serve` has one of its own
    on SQLite. With BDV_OUTBOX, a folder or an http(s) address, notifications are delivered there.
    With BDV_SIGNING_KEY, or a folder for heads in BDV_HEADS, the register is sealed every hour.
    """
    counted = 0

    def told(done: "Done") -> None:
        nonlocal counted
        counted += done.problem is None
        show_done(done, as_json=as_json)

    with at_work(told, retry=retry) as busy:
        stopped = False

        def stop(_number: int, _frame: object) -> None:
            nonlocal stopped
            stopped = True
            busy.stop()

        signal.signal(signal.SIGTERM, stop)
        if not as_json:
            say("cli.worker_begins")
        busy.run(once=once)
    if not as_json:
        say("cli.worker_ends", number=counted)
    if stopped:
        click.get_current_context().exit(128 + signal.SIGTERM)


@contextmanager
def at_work(told: Callable[["Done"], None], *, retry: bool = False) -> Iterator["Worker"]:
    """Yield a worker with a register of its own, and the jobs that the environment asks for."""
    from bdv_process.execution.bell import Bell
    from bdv_process.execution.keys import signer
    from bdv_process.execution.post import sink_at
    from bdv_process.execution.worker import Heads, Job, Notifications, Timers, Worker

    outbox = os.environ.get("BDV_OUTBOX")
    sink = sink_at(outbox) if outbox else None
    with open_register() as register:
        jobs: list[Job] = [Timers(register)]
        who, folder = signer(), _folder()
        if who or folder:  # a head that nobody signs and that stays here would prove nothing
            jobs.append(Heads(register, who, folder))
        if sink:
            jobs.append(Notifications(register, sink))
        if retry:
            register.retry_notifications()
        bell = Bell(database())
        try:
            yield Worker(jobs, bell, register.clock, told)
        finally:
            bell.close()


def _folder() -> Path | None:
    """Return the folder in BDV_HEADS, where heads are kept.

    Raises:
        NotFound: there is none.
    """
    folder = os.environ.get("BDV_HEADS")
    if folder and not Path(folder).is_dir():
        raise NotFound("BDV-201", where=folder)
    return Path(folder) if folder else None


@contextmanager
def one_inside(*, as_json: bool) -> Iterator[None]:
    """Let a worker do what is due beside what runs here: on SQLite, which has no others."""
    if not database().startswith("sqlite"):
        yield
        return
    with at_work(lambda done: show_done(done, as_json=as_json)) as busy:
        thread = Thread(target=busy.run, kwargs={"lasting": True}, name="bdv worker")
        thread.start()
        try:
            yield
        finally:
            busy.stop()
            thread.join()


def show_done(done: "Done", *, as_json: bool) -> None:
    """Print a line about a piece of work: when, what, and what kept it from being done."""
    now = wall_clock()
    if as_json:
        problem = done.problem.to_dict() if isinstance(done.problem, BdvError) else done.problem
        told = {"at": now.isoformat(), "job": done.job, "about": done.about, "what": done.what}
        click.echo(json.dumps(told | {"problem": problem}, ensure_ascii=False))
        return
    line = f"{now.astimezone(HERE):%Y-%m-%d %H:%M:%S}  {text(f'cli.job.{done.job}')} {done.about}"
    if done.what:
        line += f" {done.what}"
    click.echo(f"{line}: {done.problem}" if done.problem else line)
