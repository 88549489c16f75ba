"""Services and components are read strictly: what is wrong is refused with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import BdvError, InputRefused, NotFound
from bdv_process.execution.infrastructure import SAMPLE, Infrastructure, Status
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure

Read = Callable[[str], Infrastructure]

GOOD = """
[kinds.device]
name = "apparaat"
name_en = "device"

[components.printer]
name = "Printer"
name_en = "Printer"
kind = "device"
owner = "uitvoerder"

[services.paspoort]
name = "Paspoort"
name_en = "Passport"
facility = "Een document."
facility_en = "A document."
support = "Hulp aan de balie."
support_en = "Help at the counter."
owner = "dienstverantwoordelijke"
delivered_by = "W5"
components = ["printer"]
agreements = [{ text = "Binnen vijf dagen.", text_en = "Within five days." }]
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def written(text: str) -> Infrastructure:
        file = tmp_path / "infrastructure.toml"
        file.write_text(text, encoding="utf-8")
        return Infrastructure.read(file)

    return written


def test_the_sample_rests_on_what_ships_with_the_product() -> None:
    sample = Infrastructure.read()
    ways = [each.key for each in shipped()]
    ways += [each.parent.name for each in folder("bpmn").glob("routines/*/procedure.toml")]
    sample.check(shipped_procedure().role_ids, ways, where=SAMPLE)
    assert all(service.components for service in sample.services.values())
    assert {each.status for each in sample.components.values()} == set(Status)


def test_a_service_is_a_supported_facility_with_its_agreements(read: Read) -> None:
    service = read(GOOD).service("paspoort")
    assert service.facility.label("en") == "A document."
    assert service.support.label("nl") == "Hulp aan de balie."
    assert [each.label("en") for each in service.agreements] == ["Within five days."]
    assert [each.id for each in read(GOOD).serving("printer")] == ["paspoort"]


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("[kinds.device]", "[kinds.device", "BDV-371", ""),
        ('kind = "device"', 'kind = "divice"', "BDV-373", "components.printer.kind.*device"),
        ('kind = "device"', "kind = 3", "BDV-372", "components.printer.kind"),
        ('kind = "device"\n', "", "BDV-372", "components.printer.kind"),
        ('name = "Printer"', 'name = " "', "BDV-372", "components.printer.name"),
        ('"Printer"\nname_en', '"Prin\\u202eter"\nname_en', "BDV-372", "components.printer.name"),
        ('name = "Printer"', f'name = "{"a" * 1001}"', "BDV-372", "components.printer.name"),
        ('name = "Printer"', 'nam = "Printer"', "BDV-373", "components.printer.nam.*name"),
        ('owner = "uitvoerder"', 'status = "gone"', "BDV-373", "components.printer.status"),
        ("[components.printer]", "[components.none]", "BDV-372", "components.none"),
        ("[components.printer]", "[components.Z12]", "BDV-372", "components.Z12"),
        ("[components.printer]", '[components."a b"]', "BDV-372", "components.a b"),
        ("[components.printer]", "[component.printer]", "BDV-373", "component.*components"),
        ("[components.printer]", "[components.paspoort]", "BDV-374", "services.paspoort"),
        ('["printer"]', '["printr"]', "BDV-373", "services.paspoort.components.*printer"),
        ('["printer"]', "[[3]]", "BDV-373", "services.paspoort.components"),
        ('["printer"]', '"printer"', "BDV-372", "services.paspoort.components"),
        ("[{ text", "[3, { text", "BDV-372", "services.paspoort.agreements"),
        ('text = "Binnen vijf dagen.", ', "", "BDV-372", "services.paspoort.agreements.text"),
        (GOOD, "services = 3", "BDV-372", "services"),
        (GOOD, "[services]\npaspoort = 3", "BDV-372", "services.paspoort"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_with_its_place(
    read: Read,
    old: str,
    new: str,
    code: str,
    place: str,
) -> None:
    assert old in GOOD
    with pytest.raises(InputRefused, match=f"{code}.*{place}"):
        read(GOOD.replace(old, new, 1))


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="BDV-370"):
        Infrastructure.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("roles", "ways", "place"),
    [
        (["dienstverantwoordelijke"], ["W5"], "components.printer.owner"),
        (["uitvoerder"], ["W5"], "services.paspoort.owner"),
        (["uitvoerder", "dienstverantwoordelijke"], ["W4"], "services.paspoort.delivered_by.*W4"),
    ],
)
def test_owners_are_roles_and_services_are_delivered_by_what_there_is(
    read: Read,
    roles: list[str],
    ways: list[str],
    place: str,
) -> None:
    with pytest.raises(InputRefused, match=f"BDV-373.*{place}"):
        read(GOOD).check(roles, ways, where="file")


@pytest.mark.parametrize("find", [Infrastructure.component, Infrastructure.service])
def test_what_is_not_registered_is_not_found_and_the_likeliest_is_named(
    read: Read, find: Callable[[Infrastructure, str], object]
) -> None:
    with pytest.raises(BdvError) as refused:
        find(read(GOOD), "prnter")
    assert refused.value.exit_code == 4
    assert "BDV-511" in str(refused.value)
