"""Answers at intake lead to one workflow, with a reason; to depart from it takes a motivation."""

import re
from itertools import product

import pytest

from bdv_process.errors import InputRefused, NotAllowed, NotFound
from bdv_process.execution.infrastructure import Infrastructure
from bdv_process.execution.intake import Answers, Concern, propose
from bdv_process.execution.register import CaseRegister
from bdv_process.template.model import Template


def asked(**answers: bool | None) -> Answers:
    return Answers(**answers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answers", "workflow", "siblings"),
    [
        (asked(agreement=True), "W1", []),
        (asked(agreement=True, disturbed=True, component=True), "W1", []),
        (asked(component=True), "W2", []),
        (asked(disturbed=True, component=True), "W3", ["W4"]),
        (asked(disturbed=True, component=False), "W4", ["W3"]),
        (asked(disturbed=True), "W4", ["W3"]),
        (asked(component=False), "W5", []),
        (asked(), "W5", []),
        (asked(risk=True, agreement=True), "W6", ["W7", "W8"]),
        (asked(risk=True, component=True), "W7", ["W6", "W8"]),
        (asked(risk=True, component=False), "W8", ["W6", "W7"]),
        (asked(risk=True), "W8", ["W6", "W7"]),
    ],
)
def test_three_answers_decide_the_workflow(
    answers: Answers, workflow: str, siblings: list[str], templates: dict[str, Template]
) -> None:
    found = propose(answers, templates)
    assert found.template.key == workflow
    assert [each.key for each in found.siblings] == siblings


def test_every_answer_has_a_reason_in_both_languages(templates: dict[str, Template]) -> None:
    reasons = set()
    for risk, agreement, disturbed in product((False, True), repeat=3):
        for component in (False, True, None):
            found = propose(
                asked(risk=risk, agreement=agreement, disturbed=disturbed, component=component),
                templates,
            )
            assert found.reason("nl") != found.reason("en")
            reasons.add((found.template.key, found.reason("nl")))
    assert {workflow for workflow, _ in reasons} == set(templates)


def test_a_reason_says_what_is_not_known_and_where_the_case_may_still_go(
    templates: dict[str, Template],
) -> None:
    reason = propose(asked(disturbed=True), templates).reason("en")
    assert "not known yet" in reason
    assert "W3" in reason


WEBSITE = Concern(component=Infrastructure.read().component("website"))
PASSPORT = Concern(service=Infrastructure.read().service("paspoort"))


@pytest.mark.parametrize(
    ("concern", "answers", "workflow", "reason"),
    [
        (WEBSITE, asked(), "W2", "Website with forms is in the register"),
        (WEBSITE, asked(component=True), "W2", "what modifies it is a change"),
        (WEBSITE, asked(component=False), "W5", "Website with forms .* need not change"),
        (WEBSITE, asked(disturbed=True), "W3", "what modifies it is a change"),
        (WEBSITE, asked(disturbed=True, component=False), "W4", "need not change"),
        (WEBSITE, asked(risk=True), "W7", "what modifies it is a change"),
        (PASSPORT, asked(), "W5", "‘Passport or identity card’ no registered component"),
        (PASSPORT, asked(disturbed=True), "W4", "no registered component is named"),
        (PASSPORT, asked(component=True), "W2", "a registered component has to change"),
    ],
)
def test_the_register_answers_the_third_question_and_the_reason_says_so(
    concern: Concern,
    answers: Answers,
    workflow: str,
    reason: str,
    templates: dict[str, Template],
) -> None:
    found = propose(answers, templates, concern)
    assert found.template.key == workflow
    assert re.search(reason, found.reason("en"))
    assert "not known yet" not in found.reason("en")


@pytest.mark.parametrize("answers", [asked(agreement=True), asked(agreement=True, risk=True)])
def test_of_an_agreement_the_register_says_nothing(
    answers: Answers, templates: dict[str, Template]
) -> None:
    assert propose(answers, templates, WEBSITE).reason() == propose(answers, templates).reason()


