"""A reverse proxy hears whether visitors can be sent here, and nothing else."""

from pathlib import Path
from secrets import token_urlsafe

import httpx

from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.web.app import create_app
from web.conftest import served


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
