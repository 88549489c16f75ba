"""The application on a fresh register, at a real address, with a browser's or a script's hands."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation, Person
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web.app import create_app

#: Who does the work of a role in the sample organisation.
WORKERS = {
    "kcc": "ben", "coordinator": "carla", "uitvoerder": "dirk", "toetser": "eva",
    "dienstverantwoordelijke": "fatima",
}  # fmt: skip


def peopled(citizens: int) -> Organisation:
    """The sample organisation, with citizens who can call it."""
    named = (Person(id=f"c{n}", name=f"Burger {n}", roles=("aanvrager",)) for n in range(citizens))
    return Organisation(people=Organisation.read().people | {each.id: each for each in named})


def settle(register: CaseRegister, clock: VirtualClock, requester: str) -> None:
    """Let a call go through W5 from its first step to its last."""
    case = register.start("W5", by=requester)
    while items := register.items(case):
        clock.pass_time(timedelta(minutes=10))
        worker = WORKERS[str(items[0].role)]
        register.begin(items[0].id, by=worker)
        clock.pass_time(timedelta(minutes=5))
        register.complete(items[0].id, by=worker)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def register(tmp_path: Path, clock: VirtualClock) -> Iterator[CaseRegister]:
    """The sample organisation on an empty database."""
    opened = CaseRegister(
        f"sqlite:///{tmp_path / 'register.db'}",
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=clock,
    )
    yield opened
    opened.close()


@pytest.fixture
def app(register: CaseRegister) -> FastAPI:
    """The application on the register."""
    return create_app(register, secret=token_urlsafe(), dev=True)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the application answers, as long as a test lasts."""
    with served(app) as where:
        yield where


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Let an application answer at an address of its own."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(10)


class Visit:
    """A visitor without JavaScript: reads pages and sends their forms."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=True, timeout=60)

    def see(self, path: str) -> httpx.Response:
        """Open a page."""
        return self.client.get(path)

    def token(self, on: str = "/aanmelden") -> str:
        """Return the token that stands on a page."""
        return re.findall(r'name="token" value="([^"]*)"', self.see(on).text)[0]

    def send(self, path: str, /, *, on: str = "/aanmelden", **fields: str) -> httpx.Response:
        """Send a form with the token that stands on a page."""
        hidden = dict(re.findall(r'name="(token|key)" value="([^"]*)"', self.see(on).text))
        return self.client.post(path, data=hidden | fields)


@pytest.fixture
def visit(address: str) -> Iterator[Callable[[str], Visit]]:
    """Somebody who comes in: `visit("ben")`; `visit("")` stays at the door."""
    clients = []

    def come(person: str) -> Visit:
        visitor = Visit(address)
        clients.append(visitor.client)
        if person:
            visitor.send("/aanmelden", person=person)
        return visitor

    yield come
    for client in clients:
        client.close()
