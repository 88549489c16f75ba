"""The routines of services: derived from a template and from the default procedure."""

import shutil
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, InputRefused
from bdv_process.language import catalogue
from bdv_process.template.automaton import automaton
from bdv_process.template.form import FieldType, form_schema
from bdv_process.template.inclusion import departure, projected
from bdv_process.template.library import shipped, shipped_procedure, shipped_routines
from bdv_process.template.model import Fork, by_key
from bdv_process.template.routine import Routine, read_routine
from bdv_process.template.rules import check

NAMES = ("melding-openbare-ruimte", "omgevingsvergunning", "paspoort-aanvragen")


@pytest.fixture
def routines() -> dict[str, Routine]:
    return {routine.name: routine for routine in shipped_routines()}


def test_three_routines_are_shipped_each_with_the_name_of_its_folder(
    routines: dict[str, Routine], root: Path
) -> None:
    assert tuple(routines) == NAMES
    for name, routine in routines.items():
        assert routine.template.key == name
        assert routine.template.path == root / "bpmn" / "routines" / name / f"{name}.bpmn"
    assert [routine.origin for routine in routines.values()] == ["W4", "W5", "W5"]


def test_the_shipped_routines_break_no_rule_and_keep_within_their_templates(root: Path) -> None:
    assert check(sorted((root / "bpmn" / "routines").glob("*")), shipped()) == ()
    given = by_key(shipped())
    for routine in shipped_routines():
        assert departure(routine.template, given[routine.origin]) is None


def test_a_shipped_routine_can_do_all_that_its_template_can() -> None:
    given = by_key(shipped())
    for routine in shipped_routines():
        origin = given[routine.origin]
        seen, allowed = projected(routine.template, origin), automaton(origin)
        assert set(seen.words(9)) == set(allowed.words(9))


def test_a_routine_that_skips_the_check_is_shown_the_way_out(root: Path, tmp_path: Path) -> None:
    name = "paspoort-aanvragen"
    good = (root / "bpmn" / "routines" / name / f"{name}.bpmn").read_text(encoding="utf-8")
    bad = good.replace(
        'sourceRef="operate_classify" targetRef="operate_plan"',
        'sourceRef="operate_classify" targetRef="operate_execute_merge"',
    ).replace(
        'sourceRef="operate_plan" targetRef="operate_execute_merge"',
        'sourceRef="operate_execute" targetRef="operate_plan"',
    ).replace(
        'sourceRef="operate_execute" targetRef="operate_verify"',
        'sourceRef="operate_plan" targetRef="operate_verify"',
    )  # fmt: skip
    for flow in ("classify_to_plan", "plan_to_execute_merge", "execute_to_verify"):
        for way in ("incoming", "outgoing"):
            bad = bad.replace(f"      <bpmn:{way}>operate_{flow}</bpmn:{way}>\n", "")
    (tmp_path / "bad.bpmn").write_text(bad, encoding="utf-8")
    (finding,) = check([tmp_path], shipped())
    assert finding.rule == "within-template"
    assert "'Dienstverzoek aannemen' → 'Classificeren' kan 'Werk uitvoeren' volgen" in (
        finding.sentence("nl")
    )
    assert "W5 only allows: 'Plan'" in finding.sentence("en")


def test_what_a_routine_does_not_say_is_as_in_the_default_procedure(
    routines: dict[str, Routine],
) -> None:
    base, own = shipped_procedure(), routines["paspoort-aanvragen"].procedure
    assert own.raci["operate_accept"] == base.raci["operate_accept"]
    assert own.norms["operate_close"] == base.norms["operate_close"]
    assert own.terms == base.terms | {"operate": timedelta(weeks=4)}
    assert own.recorded_within == base.recorded_within
    assert own.requester_separated
    assert own.roles == base.roles
    assert base.instructions == {}


def test_a_step_that_refines_another_is_done_by_who_does_that_one(
    routines: dict[str, Routine],
) -> None:
    raci = routines["paspoort-aanvragen"].procedure.raci
    assert raci["operate_execute_capture"] == raci["operate_execute"]
    assert raci["operate_execute_capture"].responsible == ("kcc",)
    assert raci["operate_execute_inspect"].responsible == ("uitvoerder",)


def test_a_step_that_refines_another_is_kept_apart_from_what_that_one_is(
    routines: dict[str, Routine],
) -> None:
    rules = {rule.id: rule for rule in routines["omgevingsvergunning"].procedure.separations}
    assert {"operate_execute", "operate_execute_assess"} <= rules["work_apart_from_check"].one
    assert rules["assess_apart_from_decision"].other == {"operate_execute_decision"}


def test_every_step_of_work_is_instructed_and_every_form_has_a_schema(
    routines: dict[str, Routine],
) -> None:
    for routine in routines.values():
        work = {s.id for s in routine.template.activities if not isinstance(s, Fork)}
        told = routine.procedure.instructions
        assert work <= told.keys()
        assert work <= routine.procedure.norms.keys()
        for how in told.values():
            assert how.label("nl") != how.label("en")
            assert min(len(how.text), len(how.text_en)) > 40
        for fields in routine.procedure.forms.values():
            schema = form_schema(fields)
            assert list(schema["properties"]) == [field.id for field in fields]


