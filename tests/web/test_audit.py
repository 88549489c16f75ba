"""What the pages and the API write down: who came in, who read which case, and who was denied."""

from collections.abc import Callable

import httpx

from bdv_process.execution.register import CaseRegister
from web.conftest import Visit

Come = Callable[[str], Visit]


def told(register: CaseRegister) -> list[tuple[str, str, str | None, str]]:
    return [(each.actor, each.action, each.object, each.result) for each in register.audit()]


def test_who_comes_in_and_reads_a_case_is_written_down(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    ben.see("/mijn-werk")
    ben.see("/meldingen/Z1")
    ben.see("/taken/Z1.2")
    assert told(register) == [
        ("ben", "login", None, "done"),
        ("ben", "read", "Z1", "done"),
        ("ben", "read", "Z1", "done"),
    ]
    assert {each.origin for each in register.audit()} == {"web 127.0.0.1"}


def test_who_may_not_read_a_case_is_written_down(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="ben")
    anna = visit("anna")
    assert anna.see("/meldingen/Z1").status_code == 403
    assert told(register)[1:] == [("anna", "read", "Z1", "denied BDV-343")]


def test_a_script_is_written_down_as_its_caller(address: str, register: CaseRegister) -> None:
    register.start("W5", by="ben")
    for person, path in (("ben", "cases/Z1"), ("ben", "cases/Z1/events"), ("anna", "cases/Z1")):
        httpx.get(f"{address}/api/v1/{path}", headers={"authorization": f"Bearer dev:{person}"})
    assert told(register) == [
        ("ben", "read", "Z1", "done"),
        ("ben", "read", "Z1", "done"),
        ("anna", "read", "Z1", "denied BDV-343"),
    ]
    origins = {(each.actor, each.origin) for each in register.audit()}
    assert origins == {("ben", "api 127.0.0.1"), ("anna", "api")}


def test_a_form_that_is_sent_is_no_reading(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    form = {"token": ben.token("/mijn-werk"), "key": "k"}
    sent = ben.client.post("/taken/Z1.2/oppakken", data=form, follow_redirects=False)
    assert sent.status_code == 303
    assert register.item("Z1.2").claimed_by == "ben"
    assert told(register) == [("ben", "login", None, "done")]
