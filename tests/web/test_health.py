"""A reverse proxy hears whether visitors can be sent here, and nothing else."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Thread

import httpx
import pytest

from bdv_process.execution import storage
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web.app import create_app
from web.conftest import Visit, served

SHEET = "/static/screen.css"


def test_anybody_may_ask_whether_the_register_can_be_read(address: str) -> None:
    answer = httpx.get(f"{address}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_with_a_register_that_cannot_be_read_visitors_are_sent_elsewhere(
    register: CaseRegister, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dit is geen database. " * 100)
    broken = CaseRegister(
        f"sqlite:///{letter}",
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=register.organisation,
    )
    with served(create_app(broken, secret=token_urlsafe(), dev=True)) as address:
        answer = httpx.get(f"{address}/healthz")
    broken.close()
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "code": "BDV-316"},
    )


def test_a_command_that_waits_for_the_database_keeps_nobody_waiting_who_only_reads(
    visit: Callable[[str], Visit],
    register: CaseRegister,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage, "PATIENCE", 600_000)  # so that a slow machine makes no difference
    case, anna = register.start("W5", by="anna"), visit("anna")
    fields = {"token": anna.token("/mijn-werk"), "key": "k", "template": "W5"}
    begun, now = Event(), register.clock()

    def told() -> object:
        begun.set()  # a command asks what time it is, and then for the database
        return now

    sent = Thread(target=anna.client.post, args=["/meldingen"], kwargs={"data": fields})
    with closing(sqlite3.connect(tmp_path / "register.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(register, "clock", told)
        sent.start()
        begun.wait(60)
        seen = visit("").client
        answers = [
            seen.get(page).status_code for page in ("/healthz", "/begrippen", SHEET, "/nergens")
        ]
        seen.cookies = anna.client.cookies
        answers.append(seen.get("/mijn-werk").status_code)
        assert sent.is_alive()
        assert answers == [200, 200, 200, 404, 200]
        assert [each.id for each in register.cases()] == [case]
        other.execute("ROLLBACK")
    sent.join(60)
    assert len(register.cases()) == 2
