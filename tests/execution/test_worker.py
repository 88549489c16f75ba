"""Workers share what is due: each timer is fired once, whoever dies on the way."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, update

from bdv_process.errors import BdvError, StorageUnavailable
from bdv_process.execution import storage
from bdv_process.execution.bell import Bell
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.seal import Head, heads, leaves
from bdv_process.execution.subject import Keyring
from bdv_process.execution.worker import Done, Heads, Notifications, Timers, Worker
from execution.conftest import reopen
from stories import REQUESTER

CASES = 100  # of two timers each
WORKERS = 4


def start_worker(url: str, *options: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bdv_process", "worker", "--json", *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "BDV_DATABASE": url} | env,
        stdout=subprocess.PIPE,
        text=True,
    )


def heard(worker: subprocess.Popen[str]) -> dict[str, Any]:
    assert worker.stdout is not None
    told: dict[str, Any] = json.loads(worker.stdout.readline())
    return told


def test_workers_fire_each_timer_once_and_one_that_is_killed_loses_nothing(
    register: CaseRegister, url: str
) -> None:
    watching = register.template("W5").watching
    alone = url.startswith("sqlite")
    with register.batch():
        cases = [register.start("W5", by=REQUESTER) for _ in range(10 if alone else CASES)]
    workers = [start_worker(url, "--once") for _ in range(1 if alone else WORKERS)]
    first = [heard(worker) for worker in workers]
    workers[0].kill()
    if alone:
        workers.append(start_worker(url, "--once"))
    told = [[json.loads(line) for line in worker.communicate()[0].splitlines()]
            for worker in workers]  # fmt: skip
    assert [worker.returncode for worker in workers[1:]] == [0] * (len(workers) - 1)
    assert {line["problem"] for lines in told for line in lines} == {None}
    fired = Counter((e.case, e.activity) for e in register.events() if e.activity in watching)
    assert fired == {(case, timer): 1 for case in cases for timer in watching}
    acknowledged = Counter(
        (line["about"], line["what"]) for lines in [*told, first] for line in lines
    )
    assert set(acknowledged.values()) == {1}
    assert register.timers(due_by=datetime.now(UTC)) == []
    assert register.check().differences == []


def test_a_worker_that_is_told_to_stop_finishes_its_piece_and_says_so(
    url: str, tmp_path: Path, clock: VirtualClock
) -> None:
    register = reopen(url, clock, source="urn:test")
    register.withdraw(register.start("W5", by=REQUESTER), by=REQUESTER)
    worker = start_worker(url, BDV_OUTBOX=str(tmp_path))
    assert heard(worker)["about"] == "Z1.5.closed"
    worker.send_signal(signal.SIGTERM)
    assert worker.communicate()[0] == ""
    assert worker.returncode == 128 + signal.SIGTERM
    assert (tmp_path / "Z1.5.closed.json").exists()
    assert register.next_notification() is None
    register.close()


def test_a_command_that_gives_workers_something_to_do_wakes_them(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("on SQLite a worker looks by itself")
    register = reopen(url, source="urn:test")
    case = register.start("W5", by=REQUESTER)
    bell = Bell(url)
    command = Thread(target=register.withdraw, args=(case,), kwargs={"by": REQUESTER})
    command.start()
    assert bell.sleep(60)
    command.join()
    assert not bell.sleep(0), "it rings once"
    register.start("W5", by=REQUESTER)
    assert not bell.sleep(0), "what is due in weeks wakes nobody"
    bell.close()
    register.close()


def test_a_worker_that_lost_its_line_to_the_database_gets_a_new_one(url: str) -> None:
    bell = Bell(url)
    if bell._line is not None:
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%%' AND pid <> pg_backend_pid()"
            )
        engine.dispose()
        while bell._line is not None:
            assert bell.sleep(60), "nobody said that the line was cut"
        assert not bell.sleep(0)
        assert bell._line is not None
    bell.ring()
    assert bell.sleep(60)
    bell.close()


def work(register: CaseRegister, *jobs: Any) -> list[Done]:
    """What a worker says that does what there is to do."""
    told: list[Done] = []
    bell = Bell("sqlite://")
    Worker(jobs or (Timers(register),), bell, register.clock, told.append).run(once=True)
    bell.close()
    return told


def test_a_timer_that_cannot_be_fired_stops_no_other_and_is_tried_again_later(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    for _ in range(2):
        register.start("W5", by=REQUESTER)
    engine = create_engine(url)
    with engine.begin() as connection:
        whole = delete(storage.events)
        connection.execute(whole.where(storage.events.c.case == "Z1", storage.events.c.seq == 2))
    engine.dispose()
    register.close()
    clock.pass_time(timedelta(days=400))
    again = reopen(url, clock)
    jobs = Timers(again)
    told = work(again, jobs)
    assert [(d.about, bool(d.problem)) for d in told] == [
        ("Z1", True), ("Z2", False), ("Z2", False),
    ]  # fmt: skip
    assert work(again, jobs) == []
    clock.pass_time(timedelta(hours=1))
    assert [(d.about, bool(d.problem)) for d in work(again, jobs)] == [("Z1", True)]
    again.close()


def test_a_requester_whose_key_is_wrapped_elsewhere_stops_no_worker(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    register.start("W5", by="guus")
    there = Keyring(master=b"1" * 32)
    with closing(reopen(url, clock, keyring=there)) as elsewhere:
        elsewhere.start("W5", by=REQUESTER, data={"subject": "lantaarn"})
    clock.pass_time(timedelta(days=400))
    told = list(iter(Timers(register).one, None))
    assert {(done.about, done.problem) for done in told} == {("Z1", None), ("Z2", None)}


def test_a_timer_of_a_case_that_somebody_works_on_is_left_to_a_later_moment(
    register: CaseRegister, url: str, clock: VirtualClock
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite lets nobody in beside a writer")
    one, other = (register.start("W5", by=REQUESTER) for _ in range(2))
    clock.pass_time(timedelta(days=400))
    colleague = reopen(url, clock)
    with colleague.batch():
        colleague.claim(colleague.items(one)[0].id, by="ben")
        assert {done.about for done in work(register)} == {other}
    assert {done.about for done in work(register)} == {one}
    colleague.close()


def test_timers_wait_for_one_delivery_that_takes_long_and_not_for_all_of_them(
    url: str, clock: VirtualClock
) -> None:
    register = reopen(url, clock, source="urn:test")
    for _ in range(2):
        register.withdraw(register.start("W5", by=REQUESTER), by=REQUESTER)
        register.start("W5", by=REQUESTER)

    def slow(_: object) -> None:
        clock.pass_time(timedelta(days=400))

    told = work(register, Timers(register), Notifications(register, slow))
    assert [done.job for done in told] == ["notification", *["timer"] * 4, "notification"]
    register.close()


def test_where_nothing_is_due_nothing_is_written(url: str, tmp_path: Path) -> None:
    register = reopen(url)
    assert work(register, Timers(register), Notifications(register, lambda _: None)) == []
    assert register.fire_due() == []
    assert list(tmp_path.iterdir()) == []
    register.close()


def test_a_database_that_is_away_is_waited_for(register: CaseRegister) -> None:
    tries: list[str] = []

    class Away:
        name = "away"

        def one(self) -> Done | None:
            tries.append("")
            if len(tries) < 2:
                raise StorageUnavailable("BDV-316", where="there", problem="away")
            return None

        def due(self) -> datetime | None:
            return None

    (told,) = work(register, Away())
    assert isinstance(told.problem, StorageUnavailable)
    assert len(tries) == 2


def test_who_has_to_last_outlives_what_nobody_foresaw_and_tells_no_values(
    register: CaseRegister,
) -> None:
    told: list[Done] = []
    bell, number = Bell("sqlite://"), "123456782"

    class Odd:
        name = "odd"

        def one(self) -> Done | None:
            if told:
                worker.stop()
                return None
            raise ZeroDivisionError(number)

        def due(self) -> datetime | None:
            return None

    worker = Worker([Odd()], bell, register.clock, told.append)
    with pytest.raises(ZeroDivisionError):
        worker.run()
    worker.run(lasting=True)
    bell.close()
    (hurt,) = told
    assert (hurt.job, hurt.about) == ("worker", "ZeroDivisionError")
    assert "in one" in str(hurt.problem)
    assert number not in str(hurt.problem)


def test_the_register_is_sealed_once_an_hour_by_whichever_worker_is_first(
    register: CaseRegister, url: str, clock: VirtualClock, tmp_path: Path
) -> None:
    mine = Heads(register, None, tmp_path)
    beside = reopen(url, clock)
    theirs = Heads(beside, None, None)
    assert mine.due() is None
    register.start("W5", by=REQUESTER)
    assert mine.due() == clock()
    assert [done.what for done in work(register, mine)][1:] == ["head-000001.json"]
    assert theirs.one() is None
    assert mine.due() == theirs.due() == clock() + timedelta(hours=1)
    clock.pass_time(timedelta(hours=1))
    assert beside.seal_after(clock() - timedelta(minutes=61), None) is None
    assert theirs.one()
    assert [done.what for done in work(register, mine)] == ["head-000002.json"], "made by another"
    for head in heads_in(tmp_path):
        assert register.verify(since=head).broken == []
    beside.close()


def test_a_worker_sleeps_by_the_clock_while_its_database_is_away() -> None:
    bell = Bell("postgresql+psycopg://nobody@127.0.0.1:9/away?connect_timeout=1")
    assert not bell.sleep(0)
    bell.ring()
    assert bell.sleep(60)
    bell.close()


def test_a_worker_makes_the_first_head_by_the_clock_on_the_wall(url: str, tmp_path: Path) -> None:
    register = reopen(url)
    register.start("W5", by=REQUESTER)
    told = work(register, Heads(register, None, tmp_path))
    assert [done.what for done in told][1:] == ["head-000001.json"]
    register.close()


def heads_in(folder: Path) -> list[Head]:
    return [Head.read(file) for file in sorted(folder.glob("head-??????.json"))]


def hours(register: CaseRegister, clock: VirtualClock, jobs: Heads, number: int) -> list[Done]:
    """What a worker says that has heads to make, an hour after each other."""
    told = work(register, jobs)
    for _ in range(1, number):
        clock.pass_time(timedelta(hours=1))
        told += work(register, jobs)
    return told


def rewritten(url: str, *, keep: int) -> None:
    """Cut off the end of Z1 with the rights of the database alone, and forget what sealed it."""
    event, case = storage.events.c, storage.cases.c
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(delete(storage.events).where(event.case == "Z1", event.seq > 3))
        connection.execute(update(storage.cases).where(case.id == "Z1").values(seq=3))
        connection.execute(delete(heads).where(heads.c.number > keep))
        connection.execute(delete(leaves).where(leaves.c.head > keep))
    engine.dispose()


def test_a_head_that_is_kept_is_never_replaced_and_one_that_differs_is_an_alarm(
    register: CaseRegister, url: str, clock: VirtualClock, tmp_path: Path
) -> None:
    kept = tmp_path / "heads"
    kept.mkdir()
    case = register.start("W5", by=REQUESTER)
    jobs = Heads(register, None, kept)
    hours(register, clock, jobs, 1)
    register.withdraw(case, by=REQUESTER)
    clock.pass_time(timedelta(hours=1))
    hours(register, clock, jobs, 2)
    before = {file.name: file.read_bytes() for file in kept.iterdir()}
    assert len(before) == 3
    register.close()

    rewritten(url, keep=1)
    again = reopen(url, clock)
    anew = Heads(again, None, kept)
    told = hours(again, clock, anew, 3)
    assert [refused(done) for done in told if done.problem] == [
        ("BDV-536", "head-000002.json"), ("BDV-536", "head-000003.json"),
        ("BDV-535", "head-000002.json"), ("BDV-535", "head-000003.json"),
    ]  # fmt: skip
    assert [done.what for done in told][-1] == "head-000004.json"
    after = {file.name: file.read_bytes() for file in kept.iterdir()}
    assert before.items() <= after.items()
    ours = sorted(after.keys() - before.keys())
    assert ours == [f"head-{head.number:06}.json" if head.number == 4 else
                    f"head-{head.number:06}.other-{head.hash[:12]}.json"
                    for head in again.heads()[1:]]  # fmt: skip
    assert [Head.read(kept / name) for name in ours] == again.heads()[1:]
    for head in heads_in(kept)[1:3]:
        assert again.verify(since=head).broken[0].problem == "head_gone"
    assert work(again, anew) == [], "it is told once"
    assert len(work(again, Heads(again, None, kept))) == 2, "and again by who begins"
    again.close()


def refused(done: Done) -> tuple[str, str]:
    assert isinstance(done.problem, BdvError)
    return done.problem.code, Path(done.problem.where).name


def test_what_is_no_head_is_not_taken_for_one_that_is_kept(
    register: CaseRegister, tmp_path: Path
) -> None:
    register.start("W5", by=REQUESTER)
    (tmp_path / "head-000001.json").write_text('{"format": "bdv-')
    told = work(register, Heads(register, None, tmp_path))
    assert [refused(done) for done in told if done.problem] == [("BDV-535", "head-000001.json")]
    (beside,) = tmp_path.glob("head-000001.other-*.json")
    assert [Head.read(beside)] == register.heads()


def test_a_folder_of_heads_that_is_away_keeps_no_timer_waiting_and_is_caught_up_with(
    register: CaseRegister, clock: VirtualClock, tmp_path: Path
) -> None:
    kept, away = tmp_path / "heads", tmp_path / "away"
    kept.mkdir()
    register.start("W5", by=REQUESTER)
    jobs = Timers(register), Heads(register, None, kept)
    work(register, *jobs)
    kept.rename(away)
    clock.pass_time(timedelta(days=400))
    told = work(register, *jobs)
    assert sorted(done.job for done in told) == ["head", "head", "timer", "timer"]
    assert [refused(done) for done in told if done.problem] == [("BDV-602", "heads")]
    assert work(register, *jobs) == []
    assert jobs[1].due() == clock() + timedelta(minutes=10)
    register.seal()
    away.rename(kept)
    clock.pass_time(timedelta(minutes=10))
    assert [done.what for done in work(register, *jobs)] == ["head-000002.json", "head-000003.json"]
    assert heads_in(kept) == register.heads()
