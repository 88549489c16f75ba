"""Work in the browser: found, taken, finished, given back; refused with its reason."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from bdv_process.eventlog.files import MAX_TEXT
from bdv_process.execution.register import CaseRegister
from execution.test_moves import at_the_fork
from execution.test_registration import change
from web.conftest import Visit

Come = Callable[[str], Visit]


def test_work_is_found_taken_and_finished(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    assert "Dienstverzoek aannemen" in ben.see("/mijn-werk").text
    taken = ben.send("/taken/Z1.2/oppakken", on="/taken/Z1.2")
    assert "U hebt dit opgepakt." in taken.text
    done = ben.send("/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted")
    assert done.url.path == "/meldingen/Z1"
    assert [item.activity for item in register.items("Z1")] == ["operate_classify"]


def test_work_that_somebody_else_holds_says_who(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="carla")
    refused = visit("ben").send("/taken/Z1.2/oppakken", on="/meldingen/nieuw")
    assert refused.status_code == 409
    assert "carla" in refused.text.lower()


def test_a_duty_that_forbids_it_is_named(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    refused = visit("dirk").send("/taken/Z1.2/oppakken", on="/meldingen/nieuw")
    assert refused.status_code == 403
    assert "Dienstverzoek aannemen" in refused.text


def test_an_item_that_is_not_there_is_not_found_and_nobody_has_to_type_a_command(
    visit: Come,
) -> None:
    refused = visit("ben").see("/taken/Z9.9")
    assert refused.status_code == 404
    assert "Kijk het nummer na." in refused.text
    assert "bdv case" not in refused.text


def said(page: str) -> str:
    """Return the words of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def buttons(page: str) -> list[str]:
    """Return the ends of the addresses that a page's own forms go to."""
    return re.findall(r'action="/taken/[^"]*/(\w+)"', page)


