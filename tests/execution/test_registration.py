"""A change names what it touched; the register stands as it began, with what changes did to it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog.event import COMPONENT, Event, Lifecycle
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.infrastructure import Infrastructure, Status
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.registration import REGISTERS, standing
from execution.conftest import dump, reopen

WHO = {
    "kcc": "ben", "coordinator": "carla", "uitvoerder": "dirk", "toetser": "eva",
    "dienstverantwoordelijke": "fatima",
}  # fmt: skip
AT = datetime(2026, 3, 2, tzinfo=UTC)
NEW = {"added": "lichtmast-0419", "added_name": "Lichtmast Dorpsstraat 33", "added_kind": "street"}


def change(register: CaseRegister, component: str | None = None) -> tuple[str, str]:
    """Take a change up to its registration; return the case and the work item."""
    case = register.start("W2", by="anna", component=component)
    return case, next(_until(register, case))


def _until(register: CaseRegister, case: str) -> Iterator[str]:
    while work := register.worklist(root=case):
        item = work[0]
        if item.activity == REGISTERS:
            yield item.id
        else:
            register.complete(item.id, by=WHO[str(item.role)])


def registered(register: CaseRegister, **form: str) -> str:
    """Register what a change did; return the case."""
    case, item = change(register)
    register.complete(item, by="carla", data=form)
    return case


@pytest.mark.parametrize(
    ("form", "refusal", "says"),
    [
        ({}, InputRefused, "BDV-376"),
        ({"component": "none"}, InputRefused, "BDV-376"),
        ({"component": "zaaksysteen"}, InputRefused, "BDV-375.*component.*zaaksysteem"),
        ({"component": "website faxlijn"}, InputRefused, "BDV-377.*faxlijn"),
        ({"retired": "faxlijn"}, InputRefused, "BDV-377.*retired"),
        ({"component": "paspoort"}, InputRefused, "BDV-375"),  # a service is no component
        (NEW | {"added": "website"}, InputRefused, "BDV-378.*website"),
        (NEW | {"added": "paspoort"}, InputRefused, "BDV-378"),
        (NEW | {"added": "faxlijn"}, InputRefused, "BDV-378"),  # an id is never given twice
        (NEW | {"added": "Z12"}, InputRefused, "BDV-374"),
        (NEW | {"added": "x" * 65}, InputRefused, "BDV-374"),
        (NEW | {"added_name": " "}, InputRefused, "BDV-379"),
        (NEW | {"added_name": "Licht\u202emast"}, InputRefused, "BDV-379"),
        (NEW | {"added_kind": ""}, InputRefused, "BDV-372.*added_kind.*street"),
        (NEW | {"added_kind": "stret"}, InputRefused, "BDV-373.*added_kind.*street"),
        (NEW | {"added_owner": "baas"}, InputRefused, "BDV-373.*added_owner"),
        ({"component": ["website"]}, InputRefused, "BDV-340.*list"),
        ({"component": "web\u200bsite"}, InputRefused, r"BDV-337.*U\+200B"),
        ({f: f"{f[0]}" * 40_000 for f in ("component", "retired")}, LimitExceeded, "BDV-341"),
    ],
)
def test_a_change_without_a_registered_component_does_not_get_past_the_register(
    register: CaseRegister, url: str, form: dict[str, str], refusal: type[BdvError], says: str
) -> None:
    _, item = change(register)
    before = dump(url)
    with pytest.raises(refusal, match=says):
        register.complete(item, by="carla", data=form)
    assert dump(url) == before


def test_what_a_change_touched_stands_in_the_log_in_one_column(register: CaseRegister) -> None:
    case = registered(register, component=" website\nzaaksysteem ", retired="container-12", **NEW)
    log = EventLog.of(register.events(case)).frame
    assert log[COMPONENT].dropna().tolist() == ["website zaaksysteem lichtmast-0419 container-12"]


def test_a_change_adds_and_retires_components_for_whoever_comes_next(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    registered(register, retired="lichtmast-0418", added_owner="uitvoerder", **NEW)
    again = reopen(url, clock)
    now = again.infrastructure
    added = now.component("lichtmast-0419")
    assert (added.label("en"), added.kind, added.owner) == (
        "Lichtmast Dorpsstraat 33", "street", "uitvoerder"
    )  # fmt: skip
    assert now.component("lichtmast-0418").status is Status.RETIRED
    again.close()
    _, item = change(register)
    with pytest.raises(InputRefused, match="BDV-377"):
        register.complete(item, by="carla", data={"component": "lichtmast-0418"})
    register.complete(item, by="carla", data={"component": "lichtmast-0419"})


def test_the_history_of_a_component_is_what_cases_did_to_it(register: CaseRegister) -> None:
    first = registered(register, component="website zaaksysteem")
    registered(register, component="zaaksysteem")
    last = registered(register, retired="website")
    told = [(touch.case, touch.role, touch.how) for touch in register.history("website")]
    assert sorted(told) == [(first, "coordinator", "component"), (last, "coordinator", "retired")]
    assert register.history("site") == []  # half a name is not the thing


def test_in_a_batch_a_change_knows_what_the_one_before_it_did(register: CaseRegister) -> None:
    with register.batch():
        registered(register, **NEW)
        registered(register, retired="lichtmast-0419")
        _, item = change(register)
        with pytest.raises(InputRefused, match="BDV-377"):
            register.complete(item, by="carla", data={"component": "lichtmast-0419"})


def test_a_command_done_once_is_not_held_against_what_it_did_itself(
    register: CaseRegister,
) -> None:
    _, item = change(register)
    for _ in range(2):
        register.complete(item, by="carla", data=NEW, key="eens")
    assert register.infrastructure.component("lichtmast-0419").status is Status.IN_USE


def test_calls_are_found_by_the_component_and_the_service_they_are_about(
    register: CaseRegister,
) -> None:
    light = register.start("W4", by="anna", component="lichtmast-0417", service="openbare-ruimte")
    other = register.start("W5", by="anna", service="openbare-ruimte", data={"linked": light})
    register.start("W5", by="anna", component="website")
    assert [case.id for case in register.calls_about(component="lichtmast-0417")] == [light]
    assert [case.id for case in register.calls_about(service="openbare-ruimte")] == [other, light]
    for other_thing in ({"component": "lichtmast"}, {"service": "Openbare-ruimte"}):
        assert register.calls_about(**other_thing) == []
        assert register.amount_about(**other_thing) == 0
    assert [case.id for case in register.calls_about(service="openbare-ruimte", most=1)] == [other]
    assert register.amount_about(service="openbare-ruimte") == 2
    assert register.amount_about(component="lichtmast-0417") == 1
    assert next(register.events(light)).linked == "lichtmast-0417"
    assert register.about(register.case(light)) == {
        "service": "openbare-ruimte", "component": "lichtmast-0417"
    }  # fmt: skip


def test_in_whatever_order_events_come_the_register_stands_the_same() -> None:
    began = Infrastructure.read()

    def update(seq: int, **data: str) -> Event:
        return Event(
            case=f"Z{seq}", seq=seq, template="W2", root="Z1", requester="anna", label="",
            activity=REGISTERS, lifecycle=Lifecycle.COMPLETE, timestamp=AT, data=data,
        )  # fmt: skip

    events = [
        update(1, **NEW),
        update(2, retired="lichtmast-0419"),
        update(3, component="website"),
        update(4, retired="website"),
        update(5, **NEW | {"added": "lichtmast-0420"}),
    ]
    expected = standing(began, events)
    assert expected.component("lichtmast-0419").status is Status.RETIRED
    assert expected.component("lichtmast-0420").status is Status.IN_USE
    for seed in range(20):
        assert standing(began, random.Random(seed).sample(events, len(events))) == expected
