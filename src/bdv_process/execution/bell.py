"""What wakes a worker: work that came up on PostgreSQL, somebody here who rings, or the time."""

import socket
from contextlib import suppress
from datetime import datetime, timedelta
from select import select as first_of
from typing import Any, Final

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from bdv_process.execution import storage

#: How long a worker sleeps at most; so only work that comes up sooner has to wake it.
NAP: Final = timedelta(seconds=30)
_CHANNEL: Final = "bdv_work"


def wake(connection: Connection, due: datetime, now: datetime) -> None:
    """Wake the workers at the commit, when something is due before they wake by themselves.

    On SQLite they look by themselves. On PostgreSQL commits that notify wait for each other, so
    what is due in weeks should not.
    """
    if connection.dialect.name == "postgresql" and due <= now + NAP:
        connection.execute(select(func.pg_notify(_CHANNEL, "")))


class Bell:
    """Sleeps until it rings; anybody may ring it, a signal handler or another thread too."""

    def __init__(self, url: str) -> None:
        self._ear, self._cord = socket.socketpair()
        self._cord.setblocking(False)
        self._engine = storage.open_engine(url)
        self._line: Any = None
        self._listen()

    def ring(self) -> None:
        """End the sleep, or the next one."""
        with suppress(BlockingIOError):  # it rings already
            self._cord.send(b"!")

    def sleep(self, seconds: float) -> bool:
        """Sleep until it rings, or for `seconds`; return whether it rang."""
        self._listen()
        lines = [self._ear] + ([self._line] if self._line else [])
        rang, _, _ = first_of(lines, [], [], max(seconds, 0))
        if self._ear in rang:
            self._ear.recv(1 << 12)
        if self._line in rang:
            self._answer()
        return bool(rang)

    def close(self) -> None:
        """Stop listening."""
        self._hang_up()
        self._engine.dispose()
        self._ear.close()
        self._cord.close()

    def _listen(self) -> None:
        if self._line is not None or self._engine.dialect.name != "postgresql":
            return
        import psycopg

        try:
            lent = self._engine.raw_connection()
            self._line = lent.driver_connection
            lent.detach()
            self._line.autocommit = True
            self._line.execute(f"LISTEN {_CHANNEL}")
        except (DBAPIError, psycopg.Error):  # it is away: the time wakes us, and we try again
            self._hang_up()

    def _answer(self) -> None:
        import psycopg

        try:
            list(self._line.notifies(timeout=0))
        except psycopg.Error:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
