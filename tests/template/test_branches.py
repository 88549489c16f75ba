"""Which outcomes fit the way a case went on."""

from pathlib import Path

import pytest

from bdv_process.template.branches import END, Contradicts, contradictions, message_after
from bdv_process.template.model import Template


@pytest.fixture(scope="module")
def agree(root: Path) -> Template:
    return Template.read(root / "bpmn" / "w1-afspraak-aanpassen.bpmn")


@pytest.fixture(scope="module")
def contradicts(agree: Template) -> Contradicts:
    return contradictions(agree)


@pytest.mark.parametrize(
    ("activity", "outcome", "following", "expected"),
    [
        ("agree_negotiate", "agreed", "agree_realise", False),
        ("agree_negotiate", "agreed", "agree_offer", True),
        ("agree_negotiate", "adjust", "agree_offer", False),
        ("agree_negotiate", "no_deal", "agree_close", False),
        ("agree_negotiate", None, "agree_realise", False),
        ("agree_negotiate", None, "agree_close", True),
        ("agree_realise", "completed", "agree_verify", False),
        ("agree_realise", "rejected", "agree_verify", True),
        ("agree_realise", "withdrawn", "agree_negotiate", False),
        ("agree_verify", "as_agreed", END, True),
        ("agree_close", "closed", "agree_offer", False),
        ("lunch", None, "agree_offer", False),
    ],
)
def test_an_outcome_rules_out_what_another_outcome_leads_to(
    activity: str, outcome: str | None, following: str, expected: bool, contradicts: Contradicts
) -> None:
    assert contradicts(activity, outcome, following) is expected


def test_behind_a_hidden_activity_stands_what_follows_it(agree: Template) -> None:
    contradicts = contradictions(agree, hidden={"agree_realise"})
    assert not contradicts("agree_negotiate", "agreed", "agree_verify")
    assert contradicts("agree_negotiate", "no_deal", "agree_verify")


@pytest.mark.parametrize(
    ("activity", "outcome", "message"),
    [
        ("agree_accept", "incomplete", "agree_question"),
        ("agree_accept", "rejected", "agree_rejected"),
        ("agree_accept", "accepted", None),
        ("agree_negotiate", "no_deal", None),
    ],
)
def test_some_outcomes_tell_the_requester_something_at_once(
    activity: str, outcome: str, message: str | None, agree: Template
) -> None:
    found = message_after(agree, activity, outcome)
    assert (found.id if found else None) == message