def test_a_task_says_how_to_do_it_who_does_and_by_when(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna", data={"question": "Mag ik een paspoort?"})
    told = said(visit("ben").see("/taken/Z1.2").text)
    step = register.template("W5").activity("operate_accept")
    for words in (
        step.documentation, "Klantcontactcentrum, Procescoördinator", "10\N{NO-BREAK SPACE}minuten",
        "28\N{NO-BREAK SPACE}april", "Mag ik een paspoort?", "Ligt klaar voor Klantcontactcentrum",
    ):  # fmt: skip
        assert " ".join(words.split()) in told, words


def test_work_in_a_child_case_tells_what_was_asked_in_the_first(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W4", by="anna", data={"subject": "De lantaarn is uit."})
    while (item := register.worklist(root="Z1")[0]).case == "Z1":
        register.complete(item.id, by={"kcc": "ben", "uitvoerder": "dirk"}[str(item.role)])
    for page in (f"/taken/{item.id}", f"/meldingen/{item.case}"):
        assert "De lantaarn is uit." in said(visit("carla").see(page).text)


def test_what_is_offered_follows_the_life_of_the_work(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben, page = visit("ben"), "/taken/Z1.2"
    assert buttons(ben.see(page).text) == ["oppakken", "beginnen", "afronden"]
    begun = ben.send(f"{page}/beginnen", on=page)
    assert "Ben werkt hieraan." in begun.text
    assert buttons(begun.text) == ["onderbreken", "teruggeven", "afronden", "overdragen"]
    aside = ben.send(f"{page}/onderbreken", on=page)
    assert "Ben heeft dit onderbroken." in aside.text
    assert buttons(aside.text) == ["hervatten", "teruggeven", "afronden", "overdragen"]
    again = ben.send(f"{page}/hervatten", on=page)
    assert "Ben werkt hieraan." in again.text


def test_who_may_do_nothing_reads_why(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    page = visit("dirk").see("/taken/Z1.2").text
    assert buttons(page) == []
    assert (
        "Oppakken, Beginnen, Afronden : Dirk mag ‘Dienstverzoek aannemen’ niet doen: dat is voor "
        "Klantcontactcentrum, Procescoördinator, en Dirk is Uitvoerder." in said(page)
    )


def test_work_is_handed_to_a_colleague_who_may_do_it(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="ben")
    ben = visit("ben")
    assert re.findall(r'<option value="(\w+)"', ben.see("/taken/Z1.2").text) == ["carla"]
    handed = ben.send("/taken/Z1.2/overdragen", on="/taken/Z1.2", to="carla")
    assert "Overgedragen aan Carla." in handed.text
    assert register.item("Z1.2").claimed_by == "carla"
    refused = visit("carla").send("/taken/Z1.2/overdragen", on="/taken/Z1.2", to="dirk")
    assert refused.status_code == 403


def test_what_was_filled_in_is_kept_as_evidence(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted",
        **{"field.linked": " Z1,  B-1 ", "field.motivation": "Regel 1\r\nRegel 2"},
    )  # fmt: skip
    (done,) = (e for e in register.events("Z1") if e.outcome == "accepted")
    assert (done.linked, done.motivated) == ("Z1 B-1", True)
    assert done.data["motivation"] == "Regel 1\nRegel 2"


def test_what_is_somebodys_address_is_refused_at_the_field_that_logs_show(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted",
        **{"field.linked": "a.jansen@example.nl"},
    )  # fmt: skip
    assert told.status_code == 400
    assert "Hoort bij: Dit veld komt in logs te staan" in said(told.text)
    assert re.search(r'name="field.linked".*aria-invalid="true"', told.text)
    assert "Z1.2" in {item.id for item in register.items("Z1")}


@pytest.mark.parametrize(
    ("linked", "word"), [("Z1, lichtmast-0417 en nog iets", "en"), ("website Z608", "Z608")]
)
def test_what_it_belongs_with_is_a_call_or_a_component_and_no_words(
    visit: Come, register: CaseRegister, linked: str, word: str
) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted",
        **{"field.linked": linked, "field.motivation": "Zelfde mast."},
    )  # fmt: skip
    assert told.status_code == 400
    assert f"Hoort bij: ‘{word}’ is geen melding en geen onderdeel" in said(told.text)
    assert f'value="{linked}"' in told.text
    assert ">Zelfde mast.</textarea>" in told.text


def test_a_mistake_is_told_at_its_field_and_nothing_is_lost(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="rejected",
        **{"field.linked": "Z7 none", "field.motivation": "Niet bevoegd."},
    )  # fmt: skip
    assert told.status_code == 400
    assert '<a href="#field-linked">Hoort bij: ' in told.text
    assert re.search(r'value="Z7 none".* name="field.linked".*aria-invalid="true"', told.text)
    assert ">Niet bevoegd.</textarea>" in told.text
    assert re.search(r'value="rejected" required checked', told.text)
    assert register.item("Z1.2").claimed_by is None


def test_how_it_turned_out_is_never_guessed(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send("/taken/Z1.2/afronden", on="/taken/Z1.2")
    assert told.status_code == 400
    assert '<a href="#field-outcome">Kies hoe het afliep</a>' in told.text
    other = visit("ben").send("/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="__class__")
    assert other.status_code == 400


def test_work_that_is_done_leads_to_its_case_and_says_who_did_it(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben")
    late = visit("carla").see("/taken/Z1.2")
    assert late.url.path == "/meldingen/Z1"
    assert "Dit werk is al afgerond door Ben (Klantcontactcentrum), op 2\xa0maart" in late.text
    again = visit("carla").send("/taken/Z1.2/afronden", on="/meldingen/nieuw", outcome="rejected")
    assert again.status_code == 409
    assert "Ben" in again.text


def test_a_form_that_is_sent_twice_finishes_work_once(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    for _ in range(2):
        done = ben.send(
            "/taken/Z1.2/afronden", on="/meldingen/nieuw", outcome="accepted", key="one"
        )
        assert done.url.path == "/meldingen/Z1"


def test_a_fork_says_that_nobody_works_on_it(visit: Come, register: CaseRegister) -> None:
    register.start("W4", by="anna")
    while item := register.worklist(root="Z1")[0]:
        if item.case != "Z1":
            break
        register.complete(item.id, by={"kcc": "ben", "uitvoerder": "dirk"}[str(item.role)])
    (fork,) = register.items("Z1")
    page = visit("carla").see(f"/taken/{fork.id}").text
    assert buttons(page) == []
    assert "wacht op een andere zaak" in page


HOSTILE = [
    "<script>alert(1)</script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}txet",
    "\x00\x07",
    "{{ 7 * 7 }} {who} %s",
    "Infinity",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_somebody_types_never_becomes_markup(
    visit: Come, register: CaseRegister, value: str
) -> None:
    register.start("W5", by="anna")
    done = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted",
        **{"field.motivation": value, "field.__class__": value, f"field.{value}": "x"},
    )  # fmt: skip
    assert done.status_code == 200
    assert "<script>" not in done.text
    history = unescape(done.text)
    assert history.count(f"<bdi>{value}</bdi>") == 3
    for path in ("/meldingen/Z1", "/mijn-werk"):
        assert visit("carla").see(path).status_code == 200


@pytest.mark.parametrize("value", [*HOSTILE[:3], "a" * (MAX_TEXT + 1)])
def test_ids_that_no_log_could_show_are_one_message_at_their_field(
    visit: Come, register: CaseRegister, value: str
) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted", **{"field.linked": value}
    )
    if value.startswith("<"):
        assert told.url.path == "/meldingen/Z1"
        assert "<script>" not in told.text
    else:
        assert told.status_code in (400, 413)
        assert told.text.count('class="mistake"') == 1


def test_ten_megabytes_are_refused_in_one_sentence(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    told = visit("ben").send(
        "/taken/Z1.2/afronden", on="/taken/Z1.2", outcome="accepted",
        **{"field.motivation": "a" * 10_000_000},
    )  # fmt: skip
    assert told.status_code == 413
    assert told.text.count("<h1>Er zijn te veel gegevens meegegeven") == 1
    assert len(told.text) < 100_000


def test_half_a_character_and_a_file_are_no_traceback(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    token = re.findall(r'name="token" value="([^"]*)"', ben.see("/taken/Z1.2").text)[0]
    path = "/taken/Z1.2/afronden"
    body = f"token={token}&key=k&outcome=accepted&field.motivation=%ED%A0%80"
    form = {"content-type": "application/x-www-form-urlencoded"}
    file = {"field.motivation": ("brief.txt", b"inhoud")}
    given = {"token": token, "key": "f", "outcome": "accepted"}
    assert ben.client.post(path, data=given, files=file).status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert ben.client.post(path, content=b"--y\r\n", headers=broken).status_code in (400, 403)
    stored = ben.client.post(path, content=body, headers=form)
    assert stored.status_code == 200
    assert "\N{REPLACEMENT CHARACTER}" in stored.text


def test_a_change_says_what_it_touched_before_the_register_is_done(
    visit: Come, register: CaseRegister
) -> None:
    _, item = change(register)
    carla, path = visit("carla"), f"/taken/{item}"
    for typed, says in (
        ({}, "hier staat geen onderdeel"),
        ({"field.component": "websiet"}, "Bedoelde u: website"),
        ({"field.added": "bank-1", "field.added_kind": "street"}, "ontbreekt de naam"),
        ({"field.added": "bank-1", "field.added_kind": "bench"}, "added_kind"),
    ):
        refused = carla.send(f"{path}/afronden", on=path, **typed)
        assert refused.status_code == 400, typed
        assert says in refused.text
        assert 'href="#field-' in refused.text
    new = {"field.added": "bank-1", "field.added_name": "Bank", "field.added_kind": "street"}
    carla.send(f"{path}/afronden", on=path, **new)
    assert register.infrastructure.component("bank-1").label() == "Bank"


def test_a_change_begins_with_the_component_that_was_called_about(
    visit: Come, register: CaseRegister
) -> None:
    _, item = change(register, component="website")
    assert 'value="website"' in visit("carla").see(f"/taken/{item}").text


def test_the_step_before_a_fork_proposes_the_sibling_and_one_click_goes_on_as_it(
    visit: Come, register: CaseRegister
) -> None:
    case = at_the_fork(register, "W4")
    (item,) = register.items(case)
    dirk, path = visit("dirk"), f"/taken/{item.id}"
    assert 'name="to"' not in dirk.see(path).text
    asked = dirk.send(f"{path}/afronden", on=path, **{"field.component": "website"})
    assert "Website met formulieren: dat staat in het register" in asked.text
    assert 'name="to" value="W3" checked' in asked.text
    assert register.case(case).template == "W4"
    dirk.send(f"{path}/afronden", on=path, to="W3", **{"field.component": "website"})
    assert register.case(case).template == "W3"
    assert "leidde de melding om van W4" in dirk.see(f"/meldingen/{case}").text


def test_who_knows_better_stays_on_the_workflow(visit: Come, register: CaseRegister) -> None:
    case = at_the_fork(register, "W4")
    (item,) = register.items(case)
    path = f"/taken/{item.id}"
    visit("dirk").send(f"{path}/afronden", on=path, to="W4", **{"field.component": "website"})
    assert register.case(case).template == "W4"
    assert register.items(case)[0].activity == "recover_recover"


@pytest.mark.parametrize(
    ("outcome", "label", "mistake"),
    [
        ("incomplete", "Wat vraagt u de aanvrager?", "Schrijf op wat u de aanvrager vraagt"),
        ("rejected", "Waarom wijst u dit af?", "Schrijf op waarom u dit afwijst"),
    ],
)
def test_who_asks_or_rejects_writes_down_what_the_requester_reads(
    visit: Come, register: CaseRegister, outcome: str, label: str, mistake: str
) -> None:
    register.start("W5", by="anna")
    ben, path = visit("ben"), "/taken/Z1.2"
    assert label in ben.see(path).text
    told = ben.send(f"{path}/afronden", on=path, outcome=outcome, **{"field.motivation": " \n"})
    assert told.status_code == 400
    assert f'<a href="#field-motivation">Toelichting: {mistake}</a>' in told.text
    words = {"field.motivation": "Dit zijn mijn woorden."}
    ben.send(f"{path}/afronden", on=path, outcome=outcome, **words)
    page = visit("anna").see("/meldingen/Z1").text
    place = page.index('name="answer"') if outcome == "incomplete" else page.index("<dl")
    assert "Dit zijn mijn woorden." in page[:place]


def test_who_handles_it_next_reads_question_and_answer_with_the_call(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W4", by="anna", data={"subject": "De lantaarn is uit."})
    asked = {"motivation": "Welke paal?"}
    register.complete(register.items("Z1")[0].id, by="ben", outcome="incomplete", data=asked)
    register.answer("Z1", by="anna", data={"answer": "Die op nummer 25."})
    dialogue = (
        "Wat er gevraagd is Vraag of melding De lantaarn is uit. "
        "Vraag aan de aanvrager Welke paal? Antwoord Die op nummer 25."
    )
    assert dialogue in said(visit("ben").see(f"/taken/{register.items('Z1')[0].id}").text)
    while (item := register.worklist(root="Z1")[0]).case == "Z1":
        register.complete(item.id, by={"kcc": "ben", "uitvoerder": "dirk"}[str(item.role)])
    assert dialogue in said(visit("carla").see(f"/taken/{item.id}").text)
