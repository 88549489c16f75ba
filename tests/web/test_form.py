"""The form of a step as its procedure asks it: each kind of field, each mistake at its own."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.template.library import shipped, shipped_routines
from web.conftest import Visit

Come = Callable[[str], Visit]
PASSPORT = next(each for each in shipped_routines() if each.name == "paspoort-aanvragen")
DONE = "/taken/Z1.2/afronden"
GOOD = {
    "outcome": "accepted", "field.kind": "business", "field.urgent": "false",
    "field.minor": "true", "field.needed_by": "2026-04-01", "field.linked": "none",
}  # fmt: skip


@pytest.fixture
def register(tmp_path: Path, clock: VirtualClock) -> Iterator[CaseRegister]:
    """A register that goes by the procedure of one service."""
    opened = CaseRegister(
        f"sqlite:///{tmp_path / 'register.db'}",
        templates=[*shipped(), PASSPORT.template],
        procedure=PASSPORT.procedure,
        organisation=Organisation.read(),
        clock=clock,
    )
    opened.start(PASSPORT.template.key, by="anna")
    yield opened
    opened.close()


def test_a_step_asks_what_its_procedure_asks_and_tells_how(visit: Come) -> None:
    page = unescape(visit("ben").see("/taken/Z1.2").text)
    assert PASSPORT.procedure.instructions["operate_accept"].text in page
    for field in PASSPORT.procedure.forms["operate_accept"]:
        assert field.label() in page
        assert len(set(re.findall(rf'name="(field\.{field.id})"', page))) == 1
    assert page.count('name="field.linked"') == 1
    assert '<option value="refugee">reisdocument voor vluchtelingen</option>' in page


def test_what_was_answered_is_kept_in_its_own_type_and_told_in_words(
    visit: Come, register: CaseRegister
) -> None:
    done = visit("ben").send(DONE, on="/taken/Z1.2", **GOOD)
    assert done.url.path == "/meldingen/Z1"
    (kept,) = (event for event in register.events("Z1") if event.outcome == "accepted")
    assert kept.data["urgent"] is False
    assert kept.data["needed_by"] == "2026-04-01"
    told = " ".join(re.sub(r"<[^>]+>", " ", done.text).split())
    assert "Soort document zakenpaspoort" in told
    assert "De aanvrager is jonger dan 18 ja" in told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "__class__"), ("kind", ""), ("urgent", "Infinity"), ("needed_by", "2026-02-30"),
        ("needed_by", "<script>alert(1)</script>"), ("linked", "a" * 10_001),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_at_its_field(
    visit: Come, register: CaseRegister, field: str, value: str
) -> None:
    told = visit("ben").send(DONE, on="/taken/Z1.2", **GOOD | {f"field.{field}": value})
    assert told.status_code in (400, 413)
    assert told.text.count('class="mistake"') == 1
    assert f'<a href="#field-{field}">' in told.text
    assert f'id="field-{field}"' in told.text
    assert "<script>" not in told.text
    assert register.item("Z1.2").claimed_by is None


def test_all_mistakes_are_told_at_once(visit: Come) -> None:
    told = visit("ben").send(DONE, on="/taken/Z1.2")
    assert re.findall(r'<a href="#field-(\w+)">', told.text) == [
        "outcome", "kind", "urgent", "minor",
    ]  # fmt: skip


def test_a_form_sent_twice_is_kept_once(visit: Come, register: CaseRegister) -> None:
    ben = visit("ben")
    for _ in range(2):
        done = ben.send(DONE, on="/meldingen/nieuw", **GOOD | {"key": "one"})
        assert done.url.path == "/meldingen/Z1"
    assert len([event for event in register.events("Z1") if event.outcome == "accepted"]) == 1
