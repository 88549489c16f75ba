"""The eight templates and the default procedure are there, agree with each other, and load fast."""

import time
from pathlib import Path

import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.template import bpmn, library
from bdv_process.template.library import read_folder, shipped, shipped_procedure

DIAGRAMS = Path(__file__).parent / "rules"


def test_the_eight_workflows_are_shipped() -> None:
    assert [template.key for template in shipped()] == [f"W{n}" for n in range(1, 9)]
    assert [t.key for t in shipped() if t.proactive] == ["W6", "W7", "W8"]


def test_thirty_seven_activities_make_fifty_eight_steps() -> None:
    steps = [activity.id for template in shipped() for activity in template.activities]
    assert (len(set(steps)), len(steps)) == (37, 58)


def test_the_forks_are_those_of_the_workflows() -> None:
    calls = {t.key: [(fork.id, fork.calls) for fork in t.forks] for t in shipped()}
    assert calls == {
        "W1": [("agree_realise", "W2")],
        "W2": [("change_deploy", "W5")],
        "W3": [("recover_recover", "W2")],
        "W4": [("recover_recover", "W5")],
        "W5": [],
        "W6": [("improve_apply", "W1")],
        "W7": [("improve_apply", "W2")],
        "W8": [("improve_apply", "W5")],
    }


def test_every_activity_has_its_roles_and_every_step_of_work_its_norm() -> None:
    work = {a.id for t in shipped() for a in t.activities}
    forks = {fork.id for t in shipped() for fork in t.forks}
    procedure = shipped_procedure()
    assert set(procedure.raci) == work
    assert set(procedure.norms) == work - forks
    assert set(procedure.terms) == {"agree", "change", "operate"}
    assert procedure.requester_separated


def test_the_eight_files_are_read_well_within_half_a_second() -> None:
    bpmn.template_from.cache_clear()
    library.shipped.cache_clear()
    began = time.process_time()
    shipped()
    assert time.process_time() - began < 0.5


def test_a_folder_without_templates_is_not_found(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nergens"):
        with pytest.raises(NotFound) as missing:
            read_folder(folder)
        assert (missing.value.code, missing.value.exit_code) == ("BDV-119", 4)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mijn").mkdir()
    (tmp_path / "elders.bpmn").write_bytes((DIAGRAMS / "reachable" / "good.bpmn").read_bytes())
    (tmp_path / "mijn" / "r1.bpmn").symlink_to(tmp_path / "elders.bpmn")
    with pytest.raises(InputRefused) as refused:
        read_folder(tmp_path / "mijn")
    assert refused.value.code == "BDV-117"


def test_a_folder_that_calls_outside_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r1.bpmn").write_bytes((DIAGRAMS / "called-template" / "bad.bpmn").read_bytes())
    with pytest.raises(InputRefused) as refused:
        read_folder(tmp_path)
    assert refused.value.facts["rule"] == "called-template"
    assert "W9" in refused.value.what("nl")