def test_a_call_about_a_component_is_recorded_and_linked_to_it(register: CaseRegister) -> None:
    earlier = register.start("W5", by="anna")
    case = register.start(
        "W2", by="anna", answers=asked(), component="website", service="informatie",
        data={"linked": earlier},
    )  # fmt: skip
    first = next(register.events(case))
    assert (first.data["component"], first.data["service"]) == ("website", "informatie")
    assert first.linked == f"{earlier} website"
    assert first.component is None  # a call updates nothing


def test_to_depart_from_what_the_register_says_takes_a_motivation(register: CaseRegister) -> None:
    with pytest.raises(InputRefused, match=r"BDV-361.*W2"):
        register.start("W5", by="anna", answers=asked(), component="website")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"service": "pasport"}, "BDV-510.*service.*paspoort"),
        ({"service": "website"}, "BDV-510"),
        ({"component": "lichtmast-417"}, "BDV-375.*component.*lichtmast-0417"),
        ({"component": "faxlijn"}, "BDV-377"),
    ],
)
def test_a_call_is_not_about_what_is_not_registered(
    register: CaseRegister, about: dict[str, str], says: str
) -> None:
    with pytest.raises(InputRefused, match=says):
        register.start(
            "W5", by="anna", service=about.get("service"), component=about.get("component")
        )
    assert register.cases() == []


def test_without_the_workflow_that_it_takes_nothing_is_proposed(
    templates: dict[str, Template],
) -> None:
    with pytest.raises(NotFound, match="BDV-360"):
        propose(asked(agreement=True), {"W5": templates["W5"]})


def test_what_was_answered_and_proposed_is_recorded_with_the_call(register: CaseRegister) -> None:
    case = register.start("W4", by="anna", answers=asked(disturbed=True))
    first = next(register.events(case))
    assert first.data["intake"] == {
        "risk": False, "agreement": False, "disturbed": True, "component": None, "proposed": "W4",
    }  # fmt: skip
    assert first.motivated is None


@pytest.mark.parametrize("data", [None, {"motivation": " "}])
def test_another_workflow_without_a_motivation_is_refused(
    register: CaseRegister, data: dict[str, object] | None
) -> None:
    with pytest.raises(InputRefused, match="BDV-361"):
        register.start("W5", by="anna", answers=asked(disturbed=True), data=data)
    assert register.cases() == []


def test_a_motivation_for_another_workflow_is_recorded(register: CaseRegister) -> None:
    case = register.start(
        "W5", by="anna", answers=asked(disturbed=True), data={"motivation": "Alleen uitleg nodig."}
    )
    first = next(register.events(case))
    assert first.motivated
    assert first.data["intake"]["proposed"] == "W4"  # type: ignore[index]


def test_earlier_calls_that_it_is_linked_to_stand_in_the_log(register: CaseRegister) -> None:
    earlier = register.start("W5", by="anna")
    later = register.start("W5", by="anna", data={"linked": earlier})
    assert next(register.events(later)).linked == earlier


def test_who_takes_in_calls_does_so_for_who_called(register: CaseRegister) -> None:
    case = register.start("W5", by="ben", requester="anna")
    first = next(register.events(case))
    assert (first.requester, first.resource, first.role) == ("anna", "ben", "kcc")
    assert register.case(case).requester == "anna"


def test_nobody_else_calls_for_another(register: CaseRegister) -> None:
    with pytest.raises(NotAllowed, match="BDV-306"):
        register.start("W5", by="dirk", requester="anna")


def test_nobody_calls_for_somebody_who_is_not_known(register: CaseRegister) -> None:
    with pytest.raises(NotFound, match="BDV-313"):
        register.start("W5", by="ben", requester="niemand")


def test_several_ways_on_are_named_with_or_before_the_last(templates: dict[str, Template]) -> None:
    reason = propose(asked(risk=True), templates).reason("nl")
    assert "verder als W6 (Verbeteren via afspraak) of W7 (Verbeteren via wijziging);" in reason
