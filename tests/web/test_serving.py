"""Stopped, the pages let go of who still looks at them."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx

from web.conftest import Visit

_SERVE = (
    "from bdv_process.web.serving import serve; "
    "serve('bdv_process.cli.serve:app_of_a_process', host='127.0.0.1', port={}, grace=1)"
)


def test_a_page_that_is_open_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = os.environ | {"BDV_DATABASE": f"sqlite:///{tmp_path / 'r.db'}", "BDV_DEV": "1"}
    typed = [sys.executable, "-c", _SERVE.format(port)]
    with subprocess.Popen(typed, env=env, stderr=subprocess.DEVNULL) as serving:
        try:
            ben = Visit(f"http://127.0.0.1:{port}")
            _until_there(ben, serving)
            ben.send("/aanmelden", person="ben")
            with closing(ben.client), ben.client.stream("GET", "/mijn-werk/stand") as looks:
                lines = looks.iter_lines()
                next(line for line in lines if line.startswith("data: "))
                serving.send_signal(signal.SIGTERM)
                serving.wait(30)  # of the minute for which it would look
        finally:
            serving.kill()


def _until_there(visitor: Visit, serving: subprocess.Popen[bytes]) -> None:
    while serving.poll() is None:
        try:
            visitor.see("/healthz")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
