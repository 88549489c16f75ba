"""`bdv serve` answers until it is stopped, and never lets anybody be anybody on the network."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

import httpx
import pytest

from bdv_process.cli.worker import one_inside
from bdv_process.execution.clock import VirtualClock
from cli.conftest import Shell
from execution.conftest import reopen
from stories import REQUESTER


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("command", ["serve", "demo --serve --cases 1"])
def test_the_pages_are_where_it_says_until_it_is_stopped(tmp_path: Path, command: str) -> None:
    port = _free_port()
    typed = [sys.executable, "-m", "bdv_process", *command.split(), "--port", str(port), "--json"]
    env = os.environ | {"BDV_DATABASE": f"sqlite:///{tmp_path / 'r.db'}", "BDV_DEV": "1"}
    with subprocess.Popen(
        typed, env=env, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as serving:
        try:
            assert serving.stdout is not None
            said = ""
            while not said.endswith("}\n"):
                said += serving.stdout.readline()
            page = _answer(f"http://127.0.0.1:{port}")
            serving.send_signal(signal.SIGINT)
            code = serving.wait(30)
        finally:
            serving.kill()
    assert json.loads(said)["address"] == f"http://127.0.0.1:{port}"
    assert "Aanmelden" in page
    assert code == 0


@pytest.mark.parametrize("command", ["serve", "demo --serve"])
def test_without_its_optional_part_it_says_how_to_install_that(
    tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "bdv_process-9.dist-info"
    folder.mkdir()
    told = 'Name: bdv-process\nVersion: 9\nRequires-Dist: not-there>=1; extra == "web"\n'
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\n{told}")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    typed = [sys.executable, "-m", "bdv_process", *command.split()]
    ran = subprocess.run(
        typed, env=os.environ | {"PYTHONPATH": path}, cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 7
    assert ran.stderr.startswith("BDV-606")
    assert "not-there" in ran.stderr
    assert "pip install 'bdv-process[web]'" in ran.stderr
    assert [each.name for each in tmp_path.iterdir()] == [folder.name]


def test_where_nobody_can_log_in_it_says_so(tmp_path: Path) -> None:
    typed = [sys.executable, "-m", "bdv_process", "serve", "--port", str(_free_port())]
    env = os.environ | {"BDV_DATABASE": f"sqlite:///{tmp_path / 'r.db'}", "BDV_LANG": "en"}
    with subprocess.Popen(typed, env=env, stderr=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stderr is not None
            said = serving.stderr.readline()
        finally:
            serving.kill()
    assert "BDV_OIDC_DISCOVERY" in said


def _answer(address: str) -> str:
    """The first page, as soon as somebody answers there."""
    until = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address, follow_redirects=True).text
        except httpx.ConnectError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_on_sqlite_it_does_what_is_due_as_well(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    register = reopen(url, VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    case = register.start("W5", by=REQUESTER)
    register.close()
    typed = [sys.executable, "-m", "bdv_process", "serve", "--port", str(_free_port())]
    env = os.environ | {"BDV_DATABASE": url, "BDV_DEV": "1"}
    with subprocess.Popen(typed, env=env, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            said = [serving.stdout.readline() for _ in range(3)]
            serving.send_signal(signal.SIGTERM)
            code = serving.wait(30)
        finally:
            serving.kill()
    assert [f"timer {case}" in line for line in said] == [False, True, True]
    assert code == 128 + signal.SIGTERM


def test_the_worker_inside_outlives_a_register_that_cannot_be_read_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BDV_DATABASE", f"sqlite:///{tmp_path / 'r.db'}")
    register = reopen(os.environ["BDV_DATABASE"], VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    case = register.start("W5", by=REQUESTER)
    register.close()

    def due(text: str) -> None:
        with closing(sqlite3.connect(tmp_path / "r.db")) as file, file:
            file.execute("update timer set due = ?", (text,))

    def said(what: str) -> None:
        heard = ""
        until = time.monotonic() + 30
        while what not in (heard := heard + capsys.readouterr().out):
            assert time.monotonic() < until, heard
            time.sleep(0.05)

    with closing(sqlite3.connect(tmp_path / "r.db")) as file:
        (was,) = file.execute("select due from timer").fetchone()
    due("ooit")
    with one_inside(as_json=True):
        said("BDV-334")
        due(was)
        said(f'"job": "timer", "about": "{case}"')


def test_several_processes_answer_for_one_register_on_postgresql(
    new_schema: Iterator[str],
) -> None:
    url, port = next(new_schema), _free_port()
    register = reopen(url)
    register.start("W5", by=REQUESTER)
    register.close()
    typed = [sys.executable, "-m", "bdv_process", "serve", "--workers", "2", "--port", str(port)]
    env = os.environ | {"BDV_DATABASE": url, "BDV_DEV": "1", "BDV_SECRET": token_urlsafe()}
    home = f"http://127.0.0.1:{port}"
    with subprocess.Popen(typed, env=env, stdout=subprocess.PIPE, text=True) as serving:
        try:
            _answer(home)
            children = set(
                Path(f"/proc/{serving.pid}/task/{serving.pid}/children").read_text().split()
            )
            answers = {httpx.get(f"{home}/healthz").text for _ in range(10)}
            with httpx.Client(base_url=home, follow_redirects=True) as browser:
                token = re.search(r'name="token" value="([^"]+)"', browser.get("/aanmelden").text)
                assert token
                form = {"token": token[1], "person": "ben"}
                assert "Mijn werk" in browser.post("/aanmelden", data=form).text
                # A new connection each time, so that both are asked.
                close = {"connection": "close"}
                seen = [browser.get("/", headers=close).status_code for _ in range(12)]
            serving.send_signal(signal.SIGTERM)
            code = serving.wait(60)
        finally:
            serving.kill()
    assert len(children) >= 2
    assert answers == {'{"status":"ok"}'}
    assert seen == [200] * 12
    assert code in (0, 128 + signal.SIGTERM)


def test_picking_who_you_are_is_refused_on_the_network(shell: Shell) -> None:
    assert shell("serve --host 0.0.0.0", code=3, BDV_DEV=1).err.startswith("BDV-605")


def test_a_port_that_somebody_else_has_is_refused_before_anything_is_made(
    shell: Shell, tmp_path: Path
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in (f"serve --port {port}", f"demo --serve --port {port} --out made"):
            assert shell(command, code=3).err.startswith("BDV-621")
    assert not (tmp_path / "made").exists()