def test_the_forms_use_every_type_of_field(routines: dict[str, Routine]) -> None:
    for routine in routines.values():
        fields = chain.from_iterable(routine.procedure.forms.values())
        assert {field.type for field in fields} == set(FieldType)


def test_the_advice_of_partners_is_a_case_of_their_own(routines: dict[str, Routine]) -> None:
    template = routines["omgevingsvergunning"].template
    assert [fork.calls for fork in template.forks] == ["W5"] * 3
    assert {template.refined[fork.id] for fork in template.forks} == {"operate_execute"}


OWN = """\
derives = "W5"

[norm]
operate_execute = "PT2H"

[instruction.operate_plan]
nl = "Plan het werk."
en = "Plan the work."

[[form.operate_plan]]
id = "on"
type = "date"
name = "Wanneer"
name_en = "When"
"""


def derive(folder: Path, text: str) -> Routine:
    (folder / "procedure.toml").write_text(text, encoding="utf-8")
    return read_routine(folder, shipped(), shipped_procedure())


def test_a_routine_without_a_diagram_goes_by_its_template(tmp_path: Path) -> None:
    routine = derive(tmp_path, OWN)
    assert routine.template is by_key(shipped())["W5"]
    assert routine.origin == "W5"
    assert routine.procedure.norms["operate_execute"] == timedelta(hours=2)
    assert routine.procedure.instructions["operate_plan"].label("en") == "Plan the work."
    (field,) = routine.procedure.forms["operate_plan"]
    assert (field.type, field.required, field.label()) == (FieldType.DATE, False, "Wanneer")


@pytest.mark.parametrize(
    ("old", "new", "code", "named"),
    [
        ('derives = "W5"', 'derives = "W9"', "BDV-111", "W9"),
        ('derives = "W5"\n', "", "BDV-145", "derives"),
        ('derives = "W5"', "derives = 5", "BDV-145", "derives"),
        ("operate_execute =", "operate_exicute =", "BDV-142", "operate_execute"),
        ("operate_execute =", "change_plan =", "BDV-142", "change_plan"),
        ("instruction.operate_plan", "instruction.operate_plam", "BDV-142", "operate_plan"),
        ('en = "Plan the work."\n', "", "BDV-145", "instruction.operate_plan"),
        ("[[form.operate_plan]]", "[form.operate_plan]", "BDV-145", "form.operate_plan"),
        ('type = "date"', 'type = "datum"', "BDV-145", "choice"),
        ('type = "date"', 'type = "choice"', "BDV-145", "choices"),
        ('id = "on"', 'id = "Wanneer?"', "BDV-145", "form.operate_plan"),
        ('id = "on"', 'id = "on"\nreqired = true', "BDV-145", "required"),
        ('id = "on"', 'id = "on"\nrequired = "ja"', "BDV-145", "required"),
        ('type = "date"', 'type = "choice"\nchoices = ["a"]', "BDV-145", "choices"),
        ('type = "date"', 'type = "choice"\nchoices = {a = "b"}', "BDV-145", "name_en"),
    ],
)
def test_a_procedure_of_a_service_that_is_not_right_is_refused(
    tmp_path: Path, old: str, new: str, code: str, named: str
) -> None:
    assert old in OWN
    with pytest.raises(BdvError) as refused:
        derive(tmp_path, OWN.replace(old, new, 1))
    assert refused.value.code == code
    assert named in refused.value.render("nl")
    assert refused.value.where.startswith((str(tmp_path), "W9"))


def test_two_fields_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        derive(tmp_path, OWN + OWN[OWN.index("[[form") :])
    assert refused.value.code == "BDV-145"


def test_a_procedure_goes_by_the_diagram_beside_it_and_there_is_one(
    root: Path, tmp_path: Path
) -> None:
    given = root / "bpmn" / "routines" / "paspoort-aanvragen"
    shutil.copy(given / "paspoort-aanvragen.bpmn", tmp_path)
    with pytest.raises(InputRefused) as refused:
        derive(tmp_path, OWN)
    assert refused.value.code == "BDV-147"
    w5 = next((root / "bpmn").glob("w5-*.bpmn"))
    shutil.copy(w5, tmp_path)
    with pytest.raises(InputRefused) as refused:
        derive(tmp_path, OWN)
    assert refused.value.code == "BDV-148"
    (tmp_path / "paspoort-aanvragen.bpmn").unlink()
    with pytest.raises(InputRefused) as refused:
        derive(tmp_path, OWN)
    assert refused.value.code == "BDV-149"


def test_a_diagram_that_leaves_its_template_is_refused(tmp_path: Path) -> None:
    folder = Path(__file__).parent / "rules" / "refined-activity"
    drawn = (folder / "bad.bpmn").read_text(encoding="utf-8")
    (tmp_path / "r.bpmn").write_text(drawn, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        derive(tmp_path, OWN)
    assert refused.value.facts["rule"] == "derived-from"
    assert set(catalogue()["rule.derived-from"]) == {"nl", "nl_do", "en", "en_do"}
