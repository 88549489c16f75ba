"""What has to leave the register leaves it: with the events or not at all, and at least once."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bdv_process.errors import InputRefused, IntegrityBroken
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.outbox import Notification
from bdv_process.execution.post import sink_at
from bdv_process.execution.register import CaseRegister
from execution.conftest import dump, reopen
from stories import REQUESTER

NOTIFICATION = Notification(id="Z1.5.closed", envelope="{}", attempts=1)
SOURCE = "urn:nld:oin:00000001234567890000:systeem:bdv-process"


@pytest.fixture
def posting(url: str, clock: VirtualClock) -> Iterator[CaseRegister]:
    """A register of which notifications leave."""
    register = reopen(url, clock, source=SOURCE)
    yield register
    register.close()


def reject(register: CaseRegister) -> str:
    case = register.start("W5", by=REQUESTER, data={"vraag": "mijn bijstand"})
    return register.complete(
        register.items(case)[0].id, by="ben", outcome="rejected", data={"motivation": "Te laat."}
    )


def waiting(url: str) -> list[str]:
    return dump(url)["outbox"]


def test_a_rejection_and_the_end_of_its_case_leave_as_cloudevents_that_name_nobody(
    posting: CaseRegister, clock: VirtualClock, tmp_path: Path
) -> None:
    case = reject(posting)
    sink = sink_at(str(tmp_path))
    while posting.deliver_next(sink):
        pass
    told = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    sent, closed = (told[f"{case}.5.{what}"] for what in ("sent", "closed"))
    for notification in (sent, closed):
        assert notification["specversion"] == "1.0"
        assert (notification["source"], notification["subject"]) == (SOURCE, case)
        assert datetime.fromisoformat(notification["time"]) == clock()
    assert sent["type"] == "nl.dienstverlening.melding.bericht-verzonden"
    assert sent["data"]["label"] == "Afwijzing melden"
    assert closed["type"] == "nl.dienstverlening.melding.afgesloten"
    assert closed["data"]["outcome"] == "rejected"
    written = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert not any(word in written for word in (REQUESTER, "ben", "bijstand", "Te laat"))


def test_without_an_address_nothing_is_kept_to_leave(register: CaseRegister, url: str) -> None:
    reject(register)
    assert waiting(url) == []


def test_of_a_command_that_fails_no_notification_leaves(posting: CaseRegister, url: str) -> None:
    def reject_and_fail() -> None:
        with posting.batch():
            reject(posting)
            assert posting.next_notification(), "it is written with the events"
            raise IntegrityBroken("BDV-332")

    posting.start("W5", by=REQUESTER)
    with pytest.raises(IntegrityBroken):
        reject_and_fail()
    assert waiting(url) == []


def test_who_dies_with_a_notification_lets_it_come_again_and_that_makes_the_same_file(
    posting: CaseRegister, url: str, clock: VirtualClock, tmp_path: Path
) -> None:
    posting.withdraw(posting.start("W5", by=REQUESTER), by=REQUESTER)
    sink = sink_at(str(tmp_path))

    def delivers_and_dies(notification: Notification) -> str | None:
        assert sink(notification) is None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        posting.deliver_next(delivers_and_dies)
    once = [path.read_text() for path in tmp_path.glob("*.json")]
    assert posting.deliver_next(sink) is None, "it is still on its way, as far as others know"
    clock.pass_time(timedelta(minutes=3))
    again = posting.deliver_next(sink)
    assert again is not None
    assert again.notification.attempts == 2
    assert [path.read_text() for path in tmp_path.glob("*.json")] == once
    assert waiting(url) == []


@pytest.mark.parametrize("machine", ["events.nl:port", "", "a..b", f"{'a' * 64}.nl", "a.nl:65536"])
def test_an_address_that_cannot_exist_is_refused_before_anything_has_to_go_there(
    machine: str,
) -> None:
    with pytest.raises(InputRefused, match="BDV-392") as refused:
        sink_at(f"https://user:geheim@{machine}/in")
    assert "geheim" not in str(refused.value)


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """A server that answers so what is posted to it; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with suppress(ConnectionError):
                answer(self, body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://user:geheim@127.0.0.1:{server.server_port}/in"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def answering(*codes: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that answers with these in turn; its address, and what it was sent."""
    left, got = list(codes), list[tuple[str, bytes]]()

    def answer(to: BaseHTTPRequestHandler, body: bytes) -> None:
        got.append((to.headers["content-type"], body))
        to.send_response(left.pop(0))
        to.send_header("content-length", "0")
        to.end_headers()

    with serving(answer) as address:
        yield address, got


def test_a_notification_is_posted_until_it_arrives(
    posting: CaseRegister, url: str, clock: VirtualClock
) -> None:
    posting.withdraw(posting.start("W5", by=REQUESTER), by=REQUESTER)
    with answering(500, 302, 204) as (address, got):
        sink = sink_at(address)
        problems = []
        for _ in range(3):
            sent = posting.deliver_next(sink)
            assert sent is not None
            problems.append(sent.problem)
            assert posting.deliver_next(sink) is None, "not again at once"
            clock.pass_time(timedelta(hours=1))
    assert problems == ["HTTP 500", "HTTP 302", None]
    assert {kind for kind, _ in got} == {"application/cloudevents+json; charset=utf-8"}
    assert len({body for _, body in got}) == 1
    assert waiting(url) == []


def test_what_never_arrives_is_given_up_shown_and_tried_again_when_somebody_says_so(
    posting: CaseRegister, clock: VirtualClock
) -> None:
    posting.withdraw(posting.start("W5", by=REQUESTER), by=REQUESTER)
    began, attempts = clock(), 0
    nowhere = sink_at("http://user:geheim@127.0.0.1:1/")
    while due := posting.next_notification():
        clock.move_to(due)
        tried = posting.deliver_next(nowhere)
        assert tried is not None
        assert tried.problem == "ConnectError"
        attempts += 1
    assert attempts > 8
    assert clock() - began > timedelta(hours=12)
    numbers = posting.check().numbers
    assert (numbers["outbox"], numbers["given_up"]) == (1, 1)
    assert posting.retry_notifications() == 1
    arrived = posting.deliver_next(lambda _: None)
    assert arrived is not None
    assert posting.check().numbers["outbox"] == 0


def dripping(at_once: bytes) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """Says something, and then goes on, a little at a time, for longer than anybody waits."""

    def answer(to: BaseHTTPRequestHandler, _body: bytes) -> None:
        to.wfile.write(at_once)
        for _ in range(200):
            to.wfile.write(b"x")
            time.sleep(0.05)
        to.wfile.write(b"\r\n\r\n")

    return answer


@pytest.mark.parametrize(
    ("at_once", "patience", "problem"),
    [
        (b"HTTP/1.1 204 No Content\r\nserver: ", 0.5, "TimeoutError"),
        (b"HTTP/1.1 200 OK\r\n\r\n", 3, None),
    ],
    ids=["never begins", "never ends"],
)
def test_who_keeps_us_waiting_with_a_little_at_a_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, at_once: bytes, patience: float, problem: str | None
) -> None:
    monkeypatch.setattr("bdv_process.execution.post._PATIENCE", patience)
    with serving(dripping(at_once)) as address:
        assert sink_at(address)(NOTIFICATION) == problem


def test_of_a_long_answer_little_is_read() -> None:
    written = Counter[str]()

    def long(to: BaseHTTPRequestHandler, _body: bytes) -> None:
        to.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1_000):
            written["bytes"] += to.wfile.write(b"x" * 64_000)

    with serving(long) as address:
        assert sink_at(address)(NOTIFICATION) is None
    assert written["bytes"] < 20_000_000, "all but what lies in between was read"
