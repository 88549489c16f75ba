"""What has to change decides at the fork as which sibling a case goes on."""

import pytest

from bdv_process.errors import Conflict, InputRefused, NotFound
from bdv_process.eventlog.event import REROUTED
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump
from execution.test_moves import at_the_fork
from stories import WORKER


def last_step(register: CaseRegister, template: str) -> tuple[str, str]:
    """Bring a case to the step before its fork; return the item and who does it."""
    (item,) = register.items(at_the_fork(register, template))
    return item.id, WORKER[str(item.role)]


@pytest.mark.parametrize(
    ("template", "component", "sibling"),
    [
        ("W4", "website", "W3"),
        ("W4", "website zaaksysteem", "W3"),
        ("W3", "website", None),  # it is that already
        ("W3", "none", "W4"),
        ("W4", "none", None),
        ("W4", "", None),  # nobody looked
        ("W3", "", None),
        ("W8", "website", "W7"),
        ("W7", "none", "W8"),
        ("W6", "website", None),  # another agreement leads to changes of its own
        ("W6", "none", None),
    ],
)
def test_the_register_says_as_what_a_case_goes_on(
    register: CaseRegister, template: str, component: str, sibling: str | None
) -> None:
    item, _ = last_step(register, template)
    found = register.advice(item, {"component": component})
    assert (found.template.key if found else None) == sibling


def test_the_advice_names_what_has_to_change(register: CaseRegister) -> None:
    item, _ = last_step(register, "W4")
    advice = register.advice(item, {"component": "website zaaksysteem"})
    assert advice is not None
    assert "Website with forms, Case system" in advice.reason("en")
    assert "W3 Recover by change" in advice.reason("en")


def test_only_the_step_before_a_fork_knows(register: CaseRegister) -> None:
    case = register.start("W4", by="anna")
    assert register.advice(register.items(case)[0].id, {"component": "website"}) is None


def test_there_is_no_advice_on_what_is_not_registered(register: CaseRegister) -> None:
    item, _ = last_step(register, "W4")
    with pytest.raises(InputRefused, match=r"BDV-375.*component"):
        register.advice(item, {"component": "websiet"})


def test_a_case_goes_on_as_its_sibling_in_one_command_with_the_reason(
    register: CaseRegister,
) -> None:
    item, by = last_step(register, "W4")
    for _ in range(2):
        case = register.complete(item, by=by, data={"component": "website"}, to="W3", key="eens")
    assert register.case(case).template == "W3"
    (moved,) = [event for event in register.events(case) if event.activity == REROUTED]
    assert "Website met formulieren" in str(moved.data["reason"])
    (child,) = [each for each in register.cases() if each.parent == case]
    assert child.template == "W2"


def test_a_motivation_is_the_reason_of_the_move(register: CaseRegister) -> None:
    item, by = last_step(register, "W4")
    form = {"component": "website", "motivation": "De server moet vervangen."}
    case = register.complete(item, by=by, data=form, to="W3")
    (moved,) = [event for event in register.events(case) if event.activity == REROUTED]
    assert moved.data["reason"] == "De server moet vervangen."


def test_a_move_against_the_advice_is_given_no_reason_that_is_not_so(
    register: CaseRegister,
) -> None:
    item, by = last_step(register, "W4")
    case = register.complete(item, by=by, to="W3")
    (moved,) = [event for event in register.events(case) if event.activity == REROUTED]
    assert "reason" not in moved.data


def test_to_go_on_as_it_is_moves_nothing(register: CaseRegister) -> None:
    item, by = last_step(register, "W4")
    case = register.complete(item, by=by, data={"component": "website"}, to="W4")
    assert register.case(case).template == "W4"
    assert not [event for event in register.events(case) if event.activity == REROUTED]


@pytest.mark.parametrize(
    ("to", "given", "refusal"),
    [
        ("W2", {}, Conflict),
        ("W9", {}, NotFound),
        ("W3", {"linked": "Z1\x00"}, InputRefused),
        ("W3", {"component": "websiet"}, InputRefused),
        ("W4", {"component": "websiet"}, InputRefused),
        (None, {"component": "faxlijn"}, InputRefused),  # it is retired
    ],
)
def test_a_move_that_cannot_be_leaves_the_step_undone(
    register: CaseRegister,
    url: str,
    to: str | None,
    given: dict[str, object],
    refusal: type[Exception],
) -> None:
    item, by = last_step(register, "W4")
    before = dump(url)
    with pytest.raises(refusal):
        register.complete(item, by=by, data=given, to=to)
    assert dump(url) == before


def test_when_the_fork_has_begun_the_step_is_done(register: CaseRegister) -> None:
    item, by = last_step(register, "W4")
    register.complete(item, by=by)
    with pytest.raises(Conflict, match="BDV-303"):
        register.complete(item, by=by, to="W3")
