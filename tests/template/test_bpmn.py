"""A template file becomes values, or is refused with what is wrong, where, and what to do."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, LimitExceeded, NotAllowed
from bdv_process.template.bpmn import template_from
from bdv_process.template.model import Activity, Box, Fork, Kind, Template, Trigger
from bdv_process.template.rules import examine

DIAGRAMS = Path(__file__).parent / "rules"
LINEAR = (DIAGRAMS / "reachable" / "good.bpmn").read_text(encoding="utf-8")
TIMER = (DIAGRAMS / "timer-literal" / "good.bpmn").read_text(encoding="utf-8")
CHOICE = (DIAGRAMS / "split-complete" / "good.bpmn").read_text(encoding="utf-8")
FORK = (DIAGRAMS / "called-template" / "good.bpmn").read_text(encoding="utf-8")
PARALLEL = (DIAGRAMS / "sound" / "good.bpmn").read_text(encoding="utf-8")


def refused(tmp_path: Path, diagram: str) -> BdvError:
    path = tmp_path / "r1.bpmn"
    path.write_text(diagram, encoding="utf-8")
    with pytest.raises(BdvError) as refusal:
        Template.read(path)
    for lang in ("nl", "en"):
        said = refusal.value.render(lang)
        assert "\n" not in said
        assert str(path) in said
        assert refusal.value.hint(lang) in said
    return refusal.value


def rule(error: BdvError) -> object:
    assert error.exit_code == 3
    return error.facts["rule"]


@pytest.fixture(scope="module")
def w1(root: Path) -> Template:
    return Template.read(root / "bpmn" / "w1-afspraak-aanpassen.bpmn")


def test_a_template_knows_its_process_its_call_and_its_names(w1: Template) -> None:
    assert (w1.key, w1.process, w1.call, w1.call_en) == ("W1", "agree", "wens", "wish")
    assert (w1.label("nl"), w1.proactive) == ("Afspraak aanpassen", False)
    assert w1.label("en") != w1.label("nl")
    assert w1.documentation
    assert w1.documentation_en
    assert w1.start.id == "agree_call"


def test_its_activities_stand_in_the_order_of_the_file(w1: Template) -> None:
    steps = ["accept", "classify", "specify", "offer", "negotiate", "realise", "verify", "close"]
    assert [activity.id for activity in w1.activities] == [f"agree_{step}" for step in steps]
    assert {activity.process for activity in w1.activities} == {"agree"}


def test_a_step_knows_its_outcomes_the_happy_one_first(w1: Template) -> None:
    accept = w1.activity("agree_accept")
    assert [outcome.id for outcome in accept.outcomes] == ["accepted", "rejected", "incomplete"]
    assert accept.touchpoint
    assert accept.documentation != accept.documentation_en
    assert isinstance(accept, Activity)
    assert not w1.activity("agree_classify").touchpoint


def test_a_fork_knows_what_it_calls_and_its_default_way(w1: Template) -> None:
    (fork,) = w1.forks
    assert isinstance(fork, Fork)
    assert (fork.id, fork.calls) == ("agree_realise", "W2")
    good, detour = w1.outgoing("agree_realise_split")
    assert (good.condition, good.default) == ("agree_realise == 'completed'", False)
    assert (detour.condition, detour.default, detour.rework) == (None, True, True)


def test_events_know_their_trigger_their_wait_and_their_scope(w1: Template) -> None:
    assert w1.by_id["agree_patience"].duration == timedelta(weeks=4)
    assert w1.by_id["agree_rejected"].case_outcome == "rejected"
    assert w1.by_id["agree_rejected"].sends
    warning = w1.by_id["agree_warning"]
    assert (warning.kind, warning.trigger, warning.interrupting) == (
        Kind.START,
        Trigger.TIMER,
        False,
    )
    assert warning.duration == timedelta(weeks=6)
    assert w1.by_id[warning.scope or ""].triggered_by_event
    assert w1.by_id["agree_withdrawal"].interrupting


def test_everything_that_is_drawn_has_its_place(w1: Template) -> None:
    assert set(w1.by_id) <= set(w1.diagram.shapes)
    assert {flow.id for flow in w1.flows} <= set(w1.diagram.edges)
    assert all(len(points) >= 2 for points in w1.diagram.edges.values())


def test_lines_point_into_the_file(w1: Template) -> None:
    lines = w1.source.decode().splitlines()
    for element in (*w1.nodes, *w1.flows):
        assert any(f'"{element.id}"' in line for line in lines[element.line - 1 : element.line + 3])


def test_stored_bytes_give_the_same_template_again(w1: Template) -> None:
    again = template_from(w1.source, Path("W1"))
    assert (again.version, again.nodes, again.flows) == (w1.version, w1.nodes, w1.flows)
    assert re.fullmatch("[0-9a-f]{64}", w1.version)


def test_a_name_broken_over_lines_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "r1.bpmn"
    path.write_text(
        LINEAR.replace('"Beslissen"', '"Over de&#10;aanvraag beslissen"'), encoding="utf-8"
    )
    assert Template.read(path).by_id["permit_decide"].name == "Over de aanvraag beslissen"


def test_a_broken_drawing_is_left_out(tmp_path: Path) -> None:
    for broken in ("NaN", "1e999", "links"):
        path = tmp_path / "r1.bpmn"
        place = '<dc:Bounds x="250" y="100" width="100" height="80"/>'
        assert place in LINEAR
        source = LINEAR.replace(place, place.replace('"250"', f'"{broken}"')).encode()
        found, _ = examine(source, path)
        # The schema knows doubles, so only text is refused.
        if broken == "links":
            assert found is None
        else:
            assert found
            assert "permit_decide" not in found.diagram.shapes
            assert found.diagram.shapes["permit_call"] == Box(x=100, y=122, width=36, height=36)


# --- what is refused; the numbers are those of the catalogue of bad input ---


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("", "BDV-102"),
        ("%PDF-1.7", "BDV-105"),
        (LINEAR[:900], "BDV-107"),
        ('<!DOCTYPE a [<!ENTITY x "y">]>' + LINEAR.split("\n", 1)[1], "BDV-106"),
        ("<log><trace/></log>", "BDV-115"),
    ],
)
def test_3_4_5_8_what_is_no_bpmn_is_refused(tmp_path: Path, xml: str, code: str) -> None:
    error = refused(tmp_path, xml)
    assert (error.code, error.exit_code) == (code, 3)


def test_9_deep_nesting_of_five_megabytes_is_refused_within_a_second(tmp_path: Path) -> None:
    deep = "<bpmn:subProcess>" * 150_000 + "</bpmn:subProcess>" * 150_000
    began = time.process_time()
    error = refused(tmp_path, LINEAR.replace("    <bpmn:startEvent", deep + "<bpmn:startEvent", 1))
    assert (error.code, error.exit_code) == ("BDV-114", 9)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        ('isExecutable="true"', 'isExecutable="false"', ["R1"]),
        ("</bpmn:process>", '</bpmn:process>\n<bpmn:process id="R9"/>', ["R1", "R9"]),
    ],
)
def test_12_no_or_two_processes_are_listed(
    tmp_path: Path, old: str, new: str, ids: list[str]
) -> None:
    error = refused(tmp_path, LINEAR.replace(old, new))
    assert rule(error) == "executable-process"
    assert all(id_ in error.what("nl") for id_ in ids)


def test_13_starts_are_counted_by_id(tmp_path: Path) -> None:
    error = refused(tmp_path, (DIAGRAMS / "one-start" / "bad.bpmn").read_text(encoding="utf-8"))
    assert rule(error) == "one-start"
    assert "permit_call, permit_letter" in error.what("nl")


def test_14_a_loose_step_and_a_flow_to_nothing_are_named(tmp_path: Path) -> None:
    loose = refused(tmp_path, (DIAGRAMS / "reachable" / "bad.bpmn").read_text(encoding="utf-8"))
    assert rule(loose) == "reachable"
    assert "permit_old" in loose.what("nl")
    missing = refused(tmp_path, LINEAR.replace('targetRef="permit_granted"', 'targetRef="nergens"'))
    assert rule(missing) == "references"
    assert "permit_decide_to_granted" in missing.what("nl")
    assert "nergens" in missing.what("nl")


def test_15_both_lines_of_a_double_id_are_given(tmp_path: Path) -> None:
    error = refused(tmp_path, (DIAGRAMS / "unique-ids" / "bad.bpmn").read_text(encoding="utf-8"))
    assert rule(error) == "unique-ids"
    assert re.findall(r"regel (\d+)", error.what("nl")) == ["28", "35"]


UNSUPPORTED = [
    *("serviceTask", "sendTask", "receiveTask", "businessRuleTask", "manualTask", "task"),
    *("complexGateway", "inclusiveGateway", "transaction", "adHocSubProcess", "dataObject"),
]


@pytest.mark.parametrize("tag", UNSUPPORTED)
def test_16_other_elements_are_refused_with_what_is_supported(tmp_path: Path, tag: str) -> None:
    error = refused(tmp_path, LINEAR.replace("bpmn:userTask", f"bpmn:{tag}"))
    assert rule(error) == "supported-elements"
    assert tag in error.what("nl")
    assert "userTask" in error.hint("nl")


@pytest.mark.parametrize(
    "definition",
    [
        *("signal", "error", "conditional", "compensate", "link", "cancel"),
        "timer",
    ],
)
def test_16_other_events_are_refused(tmp_path: Path, definition: str) -> None:
    name = f"{definition}EventDefinition"
    inside = "<bpmn:timeDuration>P1D</bpmn:timeDuration>" if definition == "timer" else ""
    event = f'<bpmn:{name} id="d">{inside}</bpmn:{name}>'
    error = refused(tmp_path, LINEAR.replace("    </bpmn:endEvent>", event + "</bpmn:endEvent>"))
    assert rule(error) == ("event-variants" if definition == "timer" else "supported-elements")
    assert definition in error.what("nl")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (
            "    </bpmn:userTask>",
            "<bpmn:standardLoopCharacteristics/></bpmn:userTask>",
            "standardLoop",
        ),
        (
            '<bpmn:userTask id="permit',
            '<bpmn:userTask isForCompensation="true" id="permit',
            "isForComp",
        ),
        ("    <bpmn:startEvent", '<bpmn:laneSet id="l"/><bpmn:startEvent', "laneSet"),
        ("  <bpmn:process", '<bpmn:collaboration id="c"/><bpmn:process', "collaboration"),
    ],
)
def test_16_markers_lanes_and_pools_are_refused(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    error = refused(tmp_path, LINEAR.replace(old, new, 1))
    assert rule(error) == "supported-elements"
    assert named in error.what("nl")


def test_17_a_way_without_condition_is_refused(tmp_path: Path) -> None:
    bare = re.sub(r"<bpmn:conditionExpression[^>]*>permit_decide == 'refused'<[^>]*>", "", CHOICE)
    error = refused(tmp_path, bare)
    assert rule(error) == "split-complete"
    assert "permit_decide_split" in error.what("nl")


def test_18_a_choice_joined_by_waiting_for_all_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, (DIAGRAMS / "sound" / "bad.bpmn").read_text(encoding="utf-8"))
    assert rule(error) == "sound"
    assert "permit_join" in error.what("nl")
    assert "permit_decide_split" in error.what("nl")


@pytest.mark.parametrize(
    ("condition", "rule_id", "said"),
    [
        ("permit_decide == ", "condition-allowed", "kolom"),
        ("__import__('os').system('x') == 'a'", "condition-allowed", "__import__"),
        ("onbekend == 'refused'", "condition-known", "onbekend"),
        ("permit_decide == 'geweigerd'", "condition-known", "geweigerd"),
        ('= permit_decide = "refused"', "condition-allowed", "FEEL"),
        ("${permit_decide == 'refused'}", "condition-allowed", "JUEL"),
    ],
)
def test_19_20_a_condition_that_is_no_comparison_is_refused(
    tmp_path: Path, condition: str, rule_id: str, said: str
) -> None:
    error = refused(tmp_path, CHOICE.replace("permit_decide == 'refused'", condition))
    assert rule(error) == rule_id
    assert said in error.what("nl")


@pytest.mark.parametrize(
    "diagram",
    [
        LINEAR.replace("bpmn:userTask", "bpmn:scriptTask"),
        (DIAGRAMS / "no-code" / "bad.bpmn").read_text(encoding="utf-8"),
    ],
)
def test_21_code_is_not_allowed(tmp_path: Path, diagram: str) -> None:
    error = refused(tmp_path, diagram)
    assert isinstance(error, NotAllowed)
    assert (error.code, error.exit_code) == ("BDV-110", 6)
    assert "permit_decide" in error.what("nl")


@pytest.mark.parametrize(
    "text",
    ["vijf dagen", "", "P", "P-1D", "R/PT0S", "P999999999Y", "P1M", "__import__('os').getcwd()"],
)
def test_22_a_timer_that_is_no_duration_is_refused(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, TIMER.replace("P2W", text))
    assert rule(error) == "timer-literal"
    assert f"'{text}'" in error.what("nl")
    assert "P8W" in error.hint("nl")


@pytest.mark.parametrize("tag", ["timeCycle", "timeDate"])
def test_22_cycles_and_dates_are_refused(tmp_path: Path, tag: str) -> None:
    error = refused(tmp_path, TIMER.replace("timeDuration", tag))
    assert rule(error) == "timer-literal"


def chain(length: int) -> str:
    """Return a template of so many steps in a row."""
    task = re.search(r" *<bpmn:userTask.*?</bpmn:userTask>\n", LINEAR, re.DOTALL)
    assert task
    steps = [task[0].replace("permit_decide", f"permit_step{n}") for n in range(length)]
    ids = ["permit_call", *(f"permit_step{n}" for n in range(length)), "permit_granted"]
    flows = [
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{ids[n]}" targetRef="{ids[n + 1]}"/>'
        for n in range(len(ids) - 1)
    ]
    without = re.sub(r" *<bpmn:sequenceFlow[^>]*/>\n", "", LINEAR.replace(task[0], ""))
    return without.replace("  </bpmn:process>", "".join([*steps, *flows]) + "</bpmn:process>")


def test_24_a_chain_of_490_steps_is_over_the_limit(tmp_path: Path) -> None:
    error = refused(tmp_path, chain(490))
    assert isinstance(error, LimitExceeded)
    assert (error.code, error.exit_code) == ("BDV-110", 9)
    assert "492" in error.what("nl")


def test_24_more_than_two_thousand_nodes_are_over_the_limit(tmp_path: Path) -> None:
    error = refused(tmp_path, chain(1_999))
    assert error.exit_code == 9
    assert "2001" in error.what("nl")


def test_24_many_repeats_are_over_the_limit(tmp_path: Path) -> None:
    error = refused(tmp_path, (DIAGRAMS / "within-limits" / "bad.bpmn").read_text(encoding="utf-8"))
    assert error.exit_code == 9
    assert "300000" in error.what("nl")


def test_the_first_sentence_is_that_of_the_first_rule_broken(tmp_path: Path) -> None:
    both = CHOICE.replace("bpmn:userTask", "bpmn:serviceTask").replace('isExecutable="true"', "")
    assert rule(refused(tmp_path, both)) == "executable-process"


def test_what_cannot_be_read_is_one_finding_when_checked(tmp_path: Path) -> None:
    from bdv_process.template.rules import check

    (tmp_path / "a.bpmn").write_text(LINEAR[:900], encoding="utf-8")
    (tmp_path / "b.bpmn").write_bytes(b"")
    found = check([tmp_path, tmp_path / "c.bpmn"])
    assert [(f.rule, f.key) for f in found] == [
        ("readable", "BDV-107"),
        ("readable", "BDV-102"),
        ("readable", "BDV-101"),
    ]
    assert found[0].line > 0
    assert all(f.sentence() and f.hint() for f in found)


def test_a_refused_template_raises_what_its_first_error_says(tmp_path: Path) -> None:
    undrawn = re.sub(r"<bpmndi:BPMNShape.*?</bpmndi:BPMNShape>", "", TIMER, count=1)
    both = re.sub(r' *<bdv:case outcome="granted"/>', "", undrawn)
    template, findings = examine(both.encode(), tmp_path / "r1.bpmn")
    assert template is None
    assert {finding.severity for finding in findings} == {"error", "warning"}
    assert rule(refused(tmp_path, both)) == "end-outcome"


def test_what_a_fork_calls_is_only_known_beside_other_templates(tmp_path: Path) -> None:
    loose = FORK.replace(' calledElement="W5"', "").encode()
    assert template_from(loose, tmp_path / "r1.bpmn").forks[0].calls == ""


def test_more_states_than_can_be_checked_are_over_the_limit(tmp_path: Path) -> None:
    step = re.search(
        r" *<bpmn:userTask id=\"permit_hear\".*?</bpmn:userTask>\n", PARALLEL, re.DOTALL
    )
    assert step
    extra = "".join(
        step[0]
        .replace("permit_hear", f"permit_hear{n}")
        .replace("Horen", f"Horen {n}")
        .replace("Hear", f"Hear {n}")
        + f'<bpmn:sequenceFlow id="in{n}" sourceRef="permit_fork" targetRef="permit_hear{n}"/>'
        + f'<bpmn:sequenceFlow id="out{n}" sourceRef="permit_hear{n}" targetRef="permit_join"/>'
        for n in range(20)
    )
    error = refused(tmp_path, PARALLEL.replace("  </bpmn:process>", extra + "</bpmn:process>"))
    assert (error.facts["rule"], error.exit_code) == ("sound", 9)
