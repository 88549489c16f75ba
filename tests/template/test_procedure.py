"""A procedure says who and how long, for every activity, or is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, InputRefused
from bdv_process.template.procedure import Procedure, Raci, Role

GOOD = """\
requester_separated = true

[roles.balie]
name = "Balie"
name_en = "Front desk"

[roles.toetser]
name = "Toetser"
name_en = "Reviewer"

[raci.permit_decide]
R = ["balie", "toetser"]
A = "toetser"
I = ["balie"]

[raci.permit_verify]
R = ["toetser"]
A = "toetser"

[norm]
permit_decide = "PT30M"

[terms]
permit = "P8W"

[recording]
within = "P2D"

[[separation]]
id = "four_eyes"
name = "Wie beslist, toetst niet."
name_en = "Whoever decides does not verify."
one = ["permit_decide"]
other = ["permit_verify"]
"""
ACTIVITIES = ("permit_decide", "permit_verify")


def read(tmp_path: Path, text: str) -> Procedure:
    path = tmp_path / "procedure.toml"
    path.write_text(text, encoding="utf-8")
    return Procedure.read(path, ACTIVITIES)


def test_a_procedure_gives_roles_duties_separations_norms_and_terms(tmp_path: Path) -> None:
    procedure = read(tmp_path, GOOD)
    assert procedure.roles[0] == Role(id="balie", name="Balie", name_en="Front desk")
    assert procedure.role_ids == {"balie", "toetser"}
    assert procedure.raci["permit_decide"] == Raci(
        responsible=("balie", "toetser"), accountable="toetser", informed=("balie",)
    )
    assert procedure.norms == {"permit_decide": timedelta(minutes=30)}
    assert procedure.terms == {"permit": timedelta(weeks=8)}
    assert procedure.recorded_within == timedelta(days=2)
    assert procedure.requester_separated
    (separation,) = procedure.separations
    assert (separation.one, separation.other) == ({"permit_decide"}, {"permit_verify"})


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "named"),
    [
        ('R = ["toetser"]', "R = []", "BDV-143", 16, "permit_verify"),
        ('R = ["toetser"]\n', "", "BDV-143", 16, "permit_verify"),
        ('I = ["balie"]', 'I = ["bali"]', "BDV-141", 11, "bali"),
        ('A = "toetser"\nI', 'A = "baas"\nI', "BDV-141", 11, "baas"),
        ('A = "toetser"\nI', 'A = ["toetser", "balie"]\nI', "BDV-144", 11, "permit_decide"),
        ('A = "toetser"\nI', "I", "BDV-144", 11, "permit_decide"),
        ("raci.permit_verify", "raci.permit_verfy", "BDV-142", 16, "permit_verify"),
        ('other = ["permit_verify"]', 'other = ["verify"]', "BDV-142", 30, "verify"),
        ('permit_decide = "PT30M"', 'permit_decid = "PT30M"', "BDV-142", 20, "permit_decid"),
        ('"PT30M"', '"half uur"', "BDV-130", 21, "half uur"),
        ('"PT30M"', "30", "BDV-130", 21, "30"),
        ('name_en = "Reviewer"', 'nam_en = "Reviewer"', "BDV-145", 7, "roles.toetser"),
        ('I = ["balie"]', 'X = ["balie"]', "BDV-145", 14, "permit_decide.X"),
        ('I = ["balie"]', 'I = "balie"', "BDV-145", 11, "permit_decide"),
        ("[[separation]]", "[separation]", "BDV-145", 29, "separation"),
        ('one = ["permit_decide"]\n', "", "BDV-145", 29, "separation"),
        ("requester_separated = true", "requester_separated = 'ja'", "BDV-145", 1, "requester"),
        ("requester_separated = true", "", "BDV-145", None, "requester"),
        ("[norm]", "[norms]", "BDV-145", 20, "norms"),
        ("[norm]", "[norm", "BDV-140", 20, "TOML"),
        ('permit = "P8W"', 'permt = "P8W"', "BDV-145", 24, "terms.permt"),
        ('"P8W"', '"P2M"', "BDV-130", 24, "P2M"),
        ('[terms]\npermit = "P8W"', "", "BDV-145", None, "terms"),
        ('within = "P2D"', 'binnen = "P2D"', "BDV-145", 27, "recording.binnen"),
        ('"P2D"', "2", "BDV-130", 27, "2"),
        ('within = "P2D"', "", "BDV-145", 26, "recording"),
        ("[[separation]]", "[unknown]", "BDV-145", 29, "unknown"),
    ],
)
def test_a_procedure_that_is_not_complete_or_right_is_refused(
    tmp_path: Path, old: str, new: str, code: str, line: int | None, named: str
) -> None:
    assert old in GOOD
    with pytest.raises(InputRefused) as refused:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert refused.value.code == code
    assert named in refused.value.render("nl")
    assert refused.value.hint("en") in refused.value.render("en")
    if line is not None:
        assert refused.value.where == f"{tmp_path / 'procedure.toml'}:{line}"


def test_an_activity_without_roles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "procedure.toml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        Procedure.read(path, {*ACTIVITIES, "permit_close"})
    assert refused.value.code == "BDV-146"
    assert "permit_close" in refused.value.what("nl")


@pytest.mark.parametrize(
    ("source", "code", "exit_code"),
    [
        (b"", "BDV-102", 3),
        (b"\xff\xfe", "BDV-108", 3),
        (b"a = " + b"[" * 5000, "BDV-140", 3),
        (b"roles = 5\nraci = 5\nnorm = 5", "BDV-145", 3),
        (b"[roles]\na = 5", "BDV-145", 3),
        (b'[roles.a]\nname = "a"\nname_en = "a"\n[raci]\npermit_decide = 5', "BDV-145", 3),
    ],
)
def test_a_file_that_is_no_procedure_is_refused(
    tmp_path: Path, source: bytes, code: str, exit_code: int
) -> None:
    path = tmp_path / "procedure.toml"
    path.write_bytes(source)
    with pytest.raises(BdvError) as refused:
        Procedure.read(path)
    assert (refused.value.code, refused.value.exit_code) == (code, exit_code)
    assert str(path) in refused.value.render("nl")


def test_a_missing_procedure_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(BdvError) as missing:
        Procedure.read(tmp_path / "geen.toml")
    assert missing.value.exit_code == 4
