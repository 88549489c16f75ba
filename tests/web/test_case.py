"""Melding: how a case stands, what happened and why, what it waits for, and why not me."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.intake import Answers
from bdv_process.execution.register import CaseRegister
from bdv_process.picture.words import day
from stories import FORM, WORKER
from web.conftest import Visit, peopled

Come = Callable[[str], Visit]
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}gnol"


def work(register: CaseRegister, until: str, template: str = "W5") -> str:
    """Start a case and do its work until a step is offered."""
    case = register.start(template, by="anna")
    while (item := register.worklist(root=case)[0]).activity != until:
        register.complete(item.id, by=WORKER[str(item.role)], data=FORM)
    return case


def said(page: str) -> str:
    """Return the words of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_case_says_in_one_sentence_how_it_stands(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = visit("ben")
    waits = "Loopt sinds 2 maart 2026, 10:00 en wacht op "
    assert f"{waits}iemand (Klantcontactcentrum) die ‘Dienstverzoek aannemen’ oppakt." in said(
        ben.see("/meldingen/Z1").text
    )
    register.claim("Z1.2", by="ben")
    assert f"{waits}Ben, die ‘Dienstverzoek aannemen’ heeft opgepakt." in said(
        ben.see("/meldingen/Z1").text
    )
    register.begin("Z1.2", by="ben")
    assert f"{waits}Ben, die werkt aan ‘Dienstverzoek aannemen’." in said(
        ben.see("/meldingen/Z1").text
    )
    register.suspend("Z1.2", by="ben")
    assert f"{waits}Ben, die ‘Dienstverzoek aannemen’ heeft onderbroken." in said(
        ben.see("/meldingen/Z1").text
    )
    register.complete("Z1.2", by="ben", outcome="incomplete")
    assert f"{waits}het antwoord van Anna." in said(ben.see("/meldingen/Z1").text)
    register.withdraw("Z1", by="anna")
    assert "Gesloten op 2 maart 2026, 10:00: ingetrokken." in said(ben.see("/meldingen/Z1").text)


def test_the_diagram_and_the_table_tell_the_same_steps(visit: Come, register: CaseRegister) -> None:
    case = work(register, "operate_verify")
    page = visit("ben").see(f"/meldingen/{case}").text
    drawing, table = page.split("<table")[:2]
    passed = re.findall(r'class="userTask level-0"[^>]*data-element-id="(\w+)"', drawing)
    here = re.findall(r'class="userTask level-2"[^>]*data-element-id="(\w+)"', drawing)
    template = register.template("W5")
    rows = re.findall(r'<th scope="row"[^>]*>(.*?)</th><td[^>]*>(\w+)', table)
    steps = {activity.label(): activity.id for activity in template.activities}
    assert here == [steps[name] for name, state in rows if state == "nu"] == ["operate_verify"]
    assert passed == [steps[name] for name, state in rows if state == "gedaan" and name in steps]
    assert [name for name, _ in rows if name in steps] == list(steps)


def test_work_that_was_done_twice_says_so(visit: Come, register: CaseRegister) -> None:
    case = work(register, "operate_verify")
    register.complete(register.items(case)[0].id, by="eva", outcome="not_as_agreed", data=FORM)
    register.complete(register.items(case)[0].id, by="dirk", data=FORM)
    assert re.search(
        r"Werk uitvoeren gedaan \(2×\)", said(visit("ben").see(f"/meldingen/{case}").text)
    )


def test_a_case_tells_why_a_reader_cannot_do_what_it_waits_for(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    assert "dit kunt u doen" in said(visit("ben").see("/meldingen/Z1").text)
    told = said(visit("dirk").see("/meldingen/Z1").text)
    assert (
        "Waarom u dit niet kunt: Dirk mag ‘Dienstverzoek aannemen’ niet doen: dat is voor "
        "Klantcontactcentrum, Procescoördinator, en Dirk is Uitvoerder." in told
    )
    assert "niemand behandelt een eigen aanvraag" not in told


def test_the_history_says_who_did_what_and_why(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="ben")
    register.delegate("Z1.2", by="ben", to="carla")
    register.release("Z1.2", by="carla")
    register.complete("Z1.2", by="ben", outcome="incomplete", data={"motivation": "Geen pasfoto."})
    register.answer("Z1", by="anna", data={"answer": "Alsnog bijgevoegd."})
    register.withdraw("Z1", by="anna", reason="Niet meer nodig.")
    history = said(visit("ben").see("/meldingen/Z1").text.split('class="history"')[1])
    place = -1
    for sentence in (
        "Anna deed een melding: Dienstverzoek.",
        "Ben (Klantcontactcentrum) pakte ‘Dienstverzoek aannemen’ op.",
        "Ben droeg ‘Dienstverzoek aannemen’ over aan Carla (Procescoördinator).",
        "gaf ‘Dienstverzoek aannemen’ vrij.",
        "rondde ‘Dienstverzoek aannemen’ af: onvolledig. Waarom: Geen pasfoto.",
        "De aanvrager kreeg een vraag: Aanvulling vragen. De termijn staat stil.",
        "Anna antwoordde; de termijn loopt weer. Antwoord Alsnog bijgevoegd.",
        "Anna trok de melding in. Waarom: Niet meer nodig.",
        "De melding is gesloten: ingetrokken.",
    ):
        assert history.find(sentence) > place, sentence
        place = history.find(sentence)


def test_the_history_does_not_let_a_term_stand_still_that_there_is_not(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W4", by="anna")  # the procedure gives an incident no term
    register.complete("Z1.2", by="ben", outcome="incomplete")
    register.answer("Z1", by="anna")
    page = said(visit("ben").see("/meldingen/Z1").text)
    assert "De aanvrager kreeg een vraag: Aanvulling vragen." in page
    assert "Anna antwoordde." in page
    assert "termijn" not in page.split("Wat er gebeurde")[-1]


def test_a_chain_is_linked_up_and_down_and_to_earlier_calls(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    chain = work(register, "change_plan", "W1")
    fatima = visit("fatima")
    above = fatima.see(f"/meldingen/{chain}").text
    assert 'href="/meldingen/Z3">Z3 Beheerd onderdeel wijzigen</a> (loopt)' in above
    assert 'wacht op <a href="/meldingen/Z3">melding Z3</a>' in above
    below = said(fatima.see("/meldingen/Z3").text)
    assert "Gestart door Z2 Afspraak aanpassen (loopt)" in below
    register.complete("Z1.2", by="ben", data={"linked": "Z2 B-17"})
    earlier = visit("carla").see("/meldingen/Z1").text
    assert 'href="/meldingen/Z2">Z2 Afspraak aanpassen</a>' in earlier
    assert "<bdi>B-17</bdi>" in earlier


def test_what_a_call_is_linked_to_tells_nobody_more_than_they_may_read(
    visit: Come, register: CaseRegister
) -> None:
    register.organisation = peopled(2)
    register.start("W5", by="c1")
    c0 = visit("c0")
    own = c0.send("/meldingen", on="/meldingen/nieuw", template="W4", linked="Z1")
    assert own.url.path == "/meldingen/Z2"
    assert "<bdi>Z1</bdi>" in own.text
    assert "Dienst uitvoeren" not in own.text
    assert "Z1 Dienst uitvoeren" in visit("carla").see("/meldingen/Z2").text


def test_the_requester_answers_a_question_on_the_case(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben", outcome="incomplete")
    anna = visit("anna")
    assert "Antwoord versturen" in anna.see("/meldingen/Z1").text
    done = anna.send("/meldingen/Z1/antwoord", on="/meldingen/Z1", answer=HOSTILE)
    assert "Het antwoord is ontvangen." in done.text
    assert "<script>" not in done.text
    assert f"<bdi>{HOSTILE.replace('<', '&lt;').replace('>', '&gt;')}</bdi>" in done.text
    assert [item.activity for item in register.items("Z1")] == ["operate_accept"]


def test_the_requester_withdraws_with_a_reason(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    done = visit("anna").send("/meldingen/Z1/intrekken", on="/meldingen/Z1", reason="Toch niet.")
    assert "De melding is ingetrokken." in done.text
    assert register.case("Z1").outcome == "withdrawn"


def test_who_may_not_withdraw_sees_no_button_but_the_reason(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    page = visit("dirk").see("/meldingen/Z1").text
    assert "/intrekken" not in page
    assert "Dirk mag deze zaak niet intrekken" in page


def test_a_case_is_rerouted_before_its_fork_with_the_reason(
    visit: Come, register: CaseRegister
) -> None:
    case = work(register, "recover_prepare", "W4")
    page, dirk = f"/meldingen/{case}", visit("dirk")
    assert "/omleiden" in dirk.see(page).text
    assert "Eva mag deze zaak niet omleiden" in visit("eva").see(page).text
    done = dirk.send(f"{page}/omleiden", on=page, to="W3", reason="De pomp moet vervangen.")
    assert "De melding is omgeleid." in done.text
    assert (
        "Dirk (Uitvoerder) leidde de melding om van W4 Herstellen zonder wijziging naar "
        "W3 Herstellen met wijziging. Waarom: De pomp moet vervangen."
    ) in said(done.text)
    assert "/werkstromen/W3" in done.text
    register.complete(register.items(case)[0].id, by="dirk", data=FORM)
    assert "/omleiden" not in dirk.see(page).text
    late = dirk.send(f"{page}/omleiden", on=page, to="W4", key="late")
    assert "Het is te laat om de zaak om te leiden: ‘Herstellen’ is al begonnen" in said(late.text)


def test_the_term_is_told_and_put_off_once(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    carla = visit("carla")
    assert "Beslissen kan tot en met 28 april 2026." in said(carla.see("/meldingen/Z1").text)
    done = carla.send("/meldingen/Z1/verdagen", on="/meldingen/Z1", until="2026-05-20", reason="x")
    assert "Beslissen kan tot en met 20 mei 2026." in said(done.text)
    assert "/verdagen" not in done.text


def test_a_warning_is_called_by_what_it_is_also_after_the_term_has_moved(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    register.start("W5", by="anna")
    register.extend("Z1", by="carla", until=date(2026, 5, 20), reason="x")
    told = said(visit("ben").see("/meldingen/Z1").text)
    term = told.split("Diagram")[0]
    assert "6 mei 2026, 23:59 : waarschuwing dat de termijn bijna om is" in clean(term)
    assert "6 weken" not in term
    clock.pass_time(timedelta(weeks=10))
    register.fire_due()
    history = said(visit("ben").see("/meldingen/Z1").text).split("Wat er gebeurde")[1]
    assert "De tijd was om: waarschuwing dat de termijn bijna om is." in history


def test_case_and_work_list_say_the_same_of_being_late(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    case = work(register, "operate_accept", "W4")
    (item,) = (item for item in register.worklist(root=case) if item.case != case)
    carla = visit("carla")
    clock.pass_time(timedelta(weeks=2))
    while register.fire_due():
        pass
    due = clean(day(register.item(item.id).due, "nl"))
    for page in (f"/meldingen/{case}", f"/meldingen/{item.case}", "/mijn-werk"):
        told = clean(said(carla.see(page).text))
        assert f"{due} te laat" in told, page
    assert f"Termijn De termijn is voorbij sinds {due}." in clean(
        said(carla.see(f"/meldingen/{case}").text)
    )
    assert f"De termijn van melding {case}, waar deze bij hoort, is voorbij sinds {due}." in clean(
        said(carla.see(f"/meldingen/{item.case}").text)
    )


def clean(words: str) -> str:
    """Return words with the spaces that a test can type."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_a_term_that_is_over_lets_the_requester_give_notice(
    visit: Come, register: CaseRegister, clock: VirtualClock
) -> None:
    register.start("W5", by="anna")
    assert "/ingebrekestelling" not in visit("anna").see("/meldingen/Z1").text
    clock.pass_time(timedelta(weeks=9))
    late = visit("anna")
    assert "De termijn is voorbij: beslissen kon tot en met 28 april 2026." in said(
        late.see("/meldingen/Z1").text
    )
    done = late.send("/meldingen/Z1/ingebrekestelling", on="/meldingen/Z1")
    assert "In gebreke gesteld op 4 mei 2026" in said(done.text)


def test_a_case_of_somebody_else_stays_closed_to_a_requester(
    visit: Come, register: CaseRegister
) -> None:
    register.start("W5", by="ben")
    anna = visit("anna")
    for path in ("/meldingen/Z1", "/taken/Z1.2"):
        refused = anna.see(path)
        assert refused.status_code == 403
        assert "Anna mag deze zaak niet inzien" in refused.text
    assert anna.send("/meldingen/Z1/intrekken", on="/mijn-werk").status_code == 403


@pytest.mark.parametrize("case", ["Z9", "%00", "<script>", "Z1.2.3", "%ED%A0%80"])
def test_a_case_that_is_not_there_is_not_found(visit: Come, case: str) -> None:
    refused = visit("ben").see(f"/meldingen/{case}")
    assert refused.status_code == 404
    assert "<script>" not in refused.text


def test_a_case_is_told_in_english_too(visit: Come, register: CaseRegister) -> None:
    case = work(register, "operate_verify")
    ben = visit("ben")
    ben.send("/taal", on="/mijn-werk", lang="en")
    told = said(ben.see(f"/meldingen/{case}").text)
    assert "waiting for somebody (Reviewer) to take ‘Verify and give feedback’." in told
    assert "Ben (Front office) finished ‘Accept service request’: accepted." in told


def test_a_call_that_somebody_took_in_says_for_whom_and_what_was_proposed(
    visit: Come, register: CaseRegister
) -> None:
    register.start(
        "W4", by="ben", requester="anna", answers=Answers(disturbed=False, component=False),
        data={"subject": "De lamp is stuk.", "motivation": "Het is toch een storing."},
    )  # fmt: skip
    told = said(visit("ben").see("/meldingen/Z1").text)
    assert "Vraag of melding De lamp is stuk." in told
    assert (
        "Ben (Klantcontactcentrum) nam een melding van Anna aan: Incident. Voorgesteld was "
        "W5 Dienst uitvoeren. Waarom: Het is toch een storing." in told
    )


def test_fields_with_our_own_names_change_no_sentence(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna", data={"version": "1", "call": "x", "child": "Z99"})
    ours = {"giver": "eva", "child": "Z99", "parent": "Z98", "fork": "f"}
    register.complete("Z1.2", by="ben", data=ours)
    told = said(visit("ben").see("/meldingen/Z1").text)
    assert "child Z99 fork f giver eva parent Z98" in told
    assert "melding Z99" not in told


def test_a_requester_is_not_told_what_others_may_do(visit: Come, register: CaseRegister) -> None:
    case = register.start("W4", by="anna")
    page = visit("anna").see(f"/meldingen/{case}").text
    told = said(re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    assert "Wat u hier niet kunt" not in told
    assert "Waarom u dit niet kunt" not in told
    assert "Incident aannemen – Klantcontactcentrum, uiterlijk" in told
    assert not re.search(r"\bzaak\b", told.lower())


def test_what_is_refused_leads_back_to_the_case(visit: Come, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.start("W5", by="ben")
    back = '<a href="/meldingen/Z1">Terug naar waar u was</a>'
    carla, anna = visit("carla"), visit("anna")
    early = carla.send("/meldingen/Z1/verdagen", on="/meldingen/Z1", until="2026-03-03", reason="x")
    assert early.status_code == 400
    assert back in early.text
    register.withdraw("Z1", by="anna")
    late = anna.send("/meldingen/Z1/antwoord", on="/meldingen/nieuw", answer="Toch.")
    assert late.status_code == 409
    assert back in late.text
    shut = anna.send("/meldingen/Z2/antwoord", on="/meldingen/nieuw", answer="Toch.")
    assert shut.status_code == 403
    assert "Terug naar waar u was" not in shut.text
