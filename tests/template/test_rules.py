"""Every rule has a function, words, a line in the docs, and a good and a bad diagram."""

import inspect
import re
from pathlib import Path

import pytest

from bdv_process.language import catalogue
from bdv_process.template.library import shipped
from bdv_process.template.rules import (
    COLLECTION_RULES,
    ELEMENT_STAGES,
    TEMPLATE_STAGES,
    check,
    choice,
    collection,
    elements,
    flow,
    routine,
    rule_id,
    words,
)

DIAGRAMS = Path(__file__).parent / "rules"
RULES = [
    *(rule for stage in ELEMENT_STAGES for rule in stage),
    *(rule for stage in TEMPLATE_STAGES for rule in stage),
    *COLLECTION_RULES,
]
IDS = [rule_id(rule) for rule in RULES]


@pytest.mark.parametrize("rule", IDS)
def test_a_bad_diagram_breaks_exactly_its_rule(rule: str) -> None:
    findings = check(sorted((DIAGRAMS / rule).glob("bad*.bpmn")), shipped())
    assert {finding.rule for finding in findings} == {rule}


@pytest.mark.parametrize("rule", IDS)
def test_a_good_diagram_breaks_no_rule(rule: str) -> None:
    assert check(sorted((DIAGRAMS / rule).glob("good*.bpmn")), shipped()) == ()


@pytest.mark.parametrize("rule", IDS)
def test_a_finding_says_what_where_and_what_to_do_in_both_languages(rule: str) -> None:
    for finding in check(sorted((DIAGRAMS / rule).glob("bad*.bpmn")), shipped()):
        said = [
            finding.sentence("nl"),
            finding.hint("nl"),
            finding.sentence("en"),
            finding.hint("en"),
        ]
        assert len(set(said)) == 4
        assert all(len(sentence) > 10 for sentence in said)
        assert finding.where.startswith(str(DIAGRAMS / rule))
        assert finding.to_dict("en")["what"] == finding.sentence("en")


def test_every_rule_function_is_registered_and_every_folder_and_text_belongs_to_a_rule() -> None:
    written = {
        rule_id(function)
        for module in (elements, flow, choice, words, collection, routine)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    texts = {key.split(".")[1] for key in catalogue() if key.startswith("rule.")}
    assert written == set(IDS)
    assert {folder.name for folder in DIAGRAMS.iterdir()} == set(IDS)
    # What is wrong with a condition is said by the compiler of conditions.
    assert texts == set(IDS) - {"condition-allowed"}


def test_the_docs_name_every_rule_in_the_order_of_checking(root: Path) -> None:
    lines = (root / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    assert [m[1] for line in lines if (m := re.match(r"\| `([a-z-]+)` \|", line))] == [
        "readable",
        *IDS,
    ]


def test_every_rule_says_in_one_line_why_it_is_there() -> None:
    assert [rule.__name__ for rule in RULES if "\n" in (rule.__doc__ or "\n").strip()] == []


def test_the_eight_shipped_templates_break_no_rule(root: Path) -> None:
    files = sorted((root / "bpmn").glob("*.bpmn"))
    assert len(files) == 8
    assert check(files) == ()


def test_every_reference_diagram_of_the_field_gives_findings_and_never_fails(shared: Path) -> None:
    for file in sorted((shared / "data" / "bpmn-miwg").glob("*.bpmn")):
        findings = check([file])
        assert findings
        assert all(f.sentence(lang) and f.hint(lang) for f in findings for lang in ("nl", "en"))


def test_a_circle_of_three_templates_is_shown_whole(tmp_path: Path) -> None:
    fork = (DIAGRAMS / "call-cycle" / "good.bpmn").read_text(encoding="utf-8")
    fork = fork.replace("== 'completed'", "== 'granted'")
    for key, called in (("A", "B"), ("B", "C"), ("C", "A")):
        diagram = fork.replace('"R1"', f'"{key}"').replace('"W5"', f'"{called}"')
        (tmp_path / f"{key}.bpmn").write_text(diagram, encoding="utf-8")
    findings = check([tmp_path])
    assert {finding.rule for finding in findings} == {"call-cycle"}
    assert findings[0].facts["cycle"] == "A -> B -> C -> A"


def test_the_join_that_waits_for_ever_is_found_with_the_split_that_causes_it() -> None:
    (finding,) = check([DIAGRAMS / "sound" / "bad.bpmn"])
    assert finding.element == "permit_join"
    assert finding.facts == {"split": "permit_decide_split"}


def test_an_outcome_may_not_be_called_like_an_element_but_two_activities_may_share_one() -> None:
    (finding,) = check([DIAGRAMS / "unique-ids" / "bad-outcome.bpmn"])
    assert finding.element == "permit_granted"
    assert finding.facts == {"first": 29, "second": finding.line}
    outcomes = [outcome.id for step in shipped()[1].activities for outcome in step.outcomes]
    assert outcomes.count("rejected") == 3


@pytest.mark.parametrize(
    "hidden", ['<bpmn:userTask id="hidden" name="x"/>', '<bpmn:process id="W9" name="x"/>']
)
def test_a_step_that_stands_where_it_would_be_passed_over_is_refused(
    root: Path, tmp_path: Path, hidden: str
) -> None:
    drawn = (root / "bpmn" / "w1-afspraak-aanpassen.bpmn").read_text(encoding="utf-8")
    changed = drawn.replace("</bpmn:documentation>", f"{hidden}</bpmn:documentation>", 1)
    file = tmp_path / "w1.bpmn"
    file.write_text(changed, encoding="utf-8")
    assert "supported-elements" in {finding.rule for finding in check([file], shipped())}


def test_an_activity_may_not_have_two_outcomes_of_one_id(tmp_path: Path) -> None:
    good = (DIAGRAMS / "split-complete" / "good.bpmn").read_text(encoding="utf-8")
    file = tmp_path / "r1.bpmn"
    file.write_text(good.replace('outcome id="refused"', 'outcome id="granted"'), encoding="utf-8")
    assert {finding.rule for finding in check([file])} == {"unique-ids"}


def test_a_missing_drawing_is_a_warning_and_the_template_is_read_all_the_same() -> None:
    from bdv_process.template.model import Template

    path = DIAGRAMS / "diagram-complete" / "bad.bpmn"
    (finding,) = check([path])
    assert finding.severity == "warning"
    assert Template.read(path).key == "R1"


def test_a_choice_is_complete_only_when_every_outcome_has_one_way(tmp_path: Path) -> None:
    good = (DIAGRAMS / "split-complete" / "good.bpmn").read_text(encoding="utf-8")
    refused = "permit_decide == 'refused'"
    for condition, complete in (
        ("permit_decide != 'granted'", True),
        ("permit_decide in ('refused',)", True),
        ("not permit_decide == 'granted'", True),
        ("permit_decide in ('refused', 'granted')", False),
        ("permit_decide == 'refused' and permit_decide == 'granted'", False),
    ):
        file = tmp_path / "r1.bpmn"
        file.write_text(good.replace(refused, condition), encoding="utf-8")
        assert {f.rule for f in check([file])} == (set() if complete else {"split-complete"})
