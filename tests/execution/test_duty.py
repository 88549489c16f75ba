"""One decision says who may do what, and which rule says no."""

from datetime import timedelta
from pathlib import Path

import pytest

from bdv_process.execution.duty import Action, Deed, Denial, Matter, Permit, may
from bdv_process.execution.organisation import Person
from bdv_process.template.library import shipped, shipped_procedure
from bdv_process.template.procedure import Procedure, Raci, Separation

PROCEDURE = Procedure(
    roles=(),
    raci={
        "do": Raci(responsible=("maker", "helper"), accountable="boss"),
        "check": Raci(responsible=("checker",), accountable="boss"),
    },
    separations=(
        Separation(
            id="maker-checker", name="apart", name_en="apart",
            one=frozenset({"do"}), other=frozenset({"check"}),
        ),
    ),
    requester_separated=True,
    norms={},
    terms={},
    recorded_within=timedelta(days=2),
    path=Path("in-memory"),
)  # fmt: skip


def person(*roles: str) -> Person:
    return Person(id="jo", name="Jo", roles=roles)


def ask(
    activity: str,
    *roles: str,
    action: Action = Action.COMPLETE,
    deeds: tuple[Deed, ...] = (),
    requester: str = "an",
    holder: str | None = None,
    stead: str | None = None,
    absent: tuple[Person, ...] = (),
) -> Permit | Denial:
    matter = Matter(
        steps=("do", "check"), requester=requester, activity=activity, holder=holder, stead=stead
    )
    return may(person(*roles), action, matter, deeds, procedure=PROCEDURE, absent=absent)


def rule(decision: Permit | Denial) -> str:
    assert isinstance(decision, Denial)
    return decision.rule


def role(decision: Permit | Denial) -> str | None:
    assert isinstance(decision, Permit)
    return decision.role


def test_the_first_responsible_role_a_person_has_is_the_one_that_counts() -> None:
    assert role(ask("do", "helper", "maker")) == "maker"
    assert role(ask("do", "helper")) == "helper"


def test_a_role_that_is_only_accountable_may_not_do_it() -> None:
    assert rule(ask("do", "boss")) == "raci"


def test_an_activity_without_raci_is_for_nobody() -> None:
    assert rule(ask("unheard-of", "maker")) == "raci"


def test_the_requester_is_denied_whatever_the_role() -> None:
    assert rule(ask("do", "maker", requester="jo")) == "requester"


@pytest.mark.parametrize(("first", "then"), [("do", "check"), ("check", "do")])
def test_a_separation_holds_in_both_orders(first: str, then: str) -> None:
    deed = Deed(case="Z1", activity=first, person="jo")
    denied = ask(then, "maker", "checker", deeds=(deed,))
    assert rule(denied) == "maker-checker"
    assert isinstance(denied, Denial)
    assert "Z1" in denied.error("x", {}).render("nl")
    assert first in denied.error("x", {}).render("en")


def test_what_somebody_else_did_separates_nobody() -> None:
    deed = Deed(case="Z1", activity="do", person="another")
    assert role(ask("check", "checker", deeds=(deed,))) == "checker"


def test_the_same_activity_may_be_done_again() -> None:
    deed = Deed(case="Z1", activity="do", person="jo")
    assert role(ask("do", "maker", deeds=(deed,))) == "maker"


def test_with_the_shipped_procedure_every_step_has_somebody_who_may_do_it() -> None:
    procedure = shipped_procedure()
    for template in shipped():
        for step in template.activities:
            usual = procedure.raci[step.id].responsible[0]
            someone = Person(id="x", name="x", roles=(usual,))
            matter = Matter(steps=(), requester="anna", activity=step.id)
            found = may(someone, Action.CLAIM, matter, (), procedure=procedure)
            assert found == Permit(rule="raci", role=usual)


def test_a_stand_in_has_the_role_of_the_colleague_and_says_for_whom() -> None:
    bo = Person(id="bo", name="Bo", roles=("maker",))
    assert ask("do", "checker", absent=(bo,)) == Permit(rule="raci", role="maker", behalf="bo")
    assert ask("do", "maker", absent=(bo,)) == Permit(rule="raci", role="maker")
    assert ask("do", "maker", absent=(bo,), holder="jo", stead="bo") == Permit(
        rule="raci", role="maker", behalf="bo"
    )
    assert rule(ask("do", "checker")) == "raci"


@pytest.mark.parametrize("did", ["jo", "bo"])
def test_the_duties_of_both_bind_a_stand_in(did: str) -> None:
    bo = Person(id="bo", name="Bo", roles=("checker",))
    deed = Deed(case="Z1", activity="do", person=did)
    assert isinstance(ask("check", absent=(bo,), deeds=(deed,)), Denial)
    assert isinstance(ask("check", absent=(bo,), requester=did), Denial)
    assert isinstance(ask("check", absent=(bo,)), Permit)


def test_only_a_stand_in_takes_over_what_somebody_holds() -> None:
    bo = Person(id="bo", name="Bo", roles=("maker",))
    assert rule(ask("do", "maker", holder="bo")) == "holder"
    assert isinstance(ask("do", "maker", holder="bo", absent=(bo,)), Permit)
    assert isinstance(ask("do", "maker", holder="bo", absent=(bo,), action=Action.CLAIM), Permit)
    assert rule(ask("do", "maker", holder="jo", absent=(bo,), action=Action.CLAIM)) == "holder"
