"""My work with 100 and with 10 000 open items: seconds of a request, and their ratio.

`python -m bench.bench_web [SMALL LARGE]`, with `tests` on PYTHONPATH. One request is a page from a
real server at a real address, read to the end; the figure is the median of many, the two registers
in turn, so that what else the machine does falls on both.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter

import httpx
import uvicorn

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web.app import create_app
from web.conftest import Visit

TIMES = 40
PAGES = {
    "all piles": "/mijn-werk",
    "one pile": "/mijn-werk?lijst=free",
    "its last page": "/mijn-werk?lijst=free&blad=999999",
    "one workflow": "/mijn-werk?lijst=free&werkstroom=W4",
    "overdue": "/mijn-werk?lijst=free&te-laat=ja",
}


@contextmanager
def visited(path: Path, items: int) -> Iterator[httpx.Client]:
    """A browser of Ben, at a register with so many items that are free for him."""
    register = CaseRegister(
        f"sqlite:///{path}", templates=shipped(), procedure=shipped_procedure(),
        organisation=Organisation.read(), clock=VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)),
    )  # fmt: skip
    keys = [template.key for template in shipped() if not template.proactive]
    with register.batch():
        for number in range(items):
            register.start(keys[number % len(keys)], by="anna", data={"subject": f"Nr. {number}"})
    app = create_app(register, secret=token_urlsafe(), dev=True)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        visitor = Visit(f"http://127.0.0.1:{listening.getsockname()[1]}")
        visitor.send("/aanmelden", person="ben")
        yield visitor.client
        visitor.client.close()
        server.should_exit = True
        thread.join()
    register.close()


def seconds(client: httpx.Client, page: str) -> float:
    begun = perf_counter()
    client.get(page).raise_for_status()
    return perf_counter() - begun


def main(small: int = 100, large: int = 10_000) -> None:
    with TemporaryDirectory() as folder, ExitStack() as open_:
        clients = {
            items: open_.enter_context(visited(Path(folder) / f"{items}.db", items))
            for items in (small, large)
        }
        print(f"| page | {small} items, ms | {large} items, ms | ratio |\n|---|---|---|---|")  # noqa: T201
        for name, page in PAGES.items():
            taken: dict[int, list[float]] = {items: [] for items in clients}
            for _ in range(TIMES):
                for items, client in clients.items():
                    taken[items].append(seconds(client, page))
            few, many = (median(taken[items]) * 1000 for items in clients)
            print(f"| {name} | {few:.1f} | {many:.1f} | {many / few:.2f} |")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
