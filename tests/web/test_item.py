"""Work in the browser: found, taken, finished, given back; refused with its reason."""

from collections.abc import Callable

from bdv_process.execution.register import CaseRegister
from web.conftest import Visit

Come = Callable[[str], Visit]


def test_work_is_found_taken_and_finished(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    assert "Dienstverzoek aannemen" in ben.see("/mijn-werk").text
    taken = ben.send("/taken/Z1.2/oppakken", on="/taken/Z1.2")
    assert "U hebt dit opgepakt." in taken.text
    done = ben.send("/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted")
    assert done.url.path == "/meldingen/Z1"
    assert [item.activity for item in register.items("Z1")] == ["operate_classify"]


def test_work_that_somebody_else_holds_says_who(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="carla")
    refused = visit("ben").send("/taken/Z1.2/oppakken", on="/meldingen/nieuw")
    assert refused.status_code == 409
    assert "carla" in refused.text.lower()


def test_a_duty_that_forbids_it_is_named(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    refused = visit("dirk").send("/taken/Z1.2/oppakken", on="/taken/Z1.2")
    assert refused.status_code == 403
    assert "Dienstverzoek aannemen" in refused.text


def test_an_item_that_is_not_there_is_not_found(visit: Come) -> None:
    assert visit("ben").see("/taken/Z9.9").status_code == 404
