"""What is filled in becomes evidence, or is refused before a log has to hold it."""

from contextlib import suppress

import pandas as pd
import pytest

from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog.event import CASE, LABEL, LINKED, Term
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.evidence import Evidence, evidence_in, term_after
from bdv_process.template.library import shipped
from bdv_process.template.model import Template


def test_ids_are_kept_with_one_space_between_them_and_a_reason_only_as_given() -> None:
    form = {"linked": " Z12\n\tC-7 ", "proposal": "none", "motivation": "Ja."}
    assert evidence_in(form) == Evidence(linked="Z12 C-7", proposal="none", motivated=True)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"linked": "", "proposal": None, "motivation": "\n"},
        {"component": "C-7"},  # naming a component updates nothing: one step of a change does
        {"phone": "0612345678"},
    ],
)
def test_what_is_not_filled_in_is_not_recorded(form: dict[str, object]) -> None:
    assert evidence_in(form) == Evidence()


@pytest.mark.parametrize(
    ("form", "refusal", "code"),
    [
        ({"linked": "Z1 C\x007"}, InputRefused, r"BDV-337.*U\+0000"),
        ({"linked": "C\u202e7"}, InputRefused, r"BDV-337.*U\+202E"),
        ({"proposal": "C\u200b7"}, InputRefused, r"BDV-337.*U\+200B"),
        ({"linked": "none Z1"}, InputRefused, "BDV-338.*none"),
        ({"linked": "Z1234567 " * 8_000}, LimitExceeded, "BDV-341.*65536"),
        ({"proposal": ["Z1"]}, InputRefused, "BDV-340.*list"),
        ({"motivation": True}, InputRefused, "BDV-340.*bool"),
    ],
)
def test_what_no_log_could_show_is_refused(
    form: dict[str, object], refusal: type[BdvError], code: str
) -> None:
    with pytest.raises(refusal, match=code):
        evidence_in(form)


@pytest.mark.parametrize(
    "said",
    [
        "a.jansen@example.nl", "a.jansen\uff20example.nl", "BSN-111222333", "Z1 123456782",
        "Z1 x123456782y", "Z" * 65, "".join(chr(0xFF10 + int(d)) for d in "123456782"),
        "".join(chr(0x0660 + int(d)) for d in "123456782"), "\u00b923456782",
    ],
    ids=ascii,
)  # fmt: skip
@pytest.mark.parametrize("field", ["linked", "proposal"])
def test_what_tells_of_a_person_is_no_id(said: str, field: str) -> None:
    with pytest.raises(InputRefused, match=f"BDV-533.*{field}") as refused:
        evidence_in({field: said})
    assert said not in str(refused.value)


@pytest.mark.parametrize("id_", ["BSN-111222334", "20261130123456782", "Z" * 64, "C-7.b_2"])
def test_what_only_looks_a_little_like_it_is(id_: str) -> None:
    assert evidence_in({"linked": id_}).linked == id_


def test_whatever_is_taken_in_a_log_can_hold() -> None:
    taken = []
    for point in range(0x1_0000):
        with suppress(InputRefused):
            taken.append(evidence_in({"linked": f"Z{chr(point)}1"}).linked)
    assert len(taken) > 50_000
    log = EventLog(frame=pd.DataFrame({CASE: "1", LABEL: "a", LINKED: taken}))
    assert log.frame[LINKED].tolist() == taken


@pytest.mark.parametrize("template", shipped(), ids=lambda template: template.key)
def test_only_the_question_stops_the_clock_and_only_its_answer_starts_it(
    template: Template,
) -> None:
    process = template.process
    found = {node.id: term_after(node, template) for node in template.nodes}
    assert {id_: term for id_, term in found.items() if term} == {
        f"{process}_question": Term.SUSPENDED, f"{process}_answer": Term.RESUMED
    }  # fmt: skip
