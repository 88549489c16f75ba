"""`bdv serve` answers until it is stopped, and never lets anybody be anybody on the network."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx

from cli.conftest import Shell


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_the_pages_are_where_it_says_until_it_is_stopped(tmp_path: Path) -> None:
    port = _free_port()
    typed = [sys.executable, "-m", "bdv_process", "serve", "--port", str(port)]
    env = os.environ | {"BDV_DATABASE": f"sqlite:///{tmp_path / 'r.db'}", "BDV_DEV": "1"}
    with subprocess.Popen(typed, env=env, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            said = serving.stdout.readline()
            page = _answer(f"http://127.0.0.1:{port}")
            serving.send_signal(signal.SIGINT)
            code = serving.wait(30)
        finally:
            serving.kill()
    assert f"http://127.0.0.1:{port}" in said
    assert "Aanmelden" in page
    assert code == 0


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


def test_picking_who_you_are_is_refused_on_the_network(shell: Shell) -> None:
    assert shell("serve --host 0.0.0.0", code=3, BDV_DEV=1).err.startswith("BDV-605")
