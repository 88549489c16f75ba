"""The REST API: the same register, the same rules, and refusals that a program can read."""

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.test_moves import at_the_fork
from execution.test_registration import registered
from web.conftest import Visit

Api = Callable[[str], httpx.Client]


@pytest.fixture
def api(address: str) -> Iterator[Api]:
    """The API as somebody of the demonstration calls it: `api("ben")`."""
    clients = []

    def call(person: str) -> httpx.Client:
        headers = {"authorization": f"Bearer dev:{person}", "accept-language": "en"}
        clients.append(httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=60))
        return clients[-1]

    yield call
    for client in clients:
        client.close()


def _refused(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"] == "1.0.0"
    told = answer.json()
    assert {"type", "title", "status", "detail"} <= set(told)
    assert told["status"] == status
    assert "Traceback" not in answer.text
    return dict(told)


def test_a_case_is_started_done_and_followed(api: Api) -> None:
    anna, ben, carla = api("anna"), api("ben"), api("carla")
    started = anna.post("/cases", json={"workflow": "W5", "data": {"wens": "paspoort"}})
    assert (started.status_code, started.headers["location"]) == (201, "/api/v1/cases/Z1")
    assert [item["activity"] for item in started.json()["workItems"]] == ["operate_accept"]
    found = ben.get("/work-items", params={"state": "free"}).json()
    assert [item["id"] for item in found["results"]] == ["Z1.2"]
    assert ben.post("/work-items/Z1.2/start").json()["workItems"][0]["state"] == "start"
    assert ben.post("/work-items/Z1.2/suspension").json()["workItems"][0]["state"] == "suspend"
    assert ben.post("/work-items/Z1.2/resumption").json()["workItems"][0]["holder"] == "ben"
    handed = ben.post("/work-items/Z1.2/delegation", json={"to": "carla"})
    assert handed.json()["workItems"][0]["holder"] == "carla"
    done = carla.post("/work-items/Z1.2/completion", json={"outcome": "accepted"})
    assert [item["activity"] for item in done.json()["workItems"]] == ["operate_classify"]
    events = anna.get("/cases/Z1/events", params={"pageSize": 100}).json()
    assert events["count"] == done.json()["sequence"]
    assert events["results"][0]["data"]["call"] == {"wens": "paspoort"}
    ended = anna.post("/cases/Z1/withdrawal", json={"reason": "niet meer nodig"})
    assert (ended.json()["outcome"], ended.json()["workItems"]) == ("withdrawn", [])


def test_a_call_is_taken_in_for_somebody_with_the_answers_that_lead_to_its_workflow(
    api: Api,
) -> None:
    call = {"workflow": "W1", "requester": "anna", "answers": {"agreement": True}}
    assert _refused(api("ben").post("/cases", json=call | {"workflow": "W5"}), 400)
    started = api("ben").post("/cases", json=call)
    assert (started.status_code, started.json()["requester"]) == (201, "anna")
    _refused(api("dirk").post("/cases", json=call), 403)


@pytest.mark.parametrize(("caller", "status"), [("anna", 403), ("dirk", 403), ("ben", 404)])
def test_who_there_is_nobody_finds_out_by_naming_who_is_not_there(
    api: Api, caller: str, status: int
) -> None:
    call = {"workflow": "W5", "requester": "zoe"}
    told = str(_refused(api(caller).post("/cases", json=call), status))
    assert "carla" not in told
    assert "fatima" not in told


def test_an_answer_and_an_extension_and_a_notice_go_by_their_rules(
    api: Api, register: CaseRegister, clock: VirtualClock
) -> None:
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben", outcome="incomplete")
    answered = api("anna").post("/cases/Z1/answers", json={"data": {"bijlage": "ja"}})
    assert [item["activity"] for item in answered.json()["workItems"]] == ["operate_accept"]
    carla = api("carla")
    _refused(api("dirk").post("/cases/Z1/notice-of-default"), 403)
    _refused(api("anna").post("/cases/Z1/notice-of-default"), 409)
    extended = carla.post("/cases/Z1/extension", json={"until": "2026-06-01"})
    assert extended.json()["term"]["last"] == "2026-06-01"
    _refused(carla.post("/cases/Z1/extension", json={"until": "2026-07-01"}), 409)


def test_a_case_is_rerouted_to_a_sibling_until_its_fork(api: Api, register: CaseRegister) -> None:
    register.start("W4", by="anna")
    for by in ("ben", "ben", "dirk"):
        register.complete(register.items("Z1")[0].id, by=by)
    dirk = api("dirk")
    assert dirk.get("/cases/Z1").json()["siblings"] == ["W3"]
    _refused(api("anna").post("/cases/Z1/reroute", json={"workflow": "W3"}), 403)
    _refused(dirk.post("/cases/Z1/reroute", json={"workflow": "W5"}), 409)
    moved = dirk.post("/cases/Z1/reroute", json={"workflow": "W3", "reason": "een onderdeel"})
    assert (moved.status_code, moved.json()["workflow"]) == (200, "W3")
    told = dirk.get("/cases/Z1/events", params={"pageSize": 100}).json()["results"][-1]
    assert (told["activity"], told["name"]) == ("rerouted", "Rerouted from W4 to W3")
    register.complete(register.items("Z1")[0].id, by="dirk")
    assert dirk.get("/cases/Z1").json()["siblings"] == []
    _refused(dirk.post("/cases/Z1/reroute", json={"workflow": "W4"}), 409)


def test_who_may_not_read_a_case_hears_nothing_of_it(api: Api, register: CaseRegister) -> None:
    register.start("W1", by="fatima")
    register.claim("Z1.2", by="carla")
    stranger = api("anna")
    for path in ("/cases/Z1", "/cases/Z1/events", "/work-items/Z1.2"):
        told = _refused(stranger.get(path), 403)
        assert "carla" not in json.dumps(told).lower()
    told = _refused(stranger.post("/work-items/Z1.2/claim"), 403)
    assert "carla" not in json.dumps(told).lower()
    assert stranger.get("/cases").json()["count"] == 0
    assert api("fatima").get("/cases").json()["count"] == 1


def test_who_may_read_a_case_hears_who_holds_the_work_and_who_did_it(
    api: Api, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    register.claim("Z1.2", by="carla")
    assert "carla" in str(_refused(api("ben").post("/work-items/Z1.2/claim"), 409)["title"])
    register.complete("Z1.2", by="carla")
    told = str(_refused(api("ben").post("/work-items/Z1.2/claim"), 409)["title"])
    assert "carla" in told
    assert "2026-03-02" in told
    for path in ("/work-items/Z9.9", "/work-items/Z1.99", "/cases/Z9", "/workflows/W9"):
        _refused(api("ben").get(path), 404)


def test_what_may_not_be_done_is_said_with_its_reason(api: Api, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    shown = api("dirk").get("/work-items/Z1.2").json()
    claim = next(each for each in shown["actions"] if each["action"] == "claim")
    assert not claim["allowed"]
    assert "Accept" in claim["reason"]
    assert _refused(api("dirk").post("/work-items/Z1.2/claim"), 403)["title"] == claim["reason"]
    assert set(shown["colleagues"]) == {"ben", "carla"}


def test_what_somebody_worked_on_stays_readable(api: Api, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben")
    without = {**register.organisation.people}
    ben = without["ben"]
    register.organisation.people["ben"] = type(ben)(id="ben", name="Ben", roles=())
    register.start("W5", by="anna")
    assert [case["id"] for case in api("ben").get("/cases").json()["results"]] == ["Z1"]


def test_a_command_with_the_same_key_is_done_once(api: Api, register: CaseRegister) -> None:
    key = {"idempotency-key": '"een-sleutel"'}
    first = api("anna").post("/cases", json={"workflow": "W5"}, headers=key)
    again = api("anna").post("/cases", json={"workflow": "W5"}, headers=key)
    assert (first.status_code, again.json()["id"]) == (201, "Z1")
    assert len(register.cases()) == 1
    _refused(api("anna").post("/cases", json={"workflow": "W4"}, headers=key), 409)
    _refused(api("ben").post("/cases", json={"workflow": "W5"}, headers=key), 409)
    assert len(register.cases()) == 1


def test_a_command_on_what_is_no_longer_so_is_refused(api: Api, register: CaseRegister) -> None:
    register.start("W5", by="anna")
    ben = api("ben")
    seen = {"if-match": ben.get("/work-items/Z1.2").headers["etag"], "idempotency-key": "k1"}
    assert ben.post("/work-items/Z1.2/claim", headers=seen).status_code == 200
    late = seen | {"idempotency-key": "k2"}
    _refused(ben.post("/work-items/Z1.2/release", headers=late), 412)
    assert register.item("Z1.2").claimed_by == "ben"
    # The same command again is no other command: its first result still stands.
    assert ben.post("/work-items/Z1.2/claim", headers=seen).status_code == 200
    now = {"if-match": ben.get("/cases/Z1").headers["etag"]}
    assert ben.post("/work-items/Z1.2/release", headers=now).status_code == 200


def test_lists_come_in_pages(api: Api, register: CaseRegister) -> None:
    for _ in range(5):
        register.start("W5", by="anna")
    anna = api("anna")
    address, seen = "/cases?state=open&pageSize=2", []
    while address:
        page = anna.get(address.removeprefix("/api/v1")).json()
        assert page["count"] == 5
        seen += [case["id"] for case in page["results"]]
        address = page["next"]
    assert seen == ["Z1", "Z2", "Z3", "Z4", "Z5"]
    assert anna.get("/cases?page=9&pageSize=2").json()["previous"].endswith("page=3")
    assert anna.get("/cases?state=closed").json()["count"] == 0
    assert api("ben").get("/work-items?case=Z3").json()["count"] == 1


def test_the_workflows_tell_who_does_what(api: Api) -> None:
    listed = api("ben").get("/workflows").json()["results"]
    assert [each["id"] for each in listed] == [f"W{n}" for n in range(1, 9)]
    shown = api("ben").get("/workflows/W1", headers={"accept-language": "nl"}).json()
    assert shown["name"] == "Afspraak aanpassen"
    assert {step["id"]: step["calls"] for step in shown["steps"]}["agree_realise"] == "W2"


def test_only_who_is_known_gets_in(address: str, api: Api) -> None:
    for header in ({}, {"authorization": "Bearer dev:nobody"}, {"authorization": "Bearer x"},
                   {"authorization": "Basic ZGV2OmJlbg=="}):  # fmt: skip
        refused = httpx.get(f"{address}/api/v1/cases", headers=header)
        _refused(refused, 401)
        assert refused.headers["www-authenticate"] == "Bearer"


def test_a_browser_changes_nothing_without_the_token_of_its_session(
    visit: Callable[[str], Visit], register: CaseRegister
) -> None:
    anna = visit("anna")
    assert anna.client.get("/api/v1/cases").status_code == 200
    for token in ({}, {"x-csrf-token": ""}, {"x-csrf-token": "guessed"}):
        sent = anna.client.post("/api/v1/cases", json={"workflow": "W5"}, headers=token)
        _refused(sent, 403)
    assert register.cases() == []
    ours = re.search(r'name="token" value="([^"]+)"', anna.see("/meldingen/nieuw").text)
    assert ours
    sent = anna.client.post(
        "/api/v1/cases", json={"workflow": "W5"}, headers={"x-csrf-token": ours[1]}
    )
    assert sent.status_code == 201


_DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ('{"workflow": 5}', 400),
        ('{"workflow": ""}', 400),
        ('{"workflow": "W5", "data": []}', 400),
        ('{"workflow": "W5", "data": {"a": Infinity}}', 400),
        ('{"workflow": "W5", "data": {"a": NaN}}', 400),
        ('{"workflow": "W5", "data": {"a": 1e999}}', 400),
        ('{"workflow": "W5", "data": {"a": "\\ud800"}}', 400),
        ('{"workflow": "W5", "data": {"\\ud800": 1}}', 400),
        ('{"workflow": "\\ud800"}', 400),
        ('{"workflow": "W5", "\\udfff": 1}', 400),
        ('{"workflow": "W5", "__class__": {"x": 1}}', 400),
        ('{"workflow": "W5", "data": {"a": ' + "1" * 5000 + "}}", 400),
        (f'{{"workflow": "W5", "data": {{"a": {_DEEP}}}}}', 400),
        ('{"workflow": "W5", "data": {"a": ' + "[" * 60 + "]" * 60 + "}}", 400),
        ('{"workflow": "W5", "data": {"a": "' + "x" * 10_000_000 + '"}}', 413),
        ('{"workflow": "W5", "data": {"a": "' + "x" * 1_100_000 + '"}}', 413),
        (b'{"workflow": "W5", "data": {"a": "\xff"}}', 400),
    ],
    ids=range(21),
)
def test_hostile_json_is_refused_in_words(
    api: Api, register: CaseRegister, body: str | bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    _refused(api("anna").post("/cases", content=body, headers=headers), status)
    assert register.cases() == []


def test_odd_names_are_kept_as_plain_text(api: Api) -> None:
    odd = {"__class__": "x", "typename": "Case", "a\u202eb": "<script>", "\u0000": "\u0000"}
    assert api("anna").post("/cases", json={"workflow": "W5", "data": odd}).status_code == 201
    first = api("anna").get("/cases/Z1/events").json()["results"][0]
    assert first["data"]["call"] == odd


def test_odd_addresses_are_nowhere(api: Api) -> None:
    for path in ("/", "/cases/", "/cases/Z1/", "/cases/%00", "/cases/%ff", "/work-items/Z1",
                 "/work-items/..%2fZ1.2", "/nowhere", "/workflows/" + "x" * 5000):  # fmt: skip
        _refused(api("anna").get(path), 404)
    assert _refused(api("anna").delete("/cases"), 405)
    assert api("anna").delete("/cases").headers["allow"] == "GET, POST"


def test_a_database_that_is_gone_is_said_with_when_to_try_again(
    api: Api, register: CaseRegister, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sqlalchemy import text

    register.start("W5", by="anna")
    with register._ledger._engine.begin() as connection:
        connection.execute(text("ALTER TABLE event RENAME TO elsewhere"))
    answer = api("anna").get("/cases/Z1")
    _refused(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_the_register_of_infrastructure_is_read(api: Api, register: CaseRegister) -> None:
    ben = api("ben")
    services = ben.get("/services", params={"q": "passport"}).json()
    assert [each["id"] for each in services["results"]] == ["paspoort"]
    passport = ben.get("/services/paspoort").json()
    assert passport["deliveredBy"] == "paspoort-aanvragen"
    assert "brp-koppeling" in passport["components"]
    assert passport["agreements"][0].startswith("Who has an appointment")
    page = ben.get("/components", params={"pageSize": 5}).json()
    assert (page["count"], len(page["results"])) == (12, 5)
    case = registered(register, component="website")
    website = api("carla").get("/components/website").json()
    assert website["services"] == ["openbare-ruimte", "omgevingsvergunning", "informatie"]
    assert [(each["change"], each["role"], each["case"]) for each in website["history"]] == [
        ("changed", "coordinator", case)
    ]
    for path in ("/components/paspoort", "/services/website"):
        assert str(_refused(ben.get(path), 404)["type"]).endswith("bdv-511")


def test_a_call_names_its_service_and_component_and_the_register_answers(api: Api) -> None:
    anna = api("anna")
    call = {"workflow": "W3", "answers": {"disturbed": True}, "component": "website"}
    started = anna.post("/cases", json=call | {"service": "informatie"}).json()
    assert (started["service"], started["component"]) == ("informatie", "website")
    told = _refused(anna.post("/cases", json=call | {"workflow": "W4"}), 400)
    assert str(told["type"]).endswith("bdv-361")
    assert str(_refused(anna.post("/cases", json=call | {"service": "x"}), 400)["type"]).endswith(
        "bdv-510"
    )


def test_the_step_before_a_fork_is_advised_and_finished_as_the_sibling(
    api: Api, register: CaseRegister
) -> None:
    (item,) = register.items(at_the_fork(register, "W4"))
    dirk, path = api("dirk"), f"/work-items/{item.id}"
    assert dirk.get(path).json()["advice"] is None
    advice = dirk.get(path, params={"component": "website"}).json()["advice"]
    assert advice["workflow"] == "W3"
    assert "Website with forms" in advice["reason"]
    assert str(_refused(dirk.get(path, params={"component": "websiet"}), 400)["type"]).endswith(
        "bdv-375"
    )
    done = {"workflow": "W3", "data": {"component": "website"}}
    assert dirk.post(f"{path}/completion", json=done).json()["workflow"] == "W3"
